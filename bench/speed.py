"""How fast and how large: start-up, ingest, HTTP, pages, search; each beside a peer in one run."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, PackagePath, distribution
from pathlib import Path
from statistics import median
from typing import Any

import httpx2 as httpx
import numpy as np

from bench import traffic
from bench.processes import byte_code_in, cpu_seconds, p95, paired, python, run
from promptuary import Promptuary
from promptuary.domain.filters import AllOf, Between, Eq

LOCK = Path(__file__).parents[1] / "requirements" / "runtime.lock"
Row = dict[str, Any]


def row(what: str, goal: str, now: float, unit: str, peer: str, peer_now: float | None) -> Row:
    """One line of the table."""
    return {
        "what": what,
        "goal": goal,
        "now": round(now, 4),
        "unit": unit,
        "peer": peer,
        "peer_now": None if peer_now is None else round(peer_now, 4),
    }


def start_up() -> Iterator[Row]:
    """Importing and asking for help, beside bare python."""
    bare = python("-c", "pass")
    ours, theirs = paired(python("-c", "import promptuary"), bare, 15)
    yield row(
        "import promptuary over bare python",
        "<= 100 ms",
        (ours - theirs) * 1e3,
        "ms",
        "bare python",
        theirs * 1e3,
    )
    ours, theirs = paired(python("-m", "promptuary.cli", "--help"), bare, 15)
    yield row("promptuary --help", "<= 150 ms", ours * 1e3, "ms", "bare python", theirs * 1e3)


def installed() -> Iterator[Row]:
    """What the runtime lock puts on the disk: apparent size of the files of each package, but for
    byte code, which python writes when it likes."""
    names = {*re.findall(r"^([A-Za-z0-9_.-]+)==", LOCK.read_text("utf-8"), re.MULTILINE)}
    total = 0
    for name in names:
        for file in _files(name):
            place = Path(str(file.locate()))
            if place.is_file() and place.suffix != ".pyc":
                total += place.stat().st_size
    yield row("install, without byte code", "<= 150 MB", total / 1e6, "MB", "", None)


def _files(name: str) -> Iterable[PackagePath]:
    """None for a package that other platforms need."""
    try:
        return distribution(name).files or ()
    except PackageNotFoundError:
        return ()


def ingest(sizes: tuple[int, ...], folder: Path) -> Iterator[Row]:
    """Prompts from a file to families and a searchable index; drain3 groups the same prompts."""
    for size in sizes:
        file, home = folder / f"{size}.jsonl", folder / f"home{size}"
        traffic.write(file, size)
        ours = run(python("-m", "promptuary.cli", "ingest", str(file), "--home", str(home)))
        peer = run(python("-m", "bench.peer_drain3", str(file)))
        yield row(
            f"ingest {size:,} prompts: seconds",
            "linear",
            ours.wall_seconds,
            "s",
            "drain3, grouping only",
            peer.wall_seconds,
        )
        yield row(
            f"ingest {size:,} prompts: prompts a CPU second",
            "",
            size / ours.cpu_seconds,
            "1/s",
            "drain3",
            size / peer.cpu_seconds,
        )
        yield row(
            f"ingest {size:,} prompts: peak memory",
            "<= 500 MB",
            ours.peak_mib * 1.048576,
            "MB",
            "drain3",
            peer.peak_mib * 1.048576,
        )


@dataclass(frozen=True)
class Server:
    """A server in a process of its own, and what it took until it was ready."""

    url: str
    wall_seconds: float
    cpu_seconds: float
    pid: int

    def cpu_of(self, work: Callable[[], object], times: int) -> float:
        """What the server uses each time, in seconds of its processor."""
        before = cpu_seconds(self.pid)
        for _ in range(times):
            work()
        return (cpu_seconds(self.pid) - before) / times


@contextmanager
def served(home: Path) -> Iterator[Server]:
    """A server for as long as the context lasts."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "PROMPTUARY_RATE_LIMIT_ENABLED": "false"}
    started = time.perf_counter()
    command = python("-m", "promptuary.cli", "serve", "--home", str(home), "--port", str(port))
    server = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        while not _ready(url):
            if server.poll() is not None or time.perf_counter() - started > 60:
                raise RuntimeError("the server did not start")
        yield Server(url, time.perf_counter() - started, cpu_seconds(server.pid), server.pid)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.HTTPError:
        time.sleep(0.01)
        return False


def ready(home: Path) -> Iterator[Row]:
    """Starting, beside what it takes to import the libraries that serve and keep; the first start
    is not counted."""
    starts = []
    for _ in range(4):
        with served(home) as server:
            starts.append(server)
    libraries = "import fastapi, uvicorn, sqlalchemy.ext.asyncio, numpy"
    imports = [run(python("-c", libraries)) for _ in range(4)][1:]
    yield row(
        "service ready",
        "<= 2 s",
        median(start.wall_seconds for start in starts[1:]),
        "s",
        "importing fastapi, uvicorn, SQLAlchemy, numpy",
        median(each.wall_seconds for each in imports),
    )
    yield row(
        "service ready: CPU seconds",
        "",
        median(start.cpu_seconds for start in starts[1:]),
        "s",
        "the same imports",
        median(each.cpu_seconds for each in imports),
    )


