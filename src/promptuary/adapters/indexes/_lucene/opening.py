"""Opening an index: of the right engine, layout and space, or made anew.

The name of an index is an alias of the engine's; what it stands for has a number at its end. So an
index can be made anew beside the one that serves, and take over in one step.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from promptuary.adapters.indexes._lucene.dialect import Dialect
from promptuary.adapters.indexes._lucene.layout import FORMAT, layout
from promptuary.adapters.indexes._lucene.wire import Engine, Missing
from promptuary.domain.errors import InvalidInput, Misconfigured, PromptuaryError, SpaceMismatch
from promptuary.domain.vectors import Space

_NUMBERED = re.compile(r"-\d{6,}")


async def open_on(engine: Engine, dialect: Dialect, space: Space) -> None:
    """See that the index that the address names can be used; it is made if there is none. Raises
    Misconfigured, SpaceMismatch, Unavailable."""
    dialect.check(await engine.ask("GET", "/"))
    name = engine.address.index
    try:
        _check(await engine.ask("GET", f"/{name}"), name, space)
    except Missing:
        await _first(engine, dialect, space)


async def make_next(engine: Engine, dialect: Dialect, space: Space) -> str:
    """A new, empty index of the next number."""
    highest = max(map(number_of, await numbers_of(engine)), default=0)
    return await make(engine, dialect, space, highest + 1)


async def numbers_of(engine: Engine) -> list[str]:
    """The engine's own names of every index of that name, oldest first."""
    name = engine.address.index
    told = await engine.ask("GET", f"/{name}-*/_alias")
    return sorted(each for each in told if _NUMBERED.fullmatch(each.removeprefix(name)))


async def make(
    engine: Engine, dialect: Dialect, space: Space, number: int, *, alias: bool = False
) -> str:
    """A new, empty index of that number."""
    name = engine.address.index
    body = layout(dialect, await engine.ask("GET", "/"), engine.address, space)
    if alias:
        body["aliases"] = {name: {}}
    concrete = numbered(name, number)
    await engine.ask("PUT", f"/{concrete}", body, seconds=max(30.0, engine.address.seconds))
    return concrete


async def take_over(engine: Engine, new: str, old: str, *, remove: bool) -> None:
    """Let the name stand for another index, in one step."""
    name = engine.address.index
    actions: list[dict[str, Any]] = [{"add": {"index": new, "alias": name}}]
    gone = {"remove_index": {"index": old}} if remove else {"remove": {"index": old, "alias": name}}
    await engine.ask("POST", "/_aliases", {"actions": [*actions, gone]}, seconds=30.0)


async def standing(engine: Engine) -> str:
    """The index that the name stands for now."""
    told = await engine.ask("GET", f"/_alias/{engine.address.index}")
    return next(iter(told))


def numbered(name: str, number: int) -> str:
    """The engine's own name of an index."""
    return f"{name}-{number:06}"


def number_of(concrete: str) -> int:
    """The number at its end."""
    return int(concrete.rpartition("-")[2])


async def _first(engine: Engine, dialect: Dialect, space: Space) -> None:
    try:
        await make(engine, dialect, space, 1, alias=True)
    except InvalidInput as refusal:
        if "already_exists" not in str(refusal) and "already exists" not in str(refusal):
            raise Misconfigured(str(refusal)) from refusal
        # Somebody else made it meanwhile; or it is there and the name stands for nothing.
        name = engine.address.index
        try:
            _check(await engine.ask("GET", f"/{name}"), name, space)
        except PromptuaryError as error:
            raise Misconfigured(
                f"{numbered(name, 1)} is there, but {name} is not: {error}"
            ) from error


def _check(told: Mapping[str, Any], name: str, space: Space) -> None:
    if len(told) != 1:
        raise Misconfigured(f"{name} stands for {len(told)} indexes of the engine, not for one")
    ((concrete, about),) = told.items()
    kept = about.get("mappings", {}).get("_meta", {})
    if "promptuary" not in kept or concrete == name:
        raise Misconfigured(f"{name} is an index that somebody else made: name another")
    if kept["promptuary"] != FORMAT:
        raise Misconfigured(f"{name} was laid out by another version: remove it and rebuild")
    if kept["fingerprint"] != space.fingerprint:
        raise SpaceMismatch(f"{name} holds vectors of {kept['space']}, not of {space.name}")
