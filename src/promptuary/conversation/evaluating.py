"""Labelled questions over events, and how many were answered exactly.

A value is right when it is that of the truth: numbers must be equal, times agree to a minute,
durations to two hundredths (at least a second), names must stand in the answer. A question that
must be refused is right when it is refused, and any other is wrong when it is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from promptuary.conversation.rankings import lines
from promptuary.domain.conversations import Value
from promptuary.domain.errors import InvalidInput

_NUMBER = re.compile(r"-?\d[\d,]*\.?\d*")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question or turn: `key` names it in the run."""

    key: str
    question: str
    now: datetime
    timezone: str
    conversation_id: str = ""
    turn: int = 1


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What was said. Of its events, `recorded` are those that have a recording or were given a link
    to one, and `opened` those whose link opened the recording of that very event."""

    key: str
    value: Value
    answer: str
    refused: bool
    evidence: tuple[str, ...] = ()
    clips: tuple[str, ...] = ()
    latency_ms: float = 0.0
    recorded: frozenset[str] = field(default_factory=frozenset)
    opened: frozenset[str] = field(default_factory=frozenset)

    def plain(self) -> Mapping[str, object]:
        """As a row of the run."""
        thread, _, turn = self.key.rpartition("\0")
        named = {"conversation_id": thread, "turn": int(turn)} if thread else {"id": self.key}
        return {
            **named,
            "value": self.value,
            "answer": self.answer,
            "refused": self.refused,
            "evidence_ids": list(self.evidence),
            "clip_links": list(self.clips),
            "latency_ms": self.latency_ms,
        }


@dataclass(frozen=True, slots=True)
class Gold:
    """The truth about one of them."""

    category: str
    kind: str
    value: Value
    others: tuple[Value, ...] = ()
    evidence: frozenset[str] = field(default_factory=frozenset)
    total: int = 0


def read_asked(file: Path) -> list[Asked]:
    """The questions of a file, in order. Raises InvalidInput with the line that is malformed."""
    asked: list[Asked] = []
    for number, row in lines(file):
        try:
            now, zone = datetime.fromisoformat(row["now"]), str(row["timezone"])
            if "turns" not in row:
                asked.append(Asked(str(row["id"]), str(row["question"]), now, zone))
                continue
            thread = str(row["conversation_id"])
            for each in row["turns"]:
                key = f"{thread}\0{each['turn']}"
                turn = int(each["turn"])
                asked.append(Asked(key, str(each["user"]), now, zone, thread, turn))
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"{file}:{number}: not a question or dialog: {error!r}") from error
    return asked


def read_gold(file: Path) -> Mapping[str, Gold]:
    """The truth, where it is there."""
    found: dict[str, Gold] = {}
    for _, row in lines(file):
        if "gold" in row:
            found[str(row["id"])] = _gold(row["gold"], str(row.get("category", "all")))
        for each in row.get("turns", ()):
            if "gold" in each:
                kind = "turn1" if each["turn"] == 1 else f"{each['gold']['type']}_followup"
                found[f"{row['conversation_id']}\0{each['turn']}"] = _gold(each["gold"], kind)
    return found


def _gold(row: Mapping[str, Any], category: str) -> Gold:
    evidence = frozenset(map(str, row.get("evidence_ids", ())))
    others = tuple(row.get("alt_values", ()))
    return Gold(
        category, row["type"], row["value"], others, evidence, int(row.get("evidence_total", 0))
    )


def score(gold: Mapping[str, Gold], found: Sequence[AnswerRow]) -> Mapping[str, float]:
    """Figures over what has a truth: `strict`, `lenient`, refusals, evidence, dialogs, categories.
    Empty when nothing has one."""
    judged = [(gold[row.key], row) for row in found if row.key in gold]
    if not judged:
        return {}
    strict = {row.key: right(truth, row) for truth, row in judged}
    lenient = {row.key: right(truth, row, lenient=True) for truth, row in judged}
    figures: dict[str, float] = {
        "n": len(judged),
        "strict": _mean(list(strict.values())),
        "lenient": _mean(list(lenient.values())),
    }
    refused = [truth.kind == "refuse" for truth, row in judged if row.refused]
    must = [row.refused for truth, row in judged if truth.kind == "refuse"]
    figures |= {"refusal_precision": _mean(refused)} if refused else {}
    figures |= {"refusal_recall": _mean(must)} if must else {}
    figures |= _evidence(judged)
    figures |= _links([row for _, row in judged])
    figures |= _dialogs(lenient)
    by: dict[str, list[bool]] = defaultdict(list)
    for truth, row in judged:
        by[truth.category].append(strict[row.key])
    return figures | {f"strict {name}": _mean(each) for name, each in sorted(by.items())}


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4)


def _dialogs(right_turns: Mapping[str, bool]) -> Mapping[str, float]:
    """The share of dialogs in which every turn is right."""
    threads: dict[str, list[bool]] = defaultdict(list)
    for key, each in right_turns.items():
        thread = key.rpartition("\0")[0]
        if thread:
            threads[thread].append(each)
    return {"whole_dialogs": _mean([all(e) for e in threads.values()])} if threads else {}


def _evidence(judged: Sequence[tuple[Gold, AnswerRow]]) -> Mapping[str, float]:
    """Precision and recall where the truth names all of the evidence; where it names the first of
    more, precision asks for one of those."""
    precision: list[float] = []
    recall: list[float] = []
    for truth, row in judged:
        shared = len(truth.evidence & set(row.evidence))
        if truth.kind == "refuse" or not truth.total:
            continue
        if truth.total <= len(truth.evidence):
            precision.append(shared / len(set(row.evidence)) if row.evidence else 0.0)
            recall.append(shared / len(truth.evidence))
        elif row.evidence:
            precision.append(float(shared > 0))
    figures = {"evidence_precision": _mean(precision)} if precision else {}
    return figures | ({"evidence_recall": _mean(recall)} if recall else {})


def _links(rows: Sequence[AnswerRow]) -> Mapping[str, float]:
    """The share of events in evidence whose link opens their recording: a link that is missing, of
    another event or to nothing is none. Empty where nothing has a recording."""
    due = sum(len(row.recorded) for row in rows)
    valid = sum(len(row.recorded & row.opened) for row in rows)
    return {"clip_links_valid": round(valid / due, 4)} if due else {}


def right(truth: Gold, row: AnswerRow, *, lenient: bool = False) -> bool:
    """Whether the answer is right; `lenient`: also when another reading of the question was
    taken."""
    if truth.kind == "refuse" or row.refused:
        return row.refused and truth.kind == "refuse"
    wanted = (truth.value, *(truth.others if lenient else ()))
    return any(_same(truth.kind, each, row.value) for each in wanted)


def _same(kind: str, wanted: Value, value: Value) -> bool:
    if value is None or wanted is None:
        return False
    if kind == "bool":
        return str(value).strip().lower() in ({"true", "yes", "1"} if wanted else {"false", "no"})
    if kind == "time":
        seconds = _seconds(str(value)), _seconds(str(wanted))
        return None not in seconds and abs((seconds[0] or 0) - (seconds[1] or 0)) <= 60
    if kind in {"count", "hour", "duration"}:
        number, target = _number(value), float(wanted)
        off = max(1.0, 0.02 * target) if kind == "duration" else 0.0
        return number is not None and abs(number - target) <= off
    return str(wanted).lower() in str(value).lower()


def _number(value: Value) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    match = _NUMBER.search(str(value))
    return float(match.group().replace(",", "").rstrip(".")) if match else None


def _seconds(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
