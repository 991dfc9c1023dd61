"""Loading: what is read from a file, under which limits, and in which structure."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from promptuary.domain.filters import Scalar

BlockKind: TypeAlias = Literal["heading", "paragraph", "list", "row", "code"]
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file as it lies there. Its name ends in what says how it is to be read."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may take. What is over one of them is not read.

    `bytes` of the file and of all that is unpacked from it together, `characters` of text, `pages`
    (slides, sheets, cells), `members` of an archive, `ratio` of unpacked to packed bytes, `seconds`
    of time, `memory` in bytes of the process that reads it.
    """

    bytes: int = 100 * MEBIBYTE
    characters: int = 20_000_000
    pages: int = 10_000
    members: int = 10_000
    ratio: float = 200.0
    seconds: float = 60.0
    memory: int = 2048 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a text that belongs together: its characters from `start` to `end`.

    `level` is a heading's, 1 the outermost. `line` (of the source) and `page` (or slide, sheet,
    cell) count from 1, where the source has such.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    line: int | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """One document: its text and its blocks.

    Blocks stand in order, do not overlap, begin and end with a character that is no white space,
    and hold everything in the text but white space. `part` names the document within its file (the
    member of an archive); it is empty where the file is the document.
    """

    text: str
    blocks: tuple[Block, ...]
    title: str = ""
    part: str = ""
    metadata: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Packed:
    """A file inside a file, to be read by whoever reads its kind."""

    file: RawFile


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of a file that could not be read, and why; `code` is that of the error."""

    part: str
    code: str
    reason: str


def suffix_of(name: str) -> str:
    """The ending of a name that says what it is, in lower case; a name without one, all of it."""
    last = name.replace("\\", "/").rpartition("/")[2].lower()
    stem, dot, suffix = last.rpartition(".")
    return f".{suffix}" if dot and stem else last


def stamp_of(found: os.stat_result) -> str:
    """What changes when a file does: size, times and place."""
    return f"{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}:{found.st_ino}"


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What reading a file gave. `digest` is the SHA-256 of its bytes, `stamp` what its folder said
    of it just before (empty when it changed meanwhile, or may yet change unnoticed).

    `same`: its digest is the one that was known, so it was not parsed. `failed`: why nothing of it
    could be read.
    """

    digest: str = ""
    stamp: str = ""
    same: bool = False
    documents: tuple[Loaded, ...] = ()
    unread: tuple[Unread, ...] = ()
    failed: Unread | None = None
