"""People correct what was found: at once in the record, and from then on in every window.

what is asked -> a Correction: which clusters are of one family, which are not in it,
                 what something is called, which text stays
              -> families, names and the correction in one transaction, with outbox rows
later windows -> `ruling.py`: the same again, whatever the prompts say
undo          -> the correction stands no more; what it was about is grouped anew
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeAlias
from uuid import NAMESPACE_URL, uuid4, uuid5

from promptuary.canon.ingest import Canon
from promptuary.canon.joining import hold, joined, look_again, part, refuse
from promptuary.canon.relating import Related, decided, housed
from promptuary.canon.renaming import named
from promptuary.canon.replacing import replaced
from promptuary.canon.ruling import Ruling, ruling_of
from promptuary.canon.testifying import event_of
from promptuary.canon.undoing import FAMILIES, undoing
from promptuary.canon.uniting import carry, cut, fold, keep, members_of, release, settled
from promptuary.canon.windows import families_of
from promptuary.domain.corrections import Correction, CorrectionKind
from promptuary.domain.errors import Conflict, InvalidInput, NotFound
from promptuary.domain.pages import Page
from promptuary.domain.prompts import Prompt
from promptuary.domain.templates import Family, Intent, Lineage
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import Transaction

MOST = 300
"""Clusters that one correction is about: it speaks of each pair of them."""
LONGEST_NAME = 200
WHOLE = "that is the whole family; nothing would be left of it"
SOMEBODY = "somebody"
"""Who made a correction if nobody says."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What a correction is about: clusters and intents of one family, those that are not in it."""

    kind: CorrectionKind
    ids: tuple[str, ...]
    apart: tuple[str, ...] = ()
    collection: str = ""
    home: str | None = None
    """The family that these go to; None for whichever they have that no other may have."""
    intents: tuple[Intent, ...] = ()
    """Those that have to be known from now on."""
    taken: tuple[Prompt, ...] = ()
    """Prompts to be taken out of theirs: `ids`, if there are any."""
    yields: bool = False
    """Whether it gives way to what was said before."""


_Say: TypeAlias = Callable[[Transaction], Awaitable[_Said]]
"""What a correction says, by what is true when its turn comes."""


