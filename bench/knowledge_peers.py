"""Documents in and questions answered beside langchain, llama-index, haystack and txtai.

The frameworks need an environment of their own: `PROMPTUARY_BENCH_FRAMEWORKS=/path/to/python`, one
that has langchain-community, langchain-text-splitters, rank-bm25, llama-index-core,
llama-index-retrievers-bm25 and haystack-ai, and what `static` needs (numpy, tokenizers, wordllama).
txtai may have another, `PROMPTUARY_BENCH_TXTAI`: with `--no-deps`, as it needs no torch here, and
beside it faiss-cpu, huggingface-hub, msgpack, pyyaml, regex, toml, tqdm and transformers.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench.documents import PAGES, SECTIONS, cpu, section
from bench.speed import Row, row
from promptuary import Promptuary
from promptuary.domain.filters import Eq
from promptuary.domain.found import Entry
from promptuary.models import Embeddings
from promptuary.plugins import open_index
from promptuary.ports.index import Index
from promptuary.retrieval.evaluating.collections import read_corpus, read_qrels, read_queries
from promptuary.retrieval.evaluating.scoring import score
from promptuary.retrieval.fusion import fuse
from promptuary.retrieval.hybrid import DEPTH, SearchRequest, rank
from promptuary.retrieval.thesaurus import Thesaurus

WORKER = Path(__file__).with_name("knowledge_peers_worker.py")
PEERS = ("langchain", "llama-index", "haystack", "txtai")
SEARCHES = 60
TENANTS, TENANT = 20, 7
VOCABULARY = 20_000


def main(output: Path, data: Path | None, sizes: Sequence[int] = (100_000,)) -> None:
    """Whatever can be measured here; search among as many passages as `sizes` say."""
    frameworks = os.environ.get("PROMPTUARY_BENCH_FRAMEWORKS", "")
    places = dict.fromkeys(PEERS, frameworks)
    places["txtai"] = os.environ.get("PROMPTUARY_BENCH_TXTAI", frameworks)
    pythons = {peer: python for peer, python in places.items() if python}
    rows = [*_sync(pythons), *(_bm25(pythons, data / "rag") if data else ())]
    for size in sizes:
        rows += asyncio.run(_many(size))
    rows.append(row("load average meanwhile", "", os.getloadavg()[0], "", "", None))
    output.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


def _sync(pythons: Mapping[str, str]) -> Iterator[Row]:
    """Passages a CPU second from files to found, ours with the processes that read them."""
    with tempfile.TemporaryDirectory() as name:
        docs = Path(name) / "docs"
        docs.mkdir()
        chosen = random.Random(1)
        for n in range(PAGES):
            text = "".join(section(chosen, number) for number in range(SECTIONS))
            (docs / f"{n}.md").write_text(f"# Page {n}\n\n{text}")
        size = sum(len(path.read_text()) for path in docs.iterdir())
        passages, spent = asyncio.run(_ours(Path(name), docs))
        for peer, python in pythons.items():
            theirs = _asked(python, "sync", peer, docs)
            yield row(
                "sync: passages a CPU second",
                ">= 1,000",
                passages / spent,
                "",
                peer,
                theirs["passages"],
            )
            yield row(
                "sync: characters a CPU second", "", size / spent, "", peer, theirs["characters"]
            )


async def _ours(folder: Path, docs: Path) -> tuple[int, float]:
    async with await Promptuary.open(folder / "home") as opened:
        await opened.search("warm")
        before = cpu()
        report = await opened.sync(docs)
        return report.passages, cpu() - before
    raise AssertionError  # opening swallows nothing; the type checker cannot know


def _asked(python: str, what: str, peer: str, source: Path) -> Any:
    with tempfile.TemporaryDirectory() as place:
        target = Path(place) / "out.json"
        here = Path(__file__).parents[1]
        subprocess.run(
            [python, "-W", "ignore", str(WORKER), what, peer, str(source), str(target)],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONPATH": str(here / "src")},
        )
        return json.loads(target.read_text())


def _bm25(pythons: Mapping[str, str], data: Path) -> Iterator[Row]:
    """nDCG@10 of each framework's own BM25, with its defaults, on whole documents."""
    sums: dict[str, list[float]] = {peer: [] for peer in pythons}
    for folder in sorted(f for f in data.glob("ret_*") if (f / "qrels.tsv").is_file()):
        texts = {each.id: f"{each.title}\n{each.text}" for each in read_corpus(folder)}
        queries = {each.id: each.text for each in read_queries(folder)}
        for peer, python in pythons.items():
            with tempfile.TemporaryDirectory() as place:
                source = Path(place) / "collection.json"
                source.write_text(json.dumps({"texts": texts, "queries": queries}))
                found = _asked(python, "bm25", peer, source)
            figures = score(read_qrels(folder), found)
            sums[peer].append(figures.ndcg10 if figures else 0.0)
            yield row(f"{peer}'s BM25: nDCG@10, {folder.name}", "", sums[peer][-1], "", "", None)
    for peer, each in sums.items():
        mean = sum(each) / len(each)
        yield row(f"{peer}'s BM25: nDCG@10, mean of the five", "", mean, "", "", None)


