"""PostgreSQL with an index on it, and the ways to break it."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from operator import methodcaller
from pathlib import Path

import asyncpg

from servers import Server

DATABASE = "record"
_FULL = """
CREATE FUNCTION {schema}.no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
END $$;
CREATE TRIGGER no_room BEFORE INSERT ON {schema}.entries EXECUTE FUNCTION {schema}.no_room()"""


class BreakablePostgresql:
    """An index in a schema of its own; `binaries` is where the server's tools are."""

    def __init__(self, server: Server, binaries: Path, schema: str, stranger: int) -> None:
        self._server, self._binaries, self._schema = server, binaries, schema
        self._user = f"promptuary@127.0.0.1:{server.port}"
        self.url = f"pgvector://{self._user}/{DATABASE}?schema={schema}"
        self.hurried = f"{self.url}&timeout=2"
        self.unknown_key = self.url.replace("//promptuary", "//nobody:wrong")
        self.unwanted_tls = f"{self.url}&sslmode=require"
        self.stranger = f"pgvector://promptuary@127.0.0.1:{stranger}/{DATABASE}"
        self.start, self.kill = server.start, server.kill
        self.frozen = server.frozen

    async def written(self) -> int:
        """As `Breakable` says."""
        asked = await asyncpg.connect(f"postgresql://{self._user}/{DATABASE}")
        try:
            return int(await asked.fetchval(f"SELECT count(*) FROM {self._schema}.entries"))
        finally:
            await asked.close()

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """As the standby that it becomes for the time of a failover."""
        self._tell("ALTER SYSTEM SET default_transaction_read_only = on")
        self._reload("on")
        try:
            yield
        finally:
            self._tell("ALTER SYSTEM RESET ALL")
            self._reload("off")

    @contextmanager
    def full(self) -> Iterator[None]:
        """What a full disk makes PostgreSQL say."""
        self._tell(_FULL.format(schema=self._schema))
        try:
            yield
        finally:
            self._tell(f"DROP FUNCTION {self._schema}.no_room CASCADE")

    def remove(self) -> None:
        """As `Breakable` says."""
        self._tell(f"DROP SCHEMA {self._schema} CASCADE")

    def occupy(self) -> None:
        """As `Breakable` says."""
        self._tell(f"CREATE SCHEMA {self._schema}", f"CREATE TABLE {self._schema}.log (what text)")

    def back_up(self) -> None:
        """As `Breakable` says."""
        self._run("pg_dump", "--format=custom", f"--schema={self._schema}", f"--file={self._copy}")

    def bring_back(self) -> None:
        """As `Breakable` says."""
        self._run("pg_restore", "--dbname", DATABASE, str(self._copy))

    @property
    def _copy(self) -> Path:
        return self._server.home / f"{self._schema}.dump"

    def _run(self, tool: str, *options: str) -> None:
        where = ["-h", "127.0.0.1", "-p", str(self._server.port), "-U", "promptuary"]
        named = ["-d", DATABASE] if tool == "pg_dump" else []
        command = [str(self._binaries / tool), *where, *named, *options]
        subprocess.run(command, check=True, capture_output=True)

    def _reload(self, read_only: str) -> None:
        """Until a new connection begins so: by then the server has told the others as well."""
        self._tell("SELECT pg_reload_conf()")
        while self._asked("SHOW default_transaction_read_only") != read_only:
            pass

    def _tell(self, *statements: str) -> None:
        for statement in statements:
            _elsewhere(self._user, methodcaller("execute", statement))

    def _asked(self, query: str) -> object:
        return _elsewhere(self._user, methodcaller("fetchval", query))


def _elsewhere(user: str, use: Callable[[asyncpg.Connection], Awaitable[object]]) -> object:
    """What is asked of a connection in a loop of its own: the caller is amid another."""

    async def used() -> object:
        connection = await asyncpg.connect(f"postgresql://{user}/{DATABASE}")
        try:
            return await use(connection)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, used()).result()