class Correcting:
    """`promptuary.corrections`: people's say in families, names and texts.

    Ids are those of clusters (lineages) and families. Every method raises NotFound for what does
    not exist, Conflict for a cluster that another one took over, InvalidInput for what cannot be.
    """

    def __init__(self, canon: Canon, clock: Clock, told: Callable[[], None]) -> None:
        self._canon = canon
        self._clock = clock
        self._told = told

    async def merge(
        self, family_ids: Sequence[str], *, by: str = SOMEBODY, yields: bool = False
    ) -> Correction:
        """These families are one: that of the first that has templates, or else of the first. It
        keeps its id and name.

        With `yields` it raises Conflict where anybody said that two of theirs are apart.
        """

        async def say(tx: Transaction) -> _Said:
            members = [await members_of(tx, each, MOST) for each in dict.fromkeys(family_ids)]
            if len(members) < 2:
                raise InvalidInput("name at least two different families")
            return _Said(
                "merge",
                tuple(key for each in members for key in each.ids),
                collection=_one_collection(each.family for each in members),
                home=next((each for each in members if each.lines), members[0]).family.id,
                intents=tuple(intent for each in members for intent in each.intents),
                yields=yields,
            )

        return await self._family(say, by)

    async def move(self, cluster_id: str, family_id: str, *, by: str = SOMEBODY) -> Correction:
        """The cluster belongs to that family, and no more to those it was with."""

        async def say(tx: Transaction) -> _Said:
            (line,) = await _lines(tx, [cluster_id])
            target = await members_of(tx, family_id, MOST)
            if not target.lines:
                said = f"the family {family_id} is made of single prompts and has no clusters"
                raise InvalidInput(f"{said}; merge the cluster's family with it")
            old = (await members_of(tx, line.family_id, MOST)).ids if line.family_id else ()
            if line.family_id == family_id:
                raise InvalidInput("the cluster is in that family already")
            ids = (line.id, *target.ids)
            others = tuple(each for each in old if each != line.id)
            name = _one_collection([line, target.family])
            return _Said("move", ids, others, name, home=family_id)

        return await self._family(say, by)

    async def split(self, ids: Sequence[str], *, by: str = SOMEBODY) -> Correction:
        """These clusters leave their family and are one of their own; or these prompts, where they
        belong to it by themselves and not by a template."""
        wanted = list(dict.fromkeys(ids))

        async def say(tx: Transaction) -> _Said:
            prompts = await tx.prompts.get(wanted)
            if prompts:
                return await _without(tx, wanted, prompts)
            lines = await _lines(tx, wanted)
            homes = {line.family_id for line in lines}
            if len(homes) != 1 or not (home := homes.pop()):
                raise InvalidInput("name clusters of one family")
            there = await members_of(tx, home, MOST)
            rest = tuple(each for each in there.ids if each not in wanted)
            if not rest:
                raise InvalidInput(WHOLE)
            return _Said("split", tuple(wanted), rest, there.family.collection, home="")

        return await self._family(say, by)

    async def apart(self, cluster_id: str, other_id: str, *, by: str = SOMEBODY) -> Correction:
        """These two are never in one family; if they are, the first leaves it."""
        if cluster_id == other_id:
            raise InvalidInput("name two different clusters")

        async def say(tx: Transaction) -> _Said:
            line, other = await _lines(tx, [cluster_id, other_id])
            home = "" if line.family_id == other.family_id else line.family_id
            name = _one_collection([line, other])
            return _Said("apart", (line.id,), (other.id,), name, home=home)

        return await self._family(say, by)

    async def join(self, cluster_ids: Sequence[str], *, by: str = SOMEBODY) -> Correction:
        """These clusters are one: the first has the prompts of all, and those that come, whichever
        of their templates they fit; its own template stays, and so do its id, name and family.

        Raises Conflict too where a template that would go is locked, or is to be kept apart from
        the first one's family.
        """
        wanted = list(dict.fromkeys(cluster_ids))
        if not 1 < len(wanted) <= MOST:
            raise InvalidInput(f"name two different clusters at least, {MOST} at most")
        async with self._canon.turn, self._canon.record.begin() as tx:
            name = _one_collection(await _lines(tx, wanted))
            collection = await tx.collections.get(name)
            await hold(tx, collection)
            into, *gone = await _lines(tx, wanted)
            living = [line for line in await tx.templates.lineages(collection.id) if line.family_id]
            mates = [line for line in living if line.family_id == into.family_id]
            refuse(into, gone, mates, await tx.corrections.standing(name))
            made = self._made(_Said("join", tuple(wanted)), name, by)
            taker, taken = await joined(tx, into, gone)
            await tx.templates.save_lineages([taker, *taken])
            await tx.outbox.add("lineage", wanted)
            left = [line for line in living if line.id not in wanted]
            left += [taker] if taker.family_id else []
            intents = await tx.intents.of(collection.id)
            known = decided(await families_of(tx, collection.id), intents)
            homes = {line.id: str(line.family_id) for line in left}
            await _write(tx, housed(left, known, homes, intents))
            await tx.corrections.add(made)
            await tx.evolution.replace([], event_of(made, [taker, *taken], made.created_at))
        await self._after(name)
        return made

    async def rename(self, own_id: str, name: str, *, by: str = SOMEBODY) -> Correction:
        """The cluster or family is called that from now on."""
        name = " ".join(name.split())
        if not 0 < len(name) <= LONGEST_NAME:
            said = f"a name has 1 to {LONGEST_NAME} characters"
            raise InvalidInput(said, fields={"name": said})
        async with self._canon.turn, self._canon.record.begin() as tx:
            collection = await named(tx, own_id, name)
            made = self._made(_Said("rename", (own_id,)), collection, by, name)
            await tx.corrections.add(made)
            await tx.evolution.replace([], event_of(made, await _about(tx, made), made.created_at))
        await self._after(collection)
        return made

    async def lock(self, cluster_id: str, *, by: str = SOMEBODY) -> Correction:
        """The cluster's template stays as it is; prompts still join it."""
        async with self._canon.turn, self._canon.record.begin() as tx:
            (line,) = await _lines(tx, [cluster_id])
            made = self._made(_Said("lock", (line.id,)), line.collection, by)
            await tx.corrections.add(made)
            await tx.evolution.replace([], event_of(made, [line], made.created_at))
        return made

    async def place(self, prompt_id: str, cluster_id: str, *, by: str = SOMEBODY) -> Correction:
        """The prompt stands under that cluster's template, whatever it was under before."""
        async with self._canon.turn, self._canon.record.begin() as tx:
            found = await tx.prompts.get([prompt_id])
            if not found or found[0].aside:
                raise NotFound("prompt", prompt_id)
            (line,) = await _lines(tx, [cluster_id])
            if found[0].collection != line.collection:
                raise InvalidInput("these are of different collections")
            if (await tx.templates.homes([prompt_id])).get(prompt_id) == line.id:
                raise InvalidInput("the prompt stands under that cluster already")
            made = self._made(_Said("place", (prompt_id, line.id)), line.collection, by)
            await tx.corrections.add(made)
            await replaced(tx, found[0], line)
            await tx.evolution.replace([], event_of(made, [line], made.created_at))
        await self._after(line.collection)
        return made

    async def undo(self, correction_id: str, *, by: str = SOMEBODY) -> Correction:
        """It stands no more: families are found anew for what it was about, and what was renamed
        gets the name it would have. What else people said holds on."""
        async with self._canon.turn:
            async with self._canon.record.read() as tx:
                known = await tx.corrections.get(correction_id)
                back = await undoing(tx, known)
            related = Related((), (), ())
            if known.kind in FAMILIES:
                related = await back.related(self._canon.embedder)
            async with self._canon.record.begin() as tx:
                await tx.corrections.undo(known.id, by[:255], self._clock.now())
                if known.kind in FAMILIES:
                    await hold(tx, back.collection)
                    await fold(tx, back.folded)
                if known.kind == "join":
                    await part(tx, back.parted)
                    await look_again(tx, back.collection, list(back.parted.lines.values()))
                await _write(tx, related)
                await release(tx, related.intents, back.ruled)
                if known.kind == "place":
                    (prompt,) = await tx.prompts.get(known.ids[:1])
                    await replaced(tx, prompt, None)
                if known.kind == "rename":
                    with suppress(NotFound):  # what is gone has no name
                        await named(tx, known.ids[0], back.ruled.names.get(known.ids[0]))
                undone = await tx.corrections.get(known.id)
                told = event_of(undone, await _about(tx, undone), self._clock.now(), undone=True)
                await tx.evolution.replace([], told)
        await self._after(known.collection)
        return undone

    async def list(
        self, collection: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Correction]:
        """Every correction with who made it and who undid it, the last made first."""
        async with self._canon.record.read() as tx:
            return await tx.corrections.list(collection, cursor=cursor, limit=limit)

    async def _family(self, say: _Say, by: str) -> Correction:
        """Write down what is said of how things stand then, and let it hold at once; nothing else
        moves."""
        async with self._canon.turn, self._canon.record.begin() as tx:
            collection = await tx.collections.get((await say(tx)).collection)
            await hold(tx, collection)
            said = await say(tx)  # again: now nobody else changes what it is about
            if len(said.ids) + len(said.apart) > MOST:
                raise InvalidInput(f"one correction is about {MOST} clusters and prompts at most")
            standing = await tx.corrections.standing(collection.name)
            if said.yields and _parts(await ruling_of(tx, standing), said.ids):
                raise Conflict("somebody said that two of these are apart")
            made = self._made(said, collection.name, by)
            lines = await tx.templates.lineages(collection.id)
            ids = {line.id: line.family_id for line in lines if line.family_id}
            home = said.home or str(uuid5(NAMESPACE_URL, f"family:{made.id}"))
            ids |= {line.id: home for line in lines if line.id in said.ids}
            known = await families_of(tx, collection.id)
            await keep(tx, said.intents)
            goes = {*said.ids}
            if said.taken:
                out = await cut(tx, made.id, said.taken, await tx.intents.homes(said.ids))
                goes = {each.id for each in out}
                home = out[0].id
            before = await tx.intents.of(collection.id)
            intents = [replace(i, family_id=home) if i.id in goes else i for i in before]
            await tx.corrections.add(made)
            ruled = await ruling_of(tx, [*standing, made])
            moving = [line for line in lines if line.id in ids]
            after = settled(intents, ruled.pairs, ids)
            await _write(tx, housed(moving, decided(known, before), ids, after))
            about = await tx.templates.some([*said.ids, *said.apart])
            await tx.evolution.replace([], event_of(made, about, made.created_at))
        await self._after(collection.name)
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


