"""A fake DocumentLoader: every line that is not empty is a paragraph."""

from __future__ import annotations

from collections.abc import Iterator

from promptuary.domain.errors import InvalidInput, TooLarge
from promptuary.domain.loading import Block, Limits, Loaded, RawFile


class LineLoader:
    """Reads files that end in `.fake`."""

    @property
    def suffixes(self) -> frozenset[str]:
        """`.fake`"""
        return frozenset({".fake"})

    def load(self, file: RawFile, limits: Limits) -> Iterator[Loaded]:
        """UTF-8 only."""
        try:
            text = file.data.decode()
        except UnicodeDecodeError as error:
            raise InvalidInput("not UTF-8") from error
        if len(text) > limits.characters or len(file.data) > limits.bytes:
            raise TooLarge("too long")
        blocks = []
        start = 0
        for number, line in enumerate(text.split("\n"), 1):
            if bare := line.strip():
                first = start + line.index(bare)
                blocks.append(Block("paragraph", first, first + len(bare), line=number))
            start += len(line) + 1
        if blocks:
            yield Loaded(text, tuple(blocks), file.name)
