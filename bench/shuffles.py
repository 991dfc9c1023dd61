"""Does the order decide what is found? The same prompts in many orders, batches and windows.

Each run is a process of its own that ingests through `Promptuary.open` and says which cluster and
family every prompt ended in; runs are compared pairwise by the adjusted Rand index, once with a
prompt that stands alone as a cluster of its own and once over the prompts placed in both runs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from math import comb
from pathlib import Path
from typing import Any

from bench import traffic
from bench.processes import python, run
from bench.speed import Row, row
from promptuary import IncomingPrompt, Promptuary
from promptuary.settings import Settings

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Plan:
    """One run: which rows in which order, so many an ingest, so many a window; with `shards` each
    goes to a home of its own, and the others are merged into the first."""

    source: str
    rows: int
    seed: int
    batch: int
    window: int
    shards: int = 1

    @property
    def name(self) -> str:
        """What distinguishes it from other runs over the same rows."""
        said = f"order {self.seed}, batches of {self.batch:,}, windows of {self.window:,}"
        return said if self.shards == 1 else f"{said}, {self.shards} homes merged"


@dataclass(frozen=True, slots=True)
class Found:
    """Cluster and family of each prompt, by its id; "" where it stands alone."""

    clusters: dict[str, str]
    families: dict[str, str]


def rows_of(source: str, count: int) -> list[tuple[str, str]]:
    """Ids and texts; of labelled families, whole ones until there are enough prompts."""
    if source == "traffic":
        return [(one["id"], one["text"]) for one in traffic.rows(count)]
    lines = [json.loads(line) for line in Path(source).read_text("utf-8").splitlines()]
    families = sorted({one["family_id"] for one in lines})
    random.Random(7).shuffle(families)
    rank = {family: at for at, family in enumerate(families)}
    chosen = sorted(lines, key=lambda one: (rank[one["family_id"]], one["id"]))[:count]
    return [(one["id"], one["text"]) for one in chosen]


async def found(plan: Plan, home: Path) -> Found:
    """Ingest in the plan's order and batches, settle, and read what was placed where."""
    rows = rows_of(plan.source, plan.rows)
    random.Random(plan.seed).shuffle(rows)
    prompts = [
        IncomingPrompt(text, id=own_id, created_at=BEGIN + timedelta(minutes=at))
        for at, (own_id, text) in enumerate(rows)
    ]
    size = -(-len(prompts) // plan.shards)
    for shard in range(plan.shards):
        await _ingested(plan, prompts[shard * size : (shard + 1) * size], home / str(shard))
    settings = Settings(home=home / "0", window_prompts=plan.window)
    async with await Promptuary.open(settings=settings) as opened:
        for shard in range(1, plan.shards):
            await opened.merge(home / str(shard))
        placed = [row async for row in opened.placements()]
    return Found(
        {row.id: row.cluster_id or "" for row in placed},
        {row.id: row.family_cluster or "" for row in placed},
    )


async def _ingested(plan: Plan, prompts: Sequence[IncomingPrompt], home: Path) -> None:
    settings = Settings(home=home, window_prompts=plan.window)
    async with await Promptuary.open(settings=settings) as opened:
        for start in range(0, len(prompts), plan.batch):
            await opened.ingest(prompts[start : start + plan.batch])
        await opened.settle()


def rand_index(one: Sequence[str], other: Sequence[str]) -> float:
    """Adjusted Rand index (Hubert and Arabie 1985) of two groupings of the same things."""
    pairs = sum(comb(n, 2) for n in Counter(zip(one, other, strict=True)).values())
    ours = sum(comb(n, 2) for n in Counter(one).values())
    theirs = sum(comb(n, 2) for n in Counter(other).values())
    expected = ours * theirs / max(1, comb(len(one), 2))
    most = (ours + theirs) / 2
    return 1.0 if most == expected else (pairs - expected) / (most - expected)


def agreement(one: dict[str, str], other: dict[str, str]) -> tuple[float, float]:
    """With prompts that stand alone as clusters of their own, and without those of either."""
    keys = sorted(one)
    whole = rand_index([one[k] or k for k in keys], [other[k] or k for k in keys])
    both = [k for k in keys if one[k] and other[k]]
    return whole, rand_index([one[k] for k in both], [other[k] for k in both])


def compared(plans: Sequence[Plan], results: Sequence[Found]) -> list[dict[str, Any]]:
    """Each pair of runs with how far they agree."""
    pairs = []
    for (a, one), (b, other) in combinations(zip(plans, results, strict=True), 2):
        whole, placed = agreement(one.clusters, other.clusters)
        families, _ = agreement(one.families, other.families)
        pairs.append(
            {
                "one": a.name,
                "other": b.name,
                "clusters": round(whole, 4),
                "clusters_placed_in_both": round(placed, 4),
                "families": round(families, 4),
            }
        )
    return pairs


def measured(plan: Plan, folder: Path) -> tuple[Found, dict[str, Any]]:
    """One run in a process of its own, with what it cost."""
    answer = folder / "answer.json"
    cost = run(python("-m", "bench.shuffles", "--one", json.dumps(asdict(plan))), output=answer)
    said = Found(**json.loads(answer.read_text("utf-8")))
    alone = sum(not one for one in said.clusters.values())
    return said, {
        **asdict(plan),
        "source": Path(plan.source).stem,
        "cpu_seconds": round(cost.cpu_seconds, 1),
        "peak_mib": round(cost.peak_mib),
        "clusters": len(set(said.clusters.values()) - {""}),
        "families": len(set(said.families.values()) - {""}),
        "alone": alone,
    }


def measure(plans: Sequence[Plan], *, keep: Path | None = None) -> dict[str, Any]:
    """Every run and every pair of runs."""
    results, costs = [], []
    with tempfile.TemporaryDirectory() as name:
        for plan in plans:
            result, cost = measured(plan, Path(name))
            results.append(result)
            costs.append(cost)
            print(json.dumps(cost), flush=True)
            if keep is not None:
                parts = (plan.rows, plan.seed, plan.batch, plan.window, plan.shards)
                name_ = "-".join(map(str, (cost["source"], *parts))) + ".json"
                (keep / name_).write_text(json.dumps(asdict(result)), "utf-8")
    pairs = compared(plans, results)
    return {"runs": costs, "pairs": pairs, "summary": summary(pairs)}


def summary(pairs: Iterable[dict[str, Any]]) -> dict[str, float]:
    """The least and the mean of each measure."""
    known = list(pairs)
    said = {}
    for measure_ in ("clusters", "clusters_placed_in_both", "families"):
        values = [one[measure_] for one in known]
        said[f"{measure_} least"] = min(values)
        said[f"{measure_} mean"] = round(statistics.mean(values), 4)
    return said


def rows(said: dict[str, Any], what: str) -> list[Row]:
    """Lines of the table of results."""
    runs = len(said["runs"])
    return [
        row(f"{what}, {runs} runs: Rand index, {name}", ">= .97", value, "", "", None)
        for name, value in said["summary"].items()
    ]


def main() -> None:
    """Measure what was asked for and write it."""
    parser = argparse.ArgumentParser(prog="python -m bench.shuffles", description=__doc__)
    parser.add_argument("--one", help="a plan as JSON: run it and print what was found")
    parser.add_argument("--source", default="", help="`traffic` or a labelled JSON lines file")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--batches", type=int, nargs="+", default=[10_000])
    parser.add_argument("--windows", type=int, nargs="+", default=[8_000])
    parser.add_argument("--shards", type=int, nargs="+", default=[1])
    parser.add_argument("--output", type=Path, help="a JSON file the figures are added to")
    parser.add_argument("--what", default="", help="what the figures are called in the results")
    parser.add_argument("--keep", type=Path, help="a folder for what each run found")
    asked = parser.parse_args()
    if asked.one:
        plan = Plan(**json.loads(asked.one))
        with tempfile.TemporaryDirectory() as name:
            json.dump(asdict(asyncio.run(found(plan, Path(name)))), sys.stdout)
        return
    data = os.environ.get("PROMPTUARY_BENCH_DATA", "")
    source = asked.source or str(Path(data) / "canon" / "families.jsonl")
    plans = [
        Plan(source, asked.rows, seed, batch, window, shards)
        for shards in asked.shards
        for window in asked.windows
        for batch in asked.batches
        for seed in asked.seeds
    ]
    said = measure(plans, keep=asked.keep)
    print(json.dumps(said["summary"], indent=1))
    if asked.output:
        before = json.loads(asked.output.read_text("utf-8")) if asked.output.exists() else []
        fresh = rows(said, f"{asked.what or Path(source).stem}, {asked.rows:,} prompts")
        asked.output.write_text(json.dumps([*before, *fresh], indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