def over_http(home: Path) -> Iterator[Row]:
    """A page of families, one prompt and a batch of 100, on a home that holds what it holds."""
    with served(home) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        for path in ("/livez", "/api/v1/families?limit=20"):
            client.get(path).raise_for_status()
        alive, pages = [], []
        for _ in range(300):
            alive.append(_timed(_get, client, "/livez"))
            pages.append(_timed(_get, client, "/api/v1/families?limit=20"))
        yield row(
            "family page over HTTP, p95",
            "<= 10 ms",
            p95(pages) * 1e3,
            "ms",
            "/livez of the same server",
            p95(alive) * 1e3,
        )
        yield row(
            "family page over HTTP: CPU of the server",
            "",
            server.cpu_of(lambda: _get(client, "/api/v1/families?limit=20"), 300) * 1e3,
            "ms",
            "/livez of the same server",
            server.cpu_of(lambda: _get(client, "/livez"), 300) * 1e3,
        )
        yield from _taking_in(client, server, home)


def _taking_in(client: httpx.Client, server: Server, home: Path) -> Iterator[Row]:
    fresh = iter(traffic.rows(400_000_000))
    texts = (f"{one['text']} #{number}" for number, one in enumerate(fresh))
    peer = _committer(home.with_suffix(".peer"))
    single, inserted = [], []
    for _ in range(300):
        text = next(texts)
        single.append(_timed(_post, client, "/api/v1/prompts", {"content": text}))
        inserted.append(_timed(peer, text))
    yield row(
        "one prompt over HTTP, p95",
        "<= 50 ms",
        p95(single) * 1e3,
        "ms",
        "one SQLite commit, synchronous=FULL",
        p95(inserted) * 1e3,
    )
    yield row(
        "one prompt over HTTP: CPU of the server, with placing and indexing",
        "",
        server.cpu_of(lambda: _post(client, "/api/v1/prompts", {"content": next(texts)}), 100)
        * 1e3,
        "ms",
        "",
        None,
    )
    batches = []
    for _ in range(20):
        body = {"prompts": [{"content": next(texts)} for _ in range(100)]}
        batches.append(_timed(_post, client, "/api/v1/prompts/batch", body))
    yield row("batch of 100 over HTTP, p95", "<= 1 s", p95(batches), "s", "", None)


def _get(client: httpx.Client, path: str) -> None:
    client.get(path).raise_for_status()


def _post(client: httpx.Client, path: str, body: object) -> None:
    client.post(path, json=body).raise_for_status()


def _timed(work: Callable[..., object], *arguments: object) -> float:
    started = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - started


def _committer(path: Path) -> Callable[[str], None]:
    """The least that durable ingest can cost: one row, one commit."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE IF NOT EXISTS prompts (text TEXT)")

    def commit(text: str) -> None:
        db.execute("INSERT INTO prompts VALUES (?)", (text,))

    return commit


async def _search(home: Path) -> list[Row]:
    """Hybrid search with a filter; each query's vector is cached first, so it is not measured."""
    queries = [one["text"][:60] for one in traffic.rows(60)]
    where = AllOf((Eq("kind", "prompt"), Between("created", low=0), Eq("alone", False)))
    async with await Promptuary.open(home) as promptuary:
        for query in queries:
            await promptuary.search(query, where=where)
        seconds = []
        used = time.process_time()
        for _ in range(4):
            for query in queries:
                started = time.perf_counter()
                await promptuary.search(query, where=where)
                seconds.append(time.perf_counter() - started)
        used = (time.process_time() - used) / len(seconds)
        count = (await promptuary.index_health()).entries
    peer, peer_used = _brute_force(count, len(queries))
    return [
        row(
            f"hybrid search with filter among {count:,} entries, p95",
            "<= 15 ms",
            p95(seconds) * 1e3,
            "ms",
            "numpy, vectors only",
            peer * 1e3,
        ),
        row("the same search: CPU", "", used * 1e3, "ms", "the same", peer_used * 1e3),
    ]


def _brute_force(count: int, times: int) -> tuple[float, float]:
    """Wall seconds (95th percentile) and CPU seconds (mean) of the least that exactness costs."""
    rng = np.random.default_rng(7)
    vectors = rng.normal(size=(count, 256)).astype(np.float32)
    query = rng.normal(size=256).astype(np.float32)

    def nearest() -> None:
        np.argpartition(-(vectors @ query), 100)[:100]

    used = time.process_time()
    walls = [_timed(nearest) for _ in range(times)]
    return p95(walls), (time.process_time() - used) / times


def measure(sizes: tuple[int, ...], home: Path | None) -> list[Row]:
    """Every row; `sizes` are the ingests, the last of which serves HTTP and search. With a `home`
    nothing is ingested, and a copy of it serves."""
    with tempfile.TemporaryDirectory() as name, byte_code_in(Path(name) / "byte code"):
        folder = Path(name)
        rows = [*start_up(), *installed()]
        if home is None:
            rows += ingest(sizes, folder)
            own = folder / f"home{sizes[-1]}"
        else:
            own = Path(shutil.copytree(home, folder / "home"))
        rows += asyncio.run(_search(own))
        rows += [*ready(own), *over_http(own)]
        return [*rows, row("load average meanwhile", "", os.getloadavg()[1], "", "", None)]


def main(output: Path, sizes: tuple[int, ...], home: Path | None) -> None:
    """Measure and write."""
    output.write_text(json.dumps(measure(sizes, home), indent=1) + "\n", "utf-8")
