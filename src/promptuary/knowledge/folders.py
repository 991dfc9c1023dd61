"""What lies in a folder: the files in it with their stamps, without opening any."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from promptuary.domain.errors import InvalidInput
from promptuary.domain.loading import stamp_of

PASSED_OVER = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})
"""Folders of what others wrote or machines made; hidden ones are passed over too."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder, or one file in it (`only`)."""

    root: Path
    only: str | None = None


@dataclass(frozen=True, slots=True)
class Lying:
    """What lies in a folder: stamps of the files that can be read by their path under it; files
    that nobody reads, and links; folders that cannot be looked into, whose files are not known."""

    stamps: dict[str, str]
    skipped: tuple[tuple[str, str], ...]
    closed: tuple[str, ...]


def passed_over(path: str) -> bool:
    """Whether nobody looks there: a part of the path is hidden, or of what others wrote."""
    return any(each.startswith(".") or each in PASSED_OVER for each in path.split("/"))


def overlap(place: Place, root: str) -> bool:
    """Whether one of the two folders lies in the other, or is it; pages and texts of a program have
    roots that are no folders."""
    one, other = f"{root.rstrip('/')}/", f"{str(place.root).rstrip('/')}/"
    return root.startswith("/") and (one.startswith(other) or other.startswith(one))


def within(place: Place, root: str, path: str) -> str | None:
    """The path under the place of what has that path under another root; None for what is not
    there."""
    whole, own = f"{root.rstrip('/')}/{path}", f"{str(place.root).rstrip('/')}/"
    inside = whole.removeprefix(own)
    if inside == whole or place.only not in {None, inside}:
        return None
    return inside


def place_of(path: Path) -> Place:
    """The folder or file there. Raises InvalidInput when there is neither."""
    whole = Path(os.path.realpath(path.expanduser()))
    if whole.is_dir():
        return Place(whole)
    if whole.is_file():
        return Place(whole.parent, whole.name)
    raise InvalidInput(f"there is no file or folder {path}", fields={"path": str(path)})


def look(place: Place, readable: Callable[[str], bool]) -> Lying:
    """Every file under the folder whose name is `readable`, in no order. Links are not followed, so
    that none leads out of the folder or round in circles."""
    if place.only is not None:
        return Lying({place.only: stamp_of((place.root / place.only).stat())}, (), ())
    stamps: dict[str, str] = {}
    skipped: list[tuple[str, str]] = []
    closed: list[str] = []
    folders = [""]
    while folders:
        inside = folders.pop()
        try:
            with os.scandir(place.root / inside) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            closed.append(inside)
            skipped.append((inside or ".", f"it cannot be looked into: {error.strerror}"))
            continue
        for entry in found:
            path = f"{inside}/{entry.name}" if inside else entry.name
            if passed_over(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)
            elif reason := _unread(entry, readable):
                skipped.append((path, reason))
            else:
                stamps[path] = stamp_of(entry.stat(follow_symlinks=False))
    return Lying(stamps, tuple(skipped), tuple(closed))


def _unread(entry: os.DirEntry[str], readable: Callable[[str], bool]) -> str | None:
    """Why this file is not read; None when it is."""
    if entry.is_symlink():
        return "a symbolic link is not followed"
    if not entry.is_file(follow_symlinks=False):
        return "it is no regular file"
    return None if readable(entry.name) else "no loader reads this kind of file"
