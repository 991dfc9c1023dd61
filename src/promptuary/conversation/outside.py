"""What lies outside of events and conversations: where recordings are, where events come from,
who is told of turns."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NoReturn

from promptuary.conversation.clips import Clips
from promptuary.conversation.handing_on import Handing
from promptuary.domain.errors import Unsupported
from promptuary.ports.embedder import Embedder
from promptuary.ports.event_source import EventSource
from promptuary.ports.thread_archive import ThreadArchive


async def _nowhere(url: str) -> NoReturn:
    raise Unsupported(f"nothing here opens {url.partition(':')[0]}:")


@dataclass(frozen=True, slots=True)
class Outside:
    """Without anything outside, events come from callers alone, nothing is recorded, and nobody is
    told."""

    clips: Clips | None = None
    source: Callable[[str], Awaitable[EventSource]] = _nowhere
    archive: Callable[[str], Awaitable[ThreadArchive]] = _nowhere
    embedder: Embedder | None = None
    handing: Handing = field(default_factory=Handing)