async def _many(size: int) -> list[Row]:
    """Search with a filter among many passages in the index: CPU, memory, and whether the filter
    loses anything that an exhaustive look finds. Words are made up, and as unevenly used as in a
    language: the nth most frequent of them once in n."""
    chosen = random.Random(4)
    vocabulary = [f"{a}{b}" for a in _SYLLABLES for b in _SYLLABLES][:VOCABULARY]
    often = list(accumulate(1 / (n + 1) for n in range(VOCABULARY)))
    with tempfile.TemporaryDirectory() as place, Embeddings.open("static") as embeddings:
        index = await open_index(f"edge:{place}/index", space=embeddings.space)
        theirs = []
        for start in range(0, size, 1000):
            texts = [
                " ".join(chosen.choices(vocabulary, cum_weights=often, k=60)) for _ in range(1000)
            ]
            rows = embeddings.embed(texts)
            theirs.append(rows[TENANT::TENANTS])  # for the exhaustive look
            await index.put(list(_entries(start, texts, rows)))
        questions = [" ".join(chosen.choices(vocabulary[50:], k=6)) for _ in range(SEARCHES)]
        recall = await _recall(index, embeddings, questions, np.concatenate(theirs))
        thesaurus = Thesaurus(embeddings.embedder.inner)  # type: ignore[arg-type]  # it is local

        async def words(request: SearchRequest) -> None:
            await index.search_words(request.words, limit=DEPTH, where=request.where)

        async def meaning(request: SearchRequest) -> None:
            asked = await embeddings.embedder.embed([request.text], purpose="query")
            await index.search_vectors(asked, limit=DEPTH, where=request.where)

        async def both(request: SearchRequest) -> None:
            asked = await embeddings.embedder.embed([request.text], purpose="query")
            words = await index.search_words(request.words, limit=DEPTH, where=request.where)
            (near,) = await index.search_vectors(asked, limit=DEPTH, where=request.where)
            fuse({"words": words, "meaning": near})

        async def whole(request: SearchRequest) -> None:
            await rank(index, embeddings.embedder, request, thesaurus=thesaurus)

        spent = [await _spent(questions, each) for each in (words, meaning, both, whole)]
        resident = _resident()
        await index.aclose()
    what = f"{size:,} passages"
    return [
        row(f"{what}: words under a filter, CPU p50", "", spent[0], "ms", "", None),
        row(f"{what}: meaning under a filter, CPU p50", "", spent[1], "ms", "", None),
        row(f"{what}: both under a filter and fused, CPU p50", "<= 3 ms", spent[2], "ms", "", None),
        row(f"{what}: the same ranked by what stands in them", "", spent[3], "ms", "", None),
        row(f"{what}: recall at 10 with a filter", "1.0", recall, "", "", None),
        row(f"{what}: memory of the process", "", resident, "MiB", "", None),
    ]


def _entries(start: int, texts: list[str], rows: Any) -> Iterator[Entry]:
    for n, text in enumerate(texts):
        payload = {"tenant": (start + n) % TENANTS}
        yield Entry(f"{start + n:06d}", {"text": text}, payload, rows[n])


async def _recall(index: Index, embeddings: Embeddings, questions: list[str], rows: Any) -> float:
    """The share of the ten best of one tenant that are found; what is as good to the last digit
    that is kept counts as found."""
    shares = []
    for text in questions:
        asked = embeddings.embed([text], role="query")
        (hits,) = await index.search_vectors(asked, limit=10, where=Eq("tenant", TENANT))
        cosines = rows @ asked[0]
        tenth = np.sort(cosines)[-10]
        shares.append(sum(cosines[int(hit.id) // TENANTS] >= tenth - 1e-3 for hit in hits) / 10)
    return float(np.mean(shares))


async def _spent(questions: list[str], search: Callable[[SearchRequest], Awaitable[None]]) -> float:
    """CPU milliseconds of one, the median; the first fills what is filled once."""
    spent = []
    for text in questions:
        request = SearchRequest(text, where=Eq("tenant", TENANT), about="documents")
        before = time.process_time()
        await search(request)
        spent.append((time.process_time() - before) * 1e3)
    return median(spent)


_SYLLABLES = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("", "l", "n", "r")]


def _resident() -> float:
    """MiB that are this process's own: what it maps from files can be given back."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0]) / 1024
