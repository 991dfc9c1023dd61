"""Speed, memory and quality of embeddings, on one core, beside peers of the same run.

Peers need an environment of their own: `PROMPTUARY_BENCH_PEERS=/path/to/python`, one that has
sentence-transformers, torch and wordllama. Speeds are texts per CPU second.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench.embeddings_quality import quality
from bench.speed import Row, row
from promptuary import Embeddings
from promptuary.embeddings.catalogue import MINILM
from promptuary.embeddings.folders import package_folder

WORKER = Path(__file__).with_name("embeddings_worker.py")
OURS = ("static", "fp32", "q8", "int8")
PEERS = ("sentence-transformers", "wordllama")
SLOW = "sentence-transformers"


def main(output: Path, data: Path | None) -> None:
    """Measure everything that can be measured here."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as home:
        found, vectors = engines(Path(home))
    rows = [*speeds(found), *starts(found), *closeness(vectors), *memory(), *caching(), *callers()]
    if data is not None:
        rows += quality(data / "canon" / "intents_banking77.jsonl")
    output.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


def sample(prompts: int, paragraphs: int, seed: int = 7) -> dict[str, Any]:
    """Texts of made-up sentences; a paragraph has about 120 words."""
    chance = random.Random(seed)
    words = "order refund city weather price list email invoice travel summer garden music".split()
    verbs = "translate summarise explain compare write find describe rewrite plan check".split()

    def sentence() -> str:
        some = [chance.choice(words) for _ in range(chance.randint(3, 9))]
        return f"{chance.choice(verbs).capitalize()} the {' and the '.join(some)} for me."

    return {
        "model": str(package_folder(MINILM.package)),
        "prompts": [f"{n}: {sentence()}" for n in range(prompts)],
        "paragraphs": [" ".join(sentence() for _ in range(9)) for _ in range(paragraphs)],
    }


