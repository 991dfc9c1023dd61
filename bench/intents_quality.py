"""Intents beside peers: labelled utterances in, groups out, the number of groups unknown.

    PROMPTUARY_BENCH_DATA=FOLDER python bench/intents_quality.py [FILE.jsonl]

Ours is the ordinary path. The peers group the same vectors: HDBSCAN (number of groups unknown), and
k-means that is told the true number. With the out-of-scope rows a stand-in is measured too: a third
of the intents have one utterance left, and questions about anything are mixed in.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import tempfile
from pathlib import Path

import numpy as np
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.metrics import adjusted_rand_score

from promptuary import IncomingPrompt, Promptuary
from promptuary.adapters.embedders import static

Rows = list[tuple[str, str | None]]  # text and intent, None out of scope


def main() -> None:
    folder = Path(os.environ["PROMPTUARY_BENCH_DATA"]) / "canon"
    name = sys.argv[1] if len(sys.argv) > 1 else "intents_banking77.jsonl"
    labelled = [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]
    rows: Rows = [(row["text"], None if row.get("oos") else row["label"]) for row in labelled]
    show("as it is", rows)
    values = (folder / "families.jsonl").read_text("utf-8").splitlines()
    for seed in (0, 1):
        show(f"with strangers, seed {seed}", with_strangers(rows, values, seed))


def show(what: str, rows: Rows) -> None:
    texts = [text for text, _ in rows]
    vectors = asyncio.run(static.connect("static:").embed(texts))
    centred = vectors - vectors.mean(axis=0)
    count = len({intent for _, intent in rows if intent})
    print(f"{what}: {len(rows)} rows, {count} intents")
    report("ours", rows, asyncio.run(ours(texts)))
    report("HDBSCAN", rows, HDBSCAN(min_cluster_size=5, copy=True).fit_predict(centred).tolist())
    report("k-means told k", rows, KMeans(count, n_init=2, random_state=0).fit_predict(centred))


def report(who: str, rows: Rows, groups) -> None:
    alone = np.array([group in {None, -1} for group in groups])
    found = [f"alone {at}" if alone[at] else str(group) for at, group in enumerate(groups)]
    inside = [at for at, (_, intent) in enumerate(rows) if intent]
    truth = [rows[at][1] for at in inside]
    ari = adjusted_rand_score(truth, [found[at] for at in inside])
    outside = np.array([intent is None for _, intent in rows])
    both = 2 * (outside & alone).sum() / max(1, outside.sum() + alone.sum())
    share = f", out of scope F1 {both:.3f}" if outside.any() else ""
    print(f"  {who}: ARI {ari:.3f}, {alone.mean():.1%} in none{share}", flush=True)


async def ours(texts: list[str]) -> list[str | None]:
    """The family of each text after an ordinary ingest."""
    with tempfile.TemporaryDirectory() as home:
        async with await Promptuary.open(home) as promptuary:
            prompts = [IncomingPrompt(text, id=str(at)) for at, text in enumerate(texts)]
            await promptuary.ingest(prompts)
            rows = {int(row.id): row.family_cluster async for row in promptuary.placements()}
    return [rows[at] for at in range(len(texts))]


def with_strangers(rows: Rows, values: list[str], seed: int) -> Rows:
    """A third of the intents with one utterance each, and 480 questions about anything."""
    chance = random.Random(seed)
    intents = sorted({intent for _, intent in rows if intent})
    rare = set(chance.sample(intents, len(intents) // 3))
    kept: Rows = [row for row in rows if row[1] not in rare]
    kept += [(next(t for t, i in rows if i == intent), None) for intent in sorted(rare)]
    slots = [json.loads(line)["slots"].items() for line in values]
    questions = {v for some in slots for key, v in some if "question" in key and 15 < len(v) < 110}
    latin = sorted(question for question in questions if question.isascii())
    kept += [(question, None) for question in chance.sample(latin, 480)]
    return chance.sample(kept, len(kept))


if __name__ == "__main__":
    main()
