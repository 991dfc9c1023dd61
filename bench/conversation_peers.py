"""The peers of an exact answer over events, asked the same questions: five hits of a text search,
and a tool that filters without fault but hands at most 25 events on.

Both get what no real one has: they are told what kind of value is asked for, the tool also what to
filter by and what to refuse; so these are the most that such ways can reach.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bench.peer_bm25 import Bm25
from promptuary.conversation.evaluating import AnswerRow, read_gold, score
from promptuary.domain.conversations import Value

HITS, TOOL = 5, 25
Row = Mapping[str, Any]


def peers(folder: Path) -> Mapping[str, Mapping[str, float]]:
    """Figures of both on `qa.jsonl`, by name."""
    events = sorted(_rows(folder / "stream.jsonl"), key=lambda each: str(each["timestamp"]))
    asked = list(_rows(folder / "qa.jsonl"))
    names = json.loads((folder / "cameras.json").read_text("utf-8"))["cameras"]
    titles = {each["camera_id"]: each["name"] for each in names}
    search = Bm25([_text(each, titles) for each in events])

    def found(question: Row) -> Sequence[Row]:
        hits = [events[at] for at, _ in search.search(question["question"], HITS)]
        return sorted(hits, key=lambda each: str(each["timestamp"]))

    def handed_on(question: Row) -> Sequence[Row] | None:
        if question["gold"]["type"] == "refuse":
            return None
        kept = [each for each in events if _passes(each, question["gold"]["filter"])]
        return kept[-TOOL:]

    gold = read_gold(folder / "qa.jsonl")
    return {
        f"the first {HITS} of a text search": score(gold, _said(asked, found)),
        f"a perfect filter, its newest {TOOL}": score(gold, _said(asked, handed_on)),
    }


def _rows(file: Path) -> Iterator[Row]:
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _text(event: Row, titles: Mapping[str, str]) -> str:
    """What such systems index: who, where, when and what."""
    camera, at = event["camera_id"], str(event["timestamp"])
    told = [camera, titles.get(camera, ""), event["label"], event.get("sub_label"), at]
    return " ".join(str(each) for each in (*told, event.get("zone"), event["description"]) if each)


def _passes(event: Row, wanted: Row) -> bool:
    cameras = wanted.get("camera_id")
    cameras = cameras if isinstance(cameras, list) else [cameras] if cameras else None
    same = all(
        wanted.get(name) is None or event.get(name) == wanted[name]
        for name in ("label", "sub_label", "zone")
    )
    sure = float(event["confidence"]) >= float(wanted.get("min_confidence") or 0.0)
    start, at, end = wanted.get("start") or "", str(event["timestamp"]), wanted.get("end") or "9"
    return (
        same and sure and start <= at < end and (cameras is None or event["camera_id"] in cameras)
    )


def _said(asked: Sequence[Row], seen: Callable[[Row], Sequence[Row] | None]) -> Sequence[AnswerRow]:
    told: list[AnswerRow] = []
    for each in asked:
        events = seen(each)
        value = _read(each, events) if events is not None else None
        told.append(AnswerRow(str(each["id"]), value, "", refused=events is None))
    return told


def _read(question: Row, events: Sequence[Row]) -> Value:
    """What a reader without fault would say, had there been nothing but these events."""
    kind = question["gold"]["type"]
    if kind in {"count", "bool"}:
        return len(events) if kind == "count" else bool(events)
    if not events:
        return None
    if kind == "time":
        return str(events[0 if question["category"] == "first" else -1]["timestamp"])
    if kind == "duration":
        return max(_seconds(each) for each in events)
    zone = ZoneInfo(question["timezone"])
    named = [each["camera_id"] if kind == "camera" else _moment(each, zone).hour for each in events]
    return Counter(named).most_common(1)[0][0]


def _moment(event: Row, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(str(event["timestamp"])).astimezone(zone)


def _seconds(event: Row) -> float:
    began, ended = (datetime.fromisoformat(str(event[e])) for e in ("timestamp", "end_timestamp"))
    return (ended - began).total_seconds()
