"""Changes in a folder as the kernel tells of them, by the package watchfiles; extra: `watch`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from anyio import to_thread

GROUPED_MS = 400
"""Changes that come together are one, for at most so long."""


@asynccontextmanager
async def noticing(path: Path) -> AsyncIterator[Noticed | None]:
    """Somebody who notices changes under that path; None without the package. Where the kernel
    has no watches left, `listening` is false."""
    if find_spec("watchfiles") is None:
        yield None
        return
    noticed = Noticed(asyncio.Event())
    # A file that is replaced is another file: its folder tells.
    folder = path if await to_thread.run_sync(path.is_dir) else path.parent
    task = asyncio.create_task(noticed.listen(folder))
    try:
        yield noticed
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@dataclass(slots=True)  # changes: it forgets nothing between two questions
class Noticed:
    """What was noticed and not yet asked for."""

    _event: asyncio.Event
    listening: bool = True

    async def changed(self) -> None:
        """Returns when something may have changed since the last time."""
        await self._event.wait()
        self._event.clear()

    async def listen(self, folder: Path) -> None:
        """Until cancelled, or until the kernel refuses."""
        from watchfiles import awatch  # noqa: PLC0415 - an extra

        telling = awatch(
            folder, watch_filter=None, debounce=GROUPED_MS, ignore_permission_denied=True
        )
        with suppress(OSError, RuntimeError):
            async for _ in telling:
                self._event.set()
        self.listening = False
