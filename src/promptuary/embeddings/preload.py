"""Fetching a model: resumed, locked, verified by hash, and there all at once or not at all."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic, sleep

from promptuary.domain.errors import (
    NO_ROOM,
    Busy,
    Misconfigured,
    ModelDamaged,
    StorageFull,
    TimedOut,
    Unavailable,
)
from promptuary.domain.progress import Progress, Told, silent
from promptuary.embeddings import folders, hub
from promptuary.embeddings.fetching import Patience, get
from promptuary.embeddings.hub import Listed, Manifest

LEDGER = "promptuary.json"
"""Lies beside a fetched model's files and says what they were: commit, names, sizes, hashes."""

_HEAD_ROOM = 16 * 1024 * 1024


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True)
class Pull:
    """What to fetch, from where, to where. `free` says how many bytes a folder has left; `told`
    hears of each file's bytes."""

    name: str
    revision: str
    hub: str
    models: Path
    token: str = field(default="", repr=False)
    patience: Patience = field(default_factory=Patience)
    lock_seconds: float = 15.0
    free: Callable[[Path], int] = _free
    told: Told = silent

    @property
    def folder(self) -> Path:
        """Where it will lie."""
        return folders.fetched(self.models, self.name, self.revision)

    @property
    def headers(self) -> Mapping[str, str]:
        """What goes with each request."""
        return {"authorization": f"Bearer {self.token}"} if self.token else {}


def pull(wanted: Pull) -> Path:
    """The folder with the whole model; at once when it is there already.

    What was fetched before a failure is kept and gone on from. Raises TimedOut, Unavailable,
    RateLimited, BadReply (try again), ModelMissing, ModelDamaged, Misconfigured, StorageFull, and
    Busy while another process fetches the same model.
    """
    with _disk_errors(wanted.folder):
        wanted.folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(wanted.folder.with_suffix(".lock"), wanted.lock_seconds):
            if not folders.complaint(wanted.folder):
                return wanted.folder
            manifest = _manifest(wanted)
            staging = wanted.folder.with_name(f".{manifest.commit}")
            staging.mkdir(exist_ok=True)
            _make_sure_of_room(wanted, staging, manifest)
            for listed in manifest.files:
                _file(wanted, manifest, listed, staging / listed.name)
            (staging / LEDGER).write_text(json.dumps(asdict(manifest)))
            shutil.rmtree(wanted.folder, ignore_errors=True)
            staging.replace(wanted.folder)
    return wanted.folder


def verify(folder: Path) -> int:
    """Hash every file of a fetched model and compare; gives how many there are.

    Raises ModelDamaged for a folder with no ledger, or with a file that is missing or another.
    """
    try:
        told = json.loads((folder / LEDGER).read_text())
        files = [Listed(**each) for each in told["files"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelDamaged(f"{folder} was not fetched by `promptuary models pull`") from error
    for listed in files:
        path = folder / listed.name
        if not path.is_file() or not hub.matches(path, listed):
            raise ModelDamaged(f"{path} is not what was fetched; pull the model again")
    return len(files)


def _manifest(wanted: Pull) -> Manifest:
    body = bytearray()

    def take(_status: int, chunks: Iterator[bytes]) -> None:
        for chunk in chunks:
            body.extend(chunk)
            if len(body) > 16 * 1024 * 1024:
                raise Unavailable("the hub's listing does not end")

    url = hub.manifest_url(wanted.hub, wanted.name, wanted.revision)
    get(url, patience=wanted.patience, headers=wanted.headers, take=take)
    return hub.read_manifest(bytes(body), wanted.name)


def _make_sure_of_room(wanted: Pull, staging: Path, manifest: Manifest) -> None:
    got = sum(path.stat().st_size for path in staging.rglob("*") if path.is_file())
    needed = manifest.size - got + _HEAD_ROOM
    if wanted.free(staging) < needed:
        raise StorageFull(f"{wanted.name} needs {needed / 2**20:.0f} MiB in {wanted.models}")


def _file(wanted: Pull, manifest: Manifest, listed: Listed, path: Path) -> None:
    """Fetch one file, going on where it broke off for as long as each attempt gets further."""
    if path.is_file() and hub.matches(path, listed):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    while True:
        before = part.stat().st_size if part.is_file() else 0
        try:
            _go_on(wanted, manifest, listed, part)
            break
        except (TimedOut, Unavailable):
            if not part.is_file() or part.stat().st_size <= before:
                raise
    if not hub.matches(part, listed):
        part.unlink()
        raise ModelDamaged(f"{listed.name} of {wanted.name} came with another hash than the hub's")
    part.replace(path)


def _go_on(wanted: Pull, manifest: Manifest, listed: Listed, part: Path) -> None:
    begun = part.stat().st_size if part.is_file() else 0
    if begun >= listed.size:
        part.unlink(missing_ok=True)
        begun = 0
    headers = {**wanted.headers, **({"range": f"bytes={begun}-"} if begun else {})}

    def take(status: int, chunks: Iterator[bytes]) -> None:
        got = begun if status == 206 else 0
        with part.open("ab" if status == 206 else "wb") as file:
            for chunk in chunks:
                got += len(chunk)
                if got > listed.size:
                    raise ModelDamaged(f"{listed.name} is longer than the {listed.size} bytes due")
                file.write(chunk)
                wanted.told(Progress(listed.name, got, listed.size))
            file.flush()
            os.fsync(file.fileno())

    url = hub.file_url(wanted.hub, wanted.name, manifest.commit, listed.name)
    get(url, patience=wanted.patience, headers=headers, take=take)


@contextmanager
def _locked(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock; the system lets go of it when the process dies."""
    until = monotonic() + seconds
    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if monotonic() > until:
                    raise Busy(f"another process fetches this model ({path})") from error
                sleep(0.05)
        yield


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise StorageFull(f"no room left for {folder}") from error
        raise Misconfigured(
            f"{folder} cannot be written ({error.strerror}): set PROMPTUARY_MODELS_FOLDER"
        ) from error
