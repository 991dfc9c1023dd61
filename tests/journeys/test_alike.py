"""Prompts without a template that ask the same: a family, its identity, and what is shown of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from promptuary import Promptuary
from promptuary.domain.reports import PlacementRow

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

CARDS = [
    "my card has not arrived yet",
    "when will the card I ordered arrive?",
    "still waiting for my new card to be delivered",
    "the card was ordered two weeks ago and has not come",
    "has my card been sent, it did not arrive",
    "how long until a new card arrives",
    "where is the card that I ordered",
]
LATER = ["any news on when the ordered card arrives", "new card not arrived, ordered weeks ago"]
ODD = ["how tall is that mountain?", "a riddle about owls", "name three rivers", "sharpen a knife"]


@pytest.fixture
async def promptuary(tmp_path: Path) -> AsyncIterator[Promptuary]:
    async with await Promptuary.open(tmp_path / "home") as opened:
        yield opened


async def rows(promptuary: Promptuary) -> dict[str, PlacementRow]:
    texts = {p.id: p.text for p in (await promptuary.prompts(limit=50)).items}
    return {texts[row.prompt_id]: row async for row in promptuary.placements()}


async def test_prompts_that_stand_alone_but_ask_the_same_are_a_family_without_templates(
    promptuary: Promptuary,
) -> None:
    await promptuary.ingest([*CARDS, *ODD])
    found = await rows(promptuary)
    (family,) = {found[text].family_cluster for text in CARDS} - {None}
    assert {found[text].family_cluster for text in ODD} == {None}
    assert all(row.cluster_id is None for row in found.values())
    known = await promptuary.family(str(family))
    members = await promptuary.prompts(family_id=known.id)
    assert (known.templates, known.size) == (0, members.total)
    assert members.total == sum(row.family_cluster == family for row in found.values())
    assert "card" in known.name
    placed = await promptuary.prompt(members.items[0].id)
    assert (placed.placement, placed.family_id) == (None, family)
    assert found[members.items[0].text].reasons


async def test_prompts_that_come_later_join_and_the_family_keeps_its_id(
    promptuary: Promptuary,
) -> None:
    await promptuary.ingest([*CARDS, *ODD])
    before = {text: row.family_cluster for text, row in (await rows(promptuary)).items()}
    await promptuary.ingest(LATER)
    after = {text: row.family_cluster for text, row in (await rows(promptuary)).items()}
    assert {text: after[text] for text in before} == before
    assert {after[text] for text in LATER} == {before[CARDS[0]]}
    assert (await promptuary.families()).items[0].size == sum(
        one is not None for one in after.values()
    )


async def test_prompts_that_a_template_takes_over_leave_the_family(promptuary: Promptuary) -> None:
    await promptuary.ingest([*CARDS, *ODD])
    heading = "Classify the request below as urgent or not.\n\nRequest: {}\n\nLabel:"
    await promptuary.ingest([heading.format(text) for text in [*CARDS, *ODD]])
    found = await rows(promptuary)
    classified = {found[heading.format(text)].family_cluster for text in [*CARDS, *ODD]}
    assert len(classified) == 1
    assert not classified & {found[text].family_cluster for text in CARDS}
