"""What people correct holds at once, through whatever comes later, until it is undone."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import anyio
import numpy as np
import pytest

from promptuary import Promptuary
from promptuary.canon.chronicle import relations
from promptuary.canon.correcting import Correcting
from promptuary.canon.families.linkage import average_linkage
from promptuary.canon.ingest import Canon
from promptuary.canon.receive import Reception
from promptuary.canon.ruling import ruling
from promptuary.canon.templates import residual
from promptuary.canon.templates.filling import fill
from promptuary.domain.corrections import Correction
from promptuary.domain.errors import Conflict, InvalidInput, NotFound
from promptuary.ports._evolution import EventsAsked
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.embedder import FakeEmbedder
from promptuary.testing.fakes.moderator import WordModerator
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork
from promptuary.testing.samples import HOME, an_id, found_lineages, lineage, moment, save

pytestmark = pytest.mark.anyio


class Desk:
    """A record of five clusters in three families, and somebody who corrects it."""

    def __init__(self) -> None:
        self.record = MemoryUnitOfWork()
        clock = HandClock()
        reception = Reception(self.record, WordModerator(), clock, 1_000)
        canon = Canon(
            reception, FakeEmbedder(), window=10, minimum=3, threshold=None, isolated=False
        )
        self.told = 0
        self.corrections = Correcting(canon, clock, self._hear)

    def _hear(self) -> None:
        self.told += 1

    async def families(self) -> dict[str, set[str]]:
        """The names of the clusters in each family."""
        async with self.record.read() as tx:
            lines = (await tx.templates.list(limit=99)).items
            there = {family.id for family in (await tx.families.list(limit=99)).items}
        found: dict[str, set[str]] = {key: set() for key in there}
        for line in lines:
            found[str(line.family_id)].add(line.name)
        return found

    async def groups(self) -> set[str]:
        """The same without ids: `ab` is the family of the clusters a and b."""
        return {"".join(sorted(names)) for names in (await self.families()).values()}


@pytest.fixture
async def desk() -> Desk:
    made = Desk()
    homes = {"a": "one", "b": "one", "c": "two", "d": "two", "e": "three"}
    lines = [lineage(name, family=home) for name, home in homes.items()]
    await found_lineages(made.record, *lines, lineage("gone", merged_into="a"))
    return made


def ids(names: Iterable[str]) -> list[str]:
    return [an_id(name) for name in names]


async def test_merged_families_are_that_of_the_first(desk: Desk) -> None:
    await desk.corrections.merge(ids(["two", "three"]))
    families = await desk.families()
    assert families == {an_id("one"): {"a", "b"}, an_id("two"): {"c", "d", "e"}}
    assert desk.told == 1


async def test_a_cluster_moves_a_few_leave_and_two_are_parted(desk: Desk) -> None:
    await desk.corrections.move(an_id("a"), an_id("two"))
    assert await desk.groups() == {"b", "acd", "e"}
    await desk.corrections.split(ids("ac"))
    assert await desk.groups() == {"b", "ac", "d", "e"}
    await desk.corrections.apart(an_id("c"), an_id("a"))
    assert await desk.groups() == {"a", "b", "c", "d", "e"}
    await desk.corrections.apart(an_id("d"), an_id("e"))
    assert await desk.groups() == {"a", "b", "c", "d", "e"}


async def test_the_index_hears_of_everything_that_moved(desk: Desk) -> None:
    await desk.corrections.move(an_id("e"), an_id("one"))
    async with desk.record.read() as tx:
        rows = await tx.outbox.after(0, limit=99)
    heard = {(row.kind, row.entity_id) for row in rows}
    assert {("family", an_id("one")), ("family", an_id("three"))} <= heard
    assert [each for kind, each in heard if kind == "lineage"] == [an_id("e")]


async def test_names_come_back_when_renaming_is_undone(desk: Desk) -> None:
    first = await desk.corrections.rename(an_id("a"), "Weekends", by="ana")
    second = await desk.corrections.rename(an_id("a"), "  Trips \n away ")
    await desk.corrections.rename(an_id("two"), "Travel")

    async def name() -> str:
        async with desk.record.read() as tx:
            return (await tx.templates.lineage(an_id("a"))).name

    assert await name() == "Trips away"
    await desk.corrections.undo(second.id)
    assert await name() == "Weekends"
    await desk.corrections.undo(first.id)
    assert await name() == "say"
    async with desk.record.read() as tx:
        assert (await tx.families.get(an_id("two"))).name == "Travel"


async def test_what_cannot_be_corrected_is_refused_and_changes_nothing(desk: Desk) -> None:
    here, before = desk.corrections, await desk.families()
    refused = {
        InvalidInput: (
            here.merge(ids(["one", "one"])),
            here.move(an_id("a"), an_id("one")),
            here.split(ids("ac")),
            here.split(ids("ab")),
            here.split([]),
            here.apart(an_id("a"), an_id("a")),
            here.rename(an_id("a"), " \n"),
            here.rename(an_id("a"), "x" * 201),
        ),
        NotFound: (
            here.merge(ids(["one", "none"])),
            here.move(an_id("none"), an_id("one")),
            here.rename(an_id("none"), "name"),
            here.lock(an_id("none")),
            here.undo(an_id("none")),
        ),
        Conflict: (here.lock(an_id("gone")), here.split(ids(["gone"]))),
    }
    for error, calls in refused.items():
        for call in calls:
            with pytest.raises(error):
                await call
    assert await desk.families() == before
    assert (await here.list()).total == 0


async def test_a_correction_is_undone_once_and_all_are_listed(desk: Desk) -> None:
    made = await desk.corrections.lock(an_id("a"), by="ana")
    await desk.corrections.undo(made.id, by="ben")
    with pytest.raises(Conflict):
        await desk.corrections.undo(made.id)
    (listed,) = (await desk.corrections.list(HOME)).items
    assert (listed.kind, listed.ids, listed.by) == ("lock", (an_id("a"),), "ana")
    assert listed.undone_by == "ben"


def said(kind: str, together: str, others: str = "") -> Correction:
    return Correction(kind, HOME, kind, tuple(together), "ana", moment(), tuple(others))  # type: ignore[arg-type]  # kinds are given by hand


def test_a_later_correction_overrules_an_earlier_one_about_the_same_two() -> None:
    found = ruling([said("merge", "abc"), said("split", "a", "bc")], {})
    assert found.pairs == {("a", "b"): False, ("a", "c"): False, ("b", "c"): True}
    again = ruling([said("split", "a", "bc"), said("merge", "abc")], {})
    assert set(again.pairs.values()) == {True}


def test_corrections_follow_a_cluster_that_another_one_took_over() -> None:
    found = ruling([said("apart", "a", "b"), said("lock", "a")], {"a": "x", "x": "c"})
    assert (found.pairs, found.locked) == ({("b", "c"): False}, {"c"})
    assert ruling([said("apart", "a", "b")], {"a": "b"}).pairs == {}
    assert ruling([said("lock", "a")], {"a": "b", "b": "a"}).locked <= {"a", "b"}


def test_what_is_apart_never_meets_however_alike_both_are_to_others() -> None:
    alike = np.array([[0, -1, 0.9], [-1, 0, 0.9], [0.9, 0.9, 0]], dtype=np.float32)
    groups = average_linkage(alike, 0.1)
    assert sorted(map(len, groups)) == [1, 2]
    assert not any({0, 1} <= set(group) for group in groups)


CITIES = ("Oslo", "Lima", "Cairo", "Quito", "Porto", "Riga", "Turin", "Delhi", "Seoul", "Perth")
DISHES = ("soup", "stew", "curry", "salad", "pie", "bread", "pasta", "rice", "jam", "tea")
WORDS = ("bread", "rain", "house", "river", "cloud", "stone", "apple", "horse", "lake", "wind")


def asked(first: int, last: int) -> list[str]:
    return [
        *(f"Plan a weekend in {c} for two people: 400 euros." for c in CITIES[first:last]),
        *(f"Explain to beginners how a chef would cook {s}, briefly." for s in DISHES[first:last]),
        *(f"Translate the word '{w}' into all languages of Asia." for w in WORDS[first:last]),
    ]


async def clusters(opened: Promptuary) -> dict[str, tuple[str, str]]:
    """Cluster and family by the first word of each template."""
    page = await opened.templates(limit=50)
    return {line.template.text.split()[0]: (line.id, str(line.family_id)) for line in page.items}


@pytest.mark.slow
async def test_corrections_survive_what_comes_later_and_a_restart(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with await Promptuary.open(home) as opened:
        await opened.ingest(asked(0, 6), complete=True)
        (plan, one), (explain, two) = [(await clusters(opened))[w] for w in ("Plan", "Explain")]
        assert one != two
        made = await opened.corrections.merge([one, two])
        await opened.corrections.rename(explain, "Cooking")
    async with await Promptuary.open(home) as opened:
        new = [f"Draw me a {word} in {city}!" for word, city in zip(WORDS, CITIES, strict=True)]
        await opened.ingest([*asked(6, 10), *new], complete=True)
        after = await clusters(opened)
        assert after["Plan"] == (plan, one)
        assert after["Explain"] == (explain, one)
        assert one not in {after["Translate"][1], after["Draw"][1]}
        assert (await opened.lineage(explain)).name == "Cooking"
        await opened.corrections.undo(made.id)
        last = await clusters(opened)
        assert last["Plan"][1] != last["Explain"][1]


@pytest.mark.slow
async def test_a_locked_template_keeps_its_text_where_another_would_change(tmp_path: Path) -> None:
    few = [f"Plan a weekend in {city} for two people: 400 euros." for city in CITIES]
    many = [f"Plan a weekend in {c} for {n} people: 400 euros." for c in CITIES for n in DISHES]
    same = {}
    for locked in (False, True):
        async with await Promptuary.open(tmp_path / str(locked)) as opened:
            await opened.ingest(few, complete=True)
            (line,) = (await opened.templates()).items
            if locked:
                await opened.corrections.lock(line.id)
            await opened.ingest(many, complete=True)
            kept = await opened.lineage(line.id)
            same[locked] = kept.template.text == line.template.text and not kept.merged_into
    assert same == {False: False, True: True}


async def test_each_correction_is_an_event_that_names_who_made_it(desk: Desk) -> None:
    merged = await desk.corrections.merge(ids(["two", "three"]), by="ana")
    await desk.corrections.rename(an_id("one"), "Travel", by="ben")
    await desk.corrections.undo(merged.id, by="eve")
    async with desk.record.begin() as tx:
        await tx.evolution.replace(ids("abcde"), [])  # what rules found is found anew
    async with desk.record.read() as tx:
        events = (await tx.evolution.list(EventsAsked())).items
    told = {event.detected_by: (event.type, event.reason) for event in events}
    assert told == {
        "person:ana": ("MERGED", "families were made one"),
        "person:ben": ("UPDATED", "renamed: Travel"),
        "person:eve": ("UPDATED", "taken back: families were made one"),
    }
    assert list(relations(events)) == []


async def test_a_prompt_goes_where_it_is_put_and_stands_alone_when_that_is_undone(
    desk: Desk,
) -> None:
    (saved,) = await save(desk.record, "Say blue.")
    await desk.corrections.place(saved.prompt_id, an_id("a"))
    made = await desk.corrections.place(saved.prompt_id, an_id("c"), by="ana")
    async with desk.record.read() as tx:
        (placed,) = await tx.templates.placements([saved.prompt_id])
        sizes = [(await tx.templates.lineage(an_id(name))).size for name in "ac"]
    assert placed.lineage_id == an_id("c")
    assert residual.apply(placed.residual, fill("Say {{word}}.", placed.slots)) == "Say blue."
    assert sizes == [1, 2]
    with pytest.raises(InvalidInput):
        await desk.corrections.place(saved.prompt_id, an_id("c"))
    with pytest.raises(NotFound):
        await desk.corrections.place(an_id("no prompt"), an_id("c"))
    with pytest.raises(Conflict):
        await desk.corrections.place(saved.prompt_id, an_id("gone"))
    await desk.corrections.undo(made.id)
    async with desk.record.read() as tx:
        assert list(await tx.templates.placements([saved.prompt_id])) == []
        assert (await tx.templates.lineage(an_id("c"))).size == 1


@pytest.mark.slow
async def test_a_prompt_that_was_put_stays_through_what_is_mined_later(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with await Promptuary.open(home) as opened:
        await opened.ingest(asked(0, 6), complete=True)
        known = await clusters(opened)
        page = await opened.prompts(lineage_id=known["Translate"][0])
        moved = page.items[0].id
        await opened.corrections.place(moved, known["Plan"][0], by="ana")
    async with await Promptuary.open(home) as opened:
        await opened.ingest(asked(6, 10), complete=True)
        there = await opened.prompt(moved)
        assert there.placement is not None
        assert there.placement.lineage_id == known["Plan"][0]
        template = await opened.template(there.placement.template_id)
        filled = fill(template.text, there.placement.slots)
        assert residual.apply(there.placement.residual, filled) == there.prompt.text
        assert (await opened.lineage(known["Plan"][0])).size == 11
        assert (await opened.lineage(known["Translate"][0])).size == 9


async def test_of_contradictions_the_later_stands_and_undoing_it_brings_back_the_earlier(
    desk: Desk,
) -> None:
    await desk.corrections.apart(an_id("a"), an_id("c"), by="ana")
    later = await desk.corrections.merge(ids(["one", "two"]), by="ben")
    assert await desk.groups() == {"abcd", "e"}
    await desk.corrections.undo(later.id, by="ana")
    after = await desk.groups()
    assert not any({"a", "c"} <= set(group) for group in after)
    with pytest.raises(Conflict):
        await desk.corrections.undo(later.id, by="ben")


async def test_two_people_who_contradict_each_other_at_once_are_heard_one_after_the_other(
    desk: Desk,
) -> None:
    """Whoever came last stands, both are on record, and nothing lies in two families."""
    async with anyio.create_task_group() as people:
        people.start_soon(partial(desk.corrections.merge, ids(["one", "two"]), by="ana"))
        people.start_soon(partial(desk.corrections.apart, an_id("a"), an_id("c"), by="ben"))
        people.start_soon(partial(desk.corrections.move, an_id("e"), an_id("one"), by="cem"))
    made = (await desk.corrections.list()).items
    assert {each.by for each in made} == {"ana", "ben", "cem"}
    (last, *_) = (each for each in made if each.kind in {"merge", "apart"})
    together = any({"a", "c"} <= set(group) for group in await desk.groups())
    assert together == (last.kind == "merge")
    assert sorted("".join(await desk.groups())) == list("abcde")
