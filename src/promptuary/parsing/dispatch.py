"""Which loader reads which file, and files inside files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from promptuary.domain.errors import PromptuaryError, Unsupported
from promptuary.domain.loading import Limits, Loaded, Packed, RawFile, Unread, suffix_of
from promptuary.ports.document_loader import DocumentLoader

DEEPEST = 3
"""How many files deep inside each other are read: a mail with an archive with a document."""


class Loaders:
    """Every loader by the endings of the names that it reads."""

    def __init__(self, loaders: Sequence[DocumentLoader]) -> None:
        self._by_suffix: dict[str, DocumentLoader] = {}
        for loader in loaders:
            for suffix in loader.suffixes:
                self._by_suffix.setdefault(suffix, loader)

    @property
    def suffixes(self) -> frozenset[str]:
        """Endings of names that can be read."""
        return frozenset(self._by_suffix)

    def load(self, file: RawFile, limits: Limits) -> Iterator[Loaded | Unread]:
        """The documents of a file and of the files inside it. Raises as loaders do, Unsupported for
        a kind that nobody reads."""
        yield from self._load(file, limits, DEEPEST)

    def _load(self, file: RawFile, limits: Limits, depth: int) -> Iterator[Loaded | Unread]:
        loader = self._by_suffix.get(suffix_of(file.name))
        if loader is None:
            raise Unsupported(f"no loader reads {file.name}")
        for each in loader.load(file, limits):
            if isinstance(each, Packed):
                yield from self._inside(each.file, limits, depth - 1)
            else:
                yield each

    def _inside(self, file: RawFile, limits: Limits, depth: int) -> Iterator[Loaded | Unread]:
        """What is wrong with one member does not stop the others; one that nobody reads is passed
        over, as a picture in a folder is."""
        if suffix_of(file.name) not in self._by_suffix:
            return
        try:
            if depth == 0:
                raise Unsupported("it lies too deep inside other files")
            for each in self._load(file, limits, depth):
                part = f"{file.name}/{each.part}" if each.part else file.name
                yield replace(each, part=part)
        except PromptuaryError as error:
            yield Unread(file.name, error.code, str(error))
