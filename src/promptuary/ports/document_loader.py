"""From the bytes of a file to text with its structure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from promptuary.domain.loading import Limits, Loaded, Packed, RawFile, Unread


class DocumentLoader(Protocol):
    """Reads files of some kinds. Plain code without state, called in a process that may be killed.

    It need not watch the time and the memory: who calls it does. It opens no file and no
    connection: whatever a file refers to outside itself stays unread.
    """

    @property
    def suffixes(self) -> frozenset[str]:
        """What names of files it reads end in, in lower case with the dot (`.md`); a whole name
        without a dot stands for itself (`readme`)."""
        ...

    def load(self, file: RawFile, limits: Limits) -> Iterator[Loaded | Packed | Unread]:
        """The documents of the file in order; nothing for a file without text.

        A file inside the file comes as `Packed`, a part that cannot be read as `Unread`, and
        neither stops the others. Every Loaded keeps what `Loaded` says of its blocks; the same
        bytes give the same. Raises InvalidInput for bytes that are no such file (damaged,
        encrypted, binary), TooLarge for what is over a limit, MissingExtra without its package.
        """
        ...
