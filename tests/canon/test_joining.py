"""Clusters that people made one stay one, lose nothing, and come apart again as they were."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from promptuary import Promptuary
from promptuary.canon.correcting import Correcting
from promptuary.canon.ingest import Canon
from promptuary.canon.receive import Reception
from promptuary.canon.ruling import ruling
from promptuary.canon.templates import residual
from promptuary.canon.templates.filling import fill
from promptuary.domain.corrections import Correction
from promptuary.domain.errors import Conflict, InvalidInput, NotFound
from promptuary.domain.prompts import IncomingPrompt, prompt_id
from promptuary.ports._evolution import EventsAsked
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.embedder import FakeEmbedder
from promptuary.testing.fakes.moderator import WordModerator
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork
from promptuary.testing.samples import (
    HOME,
    HOME_ID,
    an_id,
    found_lineages,
    lineage,
    moment,
    placement,
    save,
)

pytestmark = pytest.mark.anyio
UNDER = {"Say one.": "a", "Say two.": "b", "Say three.": "b", "Say four.": "c", "Say five.": "d"}


class Desk:
    """Four clusters in three families with a few prompts under each, and who corrects them."""

    def __init__(self) -> None:
        self.record = MemoryUnitOfWork()
        clock = HandClock()
        reception = Reception(self.record, WordModerator(), clock, 1_000)
        embedder = FakeEmbedder()
        canon = Canon(reception, embedder, window=9, minimum=3, threshold=None, isolated=False)
        self.corrections = Correcting(canon, clock, lambda: None)

    async def under(self) -> dict[str, str]:
        """The prompts of each living cluster by their last words, `a: one; b: three, two`, with
        the clusters' sizes."""
        async with self.record.read() as tx:
            homes = await tx.templates.homes([prompt_id(HOME_ID, text) for text in UNDER])
            lines = (await tx.templates.list(limit=9)).items
        return {
            f"{line.name}{line.size}": " ".join(
                text[4:-1] for text in UNDER if homes[prompt_id(HOME_ID, text)] == line.id
            )
            for line in lines
        }

    async def families(self) -> set[tuple[int, int]]:
        """Prompts and clusters of each family."""
        async with self.record.read() as tx:
            found = (await tx.families.list(limit=9)).items
        return {(family.size, family.templates) for family in found}


@pytest.fixture
async def desk() -> Desk:
    made = Desk()
    homes = {"a": ("one", 1), "b": ("two", 2), "c": ("two", 1), "d": ("three", 1)}
    lines = [lineage(name, family=home, size=size) for name, (home, size) in homes.items()]
    await found_lineages(made.record, *lines, lineage("gone", merged_into="a"))
    await save(made.record, *UNDER)
    async with made.record.begin() as tx:
        await tx.templates.place([placement(text, name) for text, name in UNDER.items()])
        await tx.collections.mark_placed(HOME_ID, len(UNDER), expected=0)
    return made


def ids(names: str) -> list[str]:
    return [an_id(name) for name in names]


async def test_the_first_cluster_gets_all_prompts_and_undoing_gives_them_back(desk: Desk) -> None:
    before = await desk.under()
    async with desk.record.read() as tx:
        placed = await tx.templates.placements([prompt_id(HOME_ID, text) for text in UNDER])
    made = await desk.corrections.join(ids("ab"), by="ana")
    assert await desk.under() == {"a3": "one two three", "c1": "four", "d1": "five"}
    assert {(3, 1), (1, 1)} == await desk.families()
    async with desk.record.read() as tx:
        assert (await tx.templates.lineage(an_id("b"))).merged_into == an_id("a")
        after = await tx.templates.placements([each.prompt_id for each in placed])
        rows = await tx.outbox.after(0, limit=99)
    assert [replace(each, lineage_id="") for each in after] == [
        replace(each, lineage_id="") for each in placed
    ]
    heard = {(row.kind, row.entity_id) for row in rows}
    assert {("lineage", an_id("b")), ("prompt", prompt_id(HOME_ID, "Say two."))} <= heard
    await desk.corrections.undo(made.id, by="ben")
    assert await desk.under() == before
    async with desk.record.read() as tx:
        assert await tx.templates.placements([each.prompt_id for each in placed]) == placed
        assert all(line.family_id for line in await tx.templates.lineages(HOME_ID))
        events = (await tx.evolution.list(EventsAsked())).items
    assert {(event.type, event.detected_by) for event in events} == {
        ("MERGED", "person:ana"),
        ("UPDATED", "person:ben"),
    }


async def test_joined_clusters_come_apart_in_any_order(desk: Desk) -> None:
    before = await desk.under()
    first = await desk.corrections.join(ids("ab"))
    second = await desk.corrections.join(ids("ca"))
    assert await desk.under() == {"c4": "one two three four", "d1": "five"}
    await desk.corrections.undo(first.id)
    assert await desk.under() == {"c2": "one four", "b2": "two three", "d1": "five"}
    third = await desk.corrections.join(ids("db"))
    await desk.corrections.undo(second.id)
    await desk.corrections.undo(third.id)
    assert await desk.under() == before
    inner = await desk.corrections.join(ids("ab"))
    outer = await desk.corrections.join(ids("ca"))
    await desk.corrections.undo(outer.id)
    assert await desk.under() == {"a3": "one two three", "c1": "four", "d1": "five"}
    await desk.corrections.undo(inner.id)
    assert await desk.under() == before


