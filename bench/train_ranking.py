"""Choose how much each feature of a candidate counts, and see how well that carries over.

python bench/train_ranking.py [--embedder SPEC] [--most QUERIES] [--keep FILE] [--write]

Each labelled collection below `$PROMPTUARY_BENCH_DATA/rag` is searched on the ordinary path; what
its candidates are like and how they were graded is what is learnt from. Weights start at plain
round ones and are moved one at a time, by halves and doubles, while the mean nDCG@10 of the parts
grows by LEAST at least (coordinate ascent, Metzler and Croft, "Linear feature-based models for
information retrieval", 2007): a listwise loss fits the parts better and carries over worse.
For documents every collection is judged with weights chosen on the others; for prompts, of which
there is one collection, every kind of query is. `--write` puts the weights of all into the package.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import numpy as np

from promptuary.models import Embeddings
from promptuary.plugins import open_index, word_model
from promptuary.retrieval.blending import COMPANY, blend
from promptuary.retrieval.evaluating.collections import (
    Asked,
    Qrels,
    read_corpus,
    read_qrels,
    read_queries,
)
from promptuary.retrieval.evaluating.running import (
    Shelf,
    keep_documents,
    keep_prompts,
    look_for_documents,
    look_for_prompts,
)
from promptuary.retrieval.evaluating.scoring import score
from promptuary.retrieval.thesaurus import Thesaurus

DOCUMENTS = (
    "qa_squad2",
    "ret_claudedocs",
    "ret_cranfield",
    "ret_financebench_pages",
    "ret_stackfaq",
    "ret_vaswani",
)
PROMPTS = "prompts_search"
MODEL = Path(__file__).parents[1] / "src/promptuary/retrieval/ranking_model.json"
LEAST = 0.003
FACTORS = (0.5, 2.0)
SUM = 1.6
"""What the weights add up to in the package, so that scores fill (0, 1)."""

START: Mapping[str, Mapping[str, float]] = {
    "documents": {
        "soft": 1, "words": 1, "passage": 0.5, "meaning": 0.5, "near": 0.25, "title": 0.25,
        COMPANY: 0.5,
    },
    "documents, sentence model": {
        "soft": 1, "words": 1, "passage": 0.5, "meaning": 4, "near": 0.25, "title": 0.25,
        COMPANY: 1,
    },
    "prompts": {
        "soft": 1, "words": 1, "passage": 0.25, "coverage": 0.5, "meaning": 0.5, "near": 0.25,
        "title": 1, "start": 1, COMPANY: 0.25,
    },
}  # fmt: skip

Weights = dict[str, float]


@dataclass(frozen=True)
class Seen:
    """A query's candidates: ids, features, vectors, and all grades of the query."""

    query: str
    group: str
    ids: tuple[str, ...]
    features: Mapping[str, np.ndarray[Any, np.dtype[np.float32]]]
    vectors: np.ndarray[Any, np.dtype[np.float16]]
    grades: Mapping[str, int]


Parts = Mapping[str, Sequence[Seen]]


