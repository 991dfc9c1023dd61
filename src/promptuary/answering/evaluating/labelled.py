"""Questions with their truth, as rows of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from promptuary.answering.evaluating.scoring import Gold
from promptuary.domain.errors import InvalidInput


def read_questions(path: Path) -> list[tuple[str, str]]:
    """(id, question) of each row, without its truth. Raises InvalidInput with file and line."""
    rows = [(_text(path, n, row, "id"), _text(path, n, row, "question")) for n, row in _rows(path)]
    if not rows:
        raise InvalidInput(f"{path} is empty: there is nothing to ask")
    return rows


def read_gold(path: Path) -> list[Gold]:
    """What is true of those questions. Raises InvalidInput with file and line."""
    return [_gold(path, number, row) for number, row in _rows(path)]


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    if not path.is_file():
        raise InvalidInput(f"{path} is missing", fields={path.name: "missing"})
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise _wrong(path, number, f"no JSON: {error}") from error
            if not isinstance(row, dict):
                raise _wrong(path, number, "a row must be a JSON object")
            yield number, row


def _gold(path: Path, number: int, row: Mapping[str, object]) -> Gold:
    return Gold(
        id=_text(path, number, row, "id"),
        question=_text(path, number, row, "question"),
        answers=_texts(path, number, row, "answers"),
        unanswerable=bool(row.get("unanswerable", False)),
        documents=_texts(path, number, row, "gold_docs"),
        spans=_spans(path, number, row.get("spans", [])),
    )


def _text(path: Path, number: int, row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _wrong(path, number, f"`{name}` is missing, or no text")
    return str(value)


def _texts(path: Path, number: int, row: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = row.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str | int) for each in value):
        raise _wrong(path, number, f"`{name}` must be a list of texts")
    return tuple(map(str, value))


def _spans(path: Path, number: int, value: object) -> tuple[tuple[int, int], ...]:
    if not isinstance(value, list) or not all(map(_is_span, value)):
        raise _wrong(path, number, "`spans` must be a list of [start, end]")
    return tuple((pair[0], pair[1]) for pair in value)


def _is_span(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 2:
        return False
    start, end = value
    return type(start) is int and type(end) is int and 0 <= start <= end


def _wrong(path: Path, line: int, what: str) -> InvalidInput:
    return InvalidInput(f"{path}, line {line}: {what}", fields={f"{path.name}:{line}": what})
