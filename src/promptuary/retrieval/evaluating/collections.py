"""A labelled collection in a folder: `corpus.jsonl`, `queries.jsonl`, `qrels.tsv`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

from promptuary.domain.errors import InvalidInput

Qrels: TypeAlias = Mapping[str, Mapping[str, int]]
"""The grade of each judged document of each query; 0 and what is not judged are not relevant."""

Run: TypeAlias = Mapping[str, Mapping[str, float]]
"""The score of each document that was found for a query."""


@dataclass(frozen=True, slots=True)
class Row:
    """A document of the corpus."""

    id: str
    title: str
    text: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A query; `group` is its kind or language, by which figures are told apart."""

    id: str
    text: str
    group: str


T = TypeVar("T", Row, Asked)


def read_corpus(folder: Path) -> list[Row]:
    """The documents `{id, text, title?, tags?}`.

    Raises InvalidInput with file and line for a row that is malformed or whose id came before.
    """
    path = folder / "corpus.jsonl"
    rows = [
        Row(
            _id(path, line, row),
            _text(path, line, row, "title"),
            _text(path, line, row),
            _tags(row),
        )
        for line, row in _records(path)
    ]
    return _distinct(path, rows)


def read_queries(folder: Path) -> list[Asked]:
    """The queries `{id, text, kind? or lang?}`; raises as `read_corpus` does."""
    path = folder / "queries.jsonl"
    rows = [
        Asked(
            _id(path, line, row),
            _text(path, line, row),
            str(row.get("kind") or row.get("lang") or ""),
        )
        for line, row in _records(path)
    ]
    return _distinct(path, rows)


def read_qrels(folder: Path) -> Qrels:
    """The lines `query id, document id, grade` between tabs; raises as `read_corpus` does."""
    path = folder / "qrels.tsv"
    found: dict[str, dict[str, int]] = {}
    for line, text in _lines(path):
        parts = text.split("\t")
        if len(parts) != 3 or not parts[2].strip().lstrip("-").isdecimal():
            raise _wrong(path, line, "expected query id, document id and a whole grade")
        found.setdefault(parts[0], {})[parts[1]] = int(parts[2])
    return found


def write_run(path: Path, run: Run) -> None:
    """One line a found document: query id, document id and score between tabs, best first."""
    with path.open("w", encoding="utf-8") as file:
        for query, scores in run.items():
            for document, score in sorted(scores.items(), key=lambda one: (-one[1], one[0])):
                file.write(f"{query}\t{document}\t{score:.9g}\n")


def _records(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    for line, text in _lines(path):
        try:
            row = json.loads(text)
        except ValueError:
            raise _wrong(path, line, "no JSON") from None
        if not isinstance(row, dict):
            raise _wrong(path, line, "no JSON object")
        yield line, row


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8") as file:
            for line, text in enumerate(file, start=1):
                if text.strip():
                    yield line, text.rstrip("\n")
    except FileNotFoundError:
        raise InvalidInput(f"{path} is not there", fields={"folder": "incomplete"}) from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{path} is no UTF-8 text", fields={path.name: "no UTF-8"}) from None


def _id(path: Path, line: int, row: Mapping[str, object]) -> str:
    key = row.get("id")
    if not isinstance(key, str | int) or not str(key) or "\t" in str(key):
        raise _wrong(path, line, "the row has no id")
    return str(key)


def _text(path: Path, line: int, row: Mapping[str, object], field: str = "text") -> str:
    value = row.get(field, None if field == "text" else "")
    if value is None and field != "text":
        return ""
    if not isinstance(value, str):
        raise _wrong(path, line, f"the row has no {field}")
    return value


def _tags(row: Mapping[str, object]) -> tuple[str, ...]:
    tags = row.get("tags")
    if isinstance(tags, str):
        return (tags,)
    return tuple(map(str, tags)) if isinstance(tags, list) else ()


def _distinct(path: Path, rows: Sequence[T]) -> list[T]:
    seen: set[str] = set()
    for row in rows:
        if row.id in seen:
            raise InvalidInput(f"{path}: the id {row.id!r} stands there twice")
        seen.add(row.id)
    if not rows:
        raise InvalidInput(f"{path} is empty: there is nothing to measure")
    return list(rows)


def _wrong(path: Path, line: int, reason: str) -> InvalidInput:
    return InvalidInput(f"{path}, line {line}: {reason}", fields={path.name: f"line {line}"})
