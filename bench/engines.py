"""Every engine that the tests can start, for measurements: by the same recipes, one at a time.

`python -m bench stores --start` measures each of them, `--start pgvector chroma` some.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import psutil

TESTS = Path(__file__).parents[1] / "tests"


@dataclass(frozen=True, slots=True)
class Started:
    """A running engine: where an index is opened, where its data lie, and its first process."""

    url: str
    folder: Path
    process: int | None = None
    empty: int = 0
    """Bytes of its files when it held nothing."""

    def disk(self) -> int:
        """Bytes of its files, but for those that it has anyway."""
        return _taken(self.folder) - self.empty

    def memory(self) -> int | None:
        """Bytes that it and its children hold alone or share fairly; None in this process."""
        if self.process is None:
            return None
        first = psutil.Process(self.process)
        family = [first, *first.children(recursive=True)]
        return sum(one.memory_full_info().pss for one in family)


@contextmanager
def started(name: str) -> Iterator[Started]:
    """That engine with nothing in it; raises KeyError for an unknown name, and RuntimeError where
    the machine has not what it needs (`tests/install_servers.sh` installs it)."""
    sys.path[:0] = [str(TESTS)] if str(TESTS) not in sys.path else []
    if name == "qdrant":
        with TemporaryDirectory() as folder:
            yield Started(f"qdrant:local:{folder}/local", Path(folder))
        return
    server, url = _RECIPES[name]()
    try:
        server.start()
        if name == "pgvector":
            with ThreadPoolExecutor(1) as beside:  # the caller runs a loop of its own
                beside.submit(anyio.run, _database, server.port).result()
        folder = server.home / "data"
        yield Started(url(server.port), folder, server._process.pid, _taken(folder))
    finally:
        server.close()


def _taken(folder: Path) -> int:
    taken = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # an engine's own files for a moment
            taken += path.stat().st_blocks * 512 if path.is_file() else 0
    return taken


def _pgvector() -> tuple[Any, Callable[[int], str]]:
    servers = import_module("servers")
    binaries = servers.wheel_postgresql()
    if binaries is None:
        raise RuntimeError("pgvector: the wheel among the test requirements carries it")
    server = servers.postgresql(binaries)
    return server, lambda port: f"pgvector://promptuary@127.0.0.1:{port}/measured"


def _weaviate() -> tuple[Any, Callable[[int], str]]:
    engine = _found("weaviate")
    server = engine.server(engine.found())
    return server, lambda port: f"{engine.url(port)}/Measured?grpc={port + 1}"


def _chroma() -> tuple[Any, Callable[[int], str]]:
    server = import_module("engines.chroma").server()
    return server, lambda port: f"chroma://127.0.0.1:{port}/measured"


def _lucene(name: str) -> tuple[Any, Callable[[int], str]]:
    engine = _found(name)
    server = engine.server(engine.found())
    return server, lambda port: f"{name}://127.0.0.1:{port}/measured"


def _found(name: str) -> Any:
    engine = import_module(f"engines.{name}")
    if engine.found() is None:
        raise RuntimeError(f"{name}: tests/install_servers.sh installs it")
    return engine


async def _database(port: int) -> None:
    import asyncpg

    asked = await asyncpg.connect(f"postgresql://promptuary@127.0.0.1:{port}/postgres")
    await asked.execute("CREATE DATABASE measured")
    await asked.close()


_RECIPES: Mapping[str, Callable[[], tuple[Any, Callable[[int], str]]]] = {
    "pgvector": _pgvector,
    "weaviate": _weaviate,
    "chroma": _chroma,
    "elasticsearch": lambda: _lucene("elasticsearch"),
    "opensearch": lambda: _lucene("opensearch"),
}
NAMES = (*_RECIPES, "qdrant")
