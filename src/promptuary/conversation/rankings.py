"""Rankings against graded truth: nDCG, reciprocal rank and recall.

The gain of a grade g is 2^g - 1 (Burges et al. 2005), so that a grade of 2 counts three times one
of 1. What has no ranking counts 0.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path
from statistics import fmean
from typing import Any, TypeAlias

from promptuary.domain.errors import InvalidInput

DEEP = 100
"""So many are ranked of each."""
Grades: TypeAlias = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Judged:
    """A ranking, best first, with the truth about it; `group` is by what figures are told apart."""

    ranking: Sequence[str]
    grades: Grades
    group: str = ""


def figures(judged: Sequence[Judged]) -> Mapping[str, float]:
    """Means over all of them, to four places; empty where there are none."""
    if not judged:
        return {}
    named = {
        "ndcg3": [ndcg(each, 3) for each in judged],
        "ndcg10": [ndcg(each, 10) for each in judged],
        "mrr10": [_reciprocal(each, 10) for each in judged],
    }
    named |= {f"recall{deep}": [recall(each, deep) for each in judged] for deep in (1, 5, 10, 100)}
    return {"n": len(judged)} | {name: round(fmean(each), 4) for name, each in named.items()}


def by_group(judged: Sequence[Judged]) -> Mapping[str, Mapping[str, float]]:
    """The same for each group, by name."""
    groups = sorted({each.group for each in judged} - {""})
    return {name: figures([each for each in judged if each.group == name]) for name in groups}


def ndcg(judged: Judged, deep: int) -> float:
    """Normalised discounted cumulative gain of the first so many; what comes twice counts once."""
    unique = dict.fromkeys(judged.ranking[:deep])
    places = {key: at for at, key in reversed(list(enumerate(judged.ranking[:deep])))}
    gain = sum(_gain(judged.grades.get(key, 0), places[key]) for key in unique)
    ideal = sorted(judged.grades.values(), reverse=True)[:deep]
    best = sum(_gain(grade, at) for at, grade in enumerate(ideal))
    return gain / best if best else 0.0


def _gain(grade: int, at: int) -> float:
    return float(2**grade - 1) / log2(at + 2)


def recall(judged: Judged, deep: int) -> float:
    """The share of the judged that is among the first so many."""
    found = set(judged.ranking[:deep]) & set(judged.grades)
    return len(found) / len(judged.grades) if judged.grades else 0.0


def _reciprocal(judged: Judged, deep: int) -> float:
    first = (at for at, key in enumerate(judged.ranking[:deep], 1) if key in judged.grades)
    return 1 / next(first, float("inf"))


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for among events."""

    id: str
    text: str
    kind: str = ""


def read_queries(file: Path) -> list[Query]:
    """Rows `{qid, query, kind?}`. Raises InvalidInput with the line that is malformed."""
    found = []
    for number, row in lines(file):
        try:
            found.append(Query(str(row["qid"]), str(row["query"]), str(row.get("kind", ""))))
        except KeyError as error:
            raise InvalidInput(f"{file}:{number}: a query has {error}") from error
    return found


def read_grades(file: Path) -> Mapping[str, Grades]:
    """The grade of each relevant event of each query that somebody judged."""
    return {str(row["qid"]): grades_of(row) for _, row in lines(file) if row.get("relevant")}


@dataclass(frozen=True, slots=True)
class JudgedTurn:
    """A turn whose passages are known, with what was said before it, oldest first."""

    conversation: str
    turn: int
    text: str
    earlier: tuple[str, ...]
    source: str = ""


def read_turns(file: Path) -> list[JudgedTurn]:
    """The turns of rows `{conversation_id, source?, turns: [{turn, user}]}` that somebody judged;
    all of them where nobody did. Raises InvalidInput with the line that is malformed."""
    found: list[JudgedTurn] = []
    judged: set[tuple[str, int]] = set()
    for number, row in lines(file):
        try:
            key, earlier = str(row["conversation_id"]), list[str]()
            for each in row["turns"]:
                turn, said = int(each["turn"]), str(each["user"])
                source = str(row.get("source", ""))
                found.append(JudgedTurn(key, turn, said, tuple(earlier), source))
                earlier.append(said)
                if each.get("relevant"):
                    judged.add((key, turn))
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"{file}:{number}: not a conversation: {error!r}") from error
    return [e for e in found if (e.conversation, e.turn) in judged] if judged else found


def read_turn_truth(file: Path) -> Mapping[tuple[str, int], tuple[Grades, str]]:
    """The grades of each judged turn, and the rewrite that a person gave it, or ""."""
    return {
        (str(row["conversation_id"]), int(each["turn"])): (
            grades_of(each),
            str(each.get("gold_rewrite") or ""),
        )
        for _, row in lines(file)
        for each in row["turns"]
        if each.get("relevant")
    }


def shared_words(one: str, other: str) -> float:
    """F1 of the words that two texts share."""
    mine, theirs = (Counter(_WORD.findall(text.lower())) for text in (one, other))
    both, total = (mine & theirs).total(), mine.total() + theirs.total()
    return 2 * both / total if total else 0.0


_WORD = re.compile(r"\w+")


def grades_of(row: Mapping[str, Any]) -> Grades:
    """Of a row: ids with grades, or a list of ids."""
    given = row.get("relevant") or {}
    pairs = given.items() if isinstance(given, Mapping) else ((each, 1) for each in given)
    return {str(key): int(grade) for key, grade in pairs}


def lines(file: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The objects of a JSONL file with the numbers of their lines. Raises InvalidInput."""
    try:
        with file.open(encoding="utf-8") as rows:
            for number, line in enumerate(rows, 1):
                if line.strip():
                    yield number, _object(file, number, line)
    except OSError as error:
        raise InvalidInput(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{file}: not UTF-8") from error


def _object(file: Path, number: int, line: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise InvalidInput(f"{file}:{number}: not JSON: {error}") from error
    if not isinstance(row, dict):
        raise InvalidInput(f"{file}:{number}: an object expected")
    return row
