"""The same home behind every face: the library's own, and clients of a server over it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
from anyio import to_thread

from api.running import running
from api.sites import serving
from promptuary import AsyncRemoteClient, RemoteClient, blocking
from promptuary.app import Promptuary

FACES = ("local", "blocking", "remote", "remote-blocking")


class Waited:
    """A face without `await`, called from another thread so that one suite fits all."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return Waited(found)
        return lambda *given, **named: to_thread.run_sync(partial(found, *given, **named))


@asynccontextmanager
async def opened(face: str, mined: Path, folder: Path) -> AsyncIterator[Any]:
    """That face over a copy of the mined home; the last one over a server in its own process."""
    home = shutil.copytree(mined, folder / "home")
    match face:
        case "local":
            async with await Promptuary.open(home) as promptuary:
                yield promptuary
        case "blocking":
            with await to_thread.run_sync(partial(blocking.Promptuary.open, str(home))) as held:
                yield Waited(held)
        case "remote":
            async with serving(home) as site:
                transport = httpx2.ASGITransport(site.app)
                async with AsyncRemoteClient("http://localhost", transport=transport) as client:
                    yield client
        case _:
            server = running(home, rate_limit_enabled="false")
            with server as started, RemoteClient(started.url) as client:
                yield Waited(client)