def engines(home: Path) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, Any]]]:
    """What each engine did in a process of its own, and the vectors it gave."""
    (home / "texts.json").write_text(json.dumps(sample(256, 32)))
    peer = os.environ.get("PROMPTUARY_BENCH_PEERS", "")
    found, vectors = {}, {}
    for engine in (*OURS, *(PEERS if peer else ())):
        python = peer if engine in PEERS else sys.executable
        target = home / f"{engine}.npz"
        command = [
            python,
            "-W",
            "ignore",
            str(WORKER),
            engine,
            str(home / "texts.json"),
            str(target),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found[engine] = json.loads(done.stdout.splitlines()[-1])
        vectors[engine] = dict(np.load(target))
    return found, vectors


def speeds(found: dict[str, dict[str, float]]) -> list[Row]:
    """Ratios to sentence-transformers in float32."""
    goals = {
        ("static", "prompts"): ">= 150x", ("static", "paragraphs"): ">= 100x",
        ("int8", "prompts"): ">= 4x", ("int8", "paragraphs"): ">= 3.5x",
        ("q8", "prompts"): ">= 3x",
    }  # fmt: skip
    rows = []
    for engine in OURS:
        for kind in ("prompts", "paragraphs"):
            now, goal = found[engine][kind], goals.get((engine, kind), "")
            rows.append(row(f"{engine}: {kind} a CPU second", "", now, "1/s", "", None))
            if SLOW in found:
                ratio = now / found[SLOW][kind]
                other = found["wordllama"][kind] / found[SLOW][kind]
                peer = ("wordllama", other) if engine == "static" else ("", None)
                rows.append(row(f"{engine}: {kind}, to {SLOW}", goal, ratio, "x", *peer))
    return rows


def starts(found: dict[str, dict[str, float]]) -> list[Row]:
    """From the beginning of a process to its first vector, in CPU seconds."""
    peer = found.get(SLOW, {}).get("first_cpu")
    other = found.get("wordllama", {}).get("first_cpu")
    static, quality_ = found["static"]["first_cpu"], found["fp32"]["first_cpu"]
    return [
        row("start to first vector, static, CPU", "<= 0.20 s", static, "s", "wordllama", other),
        row("start to first vector, minilm, CPU", "<= 0.30 s", quality_, "s", SLOW, peer),
    ]


def closeness(vectors: dict[str, dict[str, Any]]) -> list[Row]:
    """The least cosine of any text."""
    rows = []
    exact = vectors["fp32"]
    if SLOW in vectors:
        least = min(_least(exact[kind], vectors[SLOW][kind]) for kind in exact)
        rows.append(row(f"fp32 against {SLOW}, least cosine", ">= .99999", least, "", "", None))
    for engine in ("q8", "int8"):
        least = min(_least(exact[kind], vectors[engine][kind]) for kind in exact)
        goal = ">= .998" if engine == "q8" else ""
        rows.append(row(f"{engine} against fp32, least cosine", goal, least, "", "", None))
    texts = sample(40, 4)
    together = [*texts["prompts"], *texts["paragraphs"]]
    for kernel in ("fp32", "q8", "int8"):
        with Embeddings.open(f"minilm?kernel={kernel}", recent_bytes=0) as embeddings:
            alone = np.stack([embeddings.embed(text) for text in together])
            least = _least(embeddings.embed(together), alone)
        goal = ">= .9999" if kernel == "q8" else ""
        rows.append(row(f"{kernel}: alone against in a batch", goal, least, "", "", None))
    return rows


def _least(one: Any, other: Any) -> float:
    return float((one * other).sum(axis=1).min())


MEMORY = """
import json, sys
from pathlib import Path
from promptuary import Embeddings

def resident():
    return int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024

embeddings = Embeddings.open(sys.argv[1], recent_bytes=0)
for line in sys.stdin:
    embeddings.embed(json.loads(line))
after = resident()
some = json.loads(line)[:5]
for _ in range(20):
    embeddings.embed(some)
settled = resident()
for _ in range(100):
    embeddings.embed(some)
print(json.dumps([after, resident() / settled - 1]))
"""
"""Imports nothing but what it measures."""


def memory() -> list[Row]:
    """Resident memory after many texts, and how it grows over a hundred passes."""
    rows = []
    for spec, goal in (("static", "<= 80 MiB"), ("minilm?kernel=fp32", "<= 150 MiB")):
        # A twentieth for minilm: its memory is that of the longest run, not of all texts.
        part = 20 if spec.startswith("minilm") else 1
        texts = sample(5000 // part, 1000 // part)
        given = "\n".join(json.dumps(texts[kind]) for kind in ("prompts", "paragraphs"))
        command = [sys.executable, "-c", MEMORY, spec]
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
        after, growth = json.loads(done.stdout)
        rows.append(row(f"{spec}: resident after many texts", goal, after, "MiB", "", None))
        rows.append(row(f"{spec}: growth over 100 passes", "<= 5 %", growth * 100, "%", "", None))
    return rows


def caching() -> list[Row]:
    """Microseconds of a hit, and wrong rows among randomised batches of partial hits."""
    texts = sample(500, 0)["prompts"]
    with Embeddings.open("static") as embeddings:
        rows = embeddings.embed(texts)
        one = _each(lambda: embeddings.embed(texts[:1]), 2_000)
        many = _each(lambda: embeddings.embed(texts), 50) / len(texts)
    wrong = _partial_hits(texts, rows, 50_000)
    disk = asyncio.run(_disk_hits(texts))
    langchain = "LangChain, as measured before"
    return [
        row("hit in memory, a call with one text", "<= 3 us", one * 1e6, "us", langchain, 207),
        row("hit in memory, a text of a batch", "<= 3 us", many * 1e6, "us", "", None),
        row("hit in SQLite, a text of a batch", "<= 10 us", disk * 1e6, "us", "", None),
        row("wrong rows in 50,000 batches of partial hits", "0", wrong, "", "", None),
    ]


def _each(work: Callable[[], object], times: int) -> float:
    """CPU seconds of one of them, the best of three rounds."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        for _ in range(times):
            work()
        best = min(best, (time.process_time() - start) / times)
    return best


def _partial_hits(texts: list[str], rows: Any, batches: int) -> int:
    chance = random.Random(3)
    wrong = 0
    with Embeddings.open("static", recent_bytes=300_000) as embeddings:
        for _ in range(batches):
            places = [chance.randrange(len(texts)) for _ in range(chance.randint(1, 6))]
            got = embeddings.embed([texts[place] for place in places])
            wrong += int((got != rows[places]).any(axis=1).sum())
    return wrong


async def _disk_hits(texts: list[str]) -> float:
    with tempfile.TemporaryDirectory() as home:
        cache = f"sqlite:///{home}/vectors.db"
        opened = await Embeddings.aopen("static", caches=[cache], recent_bytes=0)
        async with opened as embeddings:
            await embeddings.aembed(texts)
            best = float("inf")
            for _ in range(5):
                start = time.process_time()
                await embeddings.aembed(texts)
                best = min(best, (time.process_time() - start) / len(texts))
            return best


def callers() -> list[Row]:
    """64 callers with one text each, beside one caller with all of them."""
    return asyncio.run(_callers())


async def _callers() -> list[Row]:
    texts = sample(128, 0)["prompts"]
    spec = f"onnx:{package_folder(MINILM.package)}?threads=1"
    async with await Embeddings.aopen(spec, recent_bytes=0) as embeddings:
        await embeddings.aembed(texts)
        start = time.perf_counter()
        await embeddings.aembed(texts)
        batch = time.perf_counter() - start

        async def one(number: int) -> None:
            for text in texts[number::64]:
                await embeddings.aembed(text)

        start = time.perf_counter()
        await asyncio.gather(*(one(n) for n in range(64)))
        single = time.perf_counter() - start
        alone = await _lone(embeddings, texts)
    return [
        row(
            "64 single callers, of a batch's throughput",
            ">= 80 %",
            100 * batch / single,
            "%",
            "",
            None,
        ),
        row("a lone caller waits longer by", "<= 2 ms", alone * 1e3, "ms", "", None),
    ]


async def _lone(embeddings: Embeddings, texts: list[str]) -> float:
    gathered, plain = [], []
    for text in texts[:40]:
        start = time.perf_counter()
        await embeddings.aembed([text, text])
        plain.append(time.perf_counter() - start)
        start = time.perf_counter()
        await embeddings.aembed(text)
        gathered.append(time.perf_counter() - start)
    return float(np.median(gathered) - np.median(plain))
