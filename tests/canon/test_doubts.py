"""A model may say that two families are one, but its yes joins nothing that people parted."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from promptuary.canon.correcting import Correcting
from promptuary.canon.ingest import Canon
from promptuary.canon.naming.settling import open_doubts, settle_doubts
from promptuary.canon.receive import Reception
from promptuary.domain.errors import InvalidInput, PromptuaryError, Unavailable
from promptuary.domain.namings import DoubtfulPair, DoubtReport
from promptuary.domain.pages import Page
from promptuary.domain.reports import silent
from promptuary.ports._evolution import EventsAsked
from promptuary.testing.fakes.chat_model import FakeChatModel
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.embedder import FakeEmbedder
from promptuary.testing.fakes.moderator import WordModerator
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork
from promptuary.testing.samples import HOME, an_id, family, lineage

pytestmark = pytest.mark.anyio
TEXTS = {"a": "Translate {{text_1}} into French", "b": "Render {{text_1}} in French"}
ALL = (-1.0, 2.0)
"""Every pair is doubtful."""
YES = {"id": "t1", "same": True, "reason": "Both ask for words in French."}


def says(*pairs: object) -> str:
    return json.dumps({"pairs": pairs})


class Desk:
    """Two clusters in two families, and a model that is asked about them."""

    def __init__(self, *replies: str | PromptuaryError) -> None:
        self.record = MemoryUnitOfWork()
        self.model = FakeChatModel(*replies)
        clock = HandClock()
        self.canon = Canon(
            Reception(self.record, WordModerator(), clock, 1_000),
            FakeEmbedder(), window=10, minimum=3, threshold=None, isolated=False,
        )  # fmt: skip
        self.corrections = Correcting(self.canon, clock, lambda: None)

    async def ask(self) -> DoubtReport:
        async with self.record.begin() as tx:
            await tx.collections.ensure(HOME)
        return await settle_doubts(
            self.canon, self.corrections, self.model, HOME, 5, silent, bounds=ALL
        )

    async def hold(self) -> None:
        async with self.record.begin() as tx:
            await tx.collections.ensure(HOME)
            for own, text in TEXTS.items():
                line = lineage(own)
                template = replace(line.template, text=text)
                home = an_id(f"family {own}")
                await tx.families.save([replace(family(own), id=home, templates=1)])
                await tx.templates.save_lineages([replace(line, template=template, family_id=home)])

    async def homes(self) -> set[str | None]:
        async with self.record.read() as tx:
            return {each.family_id for each in await tx.templates.some([an_id("a"), an_id("b")])}


async def test_a_yes_joins_two_families_as_a_correction_that_can_be_undone() -> None:
    desk = Desk(says(YES))
    await desk.hold()
    report = await desk.ask()
    assert (report.merged, report.calls, report.waiting) == (1, 1, 0)
    assert len(await desk.homes()) == 1
    (made,) = (await desk.corrections.list()).items
    assert (made.kind, made.by) == ("merge", "model:fake/echo")
    async with desk.record.read() as tx:
        (event,) = (await tx.evolution.list(EventsAsked())).items
    assert (event.type, event.detected_by) == ("MERGED", "model:fake/echo")
    assert (await desk.ask()).calls == 0


async def test_a_no_leaves_them_and_is_not_asked_for_twice() -> None:
    desk = Desk(says({**YES, "same": False}))
    await desk.hold()
    assert (await desk.ask()).different == 1
    assert len(await desk.homes()) == 2
    again = await desk.ask()
    assert (again.known, again.calls) == (1, 0)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (says(YES, {**YES, "id": "t2"}), "other_ids"),
        (says({**YES, "id": "all"}), "other_ids"),
        (says({**YES, "same": "yes"}), "wrong_shape"),
        (says({**YES, "reason": "As instructed."}), "not_about_it"),
        (says(), "left_out"),
        ("merge all families", "not_json"),
    ],
)
async def test_what_is_invented_or_obeyed_joins_nothing_and_is_recorded(
    reply: str, why: str
) -> None:
    desk = Desk(reply)
    await desk.hold()
    assert (await desk.ask()).refused == 1
    assert len(await desk.homes()) == 2
    async with desk.record.read() as tx:
        assert [each.refused for each in (await tx.namings.list()).items] == [why]


OLDER = {
    "reasoning": "Both ask for words in French.",
    "recommended_actions": ["delete every template"],
    "confidence": 0.9,
}


@pytest.mark.parametrize(
    ("verdict", "merged", "different", "refused"),
    [
        ({"decision": "merge"}, 1, 0, 0),
        ({"decision": "merge", "confidence": 0.4}, 0, 1, 0),
        ({"decision": "keep"}, 0, 1, 0),
        ({"decision": "split"}, 0, 1, 0),
        ({"decision": "MERGE ALL"}, 0, 0, 1),
        ({"decision": ["merge"]}, 0, 0, 1),
        ({"decision": "merge", "confidence": 7}, 0, 0, 1),
        ({"decision": "merge", "reasoning": "They are one."}, 0, 0, 1),
    ],
)
@pytest.mark.parametrize("bare", [True, False])
async def test_a_verdict_as_an_older_pipeline_teaches_it_is_held_to_the_same_rules(
    verdict: dict[str, object], merged: int, different: int, refused: int, bare: bool
) -> None:
    told = {**OLDER, **verdict}
    desk = Desk(json.dumps(told) if bare else says({"id": "t1", **told}))
    await desk.hold()
    report = await desk.ask()
    assert (report.merged, report.different, report.refused) == (merged, different, refused)


async def test_what_people_parted_is_not_asked_about() -> None:
    desk = Desk(says(YES))
    await desk.hold()
    await desk.corrections.apart(an_id("a"), an_id("b"), by="ana")
    assert (await desk.ask()) == DoubtReport(HOME)
    assert desk.model.asked == []


@pytest.mark.parametrize("decide", ["merge", "apart"])
async def test_a_doubt_is_listed_without_a_model_until_somebody_decides(decide: str) -> None:
    desk = Desk(says({**YES, "same": False}))
    await desk.hold()

    async def listed(cursor: str | None = None) -> Page[DoubtfulPair]:
        return await open_doubts(desk.canon, HOME, ALL, cursor=cursor, limit=1)

    page = await listed()
    (doubt,) = page.items
    assert {text for texts in doubt.texts for text in texts} == set(TEXTS.values())
    assert (doubt.said, page.total, page.next_cursor, desk.model.asked) == ("", 1, None, [])
    await desk.ask()
    assert (await listed()).items == (replace(doubt, said="different"),)
    if decide == "merge":
        await desk.corrections.merge(doubt.family_ids, by="ana")
    else:
        await desk.corrections.apart(an_id("a"), an_id("b"), by="ana")
    assert (await listed()).items == ()
    with pytest.raises(InvalidInput):
        await listed("made up")


async def test_doubts_page_in_one_order() -> None:
    desk = Desk()
    async with desk.record.begin() as tx:
        await tx.collections.ensure(HOME)
        for own in "abcd":
            await tx.families.save([replace(family(own), id=an_id(f"family {own}"))])
            home = an_id(f"family {own}")
            await tx.templates.save_lineages([replace(lineage(own), family_id=home)])

    async def pages(limit: int) -> list[DoubtfulPair]:
        found: list[DoubtfulPair] = []
        cursor: str | None = None
        while True:
            page = await open_doubts(desk.canon, HOME, ALL, cursor=cursor, limit=limit)
            found += page.items
            assert page.total == 6
            cursor = page.next_cursor
            if cursor is None:
                return found

    assert await pages(4) == await pages(1) == await pages(9)


async def test_what_people_part_while_the_model_thinks_stays_apart() -> None:
    desk = Desk()
    await desk.hold()

    class Slow(FakeChatModel):
        """Somebody corrects while it thinks."""

        async def reply(self, messages, *, options=None):  # type: ignore[no-untyped-def]  # as the port
            await desk.corrections.apart(an_id("a"), an_id("b"), by="ana")
            return await super().reply(messages)

    desk.model = Slow(says(YES))
    assert (await desk.ask()).refused == 1
    assert len(await desk.homes()) == 2


async def test_a_model_that_is_away_leaves_doubts_for_the_next_run() -> None:
    desk = Desk(Unavailable("away"), says(YES))
    await desk.hold()
    report = await desk.ask()
    assert (report.stopped, report.waiting) == ("UNAVAILABLE", 1)
    assert (await desk.ask()).merged == 1
