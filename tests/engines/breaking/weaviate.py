"""Weaviate with an index on it, and the ways to break it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

import anyio.to_thread

from engines import weaviate
from servers import Server


class BreakableWeaviate:
    """An index of that name; `stranger` is the port of an older server."""

    def __init__(self, server: Server, name: str, stranger: int) -> None:
        self._base, self._name = f"http://127.0.0.1:{server.port}/v1", name
        self.url = f"{weaviate.url(server.port)}/{name}?grpc={server.port + 1}"
        self.hurried = f"{self.url}&timeout=2"
        self.unknown_key = self.url.replace(weaviate.KEY, "wrong")
        self.unwanted_tls = self.url.replace("weaviate:", "weaviate+https:", 1)
        self.stranger = f"{weaviate.url(stranger)}/{name}?grpc={server.port + 1}"
        self.start, self.kill = server.start, server.kill
        self.frozen = server.frozen

    async def written(self) -> int:
        """As `Breakable` says."""
        asked = {"query": f"{{ Aggregate {{ {self._name} {{ meta {{ count }} }} }} }}"}
        told = await anyio.to_thread.run_sync(self._ask, "POST", "/graphql", asked)
        return int(told["data"]["Aggregate"][self._name][0]["meta"]["count"])

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """As an administrator makes it, or the server itself when its disk fills up."""
        self._set("READONLY")
        try:
            yield
        finally:
            self._set("READY")

    full = read_only

    def remove(self) -> None:
        """As `Breakable` says."""
        for name in self._names:
            self._ask("DELETE", f"/schema/{name}")

    def occupy(self) -> None:
        """As `Breakable` says."""
        properties = [{"name": "what", "dataType": ["text"]}]
        self._ask("POST", "/schema", {"class": self._name, "properties": properties})
        self._ask("POST", "/objects", {"class": self._name, "properties": {"what": "else"}})

    def back_up(self) -> None:
        """As `Breakable` says."""
        wanted = {"id": self._copy, "include": self._names}
        self._ask("POST", "/backups/filesystem", wanted)
        self._wait(f"/backups/filesystem/{self._copy}")

    def bring_back(self) -> None:
        """As `Breakable` says."""
        self._ask("POST", f"/backups/filesystem/{self._copy}/restore", {})
        self._wait(f"/backups/filesystem/{self._copy}/restore")

    @property
    def _names(self) -> list[str]:
        return [self._name, f"{self._name}_log"]

    @property
    def _copy(self) -> str:
        return self._name.lower()

    def _set(self, status: str) -> None:
        for shard in self._ask("GET", f"/schema/{self._name}/shards"):
            self._ask("PUT", f"/schema/{self._name}/shards/{shard['name']}", {"status": status})

    def _wait(self, path: str) -> None:
        while (told := self._ask("GET", path))["status"] != "SUCCESS":
            assert told["status"] != "FAILED", told

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", "authorization": f"Bearer {weaviate.KEY}"}
        request = Request(f"{self._base}{path}", data, headers, method=method)
        with urlopen(request, timeout=60) as reply:
            said = reply.read()
        return json.loads(said) if said else {}
