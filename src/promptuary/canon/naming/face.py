"""The path of naming: what has no name of a model's yet -> shown to it, several in a call ->
each word checked -> names, descriptions and refusals in one transaction with outbox rows.

A person's name always wins. Whatever the model does, what it says stands only where it is taken;
else the name without it stands, and the record says why.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from promptuary.canon.correcting import Correcting
from promptuary.canon.ingest import Canon
from promptuary.canon.naming.checking import judged
from promptuary.canon.naming.doubting import BOUNDS
from promptuary.canon.naming.settling import open_doubts, settle_doubts
from promptuary.canon.naming.showing import (
    Thing,
    batches,
    family_thing,
    messages,
    template_thing,
)
from promptuary.canon.ruling import ruling_of
from promptuary.canon.windows import families_of
from promptuary.domain.chats import ChatOptions, Reply, Usage
from promptuary.domain.errors import NotFound, PromptuaryError, Unsupported
from promptuary.domain.namings import DoubtfulPair, DoubtReport, Naming, NamingReport
from promptuary.domain.pages import Page
from promptuary.domain.reports import Progress, Told, silent
from promptuary.domain.templates import Family
from promptuary.ports.chat_model import ChatModel
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import Transaction

Chat = Callable[[], Awaitable[ChatModel | None]]
MOST_CALLS = 20
"""So many calls one run makes at the most, unless somebody says otherwise."""
_EACH = 400
_LEADING = 5


@dataclass(frozen=True, slots=True)
class _Work:
    """What is to be asked, largest first, and what is known of it already."""

    todo: tuple[Thing, ...]
    known: Mapping[str, Naming]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long replies may be, in tokens, besides room for each thing, and how freely they name."""

    tokens: int = 2_000
    temperature: float = 0.0
    reasoning_tokens: int = 1_000


