"""A reader without processes, and a record and clock without a database: for tests of the path."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from promptuary.domain.loading import Limits, RawFile, ReadFile, Unread
from promptuary.knowledge.chunking import Chunking
from promptuary.knowledge.keeping import Knowledge
from promptuary.knowledge.originals import Originals
from promptuary.parsing.dispatch import Loaders
from promptuary.parsing.wire import Request
from promptuary.parsing.worker import answer
from promptuary.plugins import document_loaders
from promptuary.testing.fakes.blob_store import FakeBlobStore
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork

LOADERS = Loaders(document_loaders())


class HereReader:
    """Reads in this process; remembers what it was asked for, and may be told to fail."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.trouble: dict[str, Unread] = {}
        self.before: Callable[[Path], None] = lambda _: None

    @property
    def suffixes(self) -> frozenset[str]:
        """Of all loaders."""
        return LOADERS.suffixes

    async def read(self, path: Path, *, known: str | None = None) -> ReadFile:
        """What the process would answer."""
        self.asked.append(path.name)
        self.before(path)
        if path.name in self.trouble:
            return ReadFile(failed=self.trouble[path.name])
        return answer(LOADERS, Request(os.fspath(path), Limits(), known))

    async def read_bytes(self, file: RawFile, *, known: str | None = None) -> ReadFile:
        """The same without a file."""
        return answer(LOADERS, Request(file.name, Limits(), known), file.data)

    async def aclose(self) -> None:
        """Nothing is held."""


def knowledge(
    reader: HereReader | None = None,
    record: MemoryUnitOfWork | None = None,
    how: Chunking = Chunking(200, 20),  # noqa: B008  # frozen
) -> Knowledge:
    """The parts of a sync, all of them fakes but the loaders; without originals."""
    return Knowledge(record or MemoryUnitOfWork(), reader or HereReader(), HandClock(), how)


def keeping(parts: Knowledge, store: FakeBlobStore, room: Path) -> Knowledge:
    """The same, with originals in that store."""
    originals = Originals(parts.record, store, parts.clock, room)
    return replace(parts, originals=originals)


def write(folder: Path, **files: str) -> None:
    """Files long ago, so that their stamps are settled; `__` in a name stands for a dot."""
    for name, text in files.items():
        path = folder / name.replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, ns=(1, 1 + len(text)))
