"""Giving pages back: the engine writes through memory maps, whose pages count as this process's
memory as long as nobody says that they are not needed any more."""

from __future__ import annotations

import ctypes
import re
from contextlib import suppress
from pathlib import Path

_MAPS = Path("/proc/self/maps")
_LINE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) ...s \S+ \S+ \S+\s+(/.*)")
_DONTNEED = 4


def give_back(folder: Path) -> None:
    """Drop this process's pages of the files in a folder that it has mapped and shares, and what
    the allocator keeps of memory that was freed.

    Nothing is lost: written pages stay in the system's cache and go to the disk as ever, and what
    is used again is mapped again. Does nothing where there is no /proc. Nobody may map or unmap
    these files meanwhile.
    """
    with suppress(OSError):
        libc = ctypes.CDLL(None, use_errno=True)
        if hasattr(libc, "malloc_trim"):
            libc.malloc_trim(0)
        for found in map(_LINE.fullmatch, _MAPS.read_text().splitlines()):
            if found and Path(found[3]).is_relative_to(folder.resolve()):
                start, end = int(found[1], 16), int(found[2], 16)
                libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _DONTNEED)
