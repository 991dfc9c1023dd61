"""Databases of a PostgreSQL that tests have started."""

from __future__ import annotations

import asyncio
import threading


def url_of(port: int, database: str) -> str:
    return f"postgresql://promptuary@127.0.0.1:{port}/{database}"


async def administer(port: int, statement: str, *, database: str = "postgres") -> None:
    import asyncpg

    connection = await asyncpg.connect(url_of(port, database))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def prepare(port: int) -> None:
    from promptuary.adapters.units_of_work._migrating import upgrade

    await administer(port, "CREATE DATABASE record")
    await upgrade(url_of(port, "record"))


def in_a_thread(work: object) -> None:
    """Run a coroutine to its end beside whatever loop this thread has."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