def _one_collection(parts: Iterable[Lineage | Family]) -> str:
    (name, *others) = {part.collection for part in parts}
    if others:
        raise InvalidInput("these are of different collections")
    return name


def _parts(ruled: Ruling, ids: Sequence[str]) -> bool:
    return any(not together and {*two} <= {*ids} for two, together in ruled.pairs.items())


async def _lines(tx: Transaction, ids: Sequence[str]) -> list[Lineage]:
    wanted = list(dict.fromkeys(ids))
    found = {line.id: line for line in await tx.templates.some(wanted)}
    for key in wanted:
        if key not in found:
            raise NotFound("cluster", key)
        if taker := found[key].merged_into:
            raise Conflict(f"the cluster {key} is gone; its prompts follow {taker}")
    return [found[key] for key in wanted]


async def _without(tx: Transaction, ids: Sequence[str], prompts: Sequence[Prompt]) -> _Said:
    """What is said when these prompts are taken out of their family."""
    found = {each.id: each for each in prompts}
    homes = {each.family_id for each in prompts}
    if missing := [key for key in ids if key not in found]:
        raise InvalidInput(f"name prompts alone, or clusters alone: {missing[0]} is no prompt")
    if len(homes) != 1 or not (home := homes.pop()):
        said = "name prompts of one family, to which they belong by themselves; "
        raise InvalidInput(f"{said}one that follows a template leaves with its cluster")
    there = await members_of(tx, home, MOST)
    if len(prompts) == sum(intent.size for intent in there.intents) and not there.lines:
        raise InvalidInput(WHOLE)
    name = there.family.collection
    taken = tuple(found[key] for key in ids)
    return _Said("split", tuple(ids), there.ids, name, intents=there.intents, taken=taken)


async def _about(tx: Transaction, correction: Correction) -> Sequence[Lineage]:
    """The clusters that a correction is about; for a family's name, its largest one."""
    found = await tx.templates.some([*correction.ids, *correction.apart])
    if found:
        return found
    return (await tx.templates.list(family_id=correction.ids[0], limit=1)).items


async def _write(tx: Transaction, related: Related) -> None:
    await tx.families.save(related.families)
    await tx.templates.save_lineages(related.lineages)
    await carry(tx, related.intents)
    await tx.families.remove(related.dead)
    await tx.outbox.add("family", [*(family.id for family in related.families), *related.dead])
    await tx.outbox.add("lineage", [line.id for line in related.lineages])
