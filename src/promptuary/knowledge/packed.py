"""Originals in an archive: members named by the SHA-256 of their content, and held to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Final
from zipfile import ZIP_DEFLATED, ZipFile

from promptuary.domain.errors import InvalidInput, TooLarge

FOLDER: Final = "originals/"
_NAME = re.compile(r"originals/(?:[0-9a-f]{2}/)?([0-9a-f]{64})(?:-[0-9a-f]{12})?")
_PIECE = 1024 * 1024
_QUICK = 1
"""Most originals are packed already: more effort is in vain."""


def digest_in(member: str) -> str | None:
    """The digest that a member is named by; None for one that is no original."""
    found = _NAME.fullmatch(member)
    return found[1] if found else None


def members(archive: ZipFile) -> list[str]:
    """The originals of an archive, by their names there."""
    return [each for each in archive.namelist() if digest_in(each)]


def pack(archive: ZipFile, member: str, path: Path) -> None:
    """Add a file, however large."""
    archive.write(path, member, ZIP_DEFLATED, _QUICK)


def check(archive: ZipFile, most: int) -> int:
    """Look at every byte of the originals; how many there are. Raises InvalidInput for one that is
    not what its name says, TooLarge where they unpack to more than `most` bytes."""
    named = members(archive)
    for member in named:
        made = sha256()
        with archive.open(member) as file:
            while piece := file.read(_PIECE):
                most -= len(piece)
                if most < 0:
                    raise TooLarge("the originals of the archive unpack to more than is allowed")
                made.update(piece)
        if made.hexdigest() != digest_in(member):
            said = f"{member} is not the file that it was made with"
            raise InvalidInput(f"the archive cannot be taken over: {said}", fields={"file": said})
    return len(named)


@dataclass(frozen=True, slots=True)
class Packed:
    """The originals of an archive that was checked, by their digests."""

    archive: ZipFile
    members: Mapping[str, str]

    @classmethod
    def within(cls, archive: ZipFile) -> Packed:
        """Those that it holds."""
        named = ((digest_in(each), each) for each in members(archive))
        return cls(archive, {digest: member for digest, member in named if digest})

    def size(self, digest: str) -> int:
        """In bytes; 0 for one that is not there."""
        member = self.members.get(digest)
        return self.archive.getinfo(member).file_size if member else 0

    def open(self, digest: str) -> IO[bytes]:
        """To be read and closed."""
        return self.archive.open(self.members[digest])