def main() -> None:
    """Collect, choose, judge, and perhaps write."""
    options = _options()
    folder = Path(os.environ["PROMPTUARY_BENCH_DATA"]) / "rag"
    if options.keep and options.keep.is_file():
        parts = pickle.loads(options.keep.read_bytes())
    else:
        parts = anyio.run(_collect, folder, options.embedder, options.most)
        if options.keep:
            options.keep.write_bytes(pickle.dumps(parts))
    found = json.loads(MODEL.read_text("utf-8"))
    static = options.embedder == "static"
    for about, part in parts.items():
        named = about if static else f"{about}, sentence model"
        if named in START:
            chosen = _judge(named, part)
            scale = SUM / sum(chosen.values())
            found[named] = {name: round(scale * weight, 4) for name, weight in chosen.items()}
    if options.write:
        MODEL.write_text(json.dumps(found, indent=1) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embedder", default="static")
    parser.add_argument("--most", type=int, default=200, help="queries of a collection")
    parser.add_argument("--keep", type=Path, help="candidates are read from here if it is there")
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


async def _collect(folder: Path, spec: str, most: int) -> dict[str, Parts]:
    parts: dict[str, list[Seen]] = {}
    caches = [f"sqlite:{path}" for path in (os.environ.get("PROMPTUARY_EMBEDDING_CACHE"),) if path]
    async with await Embeddings.aopen(spec, caches=caches) as embeddings:
        thesaurus = Thesaurus(word_model(embeddings.embedder.inner))
        for name in (*DOCUMENTS, PROMPTS):
            if not (folder / name).is_dir():
                continue
            with TemporaryDirectory() as place:
                index = await open_index(f"edge:{place}/index", space=embeddings.space)
                shelf = Shelf(index, embeddings.embedder, thesaurus)
                parts[name] = await _look(shelf, folder / name, most, prompts=name == PROMPTS)
                await index.aclose()
            print(name, len(parts[name]), "queries", flush=True)
    kinds: dict[str, list[Seen]] = {}
    for seen in parts.pop(PROMPTS, []):
        kinds.setdefault(seen.group, []).append(seen)
    return {"documents": parts, "prompts": kinds}


async def _look(shelf: Shelf, folder: Path, most: int, *, prompts: bool) -> list[Seen]:
    keep = keep_prompts if prompts else keep_documents
    look = look_for_prompts if prompts else look_for_documents
    await keep(shelf, read_corpus(folder))
    qrels = read_qrels(folder)
    seen = []
    for asked in _drawn(read_queries(folder), qrels, most):
        ranked = [one for one in await look(shelf, asked) if one.features]
        if len(ranked) < 2:
            continue
        ids = tuple(one.id for one in ranked)
        entries = {entry.id: entry for entry in await shelf.index.get(ids)}
        blank = np.zeros(shelf.index.space.dimensions, dtype=np.float16)
        rows = [blank if (row := entries[key].vector) is None else row for key in ids]
        features = {
            name: np.array([one.features[name] for one in ranked], dtype=np.float32)
            for name in ranked[0].features
        }
        vectors = np.stack(rows).astype(np.float16)
        seen.append(Seen(asked.id, asked.group, ids, features, vectors, qrels[asked.id]))
    return seen


def _drawn(queries: Sequence[Asked], qrels: Qrels, most: int) -> list[Asked]:
    """At most so many of the judged queries, of each group the same number."""
    groups: dict[str, list[Asked]] = {}
    for query in queries:
        if query.id in qrels:
            groups.setdefault(query.group, []).append(query)
    drawn = []
    for group in groups.values():
        random.Random(7).shuffle(group)
        drawn += group[: max(1, most // len(groups))]
    return drawn


def _judge(about: str, parts: Parts) -> Weights:
    """Print how each part fares with weights chosen on the others; the weights of all."""
    start = dict(START[about])
    rows = {name: _figures(parts, {name: 1.0}) for name in start if name != COMPANY}
    rows["START"] = _figures(parts, start)
    rows["LEFT OUT"] = {
        name: _figures({name: seen}, _climb({n: p for n, p in parts.items() if n != name}, start))[
            name
        ]
        for name, seen in parts.items()
    }
    chosen = _climb(parts, start)
    rows["known"] = _figures(parts, chosen)
    print(f"\n{about}: nDCG@10 of {', '.join(parts)}; LEFT OUT: weights chosen on the others")
    for title, row in rows.items():
        values = list(row.values())
        spread = stdev(values) if len(values) > 1 else 0.0
        each = " ".join(f"{value:.4f}" for value in values)
        print(f"{title:10} {fmean(values):.4f} (spread {spread:.3f})  {each}")
    print(chosen, flush=True)
    return chosen


def _climb(parts: Parts, start: Mapping[str, float]) -> Weights:
    weights = dict(start)
    best = fmean(_figures(parts, weights).values())
    moved = True
    while moved:
        moved = False
        for name in start:
            for factor in FACTORS:
                tried = {**weights, name: weights[name] * factor}
                figure = fmean(_figures(parts, tried).values())
                if figure > best + LEAST:
                    weights, best, moved = tried, figure, True
    return weights


def _figures(parts: Parts, weights: Mapping[str, float]) -> dict[str, float]:
    found = {}
    for name, seen in parts.items():
        run = {}
        for one in seen:
            scores = blend(one.features, weights, one.vectors.astype(np.float32))
            run[one.query] = dict(zip(one.ids, scores.tolist(), strict=True))
        figures = score({one.query: one.grades for one in seen}, run)
        found[name] = figures.ndcg10 if figures else 0.0
    return found


if __name__ == "__main__":
    main()
