"""Learn how much each feature of a candidate counts, and how well that carries over.

python bench/train_ranking.py [--embedder SPEC] [--most QUERIES] [--keep FILE] [--write]

Each labelled collection below `$PROMPTUARY_BENCH_DATA/rag` is searched on the ordinary path; its
candidates' features and grades are what is learnt from. Weights are not negative and minimise the
cross entropy of grades and softmax scores (ListNet, Cao et al. 2007), each collection counting the
same. For documents every collection is judged with weights learnt on the others; for prompts, of
which there is one collection, every kind of query is. `--write` puts the weights of all into the
package.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, stdev
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import numpy as np
from scipy.optimize import minimize

from promptuary.models import Embeddings
from promptuary.plugins import open_index, word_model
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
WEIGHTS = Path(__file__).parents[1] / "src/promptuary/retrieval/ranking_model.json"
RIDGE = 0.02
MODEL_OF = {"documents": ("start",), "prompts": ()}
"""Features that are not offered: nobody types the beginning of a document's title."""


@dataclass(frozen=True)
class Seen:
    """A query's candidates: ids, features (by column), and all grades of the query."""

    query: str
    group: str
    ids: tuple[str, ...]
    features: np.ndarray[Any, np.dtype[np.float64]]
    grades: Mapping[str, int]


@dataclass(frozen=True)
class Data:
    """Names of the columns, and the queries of each collection (or kind of query)."""

    names: tuple[str, ...]
    parts: Mapping[str, Sequence[Seen]]


def main() -> None:
    """Collect, learn, judge, and perhaps write."""
    options = _options()
    folder = Path(os.environ["PROMPTUARY_BENCH_DATA"]) / "rag"
    if options.keep and options.keep.is_file():
        documents, prompts = pickle.loads(options.keep.read_bytes())
    else:
        documents, prompts = anyio.run(_collect, folder, options.embedder, options.most)
        if options.keep:
            options.keep.write_bytes(pickle.dumps((documents, prompts)))
    learnt = {}
    for about, data in (("documents", documents), ("prompts", prompts)):
        columns = [name for name in data.names if name not in MODEL_OF[about]]
        learnt[about] = _judge(about, data, columns)
    if options.write:
        WEIGHTS.write_text(json.dumps(learnt, indent=1) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embedder", default="static")
    parser.add_argument("--most", type=int, default=300, help="queries of a collection")
    parser.add_argument("--keep", type=Path, help="features are read from here if they are there")
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


async def _collect(folder: Path, spec: str, most: int) -> tuple[Data, Data]:
    parts: dict[str, list[Seen]] = {}
    names: tuple[str, ...] = ()
    async with await Embeddings.aopen(spec) as embeddings:
        thesaurus = Thesaurus(word_model(embeddings.embedder.inner))
        for name in (*DOCUMENTS, PROMPTS):
            if not (folder / name).is_dir():
                continue
            with TemporaryDirectory() as place:
                index = await open_index(f"edge:{place}/index", space=embeddings.space)
                shelf = Shelf(index, embeddings.embedder, thesaurus)
                names, parts[name] = await _look(shelf, folder / name, most, name == PROMPTS)
                await index.aclose()
            print(name, len(parts[name]), "queries", flush=True)
    kinds: dict[str, list[Seen]] = {}
    for seen in parts.pop(PROMPTS, []):
        kinds.setdefault(seen.group, []).append(seen)
    return Data(names, parts), Data(names, kinds)


async def _look(
    shelf: Shelf, folder: Path, most: int, prompts: bool
) -> tuple[tuple[str, ...], list[Seen]]:
    keep, look = (
        (keep_prompts, look_for_prompts) if prompts else (keep_documents, look_for_documents)
    )
    await keep(shelf, read_corpus(folder))
    qrels = read_qrels(folder)
    names: tuple[str, ...] = ()
    seen = []
    for asked in _drawn(read_queries(folder), qrels, most):
        ranked = [one for one in await look(shelf, asked) if one.features]
        if len(ranked) > 1:
            names = tuple(ranked[0].features)
            rows = np.array([[one.features[name] for name in names] for one in ranked])
            ids = tuple(one.id for one in ranked)
            seen.append(Seen(asked.id, asked.group, ids, rows, qrels[asked.id]))
    return names, seen


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


def _judge(about: str, data: Data, columns: Sequence[str]) -> dict[str, float]:
    """Print how each part fares with weights learnt on the others; the weights of all."""
    chosen = [data.names.index(name) for name in columns]
    parts = {
        name: [replace(one, features=_standard(one.features[:, chosen])) for one in seen]
        for name, seen in data.parts.items()
    }
    single = {c: {p: _ndcg(seen, np.eye(len(columns))[at]) for p, seen in parts.items()}
              for at, c in enumerate(columns)}  # fmt: skip
    apart = {
        name: _ndcg(seen, _fit([s for n, s in parts.items() if n != name], len(columns)))
        for name, seen in parts.items()
    }
    weights = _fit(list(parts.values()), len(columns))
    known = {name: _ndcg(seen, weights) for name, seen in parts.items()}
    print(f"\n{about}: nDCG@10 of the candidates, each part with weights learnt on the others")
    for title, row in {**single, "LEFT OUT": apart, "known": known}.items():
        values = list(row.values())
        spread = stdev(values) if len(values) > 1 else 0.0
        each = " ".join(f"{value:.4f}" for value in values)
        print(f"{title:10} {fmean(values):.4f} ({spread:.3f})  {each}")
    print(" " * 10, " ".join(parts))
    for name in parts:
        best, figure = max(((c, row[name]) for c, row in single.items()), key=lambda one: one[1])
        if apart[name] < figure:
            print(f"{name}: {apart[name] - figure:+.4f} to {best}")
    found = {c: round(float(w), 4) for c, w in zip(columns, weights, strict=True) if w > 1e-3}
    print(found)
    return found


def _standard(rows: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, Any]:
    spread = rows.std(axis=0)
    return np.asarray((rows - rows.mean(axis=0)) / np.where(spread > 1e-6, spread, 1))


def _ndcg(seen: Sequence[Seen], weights: np.ndarray[Any, Any]) -> float:
    run = {
        one.query: dict(zip(one.ids, (one.features @ weights).tolist(), strict=True))
        for one in seen
    }
    figures = score({one.query: one.grades for one in seen}, run)
    return figures.ndcg10 if figures else 0.0


def _fit(parts: Sequence[Sequence[Seen]], columns: int) -> np.ndarray[Any, Any]:
    taught = [
        [(one.features, grades / grades.sum()) for one in seen if (grades := _grades(one)).any()]
        for seen in parts
    ]

    def loss(weights: np.ndarray[Any, Any]) -> tuple[float, np.ndarray[Any, Any]]:
        total, slope = RIDGE * weights @ weights, 2 * RIDGE * weights
        for part in taught:
            for rows, share in part:
                logits = rows @ weights
                top = logits.max()
                odds = np.exp(logits - top)
                norm = len(part) * len(taught)
                total += (top + np.log(odds.sum()) - share @ logits) / norm
                slope = slope + rows.T @ (odds / odds.sum() - share) / norm
        return total, slope

    start = np.full(columns, 0.1)
    bounds = [(0.0, None)] * columns
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x)


def _grades(one: Seen) -> np.ndarray[Any, Any]:
    return np.array([max(0, one.grades.get(key, 0)) for key in one.ids], dtype=float)


if __name__ == "__main__":
    main()
