"""Fetching: what a server of the web answered to one request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fetched:
    """One answer; a redirect is not followed but named by `location`. `kind` is the media type, in
    lower case and without parameters; `etag` and `modified` are what a later request may ask by."""

    url: str
    status: int
    kind: str = ""
    body: bytes = b""
    location: str = ""
    etag: str = ""
    modified: str = ""
