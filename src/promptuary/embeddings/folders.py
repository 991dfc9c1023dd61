"""Model folders on this machine: where they may lie, and whether one is whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from promptuary.domain.errors import ModelDamaged
from promptuary.embeddings.catalogue import Known
from promptuary.embeddings.settings import Wishes

NEEDED = ("config.json", "tokenizer.json", "model.safetensors")
"""What the own encoder reads; further files of a sentence model are read where they are there."""

_PICKLES = ("pytorch_model.bin", "model.pkl", "model.pt", "model.bin", "pytorch_model.pt")


@dataclass(frozen=True, slots=True)
class Place:
    """A folder where a model was looked for, and what kind of place it is."""

    kind: str
    path: Path

    @property
    def whole(self) -> bool:
        """Whether everything that is needed is there."""
        return all((self.path / name).is_file() for name in NEEDED)

    @property
    def begun(self) -> bool:
        """Whether there is anything of a model at all."""
        return any((self.path / name).is_file() for name in (*NEEDED, *_PICKLES))


def places(name: str, revision: str, known: Known | None, wanted: Wishes) -> Iterator[Place]:
    """Where a model of a hub may lie, most deliberate first."""
    yield Place("models folder", fetched(wanted.models_folder, name, revision))
    if known is not None and known.package and revision == "main":
        folder = package_folder(known.package)
        if folder is not None:
            yield Place("weight package", folder)
    yield from _snapshots(wanted.hub_cache, name, revision)


def fetched(models: Path, name: str, revision: str) -> Path:
    """Where `models pull` puts it: one folder a model and revision."""
    return models / name.replace("/", "--") / revision


def package_folder(module: str) -> Path | None:
    """`model/` of an installed package, found without importing it."""
    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        return None
    homes = list(spec.submodule_search_locations or ()) if spec else []
    return Path(homes[0]) / "model" if homes else None


def _snapshots(cache: Path, name: str, revision: str) -> Iterator[Place]:
    """Snapshots in a hub's own cache: `models--org--name/snapshots/<commit>`."""
    home = cache / f"models--{name.replace('/', '--')}"
    named = home / "refs" / revision
    try:
        commit = named.read_text().strip() if named.is_file() else revision
    except OSError:
        return
    if commit and "/" not in commit and ".." not in commit:
        yield Place("hub snapshot", home / "snapshots" / commit)


def complaint(path: Path) -> str:
    """Why a folder is no whole model; empty when it is one."""
    missing = [name for name in NEEDED if not (path / name).is_file()]
    if not missing:
        return ""
    pickles = [name for name in _PICKLES if (path / name).is_file()]
    if pickles and "model.safetensors" in missing:
        return (
            f"{path} holds its weights as a pickle ({pickles[0]}), which can run code when it is "
            "read: fetch or save the model as model.safetensors"
        )
    return f"{path} is no whole model: it lacks {', '.join(missing)}"


def checked(path: Path) -> Path:
    """The folder. Raises ModelDamaged when it is not there or is no whole model."""
    if not path.is_dir():
        raise ModelDamaged(f"there is no folder {path}")
    if said := complaint(path):
        raise ModelDamaged(said)
    return path
