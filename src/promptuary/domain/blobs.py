"""Blobs: files kept under names, in a folder or in an object store."""

from __future__ import annotations

import re

from promptuary.domain.errors import InvalidInput

LONGEST_NAME = 512
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*")


def checked_name(name: str) -> str:
    """The name, which every store can keep: letters, digits, `.`, `_` and `-`, in parts between
    slashes that begin with no dot. Raises InvalidInput."""
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        said = "a name has letters, digits, . _ - and single slashes between parts"
        raise InvalidInput(f"{name[:64]!r} is no name: {said}", fields={"name": said})
    return name
