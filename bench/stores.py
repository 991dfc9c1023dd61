"""One meaning on many engines: the same entries and questions, each engine beside the reference.

`python -m bench stores --start` starts every engine by the recipes of the tests, one at a time;
`--stores URL ...` (or PROMPTUARY_BENCH_STORES, parted by spaces) joins running ones; `edge:` is
measured once a day. Each URL names an index of the measurement's own: it is filled
unless it is full, asked, and left. Latencies are of one caller that waits for each answer. Rows of
the same day that are not measured again stay, so that engines and sizes may be measured by turns.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager, nullcontext, suppress
from importlib import import_module
from inspect import isawaitable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx2
import numpy as np
import psutil

from bench.bars import drawn
from bench.engines import Started, started
from bench.speed import Row, row
from bench.traffic import rows as traffic
from promptuary.domain.filters import Eq, Filter
from promptuary.domain.found import Entry, Hit
from promptuary.models import Embeddings
from promptuary.plugins import open_index
from promptuary.ports.index import Index, StagedIndex, WordQuery
from promptuary.retrieval.fusion import fuse

BATCH, ASKED, BEST = 500, 30, 10
PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "stores.svg"
WANTED: Filter = Eq("part", 3)
"""A tenth of the entries meets it."""


def main(output: Path, stores: Sequence[str], entries: int, start: Sequence[str] = ()) -> None:
    """Measure every engine and write the table; those to be `start`ed are known by their names."""
    named = [*stores, *os.environ.get("PROMPTUARY_BENCH_STORES", "").split()]
    kept = json.loads(output.read_text("utf-8")) if output.exists() else []
    anyio.run(_measure, output, named, entries, start, kept)
    PICTURE.write_text(picture(json.loads(output.read_text("utf-8")), entries), "utf-8")


def picture(rows: Sequence[Row], entries: int) -> str:
    """What the engines that hold so many entries do, and what an entry takes."""
    ending = f", {entries:,}"
    shown = {
        "hybrid with a filter, p50": "hybrid search with a filter, ms (p50)",
        "bulk": "entries written a second",
        "files an entry": "bytes of files an entry",
    }
    bars: dict[str, dict[str, float]] = {title: {} for title in shown.values()}
    for each in rows:
        who, _, what = str(each["what"]).partition(": ")
        if who.endswith(ending) and what in shown:
            bars[shown[what]][who.removesuffix(ending)] = float(str(each["now"]))
    return drawn(list(bars.items()))


class Asked:
    """The questions, and what the reference answers."""

    def __init__(self, entries: Sequence[Entry], reference: Index) -> None:
        chosen = np.random.default_rng(5).choice(len(entries), ASKED, replace=False)
        self.entries = [entries[at] for at in chosen]
        self.rows = np.stack([_vector(entry) for entry in self.entries])
        self.words = [" ".join(entry.texts["text"].split()[:6]) for entry in self.entries]
        self.reference = reference


async def _measure(
    output: Path, stores: Sequence[str], count: int, start: Sequence[str], kept: Sequence[Row]
) -> None:
    """What is known is written after each engine, beside what was `kept`."""
    entries = await _entries(count)
    known: dict[Any, Row] = {each["what"]: each for each in kept}
    with TemporaryDirectory() as folder:
        space = await _space()
        reference = await open_index("memory:", space=space)
        await reference.put(entries)
        asked = Asked(entries, reference)
        edge = Started(f"edge:{folder}/edge", Path(folder))
        own = [] if f"{_name('edge:', count)}: bulk" in known else [nullcontext(edge)]
        for engine in (*own, *map(started, start), *map(nullcontext, stores)):
            with engine as one:
                url = one.url if isinstance(one, Started) else one
                name = _name(url, count)
                rows = await _engine(name, url, space, entries, asked)
                rows += _taken(name, one, count) if isinstance(one, Started) else []
            known |= {each["what"]: each for each in rows}
            text = json.dumps(list(known.values()), indent=1)
            await anyio.Path(output).write_text(f"{text}\n", "utf-8")


def _taken(name: str, engine: Started, entries: int) -> list[Row]:
    """What an engine of our own takes, but for the files that it has anyway."""
    rows = [row(f"{name}: files an entry", "", engine.disk() / entries, "B", "", None)]
    if (memory := engine.memory()) is not None:
        rows.append(
            row(
                f"{name}: memory of the engine and its children",
                "",
                memory / 2**20,
                "MiB",
                "",
                None,
            )
        )
    return rows


async def _engine(
    name: str, url: str, space: Any, entries: Sequence[Entry], asked: Asked
) -> list[Row]:
    index = await open_index(url, space=space)
    try:
        rows = [] if await index.count() == len(entries) else [await _bulk(name, index, entries)]
        rows += [each async for each in _latencies(name, urlsplit(url).scheme, index, asked)]
        rows += [each async for each in _agreement(name, index, asked)]
        rows += await _native(name, url, asked)
        rows += await _weight(name, url, index)
    finally:
        await index.aclose()
    return rows


async def _bulk(name: str, index: Index, entries: Sequence[Entry]) -> Row:
    began = time.perf_counter()
    for start in range(0, len(entries), BATCH):
        await index.put(entries[start : start + BATCH])
    took = time.perf_counter() - began
    return row(f"{name}: bulk", "", len(entries) / took, "/s", "", None)


async def _latencies(name: str, scheme: str, index: Index, asked: Asked) -> AsyncIterator[Row]:
    async def meaning(at: int) -> None:
        await index.search_vectors(asked.rows[at : at + 1], limit=BEST)

    async def words(at: int) -> None:
        await index.search_words(WordQuery(asked.words[at]), limit=BEST)

    async def hybrid(at: int) -> None:
        await _hybrid(index, asked, at, WANTED)

    kinds = {"meaning": meaning, "words": words, "hybrid with a filter": hybrid}
    for kind, ask in kinds.items():
        with _wired(scheme) as waited:
            times, spent, worked = await _timed(ask, waited)
        for percent, at in (("p50", 50), ("p95", 95)):
            yield row(
                f"{name}: {kind}, {percent}", "", _percentile(times, at) * 1e3, "ms", "", None
            )
        goal = "<= 3 ms" if (scheme, kind) == ("edge", "hybrid with a filter") else ""
        worked_for = statistics.median(worked) * 1e3
        yield row(f"{name}: {kind}, CPU of this process", goal, worked_for, "ms", "", None)
        if spent:
            raw = statistics.median(spent)
            over = statistics.median(t - s for t, s in zip(times, spent, strict=True))
            yield row(
                f"{name}: {kind}, ours over the raw requests",
                "<= 10 % or 0.3 ms",
                over * 1e3,
                "ms",
                "the same requests of the client alone",
                raw * 1e3,
            )


async def _agreement(name: str, index: Index, asked: Asked) -> AsyncIterator[Row]:
    filtered: list[float] = []
    fused: list[float] = []
    worded: list[float] = []
    for at in range(len(asked.rows)):
        query = asked.rows[at : at + 1]
        true = (await asked.reference.search_vectors(query, limit=BEST, where=WANTED))[0]
        found = (await index.search_vectors(query, limit=BEST, where=WANTED))[0]
        filtered.append(_recall(found, true))
        for where in (None, WANTED):
            ours = (await _hybrid(index, asked, at, where))[:BEST]
            theirs = (await _hybrid(asked.reference, asked, at, where))[:BEST]
            fused.append(len({*ours} & {*theirs}) / max(1, len(theirs)))
        typed = WordQuery(asked.words[at])
        best = await asked.reference.search_words(typed, limit=BEST)
        worded.append(_recall(await index.search_words(typed, limit=BEST), best))
    yield row(f"{name}: filtered recall@10", ">= .99", statistics.mean(filtered), "1", "", None)
    yield row(
        f"{name}: words, as good as the reference's ten", "", statistics.mean(worded), "1", "", None
    )
    yield row(
        f"{name}: overlap@10 of the fused answer", ">= .95", statistics.mean(fused), "1",
        "the reference", 1.0,
    )  # fmt: skip


async def _native(name: str, url: str, asked: Asked) -> list[Row]:
    """The engine's own analysis of the same texts, beside the reference; Lucene's engines only."""
    scheme = urlsplit(url).scheme
    if scheme not in {"elasticsearch", "opensearch"}:
        return []
    parts = urlsplit(url)
    place = f"http://{parts.netloc}/{parts.path.strip('/')}/_search"
    overlaps, times = [], []
    async with httpx2.AsyncClient(timeout=30) as client:
        for at, text in enumerate(asked.words):
            typed = WordQuery(asked.words[at])
            best = await asked.reference.search_words(typed, limit=BEST)
            query = {
                "multi_match": {
                    "query": text,
                    "fields": ["native.texts.text"],
                    "fuzziness": "AUTO",
                    "prefix_length": 1,
                }
            }
            body = {"query": query, "size": BEST, "_source": ["native.id"]}
            began = time.perf_counter()
            told = (await client.post(place, json=body)).json()
            times.append(time.perf_counter() - began)
            ids = [Hit(hit["_source"]["native"]["id"], 0.0) for hit in told["hits"]["hits"]]
            scores = {h.id: h.score for h in await asked.reference.search_words(typed, limit=2_000)}
            overlaps.append(_recall([Hit(h.id, scores.get(h.id, 0.0)) for h in ids], best))
    return [
        row(f"{name}: native english analyzer, as good as the reference's ten", "",
            statistics.mean(overlaps), "1", "", None),
        row(f"{name}: native english analyzer, p50", "",
            _percentile(times, 50) * 1e3, "ms", "", None),
    ]  # fmt: skip


async def _weight(name: str, url: str, index: Index) -> list[Row]:
    rows = []
    if isinstance(index, StagedIndex):
        (serving,) = [each for each in await index.generations() if each.serves]
        rows.append(
            row(f"{name}: disk an entry", "", serving.bytes / serving.entries, "B", "", None)
        )
    if (memory := _memory(url)) is not None:
        rows.append(row(f"{name}: RSS of the engine", "", memory / 2**20, "MiB", "", None))
    return rows


async def _hybrid(index: Index, asked: Asked, at: int, where: Filter | None) -> list[str]:
    meant = await index.search_vectors(asked.rows[at : at + 1], limit=100, where=where)
    typed = await index.search_words(WordQuery(asked.words[at]), limit=100, where=where)
    return [found.id for found in fuse({"meaning": meant[0], "words": typed})]


def _recall(found: Sequence[Hit], true: Sequence[Hit]) -> float:
    """How many of the best are as good as the last of the true ones: equals are interchangeable."""
    if not true:
        return 1.0
    least = min(hit.score for hit in true)
    return sum(hit.score >= least - max(1e-3, 0.01 * least) for hit in found) / len(true)


async def _timed(
    ask: Callable[[int], Awaitable[None]], waited: list[float]
) -> tuple[list[float], list[float], list[float]]:
    """Seconds a question, how many of them were spent on the wire, and how many of the processor's
    this process took; the first round warms up."""
    times: list[float] = []
    spent: list[float] = []
    worked: list[float] = []
    for at in range(ASKED):
        await ask(at)
    for at in range(ASKED):
        waited.clear()
        began, begun = time.perf_counter(), time.process_time()
        await ask(at)
        times.append(time.perf_counter() - began)
        worked.append(time.process_time() - begun)
        spent.append(sum(waited))
    return times, spent if any(spent) else [], worked


RAW: Mapping[str, tuple[str, ...]] = {
    "chroma": ("chromadb.api.models.Collection:Collection query get",),
    "elasticsearch": ("promptuary.adapters._remote.wire:Wire ask",),
    "opensearch": ("promptuary.adapters._remote.wire:Wire ask",),
    "pgvector": ("asyncpg:Connection fetch fetchval execute",),
    "qdrant": ("qdrant_client:AsyncQdrantClient query_batch_points query_points scroll",),
    "weaviate": (
        "weaviate.collections.query:_QueryCollectionAsync bm25 near_vector fetch_objects "
        "fetch_objects_by_ids",
    ),
}
"""The raw requests of each engine's client, by scheme: module, class and methods. What a client
makes of a reply is the client's own time."""


