"""How well kept prompts are found, kind by kind of query, among few prompts and very many.

The labelled prompts stand in a library among made ones. Beside the search stand its rankers alone,
and what hosted stores do: all words of the query by LIKE in name and text (as Langfuse), or in the
name alone (as MLflow), newest first.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

from bench.library import fill, prompts
from bench.processes import p95
from bench.speed import Row, row
from promptuary import Promptuary
from promptuary.domain.library import About, PromptContent
from promptuary.retrieval.evaluating.collections import Asked, read_corpus, read_qrels, read_queries
from promptuary.retrieval.evaluating.collections import Row as Said
from promptuary.retrieval.evaluating.scoring import Qrels, score_groups
from promptuary.retrieval.hybrid import Mode

SEED = 11
EACH = 100
"""Queries of each kind."""
TEN = 10
MODES: tuple[Mode, ...] = ("meaning", "hybrid", "words")
"""Meaning first: then the questions are embedded, and no candidate has been read."""
GOALS = {"typo": ">= .99", "paraphrase": ">= .85"}
Run = dict[str, dict[str, float]]


async def keep(promptuary: Promptuary, rows: Sequence[Said]) -> None:
    """The labelled prompts, under their ids."""
    for said in rows:
        content = PromptContent(said.text, syntax="plain")
        about = About(said.title, tags=said.tags)
        await promptuary.library.save(f"labelled/{said.id.lower()}", content, about=about)
    await promptuary._follower.catch_up()


async def searched(promptuary: Promptuary, asked: Sequence[Asked], mode: Mode) -> tuple[Run, float]:
    """What each query finds among the labelled prompts and the others; p95 of its CPU, in ms."""
    found: Run = {}
    taken = []
    for each in asked:
        began = time.process_time()
        answer = await promptuary.library.search(
            each.text, mode=mode, prefix=each.group == "prefix", limit=TEN
        )
        taken.append(time.process_time() - began)
        slugs = [str(hit.payload["slug"]).removeprefix("labelled/") for hit in answer.hits]
        found[each.id] = {slug: 1.0 / at for at, slug in enumerate(slugs, 1)}
    return found, p95(taken) * 1e3


async def timed(promptuary: Promptuary, asked: Sequence[Asked]) -> float:
    """p95 of a search that was asked before: CPU, in ms."""
    taken = []
    for each in asked:
        began = time.process_time()
        await promptuary.library.search(each.text, prefix=each.group == "prefix")
        taken.append(time.process_time() - began)
    return p95(taken) * 1e3


def like(rows: Sequence[Said], count: int, asked: Sequence[Asked], columns: Sequence[str]) -> Run:
    """All words of the query by LIKE in one of the columns, the newest first."""
    found: Run = {}
    with sqlite3.connect(":memory:") as db:
        db.execute("CREATE TABLE p (id TEXT, title TEXT, content TEXT)")
        made = ((p.slug, p.about.title, v.content.text) for p, v in prompts(count))
        db.executemany("INSERT INTO p VALUES (?, ?, ?)", made)
        told = [(said.id.lower(), said.title, said.text) for said in rows]
        db.executemany("INSERT INTO p VALUES (?, ?, ?)", told)
        anywhere = " OR ".join(f"{column} LIKE ?" for column in columns)
        for each in asked:
            words = each.text.split()
            holds = " AND ".join(f"({anywhere})" for _ in words) or "FALSE"
            values = [f"%{word}%" for word in words for _ in columns]
            query = f"SELECT id FROM p WHERE {holds} ORDER BY rowid DESC LIMIT {TEN}"
            ids = [one for (one,) in db.execute(query, values)]
            found[each.id] = {one: 1.0 / at for at, one in enumerate(ids, 1)}
    return found


def sample(asked: Sequence[Asked], each: int) -> list[Asked]:
    """So many of each kind."""
    kinds = defaultdict(list)
    for one in asked:
        kinds[one.group].append(one)
    chosen = random.Random(SEED)
    return [
        one
        for kind in sorted(kinds)
        for one in chosen.sample(kinds[kind], min(each, len(kinds[kind])))
    ]


def table(count: int, qrels: Qrels, asked: Sequence[Asked], runs: Mapping[str, Run]) -> list[Row]:
    """nDCG@10 of each kind: the search beside what hosted stores do, and the rankers alone."""
    groups = {one.id: one.group for one in asked}
    wanted = {one: {known.lower(): grade for known, grade in qrels[one].items()} for one in groups}
    figures = {
        name: {kind: said.ndcg10 for kind, said in score_groups(wanted, run, groups).items()}
        for name, run in runs.items()
    }
    for said in figures.values():
        said["all kinds"] = fmean(said.values())
    rows = []
    for kind, now in figures["hybrid"].items():
        goal = GOALS.get(kind, ">= .90" if kind == "all kinds" else "")
        what = f"nDCG@10, {kind}, {count:,} prompts"
        rows.append(row(what, goal, now, "", "as Langfuse", figures["as Langfuse"][kind]))
        peer = figures["as MLflow"][kind]
        rows.append(row(f"{what}: words alone", "", figures["words"][kind], "", "as MLflow", peer))
        rows.append(row(f"{what}: meaning alone", "", figures["meaning"][kind], "", "", None))
    return rows


async def measure(data: Path, sizes: Sequence[int], each: int) -> list[Row]:
    """All sizes, in homes that are thrown away."""
    folder = data / "rag" / "prompts_search"
    said, qrels = read_corpus(folder), read_qrels(folder)
    asked = sample(read_queries(folder), each)
    rows: list[Row] = []
    for size in sizes:
        made = max(0, size - len(said))
        began = time.process_time()
        with tempfile.TemporaryDirectory() as name:
            async with await Promptuary.open(Path(name) / "home") as promptuary:
                await fill(promptuary, made)
                await keep(promptuary, said)
                filled = time.process_time() - began
                ran = {mode: await searched(promptuary, asked, mode) for mode in MODES}
                cpu = await timed(promptuary, asked)
        runs: dict[str, Run] = {mode: run for mode, (run, _) in ran.items()}
        runs["as Langfuse"] = like(said, made, asked, ("title", "content"))
        runs["as MLflow"] = like(said, made, asked, ("title",))
        count = made + len(said)
        rows += table(count, qrels, asked, runs)
        goal = "<= 15 ms" if count <= 100_000 else "<= 50 ms"
        first = ran["hybrid"][1]
        rows.append(row(f"search p95, {count:,} prompts: CPU", goal, first, "ms", "", None))
        rows.append(row(f"search p95, {count:,} prompts, again: CPU", goal, cpu, "ms", "", None))
        rows.append(row(f"kept and indexed, {count:,} prompts: CPU", "", filled, "s", "", None))
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rows.append(row(f"most memory until then, {count:,} prompts", "", most, "MiB", "", None))
    return rows


def main(output: Path, data: Path, sizes: Sequence[int], each: int = EACH) -> None:
    """Measure and write."""
    found = asyncio.run(measure(data, sizes, each))
    output.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