class NamingByModel:
    """`promptuary.naming`: names and descriptions of templates, slots and families."""

    def __init__(
        self,
        canon: Canon,
        clock: Clock,
        told: Callable[[], None],
        chat: Chat,
        reasoner: Chat | None = None,
        *,
        coder: Chat | None = None,
        always: int = 0,
        bounds: Bounds = Bounds(),
    ) -> None:
        self._canon = canon
        self._clock = clock
        self._told = told
        self._chat = chat
        self._reasoner = reasoner or chat
        self._corrections = Correcting(canon, clock, told)
        self._coder = coder
        self._always = always
        self._bounds = bounds

    async def name(
        self,
        own_ids: Sequence[str] = (),
        *,
        collection: str = "default",
        again: bool = False,
        most_calls: int = MOST_CALLS,
        progress: Told = silent,
    ) -> NamingReport:
        """Have the model name these clusters and families, or all of the collection.

        What was asked before is not asked again, unless `again`; neither is what people renamed.
        What is full of program code is asked of the model for that, where there is one, last.
        Where the model is away or its budget is spent, the rest waits and the report says so.
        Raises NotFound, and Unsupported without a model.
        """
        chat = await self._chat()
        if chat is None:
            raise Unsupported("no chat model is set: PROMPTUARY_CHAT_MODELS names one")
        work = await self._work(collection, own_ids, again=again)
        await self._write(collection, _borrowed(work.known), work.known)
        report = NamingReport(collection, known=len(work.known))
        coder = await self._coder() if self._coder else None
        calls = batches([each for each in work.todo if not (coder and each.code)])
        routed = batches([each for each in work.todo if coder and each.code])
        asked = [*((chat, batch) for batch in calls), *((coder or chat, each) for each in routed)]
        left = len(work.todo)
        for model, batch in asked[:most_calls]:
            progress(Progress("name", len(work.todo) - left, len(work.todo)))
            try:
                reply = await model.reply(messages(batch), options=self._options(batch))
            except PromptuaryError as error:
                report = replace(report, calls=report.calls + 1, stopped=error.code)
                break
            left -= len(batch)
            made = self._judged(collection, batch, reply)
            taken = await self._write(collection, {each.own_id: each for each in made}, {})
            report = _counted(report, made, taken, reply.usage)
        return replace(report, waiting=left)

    async def settle_doubts(
        self, *, collection: str = "default", most_calls: int = MOST_CALLS, progress: Told = silent
    ) -> DoubtReport:
        """Ask the model about families that may be one; those that it says are become one, unless
        people parted them. It is a correction by `model:NAME`, which can be undone.

        Nothing is asked twice. Raises NotFound, and Unsupported without a model.
        """
        chat = await self._reasoner()
        if chat is None:
            raise Unsupported("no chat model is set: PROMPTUARY_CHAT_MODELS names one")
        return await settle_doubts(
            self._canon,
            self._corrections,
            chat,
            collection,
            most_calls,
            progress,
            tokens=self._bounds.reasoning_tokens,
        )

    async def doubts(
        self, collection: str = "default", *, cursor: str | None = None, limit: int = 50
    ) -> Page[DoubtfulPair]:
        """Pairs of families that may be one and that nobody decided about, the likeliest first.

        `corrections.merge` makes them one, `corrections.apart` of two of their clusters says that
        they are not; either takes them from the list. No model is needed. Raises NotFound.
        """
        return await open_doubts(self._canon, collection, BOUNDS, cursor=cursor, limit=limit)

    async def after(self, collection: str, progress: Told = silent) -> NamingReport | None:
        """What `name` does, with the calls that the settings allow; nothing where they do not say
        that new templates are named. Whatever a model raises, the names without it stand."""
        if not self._always:
            return None
        try:
            return await self.name(
                collection=collection, most_calls=self._always, progress=progress
            )
        except PromptuaryError as error:
            return NamingReport(collection, stopped=error.code)

    async def of(self, own_ids: Sequence[str]) -> Mapping[str, Naming]:
        """What stands of each cluster and family that a model described."""
        async with self._canon.record.read() as tx:
            return await tx.namings.of(own_ids)

    async def list(
        self, collection: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Naming]:
        """Everything that was asked and said, refused words too, the last first."""
        async with self._canon.record.read() as tx:
            return await tx.namings.list(collection, cursor=cursor, limit=limit)

    async def _work(self, collection: str, own_ids: Sequence[str], *, again: bool) -> _Work:
        async with self._canon.record.read() as tx:
            home = await tx.collections.get(collection)
            ruled = await ruling_of(tx, await tx.corrections.standing(collection))
            lines = sorted(
                await tx.templates.lineages(home.id), key=lambda e: (-e.size, e.first_seq)
            )
            families = await families_of(tx, home.id)
            there = {line.id for line in lines} | {family.id for family in families}
            for own_id in own_ids:
                if own_id not in there:
                    raise NotFound("cluster or family", own_id)
            wanted = (set(own_ids) or there) - ruled.names.keys()
            things = [template_thing(line) for line in lines if line.id in wanted]
            things += await _families(tx, [each for each in families if each.id in wanted])
            held = await tx.namings.of(list(wanted))
            said = await tx.namings.asked([thing.digest for thing in things])
        if again:
            return _Work(tuple(things), {})
        grown = {each.id for each in families} & held.keys()
        known = {
            thing.own_id: held[thing.own_id] if thing.own_id in grown else said[thing.digest]
            for thing in things
            if thing.own_id in grown or thing.digest in said
        }
        return _Work(tuple(thing for thing in things if thing.own_id not in known), known)

    def _options(self, batch: Sequence[Thing]) -> ChatOptions:
        slots = sum(len(thing.slots) for thing in batch)
        room = self._bounds.tokens + _EACH * (len(batch) + slots // 4)
        return ChatOptions(max_tokens=room, temperature=self._bounds.temperature)

    def _judged(self, collection: str, batch: Sequence[Thing], reply: Reply) -> tuple[Naming, ...]:
        now = self._clock.now()
        return tuple(
            Naming(
                id=str(uuid4()),
                collection=collection,
                own_id=thing.own_id,
                asked=thing.digest,
                model=reply.model[:255],
                created_at=now,
                wording=verdict.wording,
                refused=verdict.refused,
                detail=verdict.detail,
            )
            for thing, verdict in zip(batch, judged(reply, batch), strict=True)
        )

    async def _write(
        self, collection: str, made: Mapping[str, Naming], known: Mapping[str, Naming]
    ) -> int:
        """Let names hold that are not, unless a person said otherwise meanwhile; how many do."""
        called = {key: each.wording for key, each in {**known, **made}.items() if each.wording}
        if not made and not called:
            return 0
        async with self._canon.turn, self._canon.record.begin() as tx:
            home = await tx.collections.get(collection)
            ruled = await ruling_of(tx, await tx.corrections.standing(collection))
            names = {key: said.name for key, said in called.items() if key not in ruled.names}
            found = await tx.templates.some(list(names))
            lines = [
                replace(each, name=names[each.id])
                for each in found
                if each.name != names[each.id] and each.merged_into is None
            ]
            families = [
                replace(each, name=names[each.id])
                for each in await tx.families.some(list(names))
                if each.name != names[each.id]
            ]
            await tx.namings.add(list(made.values()))
            await tx.templates.save_lineages(lines)
            await tx.families.save(families)
            await tx.outbox.add("lineage", [each.id for each in lines])
            await tx.outbox.add("family", [each.id for each in families])
        if lines or families:
            await self._canon.nearest.renew(self._canon.record, home)
            self._told()
        return len(names)


async def _families(tx: Transaction, families: Sequence[Family]) -> list[Thing]:
    leading = await tx.templates.leading_texts([each.id for each in families], limit=_LEADING)
    found = []
    for family in sorted(families, key=lambda each: (-each.size, each.id)):
        texts = leading.get(family.id)
        if not texts:
            page = await tx.prompts.list(family_id=family.id, limit=_LEADING)
            texts = [prompt.text for prompt in page.items]
        found.append(family_thing(family, texts))
    return found


def _borrowed(known: Mapping[str, Naming]) -> dict[str, Naming]:
    """What was said of the same text elsewhere, as what is said here."""
    return {
        own_id: replace(said, id=str(uuid4()), own_id=own_id)
        for own_id, said in known.items()
        if said.own_id != own_id
    }


def _counted(
    report: NamingReport, made: Sequence[Naming], taken: int, usage: Usage
) -> NamingReport:
    return replace(
        report,
        named=report.named + taken,
        refused=report.refused + sum(bool(each.refused) for each in made),
        calls=report.calls + 1,
        prompt_tokens=report.prompt_tokens + usage.prompt_tokens,
        completion_tokens=report.completion_tokens + usage.completion_tokens,
    )
