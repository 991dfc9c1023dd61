"""A Chroma server with an index on it, and the ways to break it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager

import anyio.to_thread

from engines.indexes import ask
from servers import Server


class BreakableChroma:
    """An index of that name; `gate` is the port of a proxy that wants a key, `stranger` that of an
    older server."""

    def __init__(self, server: Server, name: str, gate: int, stranger: int) -> None:
        self._server, self._name = server, name
        place = "api/v2/tenants/default_tenant/databases/default_database/collections"
        self._collections = f"http://127.0.0.1:{server.port}/{place}"
        self.url = f"chroma://127.0.0.1:{server.port}/{name}"
        self.hurried = f"{self.url}?timeout=2"
        self.unknown_key = f"chroma://:wrong@127.0.0.1:{gate}/{name}"
        self.unwanted_tls = self.url.replace("chroma:", "chroma+https:", 1)
        self.stranger = f"chroma://127.0.0.1:{stranger}/{name}"
        self.start, self.kill = server.start, server.kill
        self.frozen = server.frozen

    async def written(self) -> int:
        """As `Breakable` says."""
        return await anyio.to_thread.run_sync(self._written)

    def _written(self) -> int:
        known = ask(f"{self._collections}/{self._name}")
        return int(ask(f"{self._collections}/{known['id']}/count"))

    def read_only(self) -> AbstractContextManager[None]:
        """What a file system that became read-only makes its database say."""
        return self._refusing("attempt to write a readonly database")

    def full(self) -> AbstractContextManager[None]:
        """What a full disk makes its database say."""
        return self._refusing("database or disk is full")

    def remove(self) -> None:
        """As `Breakable` says."""
        for name in (self._name, f"{self._name}-log"):
            ask(f"{self._collections}/{name}", "DELETE")

    def occupy(self) -> None:
        """As `Breakable` says."""
        made = ask(self._collections, "POST", {"name": self._name})
        else_ = {"ids": ["else"], "embeddings": [[1.0, 0.0]]}
        ask(f"{self._collections}/{made['id']}/add", "POST", else_)

    def back_up(self) -> None:
        """Copy its folder while it rests."""
        self._copied("data", "copy")

    def bring_back(self) -> None:
        """As `Breakable` says."""
        self._copied("copy", "data")

    def _copied(self, source: str, target: str) -> None:
        self._server.stop()
        shutil.rmtree(self._server.home / target, ignore_errors=True)
        shutil.copytree(self._server.home / source, self._server.home / target)
        self._server.start()

    @contextmanager
    def _refusing(self, said: str) -> Iterator[None]:
        self._tell(
            "CREATE TRIGGER refusing BEFORE INSERT ON embeddings_queue "
            f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
        )
        try:
            yield
        finally:
            self._tell("DROP TRIGGER refusing")

    def _tell(self, statement: str) -> None:
        with closing(sqlite3.connect(self._server.home / "data" / "chroma.sqlite3")) as database:
            database.execute(statement)
            database.commit()
