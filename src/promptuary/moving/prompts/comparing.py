"""Does the library say what the older store says? Every id of both is compared, none by sample.

What both say is compared by digests; where those differ, both are read and compared as they are.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from promptuary.domain.library import Standing
from promptuary.domain.older_prompts import OlderPrompt
from promptuary.domain.reports import Progress, Told
from promptuary.domain.upkeep import FAULTS, Fault, Verified
from promptuary.library.older_prompts import (
    digest_of,
    is_older_id,
    older_id_of,
    read_older,
    said_by,
)
from promptuary.moving.prompts.knowing import Known
from promptuary.moving.prompts.sides import Both, Ours

EXAMPLES: Final = 5
FEW: Final = 100
"""So many prompts of a page are compared before others have their turn."""


@dataclass(slots=True)  # changes: it is filled page by page
class Seen:
    """What a look at both sides has found, by the older store's ids."""

    entries: int = 0
    faults: dict[str, Fault] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    firsts: dict[bytes, str] = field(default_factory=dict)
    """The lowest id of those that say the same."""
    absent: dict[str, bytes] = field(default_factory=dict)
    """Ids that the library lacks, with the digests of what they say."""
    digest: int = 0


async def look(both: Both, told: Told, total: int | None = None) -> Seen:
    """Compare all; nothing is changed. What is known from before is not read again."""
    await both.first_here()
    stands: dict[str, Standing] = {}
    async for some in both.standing():
        stands |= {older_id_of(each.slug): each for each in some}
    seen, cursor = Seen(), ""
    while True:
        entries, cursor = await both.archive.page(cursor)
        fresh = [each for each in entries if each.id not in seen.ids]
        for start in range(0, len(fresh), FEW):
            await _compare(both, fresh[start : start + FEW], stands, seen)
            await asyncio.sleep(0)  # reads go on meanwhile
        told(Progress("verify", seen.entries, total))
        if not cursor:
            break
    for number, digest in seen.absent.items():
        if seen.firsts[digest] == number:
            seen.faults[number] = "missing"
    alone = (
        number for number, each in stands.items() if not each.archived and number not in seen.ids
    )
    seen.faults |= dict.fromkeys(alone, "extra")
    return seen


async def still(both: Both, seen: Seen) -> dict[str, Fault]:
    """Which of the faults are there by now: either side may have changed while it was looked at."""
    if not seen.faults:
        return {}
    await both.first_here()
    ids = list(seen.faults)
    async with both.record.read() as tx:
        kept = await both.ours(tx, ids)
    there, again, known = await both.archive.get(ids), Seen(), Known()
    for each in there:
        again.ids.add(each.id)
        _judge(each, known.there(each), kept.get(each.id), again)
    faults = dict(again.faults)
    for number in ids:
        if number in again.absent and seen.firsts.get(again.absent[number], number) == number:
            faults[number] = "missing"
        elif number not in again.ids and number in kept and not kept[number].prompt.archived:
            faults[number] = "extra"
    return faults


def reported(seen: Seen, repaired: int = 0) -> Verified:
    """The outcome, for the move and its report."""
    counts = Counter(seen.faults.values())
    examples: dict[str, list[str]] = {}
    for number, fault in seen.faults.items():
        if len(some := examples.setdefault(fault, [])) < EXAMPLES:
            some.append(number)
    return Verified(
        entries=seen.entries,
        faults={fault: counts[fault] for fault in FAULTS if counts[fault]},
        examples={fault: tuple(some) for fault, some in examples.items()},
        repaired=repaired,
        digest=seen.digest.to_bytes(8).hex(),
    )


async def _compare(
    both: Both,
    entries: Sequence[OlderPrompt],
    stands: Mapping[str, Standing],
    seen: Seen,
) -> None:
    """Some of them: only those are read whose digests are unknown here, or differ."""
    known = both.known
    unlike: list[tuple[OlderPrompt, bytes | None]] = []
    for each in entries:
        if not is_older_id(each.id):
            continue
        seen.ids.add(each.id)
        digest, here = known.there(each), stands.get(each.id)
        same = digest is not None and here is not None and known.here(each.id, here) == digest
        if same and digest is not None and here is not None and not here.archived:
            _count(each.id, digest, seen)
        else:
            unlike.append((each, digest))
    if not unlike:
        return
    async with both.record.read() as tx:
        kept = await both.ours(tx, [each.id for each, _ in unlike])
    for each, digest in unlike:
        mine = kept.get(each.id)
        if _judge(each, digest, mine, seen) and mine is not None and digest is not None:
            prompt = mine.prompt
            known.learn(each.id, prompt.revision, prompt.updated_at, digest)


def _judge(entry: OlderPrompt, digest: bytes | None, kept: Ours | None, seen: Seen) -> bool:
    """Whether both sides say the same."""
    live = kept is not None and not kept.prompt.archived
    if digest is None:
        if live:
            seen.faults[entry.id] = "type"
        return False
    _count(entry.id, digest, seen)
    if kept is None or not live:
        seen.absent[entry.id] = digest
        return False
    mine = said_by(kept.prompt.about, kept.version)
    if digest_of(mine) == digest or mine == read_older(entry.raw).said:
        return True
    seen.faults[entry.id] = "value"
    return False


def _count(number: str, digest: bytes, seen: Seen) -> None:
    seen.entries += 1
    seen.digest ^= int.from_bytes(blake2b(number.encode() + digest, digest_size=8).digest())
    first = seen.firsts.get(digest)
    if first is None or int(number) < int(first):
        seen.firsts[digest] = number
