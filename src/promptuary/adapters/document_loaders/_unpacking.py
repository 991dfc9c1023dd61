"""Reading the members of a ZIP file, which many formats are, within limits."""

from __future__ import annotations

import io
import zipfile
import zlib

from promptuary.domain.errors import InvalidInput, TooLarge
from promptuary.domain.loading import Limits, RawFile

_FREE = 1024 * 1024
"""Bytes below which any ratio is fine: a small file of blanks packs very well."""
_ENCRYPTED = 0x1
_AT_ONCE = 1024 * 1024


class Unpacking:
    """An archive of which no more is unpacked than the limits allow, whatever it says of itself."""

    def __init__(self, file: RawFile, limits: Limits) -> None:
        if len(file.data) > limits.bytes:
            raise TooLarge(f"{len(file.data):,} bytes; at most {limits.bytes:,} are read")
        self._limits = limits
        self._packed = max(1, len(file.data))
        self._unpacked = 0
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(file.data))
        except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
            raise InvalidInput(f"{file.name} is damaged or of another kind: {error}") from error
        except NotImplementedError as error:
            raise InvalidInput(f"{file.name} is packed in an unknown way: {error}") from error

    def members(self) -> list[zipfile.ZipInfo]:
        """Its files in order. Raises TooLarge for too many."""
        found = [member for member in self._archive.infolist() if not member.is_dir()]
        if len(found) > self._limits.members:
            raise TooLarge(f"{len(found):,} members; at most {self._limits.members:,} are read")
        return found

    def named(self, name: str) -> bytes | None:
        """The member of that name; None when there is none."""
        try:
            return self.read(self._archive.getinfo(name))
        except KeyError:
            return None

    def read(self, member: zipfile.ZipInfo) -> bytes:
        """What is in it. Raises InvalidInput when it is damaged or encrypted, TooLarge when the
        archive unpacks to too much."""
        if member.flag_bits & _ENCRYPTED:
            raise InvalidInput(f"{member.filename} is encrypted; store it without a password")
        pieces = []
        try:
            with self._archive.open(member) as opened:
                while piece := opened.read(_AT_ONCE):
                    self._count(len(piece))
                    pieces.append(piece)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise InvalidInput(f"{member.filename} is damaged: {error}") from error
        except (NotImplementedError, RuntimeError) as error:
            raise InvalidInput(f"{member.filename} is packed in an unknown way: {error}") from error
        return b"".join(pieces)

    def _count(self, more: int) -> None:
        self._unpacked += more
        ratio = self._unpacked / self._packed
        over = self._unpacked > _FREE and ratio > self._limits.ratio
        if over or self._unpacked > self._limits.bytes:
            raise TooLarge(
                f"it unpacks to more than {self._limits.ratio:g} times its size or to more than "
                f"{self._limits.bytes:,} bytes; unpack it yourself if you trust it"
            )