@contextmanager
def _wired(scheme: str) -> Iterator[list[float]]:
    """How long each raw request took."""
    waited: list[float] = []
    with ExitStack() as undone:
        for where in RAW.get(scheme, ()):
            module, _, named = where.partition(":")
            owner, *methods = named.split()
            kind = getattr(import_module(module), owner)
            for method in methods:
                raw = getattr(kind, method)
                undone.callback(setattr, kind, method, raw)
                setattr(kind, method, _clocked(raw, waited))
        yield waited


def _clocked(raw: Callable[..., Any], waited: list[float]) -> Callable[..., Any]:
    """The same call, timed; whether it blocks or is awaited."""

    async def awaited(answer: Awaitable[Any], called: float) -> Any:
        began = time.perf_counter()
        try:
            return await answer
        finally:
            waited.append(called + time.perf_counter() - began)

    def timed(*arguments: Any, **named: Any) -> Any:
        began = time.perf_counter()
        answer = raw(*arguments, **named)
        called = time.perf_counter() - began
        if isawaitable(answer):
            return awaited(answer, called)
        waited.append(called)
        return answer

    return timed


async def _entries(count: int) -> list[Entry]:
    texts = [str(each["text"]) for each in traffic(count)]
    async with _embeddings() as embeddings:
        vectors = await embeddings.aembed(texts)
    return [
        Entry(f"p{at:06}", {"text": text}, {"kind": "prompt", "part": at % 10}, np.asarray(vector))
        for at, (text, vector) in enumerate(zip(texts, vectors, strict=True))
    ]


async def _space() -> Any:
    async with _embeddings() as embeddings:
        return embeddings.embedder.space


@asynccontextmanager
async def _embeddings() -> AsyncIterator[Embeddings]:
    async with await Embeddings.aopen("static", recent_bytes=0) as embeddings:
        yield embeddings


def _vector(entry: Entry) -> Any:
    assert entry.vector is not None
    return entry.vector


def _percentile(times: Sequence[float], percent: int) -> float:
    return float(np.percentile(times, percent))


def _name(url: str, entries: int) -> str:
    """The scheme, what was asked of it, and how many entries it holds."""
    parts = urlsplit(url)
    options = f"?{parts.query}" if parts.query and "grpc" not in parts.query else ""
    return f"{parts.scheme}{options}, {entries:,}"


def _memory(url: str) -> int | None:
    """What the process takes that listens there, if that is on this machine."""
    if (port := urlsplit(url).port) is None:
        return None
    with suppress(psutil.Error):
        for one in psutil.net_connections("tcp"):
            if one.status == psutil.CONN_LISTEN and one.laddr.port == port and one.pid:
                return int(psutil.Process(one.pid).memory_info().rss)
    return None
