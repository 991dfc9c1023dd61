"""`json:` JSON, and JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator

from promptuary.adapters.document_loaders._text import Writing, decoded, lines_of
from promptuary.domain.errors import InvalidInput
from promptuary.domain.loading import Limits, Loaded, RawFile, Unread


def connect(url: str) -> JsonLoader:  # noqa: ARG001  every adapter is opened by a URL
    """`json:`"""
    return JsonLoader()


class JsonLoader:
    """Each object of a list, and each line of JSON lines, is a row `name: value; name: value`;
    whatever is nested in it is named by its path (`author.name`)."""

    @property
    def suffixes(self) -> frozenset[str]:
        """JSON by its usual names."""
        return frozenset({".json", ".jsonl", ".ndjson", ".geojson"})

    def load(self, file: RawFile, limits: Limits) -> Iterator[Loaded | Unread]:
        """As the port says; a line that is no JSON is named, and the others are read."""
        text = decoded(file, limits)
        writing = Writing(limits)
        if file.name.lower().endswith((".jsonl", ".ndjson")):
            yield from _lines(text, writing)
        elif text.strip():
            value = parsed(text)
            for each in value if isinstance(value, list) else _members(value):
                writing.add("row", shown(each))
        if writing.blocks:
            yield Loaded(writing.text, writing.blocks)


def _lines(text: str, writing: Writing) -> Iterator[Unread]:
    for line in lines_of(text):
        if line.blank:
            continue
        try:
            writing.add("row", shown(parsed(line.text)), line=line.number)
        except InvalidInput as error:
            yield Unread(f"line {line.number}", error.code, str(error))


def parsed(text: str) -> object:
    """The value; raises InvalidInput for what is no JSON, or nested beyond all measure."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"this is no JSON: {error}") from error
    return value


def _members(value: object) -> list[object]:
    """The members of an object one by one, so that a large one is more than one row."""
    if isinstance(value, dict):
        return [{name: inner} for name, inner in value.items()]
    return [value]


def shown(value: object) -> str:
    """A value as `name: value; name: value`. Raises InvalidInput for one nested too deep."""
    try:
        return "; ".join(_leaves(value, ""))
    except RecursionError as error:
        raise InvalidInput("this JSON is nested too deep") from error


def _leaves(value: object, path: str) -> Iterator[str]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from _leaves(inner, f"{path}.{name}" if path else str(name))
        case list() if all(isinstance(each, str | int | float | bool) for each in value):
            if value:
                yield _named(path, ", ".join(map(str, value)))
        case list():
            for at, inner in enumerate(value):
                yield from _leaves(inner, f"{path}[{at}]")
        case None | "":
            return
        case _:
            yield _named(path, str(value))


def _named(path: str, value: str) -> str:
    return f"{path}: {value}" if path else value
