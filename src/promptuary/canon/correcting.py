"""People correct what was found: at once in the record, and from then on in every window.

what is asked -> a Correction: which clusters are of one family, which are not in it,
                 what something is called, which text stays
              -> families, names and the correction in one transaction, with outbox rows
later windows -> `ruling.py`: the same again, whatever the prompts say
undo          -> the correction stands no more; what it was about is grouped anew
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import NAMESPACE_URL, uuid4, uuid5

from promptuary.canon.drafting import first_words
from promptuary.canon.families.naming import family_name
from promptuary.canon.ingest import Canon, families_of, ruling_of
from promptuary.canon.relating import Related, housed, relate
from promptuary.domain.corrections import Correction, CorrectionKind
from promptuary.domain.errors import Conflict, InvalidInput, NotFound
from promptuary.domain.pages import Page
from promptuary.domain.templates import Lineage
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import Transaction

MOST = 300
"""Clusters that one correction is about: it speaks of each pair of them."""
LONGEST_NAME = 200
SOMEBODY = "somebody"
"""Who made a correction if nobody says."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What a correction is about: clusters of one family, and those that are not in it."""

    kind: CorrectionKind
    ids: tuple[str, ...]
    apart: tuple[str, ...] = ()
    home: str | None = None
    """The family that these go to; None for whichever they have that no other may have."""


class Correcting:
    """`promptuary.corrections`: people's say in families, names and texts.

    Ids are those of clusters (lineages) and families. Every method raises NotFound for what does
    not exist, Conflict for a cluster that another one took over, InvalidInput for what cannot be.
    """

    def __init__(self, canon: Canon, clock: Clock, told: Callable[[], None]) -> None:
        self._canon = canon
        self._clock = clock
        self._told = told

    async def merge(self, family_ids: Sequence[str], *, by: str = SOMEBODY) -> Correction:
        """These families are one: that of the first, which keeps its id and name."""
        async with self._canon.record.read() as tx:
            members = [await _members(tx, each) for each in dict.fromkeys(family_ids)]
        if len(members) < 2:
            raise InvalidInput("name at least two different families")
        ids = tuple(line.id for lines in members for line in lines)
        return await self._family(_Said("merge", ids, home=members[0][0].family_id), by)

    async def move(self, cluster_id: str, family_id: str, *, by: str = SOMEBODY) -> Correction:
        """The cluster belongs to that family, and no more to those it was with."""
        async with self._canon.record.read() as tx:
            (line,) = await _lines(tx, [cluster_id])
            target = await _members(tx, family_id)
            old = await _members(tx, line.family_id) if line.family_id else []
        if line.family_id == family_id:
            raise InvalidInput("the cluster is in that family already")
        ids = (line.id, *(each.id for each in target))
        others = tuple(each.id for each in old if each.id != line.id)
        return await self._family(_Said("move", ids, others, home=family_id), by)

    async def split(self, cluster_ids: Sequence[str], *, by: str = SOMEBODY) -> Correction:
        """These clusters leave their family and are one of their own."""
        async with self._canon.record.read() as tx:
            lines = await _lines(tx, cluster_ids)
            homes = {line.family_id for line in lines}
            if len(homes) != 1 or not (home := homes.pop()):
                raise InvalidInput("name clusters of one family")
            rest = [line.id for line in await _members(tx, home) if line not in lines]
        if not rest:
            raise InvalidInput("that is the whole family; nothing would be left of it")
        ids = tuple(line.id for line in lines)
        return await self._family(_Said("split", ids, tuple(rest), home=""), by)

    async def apart(self, cluster_id: str, other_id: str, *, by: str = SOMEBODY) -> Correction:
        """These two are never in one family; if they are, the first leaves it."""
        if cluster_id == other_id:
            raise InvalidInput("name two different clusters")
        async with self._canon.record.read() as tx:
            line, other = await _lines(tx, [cluster_id, other_id])
        home = "" if line.family_id == other.family_id else line.family_id
        return await self._family(_Said("apart", (line.id,), (other.id,), home=home), by)

    async def rename(self, own_id: str, name: str, *, by: str = SOMEBODY) -> Correction:
        """The cluster or family is called that from now on."""
        name = " ".join(name.split())
        if not 0 < len(name) <= LONGEST_NAME:
            said = f"a name has 1 to {LONGEST_NAME} characters"
            raise InvalidInput(said, fields={"name": said})
        async with self._canon.turn, self._canon.record.begin() as tx:
            collection = await _named(tx, own_id, name)
            made = self._made(_Said("rename", (own_id,)), collection, by, name)
            await tx.corrections.add(made)
        await self._after(collection)
        return made

    async def lock(self, cluster_id: str, *, by: str = SOMEBODY) -> Correction:
        """The cluster's template stays as it is; prompts still join it."""
        async with self._canon.turn, self._canon.record.begin() as tx:
            (line,) = await _lines(tx, [cluster_id])
            made = self._made(_Said("lock", (line.id,)), line.collection, by)
            await tx.corrections.add(made)
        return made

    async def undo(self, correction_id: str, *, by: str = SOMEBODY) -> Correction:
        """It stands no more: families are found anew for what it was about, and what was renamed
        gets the name it would have. What else people said holds on."""
        record = self._canon.record
        async with self._canon.turn:
            async with record.read() as tx:
                known = await tx.corrections.get(correction_id)
                collection = await tx.collections.get(known.collection)
                standing = await tx.corrections.standing(known.collection)
                rest = [each for each in standing if each.id != known.id]
                lines = await tx.templates.lineages(collection.id)
                families = [f for f in await families_of(tx, collection.id) if f.templates]
                ruled = await ruling_of(tx, rest)
            related = Related((), (), ())
            about = {*known.ids, *known.apart}
            if known.kind in {"merge", "move", "split", "apart"}:
                telling = [line for line in lines if line.family_id]
                changed = about & {line.id for line in telling}
                work = partial(relate, self._canon.embedder, telling, families)
                related = await work(changed=changed, ruling=ruled)
            async with record.begin() as tx:
                await tx.corrections.undo(known.id, by[:255], self._clock.now())
                await _write(tx, related)
                if known.kind == "rename":
                    await _named(tx, known.ids[0], ruled.names.get(known.ids[0]))
                undone = await tx.corrections.get(known.id)
        await self._after(known.collection)
        return undone

    async def list(
        self, collection: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Correction]:
        """Every correction with who made it and who undid it, the last made first."""
        async with self._canon.record.read() as tx:
            return await tx.corrections.list(collection, cursor=cursor, limit=limit)

    async def _family(self, said: _Said, by: str) -> Correction:
        """Write it down and let it hold at once; nothing else moves."""
        if len(said.ids) + len(said.apart) > MOST:
            raise InvalidInput(f"one correction is about {MOST} clusters at most")
        async with self._canon.turn, self._canon.record.begin() as tx:
            about = await _lines(tx, [*said.ids, *said.apart])
            (name, *others) = {line.collection for line in about}
            if others:
                raise InvalidInput("these are of different collections")
            made = self._made(said, name, by)
            collection = await tx.collections.get(name)
            lines = await tx.templates.lineages(collection.id)
            known = [f for f in await families_of(tx, collection.id) if f.templates]
            ids = {line.id: line.family_id for line in lines if line.family_id}
            home = said.home or str(uuid5(NAMESPACE_URL, f"family:{made.id}"))
            ids |= dict.fromkeys(said.ids, home)
            await _write(tx, housed([line for line in lines if line.id in ids], known, ids))
            await tx.corrections.add(made)
        await self._after(name)
        return made

    def _made(self, said: _Said, collection: str, by: str, name: str = "") -> Correction:
        return Correction(
            id=str(uuid4()),
            collection=collection,
            kind=said.kind,
            ids=said.ids,
            by=by[:255],
            created_at=self._clock.now(),
            apart=said.apart,
            name=name,
        )

    async def _after(self, name: str) -> None:
        """Placements of single prompts and the index hear of it."""
        async with self._canon.record.read() as tx:
            collection = await tx.collections.get(name)
        await self._canon.nearest.renew(self._canon.record, collection)
        self._told()


