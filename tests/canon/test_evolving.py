"""Events over a record: kept once, found anew alike; a pause of everything is no silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zlib import crc32

import anyio
import pytest

from promptuary.canon.evolving import evolve
from promptuary.domain.templates import EvolutionEvent, Lineage
from promptuary.ports._evolution import EventsAsked
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork
from promptuary.testing.samples import (
    HOME,
    HOME_ID,
    found_lineages,
    lineage,
    moment,
    new_prompt,
    placement,
    save,
)

pytestmark = pytest.mark.anyio
DAY = 24
YEAR = 365 * DAY


class Traffic:
    """A record with prompts under templates, and a clock that stands behind them."""

    def __init__(self) -> None:
        self.record = MemoryUnitOfWork()
        self.clock = HandClock(moment(3 * YEAR))
        self._made: dict[str, list[tuple[int, int]]] = {}
        self._count = 0

    async def take(self, **days: Sequence[int]) -> None:
        """Of each of these templates a prompt at noon of each of these days, as they come."""
        for day, name in sorted((day, name) for name, mine in days.items() for day in mine):
            self._count += 1
            text = f"{name} number {crc32(f'{name} {day}'.encode())}"
            await save(self.record, new_prompt(text, at=day * DAY))
            self._made.setdefault(name, []).append((day, self._count))
            if len(self._made[name]) == 1:
                await found_lineages(self.record, self._line(name))
            async with self.record.begin() as tx:
                await tx.templates.place([placement(text, name)])
        await found_lineages(self.record, *map(self._line, self._made))
        async with self.record.begin() as tx:
            before = await tx.collections.get(HOME)
            await tx.collections.mark_placed(HOME_ID, before.last_seq, expected=before.placed_seq)

    def _line(self, name: str) -> Lineage:
        days, seqs = zip(*self._made[name], strict=True)
        line = replace(
            lineage(name, size=len(days)),
            created_at=moment(min(days) * DAY),
            updated_at=moment(max(days) * DAY),
            first_seq=min(seqs),
            last_seq=max(seqs),
        )
        return replace(line, template=replace(line.template, text=f"{name} number {{{{n}}}}"))

    async def events(self) -> list[EvolutionEvent]:
        """What is known after looking."""
        await evolve(self.record, self.clock, HOME)
        async with self.record.read() as tx:
            return list((await tx.evolution.list(EventsAsked(), limit=99)).items)

    async def types(self) -> list[str]:
        """Their types, the latest first."""
        return [event.type for event in await self.events()]


async def test_looking_again_finds_the_same_and_nothing_twice() -> None:
    traffic = Traffic()
    await traffic.take(baking=range(20))
    first = await traffic.events()
    assert [event.type for event in first] == ["CREATED"]
    await traffic.take(sailing=range(20))
    async with anyio.create_task_group() as two:
        two.start_soon(evolve, traffic.record, traffic.clock, HOME)
        two.start_soon(evolve, traffic.record, traffic.clock, HOME)
    again = await traffic.events()
    assert [event.type for event in again] == ["CREATED", "CREATED"]
    assert first[0] in again


async def test_what_was_broken_off_is_found_whole_the_next_time() -> None:
    traffic = Traffic()
    await traffic.take(baking=range(20))
    whole = await traffic.events()
    async with traffic.record.begin() as tx:  # as if killed before the mark was moved
        reached = await tx.evolution.reached(HOME_ID)
        await tx.evolution.mark(HOME_ID, 0, expected=reached)
    assert await traffic.events() == whole


async def test_a_template_that_others_outlive_is_retired_until_it_comes_back() -> None:
    traffic = Traffic()
    await traffic.take(baking=range(20), sailing=range(80))
    retired, *_ = await traffic.events()
    assert (retired.type, retired.created_at) == ("RETIRED", moment(19 * DAY))
    await traffic.take(baking=range(81, 84))
    assert "RETIRED" not in await traffic.types()


async def test_a_year_of_silence_of_everything_retires_nothing() -> None:
    traffic = Traffic()
    await traffic.take(baking=range(20), sailing=[*range(20), 400])
    assert "RETIRED" not in await traffic.types()


async def test_a_time_that_has_not_come_yet_is_taken_for_now() -> None:
    traffic = Traffic()
    traffic.clock = HandClock(moment(21 * DAY))
    await traffic.take(baking=[*range(20), 20_000], sailing=range(20))
    events = await traffic.events()
    assert {event.type for event in events} == {"CREATED"}
    assert max(event.created_at for event in events) <= moment(21 * DAY)


async def test_prompts_that_arrive_three_weeks_late_tell_what_they_tell_in_time() -> None:
    in_time, late = Traffic(), Traffic()
    await in_time.take(baking=range(20), sailing=range(110))
    await late.take(baking=range(5), sailing=range(41))
    early = await late.events()
    await late.take(baking=range(5, 20))
    await late.take(sailing=range(41, 110))
    said = [
        [(each.type, each.lineage_id, each.created_at) for each in await traffic.events()]
        for traffic in (in_time, late)
    ]
    assert said[0] == said[1]
    assert [each.type for each in early].count("CREATED") == 2
