"""Families of single prompts are merged and split by people, and come back exactly as they were."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import permutations
from pathlib import Path

import anyio
import numpy as np
import pytest

from promptuary import Promptuary
from promptuary.canon.asking import taken_in
from promptuary.canon.correcting import Correcting
from promptuary.canon.ingest import Canon
from promptuary.canon.receive import Reception
from promptuary.domain.corrections import Correction
from promptuary.domain.errors import Conflict, InvalidInput
from promptuary.domain.prompts import prompt_id
from promptuary.domain.templates import Family
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.embedder import FakeEmbedder
from promptuary.testing.fakes.moderator import WordModerator
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork
from promptuary.testing.samples import (
    HOME,
    HOME_ID,
    TroubleError,
    an_id,
    found_lineages,
    lineage,
    moment,
    save,
)
from questions import PARCELS, PASSWORDS

pytestmark = pytest.mark.anyio
OWN = {"abc": "one", "de": "two", "fg": "three"}


def ids(names: str) -> list[str]:
    return [an_id(name) for name in names.split()]


def prompts(texts: str) -> list[str]:
    return [prompt_id(HOME_ID, text) for text in texts]


class Desk:
    """Three families of single prompts and one of two templates, and somebody who corrects them."""

    def __init__(self) -> None:
        self.record = MemoryUnitOfWork()
        clock = HandClock()
        reception = Reception(self.record, WordModerator(), clock, 1_000)
        canon = Canon(
            reception, FakeEmbedder(), window=9, minimum=3, threshold=None, isolated=False
        )
        self.corrections = Correcting(canon, clock, lambda: None)

    async def state(self) -> tuple[list[Family], dict[str, str], int]:
        """Every family, the family of each prompt and template, and how many intents are known;
        each family counts what it has."""
        async with self.record.read() as tx:
            families = list((await tx.families.list(limit=99)).items)
            lines = (await tx.templates.list(limit=99)).items
            homes = await tx.families.homes(prompts("abcdefg"))
            intents = await tx.intents.of(HOME_ID)
        where = {text: homes[own] for text in "abcdefg" if (own := prompt_id(HOME_ID, text))}
        for each in families:
            own = [line for line in lines if line.family_id == each.id]
            alone = sum(home == each.id for home in where.values())
            assert (each.templates, each.size) == (len(own), sum(o.size for o in own) + alone)
        return families, where | {line.name: str(line.family_id) for line in lines}, len(intents)

    async def groups(self) -> set[str]:
        """What is of one family: `abc` are the prompts a, b and c."""
        _, where, _ = await self.state()
        return {"".join(sorted(k for k in where if where[k] == home)) for home in where.values()}


@pytest.fixture
async def desk() -> Desk:
    made = Desk()
    await found_lineages(made.record, *(lineage(name, family="four") for name in "xy"))
    await save(made.record, *"abcdefg")
    async with made.record.begin() as tx:
        four = await tx.families.get(an_id("four"))
        own = [
            Family(an_id(name), HOME, name, len(texts), 0, moment(at), moment(at + 1))
            for at, (texts, name) in enumerate(OWN.items())
        ]
        end = max(line.updated_at for line in await tx.templates.lineages(HOME_ID))
        await tx.families.save([*own, replace(four, size=2, templates=2, updated_at=end)])
        for texts, name in OWN.items():
            await tx.families.adopt(dict.fromkeys(prompts(texts), an_id(name)))
        await tx.collections.mark_placed(HOME_ID, 7, expected=0)
    return made


async def test_single_prompts_go_to_the_first_family_and_back(desk: Desk) -> None:
    before = await desk.state()
    made = await desk.corrections.merge(ids("two one"), by="ana")
    assert await desk.groups() == {"abcde", "fg", "xy"}
    families, where, _ = await desk.state()
    assert {where["a"], where["d"]} == {an_id("two")}
    assert "one" not in {family.name for family in families}
    async with desk.record.read() as tx:
        heard = {(row.kind, row.entity_id) for row in await tx.outbox.after(0, limit=99)}
    assert {("prompt", prompt_id(HOME_ID, "a")), ("family", an_id("one"))} <= heard
    await desk.corrections.undo(made.id, by="ben")
    assert await desk.state() == before
    (listed,) = (await desk.corrections.list()).items
    assert (listed.kind, listed.by, listed.undone_by) == ("merge", "ana", "ben")


async def test_with_templates_the_family_that_has_them_stays(desk: Desk) -> None:
    before = await desk.state()
    made = await desk.corrections.merge(ids("one four two"))
    assert await desk.groups() == {"abcdexy", "fg"}
    assert (await desk.state())[1]["a"] == an_id("four")
    await desk.corrections.undo(made.id)
    assert await desk.state() == before


async def test_some_prompts_leave_and_come_back_with_what_joined_them(desk: Desk) -> None:
    before = await desk.state()
    made = await desk.corrections.split(prompts("ab"), by="ana")
    assert await desk.groups() == {"ab", "c", "de", "fg", "xy"}
    assert (await desk.state())[1]["c"] == an_id("one")
    await desk.corrections.undo(made.id)
    assert await desk.state() == before


QUICK = (1, 3, 0, 2)
ORDERS = [
    pytest.param(order, marks=() if order == QUICK else pytest.mark.slow)
    for order in permutations(range(4))
]


async def chain(desk: Desk) -> list[Correction]:
    """Corrections that build on one another."""
    said = desk.corrections
    first = await said.merge(ids("one two"))
    second = await said.split(prompts("ad"))
    third = await said.merge([(await desk.state())[1]["a"], an_id("three")])
    assert await desk.groups() == {"bce", "adfg", "xy"}
    last = await said.merge(ids("four one"))
    assert await desk.groups() == {"bcexy", "adfg"}
    return [first, second, third, last]


@pytest.mark.parametrize("order", ORDERS)
async def test_in_whatever_order_all_is_taken_back_it_ends_where_it_began(
    desk: Desk, order: tuple[int, ...]
) -> None:
    before = await desk.state()
    made = await chain(desk)
    for at in order:
        await desk.corrections.undo(made[at].id)
        await desk.state()
    assert await desk.state() == before


async def test_what_cannot_be_is_refused_and_changes_nothing(desk: Desk) -> None:
    here, before = desk.corrections, await desk.state()
    for call in (
        here.split(prompts("abc")),
        here.split(prompts("ad")),
        here.split([*prompts("a"), an_id("x")]),
        here.move(an_id("x"), an_id("one")),
        here.merge(ids("one one")),
    ):
        with pytest.raises(InvalidInput):
            await call
    assert await desk.state() == before
    await here.merge(ids("one two"))
    with pytest.raises(Conflict, match=an_id("one")):
        await here.merge(ids("three two"))


async def test_of_two_people_at_once_one_is_told_that_the_family_is_gone(desk: Desk) -> None:
    refused: list[str] = []

    async def merge(families: str, by: str) -> None:
        try:
            await desk.corrections.merge(ids(families), by=by)
        except Conflict:
            refused.append(by)

    async with anyio.create_task_group() as people:
        people.start_soon(partial(merge, "one two", "ana"))
        people.start_soon(partial(merge, "three two", "ben"))
    (made,) = (await desk.corrections.list()).items
    assert {made.by, *refused} == {"ana", "ben"}
    assert await desk.groups() in ({"abcde", "fg", "xy"}, {"abc", "defg", "xy"})


async def test_a_correction_that_is_broken_off_leaves_no_trace(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await desk.state()

    async def broken(*_: object) -> None:
        raise TroubleError

    with monkeypatch.context() as patched:
        patched.setattr("promptuary.canon.correcting.carry", broken)
        with pytest.raises(TroubleError):
            await desk.corrections.merge(ids("one two"))
    assert await desk.state() == before
    assert (await desk.corrections.list()).total == 0


async def test_a_family_gets_its_name_back_though_it_was_away_when_it_was_renamed(
    desk: Desk,
) -> None:
    named = await desk.corrections.rename(an_id("two"), "Parcels")
    made = await desk.corrections.merge(ids("one two"))
    await desk.corrections.undo(named.id)
    await desk.corrections.undo(made.id)
    families, _, _ = await desk.state()
    assert "Parcels" not in {family.name for family in families}


async def test_a_prompt_that_is_put_elsewhere_leaves_its_family_and_is_not_counted_there(
    desk: Desk,
) -> None:
    made = await desk.corrections.merge(ids("one two"))
    await desk.corrections.place(prompt_id(HOME_ID, "a"), an_id("x"))
    async with desk.record.read() as tx:
        assert (await tx.families.get(an_id("one"))).size == 4
    await desk.corrections.undo(made.id)
    async with desk.record.read() as tx:
        assert (await tx.families.get(an_id("one"))).size == 2


def test_newcomers_join_the_nearest_intent_where_most_of_their_group_are_held() -> None:
    held = {"a": "one", "b": "one", "c": "two"}
    rows = {key: np.array(row, dtype=np.float32) for key, row in {
        "a": (1, 0), "b": (0.9, 0.1), "c": (0, 1), "new": (0.1, 0.9), "old": (0, 1), "else": (1, 1),
    }.items()}  # fmt: skip
    joins, rest = taken_in([["a", "b", "c", "new", "old"], ["else"]], held, {"old": "f"}, rows)
    assert (joins, rest) == ({"new": "two"}, [["old"], ["else"]])
    many = {"old": "f", "else": "f"}
    assert taken_in([["a", "old", "else", "new"]], held, many, rows)[0] == {}


async def shown(opened: Promptuary) -> set[tuple[str, frozenset[str]]]:
    """Families of single prompts by id, with which word their prompts have."""
    found = set()
    for family in (await opened.families()).items:
        page = await opened.prompts(family_id=family.id)
        assert page.total == family.size
        words = {
            word for each in page.items for word in ("password", "parcel") if word in each.text
        }
        found.add((family.id, frozenset(words)))
    return found


@pytest.mark.slow
async def test_what_comes_later_keeps_to_it_and_goes_where_it_belongs_when_it_is_undone(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    async with await Promptuary.open(home) as opened:
        await opened.ingest([*PASSWORDS[:7], *PARCELS[:7]], complete=True)
        apart = await shown(opened)
        assert {words for _, words in apart} == {frozenset({"password"}), frozenset({"parcel"})}
        (first, _), (second, _) = sorted(apart)
        made = await opened.corrections.merge([first, second], by="ana")
    async with await Promptuary.open(home) as opened:
        await opened.ingest([*PASSWORDS[7:], *PARCELS[7:]], complete=True)
        assert await shown(opened) == {(first, frozenset({"password", "parcel"}))}
        size = (await opened.family(first)).size
        assert size > 12
        await opened.corrections.undo(made.id, by="ben")
        assert await shown(opened) == apart
        assert sum(each.size for each in (await opened.families()).items) == size


@pytest.mark.slow
async def test_prompts_that_were_taken_out_stay_out_and_take_later_ones_along(
    tmp_path: Path,
) -> None:
    async with await Promptuary.open(tmp_path / "home") as opened:
        await opened.ingest([*PASSWORDS[:7], *PARCELS[:7]], complete=True)
        (first, _), (second, _) = sorted(await shown(opened))
        await opened.corrections.merge([first, second])
        mixed = (await opened.prompts(family_id=first)).items
        parcels = [each.id for each in mixed if "parcel" in each.text]
        await opened.corrections.split(parcels[:3], by="ana")
        before = {each.id: each.size for each in (await opened.families()).items}
        assert min(before.values()) == 3
        await opened.ingest([*PASSWORDS[7:], *PARCELS[7:]], complete=True)
        left = (await opened.prompts(family_id=first)).items
        assert not {each.id for each in left} & {*parcels[:3]}
        after = {each.id: each.size for each in (await opened.families()).items}
        assert after.keys() == before.keys()
        assert sum(after.values()) > sum(before.values())