async def _lines(tx: Transaction, ids: Sequence[str]) -> list[Lineage]:
    wanted = list(dict.fromkeys(ids))
    found = {line.id: line for line in await tx.templates.some(wanted)}
    for key in wanted:
        if key not in found:
            raise NotFound("cluster", key)
        if taker := found[key].merged_into:
            raise Conflict(f"the cluster {key} is gone; its prompts follow {taker}")
    return [found[key] for key in wanted]


async def _members(tx: Transaction, family_id: str) -> list[Lineage]:
    """The clusters of a family. One that is made of prompts alone has none to speak of."""
    await tx.families.get(family_id)
    lines: list[Lineage] = []
    cursor: str | None = None
    while True:
        page = await tx.templates.list(family_id=family_id, cursor=cursor, limit=MOST)
        lines += page.items
        cursor = page.next_cursor
        if cursor is None or len(lines) > MOST:
            break
    if not lines:
        raise InvalidInput(f"the family {family_id} is made of single prompts and has no clusters")
    return lines


async def _named(tx: Transaction, own_id: str, name: str | None) -> str:
    """Call a cluster or family that, or what it would be called; the name of its collection."""
    for line in await tx.templates.some([own_id]):
        called = replace(line, name=name or first_words(line.template.text, line.id))
        await tx.templates.save_lineages([called])
        await tx.outbox.add("lineage", [own_id])
        return line.collection
    for family in await tx.families.some([own_id]):
        texts = await tx.templates.leading_texts([own_id], limit=MOST)
        found = name or family_name(texts.get(own_id, ())) or family.name
        await tx.families.save([replace(family, name=found)])
        await tx.outbox.add("family", [own_id])
        return family.collection
    raise NotFound("cluster or family", own_id)


async def _write(tx: Transaction, related: Related) -> None:
    await tx.families.save(related.families)
    await tx.templates.save_lineages(related.lineages)
    await tx.families.remove(related.dead)
    await tx.outbox.add("family", [*(family.id for family in related.families), *related.dead])
    await tx.outbox.add("lineage", [line.id for line in related.lineages])
