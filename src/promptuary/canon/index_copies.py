"""An index as one file: every entry with its vector, for any engine of the same space.

The file is gzipped JSON lines: a head, an entry a line, and at the end how many there were and
their digest. So nothing is embedded again when it comes back, and a file that was cut is noticed
before anything is touched.
"""

from __future__ import annotations

import gzip
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import numpy as np
from anyio import to_thread

from promptuary.canon.indexing import BATCH, Indexing
from promptuary.domain.errors import InvalidInput, SpaceMismatch
from promptuary.domain.filters import Value
from promptuary.domain.found import Entry
from promptuary.domain.reports import Progress, Told, silent
from promptuary.domain.upkeep import IndexCopy

FORMAT = 1
_LEVEL = 3


class Digest:
    """A digest of a set of entries, in whatever order they come: the sum of theirs."""

    def __init__(self) -> None:
        self._sum = 0

    def add(self, one: bytes) -> None:
        """One entry more."""
        self._sum = (self._sum + int.from_bytes(one, "big")) % (1 << 128)

    def __str__(self) -> str:
        return f"{self._sum:032x}"


def digest_of(id: str, texts: Mapping[str, str], payload: Mapping[str, Value]) -> bytes:
    """What an entry says, in 16 bytes."""
    said = json.dumps([id, dict(texts), dict(payload)], sort_keys=True)
    return blake2b(said.encode(), digest_size=16).digest()


async def copy_out(parts: Indexing, path: Path, *, told: Told = silent) -> IndexCopy:
    """Write every entry into a file. Nobody may bring anything in meanwhile."""
    index = parts.index
    watermark, digest, done = await index.watermark(), Digest(), 0
    head = {
        "promptuary_index": FORMAT,
        "space": index.space.name,
        "dimensions": index.space.dimensions,
        "fingerprint": index.space.fingerprint,
        "watermark": watermark,
    }
    file = await to_thread.run_sync(partial(gzip.GzipFile, path, "wb", _LEVEL))
    try:
        await to_thread.run_sync(file.write, _line(head))
        after: str | None = None
        while page := await index.list_ids(after=after, limit=BATCH):
            after = page[-1]
            entries = await index.get(page)
            for entry in entries:
                digest.add(digest_of(entry.id, entry.texts, entry.payload))
            lines = b"".join(_line(_written(entry)) for entry in entries)
            await to_thread.run_sync(file.write, lines)
            done += len(entries)
            told(Progress("snapshot", done, None))
        await to_thread.run_sync(file.write, _line({"entries": done, "digest": str(digest)}))
    finally:
        await to_thread.run_sync(file.close)
    return IndexCopy(done, watermark, index.space.name, str(digest))


async def copy_in(parts: Indexing, path: Path, *, told: Told = silent) -> IndexCopy:
    """Let an index hold what a file holds, and nothing else. All of the file is checked first.

    Raises InvalidInput for another file or one that was cut, SpaceMismatch for another space.
    """
    copy, fingerprint = await to_thread.run_sync(_checked, path)
    if fingerprint != parts.index.space.fingerprint:
        own = parts.index.space
        raise SpaceMismatch(
            f"the copy holds vectors of {copy.space} ({fingerprint}), the index those of "
            f"{own.name} ({own.fingerprint}); `promptuary index rebuild` embeds everything anew"
        )
    await parts.index.clear()
    lines, done = _lines(path), 0
    while entries := await to_thread.run_sync(_some, lines):
        await parts.index.put(entries)
        done += len(entries)
        told(Progress("restore", done, copy.entries))
    await parts.index.set_watermark(copy.watermark)
    return copy


def _checked(path: Path) -> tuple[IndexCopy, str]:
    """What the file says of itself, once all of it was read."""
    lines, digest = _lines(path), Digest()
    head = next(lines, {})
    if head.get("promptuary_index") != FORMAT:
        raise InvalidInput(f"{path.name} is no copy of an index that this version can read")
    for done, line in enumerate(lines):
        if "id" not in line:
            if line != {"entries": done, "digest": str(digest)}:
                break
            copy = IndexCopy(done, int(head["watermark"]), str(head["space"]), str(digest))
            return copy, str(head["fingerprint"])
        try:
            entry = _read(line)
        except InvalidInput as error:
            raise InvalidInput(f"{path.name} was changed: {error}") from error
        digest.add(digest_of(entry.id, entry.texts, entry.payload))
    raise InvalidInput(f"{path.name} was cut or changed: it does not hold what was written")


def _some(lines: Iterator[dict[str, Any]]) -> list[Entry]:
    """The next entries; none at the end."""
    entries: list[Entry] = []
    for line in lines:
        if "id" in line:
            entries.append(_read(line))
        if len(entries) == BATCH:
            break
    return entries


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(path, "rb") as file:
            for line in file:
                told: object = json.loads(line)
                if not isinstance(told, dict):
                    raise InvalidInput(f"{path.name} is no copy of an index")
                yield told
    except (OSError, EOFError, ValueError, zlib.error) as error:
        other = "; `promptuary restore` reads backups of a record" if is_zipfile(path) else ""
        said = f"{path.name} cannot be read as a copy of an index: {error}{other}"
        raise InvalidInput(said) from error


def _written(entry: Entry) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": entry.id,
        "texts": dict(entry.texts),
        "payload": dict(entry.payload),
    }
    if entry.vector is not None:
        vector = np.asarray(entry.vector, dtype="<f4")
        told["vector"] = b64encode(vector.tobytes()).decode()
    return told


def _read(line: dict[str, Any]) -> Entry:
    try:
        payload = {
            field: tuple(value) if isinstance(value, list) else value
            for field, value in line["payload"].items()
        }
        given = line.get("vector")
        vector = None
        if given is not None:
            vector = np.frombuffer(b64decode(given), dtype="<f4").astype(np.float32)
        return Entry(line["id"], line["texts"], payload, vector)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InvalidInput(f"a line of it is no entry: {error!r}") from error


def _line(told: dict[str, Any]) -> bytes:
    return json.dumps(told, separators=(",", ":")).encode() + b"\n"
