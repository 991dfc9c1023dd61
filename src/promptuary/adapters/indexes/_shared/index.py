"""The index port over an engine: checks, words, phrases, health; one writer at a time."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from time import monotonic
from typing import TypeVar
from uuid import uuid4

import anyio

from promptuary.adapters.indexes._shared.engine import Change, Engine
from promptuary.adapters.indexes._shared.identity import claim
from promptuary.adapters.indexes._shared.records import Record, exchange, from_text, to_text
from promptuary.adapters.indexes._shared.recounting import correction
from promptuary.adapters.indexes._shared.words import Words
from promptuary.domain.errors import (
    Busy,
    PromptuaryError,
    Unavailable,
)
from promptuary.domain.filters import Filter
from promptuary.domain.found import Entry, Hit
from promptuary.domain.vectors import Space, Vectors
from promptuary.ports.index import IndexHealth, KnownWord, WordQuery
from promptuary.retrieval.checks import check_rows, checked_entries, ranked_facets
from promptuary.retrieval.lexicon import PHRASE_CANDIDATES, Lexicon, Phrase

T = TypeVar("T")

BATCH = 500
FRESH = 0.2
"""Seconds for which what others wrote may go unnoticed by searches for words."""

_ATTEMPTS = 64
_STATE = "state"
_PLACE = "place"
_AWAY = 2.0


@dataclass(frozen=True, slots=True)
class State:
    """How far the index is, as it stands in its notes."""

    watermark: int = 0
    expected: int = 0
    detail: str = ""


async def open_served(engine: Engine, space: Space, place: str) -> ServedIndex:
    """The index that the engine keeps, begun if there was none; raises SpaceMismatch when it keeps
    vectors of another space, and Misconfigured when it is none of ours. On failure the engine is
    released."""
    try:
        await claim(engine, space, place)
        index = ServedIndex(engine, space)
        await index.refresh()
    except BaseException:
        with anyio.CancelScope(shield=True):
            await engine.aclose()
        raise
    return index


class ServedIndex:
    """Entries on a server that others write to as well.

    What words stand where is known from a log of changes, which every process replays; a change
    takes the log's next position, or begins anew when somebody else was quicker. Large batches are
    written in parts, between which searches have their turn.
    """

    def __init__(self, engine: Engine, space: Space) -> None:
        """Take over an open engine."""
        self._engine = engine
        self._space = space
        self._words = Words()
        self._turn = anyio.Lock()
        self._reading = anyio.Lock()
        self._looked = -FRESH
        self._open = True
        self._doubt: Change | None = None
        self._health = IndexHealth("ok", 0, 0)

    @property
    def space(self) -> Space:
        """The space that it was opened for."""
        return self._space

    async def put(self, entries: Sequence[Entry]) -> None:
        """As the port says."""
        self._check_open()
        checked = checked_entries(entries, self._space)
        with anyio.CancelScope(shield=True):
            for start in range(0, len(checked), BATCH):
                await self._change(partial(self._coming, checked[start : start + BATCH]))

    async def get(self, ids: Sequence[str]) -> list[Entry]:
        """As the port says."""
        self._check_open()
        found = {entry.id: entry for entry in await self._retrieve(ids, vectors=True)}
        return [found[key] for key in ids if key in found]

    async def remove(self, ids: Sequence[str]) -> int:
        """As the port says."""
        self._check_open()
        removed = 0
        wanted = list(dict.fromkeys(ids))
        with anyio.CancelScope(shield=True):
            for start in range(0, len(wanted), BATCH):
                removed += await self._change(partial(self._going, wanted[start : start + BATCH]))
        return removed

    async def clear(self) -> None:
        """As the port says."""
        self._check_open()
        with anyio.CancelScope(shield=True):
            async with self._turn:
                state = await self._state()
                expected = max(state.expected, state.watermark)
                await self._keep(State(0, expected, "cleared"))
                record = Record(anew=True)
                text = to_text(record)
                at = self._words.position + 1
                while not await self._engine.wipe(at, text):
                    await self.refresh()
                    at = self._words.position + 1
                await self._note(at, text, record)

    async def count(self, where: Filter | None = None) -> int:
        """As the port says."""
        self._check_open()
        return await self._engine.count(where)

    async def list_ids(
        self, *, after: str | None = None, limit: int = 100, where: Filter | None = None
    ) -> list[str]:
        """As the port says."""
        self._check_open()
        return await self._engine.ids_after(after, limit, where) if limit > 0 else []

    async def search_vectors(
        self, queries: Vectors, *, limit: int, where: Filter | None = None
    ) -> list[list[Hit]]:
        """As the port says."""
        self._check_open()
        check_rows(queries, self._space)
        found: list[list[Hit]] = [[] for _ in queries]
        asked = [at for at, query in enumerate(queries) if query.any()]
        if limit > 0 and asked:
            answers = await self._engine.nearest(queries[asked], limit, where)
            for at, hits in zip(asked, answers, strict=True):
                within = [Hit(hit.id, min(1.0, max(-1.0, hit.score))) for hit in hits]
                found[at] = ordered(within)[:limit]
        return found

    async def search_words(
        self, query: WordQuery, *, limit: int, where: Filter | None = None
    ) -> list[Hit]:
        """As the port says."""
        lexicon = await self._lexicon()
        meant = lexicon.meant(query)
        asked = lexicon.ask(meant, query.boosts)
        if not asked or limit <= 0 or (query.phrase and not all(word.terms for word in meant)):
            return []
        if not query.phrase:
            return ordered(await self._engine.by_words(asked, limit, 0, where))[:limit]
        return await self._phrase(Phrase(meant), asked, query.boosts, limit, where)

    async def known_words(self, query: WordQuery) -> tuple[KnownWord, ...]:
        """As the port says."""
        return (await self._lexicon()).known(query)

    async def facets(
        self, field: str, *, limit: int = 20, where: Filter | None = None
    ) -> dict[str | bool | int, int]:
        """As the port says."""
        self._check_open()
        return ranked_facets(await self._engine.facets(field, where), limit)

    async def watermark(self) -> int:
        """As the port says."""
        self._check_open()
        return (await self._state()).watermark

    async def set_watermark(self, position: int) -> None:
        """As the port says."""
        self._check_open()
        async with self._turn:
            state = replace(await self._state(), watermark=position)
            detail = "" if position >= state.expected else state.detail
            await self._keep(replace(state, detail=detail))

    async def expect(self, position: int) -> None:
        """As the port says."""
        self._check_open()
        async with self._turn:
            state = await self._state()
            if position > state.expected:
                await self._keep(replace(state, expected=position))

    async def health(self) -> IndexHealth:
        """As the port says; what was last known, with the reason, while the server is away."""
        detail = "closed"
        if self._open:
            try:
                with anyio.fail_after(_AWAY):
                    state = await self._state()
                    entries = await self._engine.count(None)
            except (PromptuaryError, TimeoutError) as error:
                detail = f"away: {error}"
            else:
                behind = state.watermark < state.expected
                self._health = IndexHealth(
                    "rebuilding" if behind else "ok",
                    entries,
                    state.watermark,
                    state.detail,
                    state.expected,
                )
                return self._health
        return replace(self._health, detail=detail)

    async def recount(self, *, repair: bool = False) -> int:
        """As `CountedIndex` says. What differs is looked at twice, at the same position of the log:
        another process may have been about to write the entries of its newest record."""
        self._check_open()
        async with self._turn:
            await self._settle()
            wrong = await correction(self._engine, self._words, self.refresh)
            if wrong is not None and repair:
                await self._append(wrong)
            return 0 if wrong is None else max(1, len(wrong.dimensions))

    async def aclose(self) -> None:
        """As the port says."""
        if self._open:
            self._open = False
            with anyio.CancelScope(shield=True):
                await self._engine.aclose()

    async def place(self) -> str:
        """As the port says: a word of its own, drawn by whoever asks first. It is read each time,
        as two that ask first at once may both have drawn one, and the last to be kept counts."""
        self._check_open()
        kept = await self._engine.read_note(_PLACE)
        if kept is None:
            await self._engine.write_note(_PLACE, str(uuid4()))
            kept = await self._engine.read_note(_PLACE)
        return kept or ""

    async def refresh(self) -> None:
        """Replay what others added to the log."""
        async with self._reading:
            looked = monotonic()
            self._words.take(await self._engine.log_after(self._words.position))
            self._looked = looked

    def _check_open(self) -> None:
        if not self._open:
            raise Unavailable("this index is closed")

    async def _lexicon(self) -> Lexicon:
        self._check_open()
        if monotonic() - self._looked > FRESH:
            await self.refresh()
        return self._words.lexicon

    async def _change(self, make: Callable[[], Awaitable[tuple[Change, Record, T]]]) -> T:
        """Make a change at the log's next position, again while others are quicker."""
        async with self._turn:
            await self._settle()
            return await self._made(make)

    async def _made(self, make: Callable[[], Awaitable[tuple[Change, Record, T]]]) -> T:
        for _ in range(_ATTEMPTS):
            change, record, outcome = await make()
            self._doubt = change
            applied = await self._engine.apply(change)
            self._doubt = None
            if applied:
                await self._note(change.position, change.record, record)
                if self._words.long_winded():
                    await self._compact()
                return outcome
            await self.refresh()
        raise Busy("others keep writing to this index")

    async def _settle(self) -> None:
        """Where the last change failed, have the log say what became of it: all, some or nothing
        of it may have been done before the server went away. An engine that tears entries is rid
        of those that it may have torn, which whoever put them in vain puts again."""
        change = self._doubt
        if change is None:
            return
        log = dict(await self._engine.log_after(change.position - 1))
        if log.get(change.position) == change.record:
            await self.refresh()
            ids = [point.entry.id for point in change.points] or list(change.removed)
            standing = await self._engine.standing(ids)
            became = exchange(list(standing.values()), list(change.before.values()))
            for correction in (from_text(change.record).undone(), became):
                await self._append(correction)
            if self._engine.tears:
                await self._made(partial(self._going, ids))
        self._doubt = None

    async def _append(self, record: Record) -> None:
        """Add a record to the log that changes no entry."""
        text = to_text(record)
        while not await self._engine.apply(Change(self._words.position + 1, text)):
            await self.refresh()
        await self._note(self._words.position + 1, text, record)

    async def _coming(self, batch: Sequence[Entry]) -> tuple[Change, Record, None]:
        before = await self._engine.standing([entry.id for entry in batch])
        async with self._reading:
            points, record = await self._words.weigh(batch, before.values())
            at = self._words.position + 1
        return Change(at, to_text(record), points, (), before), record, None

    async def _going(self, batch: Sequence[str]) -> tuple[Change, Record, int]:
        before = await self._engine.standing(batch)
        record = exchange([], list(before.values()))
        at = self._words.position + 1
        return Change(at, to_text(record), (), batch, before), record, len(before)

    async def _compact(self) -> None:
        """Say everything in one record, and forget what stood before it."""
        whole = self._words.whole()
        text = to_text(whole)
        at = self._words.position + 1
        if await self._engine.apply(Change(at, text)):
            await self._note(at, text, whole)
            await self._engine.log_cut(at)

    async def _note(self, position: int, text: str, record: Record) -> None:
        """Take over what this process wrote, unless it was replayed already."""
        async with self._reading:
            if self._words.position < position:
                self._words.note(position, text, record)

    async def _phrase(
        self,
        phrase: Phrase,
        asked: Mapping[int, float],
        boosts: Mapping[str, float],
        limit: int,
        where: Filter | None,
    ) -> list[Hit]:
        """Read what the words find, best first, until enough of it has them in a row."""
        hits: list[Hit] = []
        offset, size = 0, max(100, 2 * limit)
        while len(hits) < limit and offset < PHRASE_CANDIDATES:
            page = await self._engine.by_words(asked, size, offset, where)
            read = await self._retrieve([hit.id for hit in page], vectors=False)
            texts = {entry.id: entry.texts for entry in read}
            hits += [hit for hit in page if phrase.stands_in(texts.get(hit.id, {}), boosts)]
            if len(page) < size:
                break
            offset, size = offset + size, size * 2
        return ordered(hits)[:limit]

    async def _retrieve(self, ids: Sequence[str], *, vectors: bool) -> list[Entry]:
        wanted = list(dict.fromkeys(ids))
        found: list[Entry] = []
        for start in range(0, len(wanted), BATCH):
            batch = wanted[start : start + BATCH]
            found += await self._engine.retrieve(batch, vectors=vectors)
        return found

    async def _state(self) -> State:
        kept = await self._engine.read_note(_STATE)
        return State(**json.loads(kept)) if kept else State()

    async def _keep(self, state: State) -> None:
        await self._engine.write_note(_STATE, json.dumps(asdict(state)))


def ordered(hits: Sequence[Hit]) -> list[Hit]:
    """Best first; ties by id."""
    return sorted(hits, key=lambda hit: (-hit.score, hit.id))
