"""Elasticsearch or OpenSearch with an index on it, and the ways to break it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import anyio.to_thread

from engines.indexes import ask, forget
from servers import Server


class BreakableLucene:
    """An index at that URL; `gate` is the port of a proxy that wants a key, and `other` the scheme
    of the other engine."""

    def __init__(self, server: Server, url: str, gate: int, other: str) -> None:
        scheme, _, rest = url.partition("://")
        netloc, _, self._name = rest.partition("/")
        self._server, self._base = server, f"http://{netloc}"
        self.url = url
        self.hurried = f"{url}?timeout=2"
        self.unknown_key = f"{scheme}://me:wrong@127.0.0.1:{gate}/{self._name}"
        self.unwanted_tls = url.replace("://", "+https://", 1)
        self.stranger = f"{other}://{rest}"
        self.start, self.kill = server.start, server.kill
        self.frozen = server.frozen

    async def written(self) -> int:
        """As `Breakable` says; notes are written as well."""
        return await anyio.to_thread.run_sync(self._written)

    def _written(self) -> int:
        told = ask(f"{self._base}/{self._name}-000001/_stats/indexing")
        return int(told["_all"]["primaries"]["indexing"]["index_total"]) - 5

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """As an administrator makes it."""
        self._set("index.blocks.write", True)
        try:
            yield
        finally:
            self._set("index.blocks.write", False)

    @contextmanager
    def full(self) -> Iterator[None]:
        """As the engine itself makes it above the flood stage of its disk."""
        self._set("index.blocks.read_only_allow_delete", True)
        try:
            yield
        finally:
            self._set("index.blocks.read_only_allow_delete", None)

    def remove(self) -> None:
        """As `Breakable` says."""
        forget(self.url)

    def occupy(self) -> None:
        """As `Breakable` says."""
        ask(f"{self._base}/{self._name}-000001", "PUT", {"aliases": {self._name: {}}})

    def back_up(self) -> None:
        """As `Breakable` says."""
        where = {"location": str(self._server.home / "snapshots" / self._name)}
        ask(f"{self._base}/_snapshot/{self._name}", "PUT", {"type": "fs", "settings": where})
        ask(f"{self._snapshot}?wait_for_completion=true", "PUT", self._wanted)

    def bring_back(self) -> None:
        """As `Breakable` says."""
        ask(f"{self._snapshot}/_restore?wait_for_completion=true", "POST", self._wanted)

    @property
    def _snapshot(self) -> str:
        return f"{self._base}/_snapshot/{self._name}/one"

    @property
    def _wanted(self) -> dict[str, object]:
        return {"indices": f"{self._name}-*", "include_global_state": False}

    def _set(self, name: str, value: object) -> None:
        ask(f"{self._base}/{self._name}/_settings", "PUT", {name: value})
