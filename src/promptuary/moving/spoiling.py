"""Faults made on purpose in the new store, one kind after the other, for rehearsals."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from promptuary.canon.faults import turned_away
from promptuary.domain.errors import InvalidInput
from promptuary.domain.filters import Eq, Filter
from promptuary.domain.found import Entry
from promptuary.domain.upkeep import FAULTS, Fault
from promptuary.ports.index import Index

STRANGER: Final = "00000000-0000-4000-8000-{:012d}"


# A prompt that no engine has looked at yet is owed to no index: its absence is no fault.
PLACED: Final = Eq("alone", False)


async def spoil(index: Index, each: int, where: Filter = PLACED) -> Mapping[Fault, Collection[str]]:
    """Spoil `each` entries in each way there is; the ids of those that were spoiled so. Raises
    InvalidInput where there are too few entries."""
    ids = await index.list_ids(limit=each * len(FAULTS), where=where)
    entries = await index.get(ids)
    if len(entries) < each * len(FAULTS):
        raise InvalidInput("there are too few entries for a rehearsal")
    made: dict[Fault, Collection[str]] = {}
    for fault, some in zip(FAULTS, _shares(entries, each), strict=True):
        await _spoil(index, fault, some)
        made[fault] = [entry.id for entry in some]
    return made


def _shares(entries: Sequence[Entry], each: int) -> Iterator[Sequence[Entry]]:
    for at in range(len(FAULTS)):
        yield entries[at * each : (at + 1) * each]


async def _spoil(index: Index, fault: Fault, entries: Sequence[Entry]) -> None:
    match fault:
        case "missing":
            await index.remove([entry.id for entry in entries])
        case "extra":
            strangers = enumerate(entries)
            await index.put([replace(e, id=STRANGER.format(at)) for at, e in strangers])
        case "type":
            await index.put(
                [_with(entry, "created", str(entry.payload["created"])) for entry in entries]
            )
        case "value":
            wrong = [replace(e, texts={**e.texts, "text": f"{e.texts['text']}?"}) for e in entries]
            await index.put(wrong)
        case "version":
            await index.put([_with(entry, "version", "0.0.0-older") for entry in entries])
        case "unfindable":
            await index.put([replace(entry, vector=turned_away(entry)) for entry in entries])


def _with(entry: Entry, name: str, value: str) -> Entry:
    return replace(entry, payload={**entry.payload, name: value})
