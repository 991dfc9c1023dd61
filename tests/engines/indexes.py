"""An index of a test's own on an engine that others use too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from secrets import token_hex
from typing import Any
from urllib.request import Request, urlopen

from promptuary.domain.vectors import Space
from promptuary.plugins import open_index
from promptuary.ports.index import Index
from promptuary.testing.index import Connect

_NUMBERS = count()
_RUN = token_hex(4)


def opener(place: str) -> Connect:
    """Opens the same place each time."""

    async def open_it(space: Space) -> Index:
        return await open_index(place, space=space)

    return open_it


def place_on(scheme: str, url: str) -> Iterator[str]:
    """A place that nobody has used; it is removed afterwards."""
    yield (place := fresh(scheme, url))
    forget(place)


def emptied(place: str) -> None:
    """Take all that was put there, and what the index notes of it, as a new one costs four times as
    much."""
    base, name = _parts(place)
    everything = {"query": {"match_all": {}}}
    ask(f"http://{base}/{name}-*/_refresh", "POST")  # or it stumbles over what was just removed
    ask(f"http://{base}/{name}-*/_delete_by_query?refresh=true", "POST", everything)


def fresh(scheme: str, url: str) -> str:
    """The URL of an index that nobody has used."""
    return f"{scheme}://{url.partition('://')[2]}/test-{_RUN}-{next(_NUMBERS)}"


def forget(place: str) -> None:
    """Remove it from the engine."""
    base, name = _parts(place)
    standing = ask(f"http://{base}/_cat/indices/{name}-*?format=json&h=index")
    for one in standing:
        ask(f"http://{base}/{one['index']}", "DELETE")


def _parts(place: str) -> tuple[str, str]:
    """Where the engine is, and the name of the index."""
    base, _, name = place.partition("://")[2].partition("?")[0].rpartition("/")
    return base, name


def ask(url: str, method: str = "GET", body: object = None) -> Any:
    """What an engine answers when it is asked directly."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    with urlopen(Request(url, data, headers, method=method), timeout=60) as reply:
        return json.load(reply)
