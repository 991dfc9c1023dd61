"""Days of a site that are unlike others, out of a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from promptuary.domain.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days of a site that are unlike others: `off` are holidays, `odd` teach nothing."""

    timezone: str | None = None
    off: frozenset[date] = frozenset()
    odd: frozenset[date] = frozenset()


def read_calendar(path: Path) -> Calendar:
    """`{timezone?, entries: [{date, kind}]}`: a kind with "holiday" in it is a day off, every other
    an odd day. Raises InvalidInput for a file that cannot be read as such."""
    whole = read_object(path)
    off: set[date] = set()
    odd: set[date] = set()
    for number, entry in enumerate(entries(path, whole, "entries"), 1):
        try:
            day, kind = date.fromisoformat(str(entry["date"])), str(entry["kind"])
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"{path}: entry {number} needs a date and a kind") from error
        (off if "holiday" in kind else odd).add(day)
    zone = whole.get("timezone")
    return Calendar(str(zone) if zone else None, frozenset(off), frozenset(odd))


def read_object(path: Path) -> dict[str, Any]:
    """A JSON object. Raises InvalidInput."""
    try:
        whole = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(whole, dict):
        raise InvalidInput(f"{path} must hold a JSON object")
    return whole


def entries(path: Path, whole: Mapping[str, Any], name: str) -> Iterator[Any]:
    """The members of a list in it. Raises InvalidInput."""
    found = whole.get(name)
    if not isinstance(found, list):
        raise InvalidInput(f"{path}: `{name}` must be a list")
    yield from found
