"""How often questions over events are answered exactly, how well descriptions and passages are
found (`promptuary eval conversation`, `eval events`, `eval turns`), and what taking events in
costs."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

from bench.conversation_peers import peers
from bench.processes import python, run
from bench.speed import Row, row


def main(output: Path, data: Path) -> None:
    """Evaluate on the development data of conversations."""
    output.write_text(json.dumps(list(_rows(data / "conv")), indent=1) + "\n", "utf-8")


def _rows(folder: Path) -> Iterator[Row]:
    single = _evaluate(folder, "qa.jsonl")
    figures = single["figures"]
    for name, peer in peers(folder).items():
        yield row(
            f"{figures['n']} questions", ">= .97", figures["strict"], "", name, peer["strict"]
        )
    yield row("links that open, of all evidence", "1", figures["clip_links_valid"], "", "", None)
    for name in ("refusal_precision", "refusal_recall"):
        yield row(name.replace("_", " "), ">= .95", figures[name], "", "", None)
    for name in ("evidence_precision", "evidence_recall"):
        yield row(name.replace("_", " "), ">= .99", figures[name], "", "", None)
    for name, value in figures.items():
        if name.startswith("strict "):
            yield row(f"questions: {name.removeprefix('strict ')}", "", value, "", "", None)
    dialogs = _evaluate(folder, "dialogs.jsonl")["figures"]
    yield row(f"{dialogs['n']} turns of dialogs", ">= .95", dialogs["strict"], "", "", None)
    links = dialogs["clip_links_valid"]
    yield row("turns: links that open, of all evidence", "1", links, "", "", None)
    yield row("whole dialogs", ">= .85", dialogs["whole_dialogs"], "", "", None)
    yield from _events(folder)
    yield from _turns(folder)
    yield from _intake(folder)


def _events(folder: Path) -> Iterator[Row]:
    """How well descriptions are found, by kind of query."""
    groups = _figures("events", str(folder))["groups"]
    for kind, goal in (("second_annotator", ">= .30"), ("overlap_segment", "")):
        yield row(f"events: {kind}, nDCG@10", goal, groups[kind]["ndcg10"], "", "", None)
    found = groups["structured_filter"]
    yield row("events: structured_filter, nDCG@10", "", found["ndcg10"], "", "", None)
    yield row("events: structured_filter, recall@10", ">= .98", found["recall10"], "", "", None)
    yield row("events: structured_filter, recall@10 at best", "", _most(folder), "", "", None)


def _most(folder: Path) -> float:
    """The recall that ten places allow: some queries have more to find."""
    rows = map(json.loads, (folder / "queries.jsonl").open(encoding="utf-8"))
    wanted = [len(each["relevant"]) for each in rows if each["kind"] == "structured_filter"]
    return round(fmean(min(10, each) / each for each in wanted), 4)


def _turns(folder: Path) -> Iterator[Row]:
    """What the light of earlier turns gains over each turn alone, and where it gains least."""
    asked = ("turns", str(folder / "conversations.jsonl"))
    texts = ("--passages", str(folder / "passages.jsonl"))
    light, alone = _figures(*asked, *texts), _figures(*asked, *texts, "--raw")
    gain = light["figures"]["ndcg10"] - alone["figures"]["ndcg10"]
    yield row("turns: nDCG@10 alone", "", alone["figures"]["ndcg10"], "", "", None)
    yield row("turns: gain from context, nDCG@10", ">= +.09", gain, "", "", None)
    both = light["groups"].keys() & alone["groups"].keys()
    least = min(light["groups"][e]["ndcg10"] - alone["groups"][e]["ndcg10"] for e in both)
    yield row("turns: the least gain of a source", ">= 0", least, "", "", None)


def _figures(*asked: str) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory() as place:
        answer = Path(place) / "answer.json"
        options = ["--run", f"{place}/run.jsonl", "--home", f"{place}/home", "--json"]
        run(python("-m", "promptuary.cli", "eval", *asked, *options), output=answer)
        found: Mapping[str, Any] = json.loads(answer.read_text("utf-8"))
        return found


def _evaluate(folder: Path, questions: str) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory() as place:
        answer = Path(place) / "answer.json"
        options = ["--run", f"{place}/run.jsonl", "--home", f"{place}/home", "--json"]
        named = ["--questions", str(folder / questions)]
        command = ["-m", "promptuary.cli", "eval", "conversation", str(folder), *named, *options]
        run(python(*command), output=answer)
        found: Mapping[str, Any] = json.loads(answer.read_text("utf-8"))
        return found


def _intake(folder: Path) -> Iterator[Row]:
    """Events taken in a second of CPU: the whole file beside an empty one."""
    count = sum(1 for _ in (folder / "stream.jsonl").open("rb"))
    with tempfile.TemporaryDirectory() as place:
        empty = Path(place) / "none.jsonl"
        empty.write_text("", "utf-8")
        command = ["-m", "promptuary.cli", "events", "import"]
        home = ["--home", f"{place}/home", "--json"]
        nothing = run(python(*command, str(empty), *home))
        whole = run(python(*command, str(folder / "stream.jsonl"), *home))
    rate = count / (whole.cpu_seconds - nothing.cpu_seconds)
    yield row(f"{count:,} events taken in, a second of CPU", ">= 5,000", rate, "", "", None)
