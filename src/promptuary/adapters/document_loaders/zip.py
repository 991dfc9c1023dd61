"""`zip:` archives; their members are read by whoever reads their kind."""

from __future__ import annotations

from collections.abc import Iterator

from promptuary.adapters.document_loaders._unpacking import Unpacking
from promptuary.domain.errors import InvalidInput
from promptuary.domain.loading import Limits, Packed, RawFile, Unread


def connect(url: str) -> ZipLoader:  # noqa: ARG001  every adapter is opened by a URL
    """`zip:`"""
    return ZipLoader()


class ZipLoader:
    """Nothing is written anywhere, so where a member says it lies does not matter."""

    @property
    def suffixes(self) -> frozenset[str]:
        """Archives."""
        return frozenset({".zip"})

    def load(self, file: RawFile, limits: Limits) -> Iterator[Packed | Unread]:
        """As the port says; a member that is encrypted or damaged is named."""
        unpacking = Unpacking(file, limits)
        for member in unpacking.members():
            try:
                yield Packed(RawFile(member.filename, unpacking.read(member)))
            except InvalidInput as error:
                yield Unread(member.filename, error.code, str(error))
