"""How well things are found: `promptuary eval retrieval` and `eval prompts` on labelled data.

The peer of each collection is textbook BM25 on the same rows in the same run; beside it stand our
own rankers alone, because the order of both together must never be worse than the better one.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from bench.peer_bm25 import Bm25
from bench.processes import python, run
from bench.speed import Row, row
from promptuary.retrieval.evaluating.collections import read_corpus, read_qrels, read_queries
from promptuary.retrieval.evaluating.scoring import score

GOALS = {"static": 0.69, "minilm": 0.73}
PROMPTS = "prompts_search"
RANKERS = ("hybrid", "words", "meaning")
SLACK = 0.005


def main(output: Path, data: Path, embedders: Sequence[str] = ("static",)) -> None:
    """Evaluate on every collection of the development data that is about finding."""
    folders = sorted(f for f in (data / "rag").iterdir() if (f / "qrels.tsv").is_file())
    rows = [each for embedder in embedders for each in _documents(embedder, folders)]
    rows += _prompts(data / "rag" / PROMPTS)
    output.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


def _documents(embedder: str, folders: Sequence[Path]) -> Iterator[Row]:
    together, alone, peers, seconds, asked = [], [], [], 0.0, 0
    for folder in folders:
        if folder.name == PROMPTS:
            continue
        said = {ranker: _evaluate("retrieval", folder, embedder, ranker) for ranker in RANKERS}
        now, words, meaning = (said[ranker]["figures"]["ndcg10"] for ranker in RANKERS)
        peer = _peer(folder)
        name, best = max((("words", words), ("meaning", meaning)), key=lambda one: one[1])
        goal = f">= {best - SLACK:.4f} ({name})"
        yield row(f"{embedder}: nDCG@10, {folder.name}", goal, now, "", "BM25", peer)
        together.append(now)
        alone.append(best)
        peers.append(peer)
        seconds += said["hybrid"]["cost"]["cpu_seconds"]
        asked += said["hybrid"]["figures"]["n"]
    goal = f">= {GOALS[embedder]}"
    yield row(f"{embedder}: nDCG@10, mean", goal, fmean(together), "", "BM25", fmean(peers))
    yield row(f"{embedder}: nDCG@10, mean of the better ranker", "", fmean(alone), "", "", None)
    each = seconds / asked * 1e3
    yield row(f"{embedder}: CPU a question, indexing included", "", each, "ms", "", None)


def _prompts(folder: Path) -> Iterator[Row]:
    if folder.is_dir():
        said = _evaluate("prompts", folder, "static", "hybrid")
        words = _evaluate("prompts", folder, "static", "words")
        for name, part in {"all": said["figures"], **said["groups"]}.items():
            alone = {"all": words["figures"], **words["groups"]}[name]["ndcg10"]
            goal = ">= .90" if name == "all" else ""
            yield row(f"prompts: nDCG@10, {name}", goal, part["ndcg10"], "", "words alone", alone)
        kinds = fmean(part["ndcg10"] for part in said["groups"].values())
        yield row("prompts: nDCG@10, mean of the kinds", "", kinds, "", "", None)


def _evaluate(what: str, folder: Path, embedder: str, ranker: str) -> Mapping[str, Any]:
    kept = os.environ.get("PROMPTUARY_BENCH_HOMES")  # vectors of slow models, from run to run
    with tempfile.TemporaryDirectory() as place:
        answer = Path(place) / "answer.json"
        options = ["--run", f"{place}/run.tsv", "--embedder", embedder, "--ranker", ranker]
        home = f"{kept}/{embedder}/{folder.name}" if kept else f"{place}/home"
        command = ["eval", what, str(folder), *options, "--home", home, "--json"]
        run(python("-m", "promptuary.cli", *command), output=answer)
        said: Mapping[str, Any] = json.loads(answer.read_text("utf-8"))
    return said


def _peer(folder: Path) -> float:
    rows = read_corpus(folder)
    peer = Bm25([f"{each.title}\n{each.text}" for each in rows])
    found = {
        asked.id: {rows[at].id: value for at, value in peer.search(asked.text, 100)}
        for asked in read_queries(folder)
    }
    figures = score(read_qrels(folder), found)
    return figures.ndcg10 if figures else 0.0
