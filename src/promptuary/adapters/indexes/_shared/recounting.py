"""Are words counted as they stand in the entries? A process that was killed between a record of
the log and the entries it speaks of leaves counts behind that nothing bears out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable

import anyio
import numpy as np

from promptuary.adapters.indexes._shared.engine import Engine
from promptuary.adapters.indexes._shared.records import Record
from promptuary.adapters.indexes._shared.words import Words
from promptuary.domain.errors import Busy
from promptuary.retrieval.lexicon import Lexicon

_PAGE = 1_000
_LOOKS = 8
_APART = 0.2
"""Seconds for whoever was about to write the entries of the newest record."""


async def correction(
    engine: Engine, words: Words, refresh: Callable[[], Awaitable[None]]
) -> Record | None:
    """The record that would make the counts those of the entries; None where they are. What differs
    is looked at twice, at the same position of the log. Raises Busy while others keep writing."""
    seen: tuple[int, Record] | None = None
    for _ in range(_LOOKS):
        await refresh()
        at = words.position
        wrong = await _differing(engine, words.lexicon)
        await refresh()
        if at != words.position:
            continue
        if wrong is None or (seen and seen[0] == at and _alike(seen[1], wrong)):
            return wrong
        seen = at, wrong
        await anyio.sleep(_APART)
    raise Busy("others keep writing to this index: its words cannot be counted now")


async def _differing(engine: Engine, lexicon: Lexicon) -> Record | None:
    """As one reading of every entry has it."""
    standing: Counter[int] = Counter()
    entries = 0
    after: str | None = None
    while ids := await engine.ids_after(after, _PAGE, None):
        found = await engine.standing(ids)
        for dimensions in found.values():
            standing.update(dimensions)
        entries += sum(map(bool, found.values()))
        after = ids[-1]
    counted = Counter(dict(zip(*map(np.ndarray.tolist, lexicon.counted()), strict=True)))
    standing.subtract(counted)
    wrong = {dimension: change for dimension, change in standing.items() if change}
    if not wrong and entries == lexicon.entries:
        return None
    return Record(
        entries=entries - lexicon.entries,
        dimensions=np.fromiter(wrong.keys(), dtype=np.int64),
        changes=np.fromiter(wrong.values(), dtype=np.int64),
    )


def _alike(one: Record, other: Record) -> bool:
    """Whether they say the same."""

    def said(record: Record) -> tuple[int, dict[int, int]]:
        pairs = zip(record.dimensions.tolist(), record.changes.tolist(), strict=True)
        return record.entries, dict(pairs)

    return said(one) == said(other)
