"""Recordings of events: what a store has of them, and links under which they can be watched."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

USUAL_LIFETIME = timedelta(minutes=60)
LONGEST_LIFETIME = timedelta(hours=24)
ClipPart: TypeAlias = Literal["clip", "thumbnail"]
KINDS = {
    **{"mp4": "video/mp4", "m4v": "video/mp4", "webm": "video/webm", "mov": "video/quicktime"},
    **{"mkv": "video/x-matroska", "jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"},
}
"""What is served, by how a file's name ends. Nothing else is a recording or a picture of one."""
PICTURES = ("jpg", "webp", "png")
_ID = re.compile(r"(?=[^.]|\.+[^.])[A-Za-z0-9._:-]{1,255}")
_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")


@dataclass(frozen=True, slots=True)
class Recording:
    """What a store has of an event.

    `url` and `thumbnail_url` are links that the store signed; where they are empty the recording is
    read through us. `thumbnail` says whether there is a picture. `bytes` is None where only reading
    would tell.
    """

    event_id: str
    url: str = ""
    thumbnail: bool = False
    thumbnail_url: str = ""
    bytes: int | None = None
    kind: str = "video/mp4"


@dataclass(frozen=True, slots=True)
class Footage:
    """A recording, or a picture of it, as it is read: `total` bytes altogether (None where nobody
    knows before the end), of which these begin at `first` and end with `last`, the last inside."""

    kind: str
    chunks: AsyncIterator[bytes]
    total: int | None = None
    first: int = 0
    last: int | None = None


@dataclass(frozen=True, slots=True)
class ClipLink:
    """Where a recording can be watched until `expires_at`; `available` says whether there is one,
    and a link that is not available has no URL. `source` is the kind of store it is in."""

    event_id: str
    url: str
    camera: str
    at: datetime
    expires_at: datetime | None
    available: bool
    description: str = ""
    confidence: float | None = None
    thumbnail_url: str = ""
    seconds: float | None = None
    bytes: int | None = None
    kind: str = ""
    source: str = ""


def in_address(event_id: str) -> str | None:
    """The id, if it may stand in the path of an address as it is: else it names no recording there,
    whatever it would lead to."""
    return event_id if _ID.fullmatch(event_id) else None


def in_folder(name: str | None) -> tuple[str, ...] | None:
    """The parts of a path that leads down into a folder, to a recording; None for an address, a
    path that goes elsewhere, and a file of any other kind."""
    if not name or ":" in name or _CONTROL.search(name):
        return None
    parts = tuple(name.strip("/").split("/"))
    wrong = any(not part or part.startswith(".") for part in parts)
    ending = parts[-1].rpartition(".")[2].lower()
    return None if wrong or ending not in KINDS else parts


def for_browsers(url: object) -> str:
    """The address, if a browser may be sent there: http or https, a host, no password, nothing
    that breaks out of an attribute. Else empty."""
    if not isinstance(url, str) or _CONTROL.search(url) or any(each in url for each in "\"'<>`"):
        return ""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and parts.hostname and parts.username is None
        return url if sound and parts.port != 0 else ""
    except ValueError:
        return ""
