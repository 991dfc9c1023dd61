"""What a model hub says of a model, and which of its files are wanted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any

from promptuary.domain.errors import BadReply, ModelDamaged

_WANTED = re.compile(r"(\d+_[A-Za-z]+/)?(\w[\w.-]*\.json|model\.safetensors)")
"""Files of a sentence model in safetensors: at the top, or in the folder of a module. No path that
could lead elsewhere, nothing that can run."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file on the hub; `digest` is `sha256:…`, or `git:…` for what git itself hashes."""

    name: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files of one commit."""

    commit: str
    files: tuple[Listed, ...]

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(file.size for file in self.files)


def manifest_url(hub: str, name: str, revision: str) -> str:
    """Where the hub lists a model's files, with sizes and hashes."""
    return f"{hub.rstrip('/')}/api/models/{name}/revision/{revision}?blobs=true"


def file_url(hub: str, name: str, commit: str, file: str) -> str:
    """Where a file of a commit lies."""
    return f"{hub.rstrip('/')}/{name}/resolve/{commit}/{file}"


def read_manifest(body: bytes, name: str) -> Manifest:
    """Raises BadReply for what is no listing, ModelDamaged for a model that is not whole there."""
    try:
        told = json.loads(body)
        commit = str(told["sha"])
        files = tuple(_listed(told["siblings"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadReply(f"the hub's listing of {name} cannot be read: {error!r}") from error
    if not re.fullmatch(r"\w{1,64}", commit):
        raise BadReply(f"the hub names no commit of {name} but {commit[:80]!r}")
    names = {file.name for file in files}
    if missing := {"config.json", "tokenizer.json", "model.safetensors"} - names:
        others = ", ".join(sorted(missing))
        raise ModelDamaged(
            f"{name} has no {others} on the hub; weights in a pickle are never fetched"
        )
    return Manifest(commit, files)


def _listed(siblings: list[dict[str, Any]]) -> Iterator[Listed]:
    for each in siblings:
        name = str(each["rfilename"])
        if _WANTED.fullmatch(name):
            large = each.get("lfs") or {}
            digest = f"sha256:{large['sha256']}" if large else f"git:{each['blobId']}"
            yield Listed(name, int(each["size"]), digest)


def matches(path: Path, listed: Listed) -> bool:
    """Whether a file is the one that is listed: by size and by hash."""
    size = path.stat().st_size
    kind, _, expected = listed.digest.partition(":")
    if size != listed.size:
        return False
    digest = (
        sha256() if kind == "sha256" else sha1(f"blob {size}\0".encode(), usedforsecurity=False)
    )
    with path.open("rb") as file:
        while chunk := file.read(1024 * 1024):
            digest.update(chunk)
    return digest.hexdigest() == expected
