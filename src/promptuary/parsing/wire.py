"""What the two processes say to each other: JSON with its length before it.

Not pickled: whoever reads a hostile file may be taken over by it, and must not gain more.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from promptuary.domain.loading import Block, Limits, Loaded, ReadFile, Unread

HEAD = 8
"""Bytes of a length, most significant first."""
OUT_OF_MEMORY = 77
"""The exit code of a process that needed more memory than it may take."""


@dataclass(frozen=True, slots=True)
class Request:
    """Read that file; `data` (as many bytes follow) stands for what lies at the path.

    `known` is the digest of what was read before, if anything was.
    """

    path: str
    limits: Limits
    known: str | None = None
    data: int | None = None


def packed(message: dict[str, Any]) -> bytes:
    """A message with its length."""
    body = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return len(body).to_bytes(HEAD, "big") + body


def unpacked(body: bytes) -> dict[str, Any]:
    """A message without its length. Raises ValueError for what is none."""
    message = json.loads(body.decode("utf-8", "surrogatepass"))
    if not isinstance(message, dict):
        raise TypeError("a message is an object")
    return message


def request_out(request: Request) -> dict[str, Any]:
    """A request as a message."""
    return asdict(request)


def request_in(message: dict[str, Any]) -> Request:
    """A request from a message."""
    limits = Limits(**message["limits"])
    return Request(message["path"], limits, message["known"], message["data"])


def reply_out(read: ReadFile) -> dict[str, Any]:
    """What was read, as a message; blocks are lists, as there are many."""
    return {
        "digest": read.digest,
        "stamp": read.stamp,
        "same": read.same,
        "documents": [_loaded_out(each) for each in read.documents],
        "unread": [asdict(each) for each in read.unread],
        "failed": asdict(read.failed) if read.failed else None,
    }


def reply_in(message: dict[str, Any]) -> ReadFile:
    """What was read, from a message."""
    failed = message["failed"]
    return ReadFile(
        digest=message["digest"],
        stamp=message["stamp"],
        same=message["same"],
        documents=tuple(_loaded_in(each) for each in message["documents"]),
        unread=tuple(Unread(**each) for each in message["unread"]),
        failed=Unread(**failed) if failed else None,
    )


def _loaded_out(loaded: Loaded) -> dict[str, Any]:
    return {
        "text": loaded.text,
        "blocks": [(b.kind, b.start, b.end, b.level, b.line, b.page) for b in loaded.blocks],
        "title": loaded.title,
        "part": loaded.part,
        "metadata": dict(loaded.metadata),
    }


def _loaded_in(message: dict[str, Any]) -> Loaded:
    blocks = tuple(Block(*each) for each in message.pop("blocks"))
    return Loaded(blocks=blocks, **message)