async def test_what_was_said_before_speaks_against_joining(desk: Desk) -> None:
    here, before = desk.corrections, await desk.under()
    locked = await here.lock(an_id("b"))
    kept = await here.apart(an_id("a"), an_id("d"))
    near = await here.apart(an_id("a"), an_id("c"))
    for names, said in (("ab", locked), ("ad", kept), ("da", kept), ("ba", near)):
        with pytest.raises(Conflict, match=said.id):
            await here.join(ids(names))
    for names, error in (("a", InvalidInput), ("aa", InvalidInput), ("ax", NotFound)):
        with pytest.raises(error):
            await here.join(ids(names))
    with pytest.raises(Conflict):
        await here.join([an_id("a"), an_id("gone")])
    assert await desk.under() == before
    await here.join(ids("bd"))  # a locked template stays where it is the first


async def test_of_two_people_who_join_at_once_the_second_is_told(desk: Desk) -> None:
    asked = (desk.corrections.join(ids("ab")), desk.corrections.join(ids("ba")))
    one, other = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(one, Correction)
    assert isinstance(other, Conflict)
    assert (await desk.corrections.list()).total == 1
    again = [desk.corrections.undo(one.id), desk.corrections.undo(one.id)]
    done = await asyncio.gather(*again, return_exceptions=True)
    assert [isinstance(each, Conflict) for each in done] == [False, True]


async def test_clusters_of_two_collections_are_never_one(desk: Desk) -> None:
    await found_lineages(desk.record, lineage("far", home="elsewhere"))
    with pytest.raises(InvalidInput):
        await desk.corrections.join([an_id("a"), an_id("far")])


def test_a_joining_follows_the_cluster_that_took_the_first_one_over() -> None:
    said = Correction("1", HOME, "join", ("a", "b"), "ana", moment())
    found = ruling([said], {"b": "a", "a": "c"})
    assert found.joined == {"b": "c"}
    assert found.settled == {"c"}


CITIES = ("Oslo", "Lima", "Cairo", "Quito", "Porto", "Riga", "Turin", "Delhi", "Seoul", "Perth")
DISHES = ("soup", "stew", "curry", "salad", "pie", "bread", "pasta", "rice", "jam", "tea")


def asked_for(some: slice) -> list[str]:
    return [
        *(f"Plan a weekend in {city} for two people: 400 euros." for city in CITIES[some]),
        *(f"Explain to beginners how a chef would cook {dish}, briefly." for dish in DISHES[some]),
    ]


WORDS = ("trout", "beans", "goose", "pizza", "eggs", "ham")


async def clusters(opened: Promptuary) -> dict[str, tuple[str, int]]:
    """Cluster and size by the first word of each template."""
    page = await opened.templates(limit=50)
    return {line.template.text.split()[0]: (line.id, line.size) for line in page.items}


async def all_come_back(opened: Promptuary, texts: Sequence[str]) -> bool:
    """Whether every prompt is what its template, values and residual say."""
    found = [await opened.prompt(each.id) for each in (await opened.prompts(limit=99)).items]
    for each in found:
        assert each.placement is not None
        template = await opened.template(each.placement.template_id)
        filled = fill(template.text, each.placement.slots)
        assert residual.apply(each.placement.residual, filled) == each.prompt.text
    return {each.prompt.text for each in found} == set(texts)


@pytest.mark.slow
async def test_joined_clusters_stay_joined_through_later_windows_and_a_restart(
    tmp_path: Path,
) -> None:
    home, early, late = tmp_path / "home", asked_for(slice(0, 6)), asked_for(slice(6, 9))
    alone = asked_for(slice(9, 10))[1]
    async with await Promptuary.open(home) as opened:
        await opened.ingest(early, complete=True)
        known = await clusters(opened)
        pair = [known["Plan"][0], known["Explain"][0]]
        made = await opened.corrections.join(pair, by="ana")
    async with await Promptuary.open(home) as opened:
        await opened.ingest(late, complete=True)
        assert await clusters(opened) == {"Plan": (pair[0], 18)}
        placed = await opened.submit(IncomingPrompt(alone))
        assert placed.placement is not None
        assert placed.placement.lineage_id == pair[0]
        await opened.ingest(asked_for(slice(9, 10)), complete=True)
        assert await clusters(opened) == {"Plan": (pair[0], 20)}
        assert await all_come_back(opened, asked_for(slice(0, 10)))
        other = [f"Explain to beginners how a good chef would cook {w}, briefly." for w in WORDS]
        await opened.ingest(other, complete=True)
        assert await clusters(opened) == {"Plan": (pair[0], 26)}
        told = (await opened.evolution.list(lineage_id=pair[0])).items
        assert [e.type for e in told if e.detected_by == "rules"] == ["CREATED"]
        await opened.corrections.undo(made.id, by="ben")
        assert await clusters(opened) == {"Plan": (pair[0], 10), "Explain": (pair[1], 16)}
        await opened.ingest([f"{word} it is." for word in CITIES], complete=True)
        events = (await opened.evolution.list(lineage_id=pair[1])).items
        assert [e.type for e in events if e.detected_by == "rules"] == ["UPDATED", "CREATED"]
