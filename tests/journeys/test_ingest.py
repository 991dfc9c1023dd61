"""The ingest path as a user meets it: prompts in, families and templates out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promptuary import IncomingPrompt, Promptuary
from promptuary.canon.templates import residual
from promptuary.canon.templates.filling import fill
from promptuary.domain.errors import Conflict, InvalidInput, TooLarge
from promptuary.domain.reports import PlacementRow

pytestmark = pytest.mark.anyio

CITIES = ["Oslo", "Lima", "Cairo", "Quito", "Porto", "Riga", "Turin", "Delhi", "Perth", "Hanoi"]
DISHES = ["soup", "stew", "curry", "salad", "pie", "noodles", "dumplings", "risotto"]


def travel(city: str) -> str:
    return f"Plan a weekend in {city} for two people.\nBudget: 400 euros, no museums please."


def cooking(dish: str) -> str:
    return f"You are a patient chef. Explain step by step how to cook {dish} for beginners."


TRAFFIC = [travel(city) for city in CITIES] + [cooking(dish) for dish in DISHES]
ALONE = [
    "Why do cats purr when they are asleep on warm radiators?",
    "Compose a limerick about submarine accountants in spring.",
]


@pytest.fixture
async def promptuary(tmp_path: Path) -> AsyncIterator[Promptuary]:
    async with await Promptuary.open(tmp_path / "home") as opened:
        yield opened


async def rows(promptuary: Promptuary, collection: str = "default") -> list[PlacementRow]:
    return [row async for row in promptuary.placements(collection)]


async def test_prompts_become_templates_with_slots_and_one_offs_stay_alone(
    promptuary: Promptuary,
) -> None:
    report = await promptuary.ingest([*TRAFFIC, *ALONE])
    assert (report.accepted, report.placed, report.alone) == (20, 18, 2)
    templates = await promptuary.templates()
    assert sorted(line.size for line in templates.items) == [8, 10]
    largest = templates.items[0].template
    assert {value.value for value in largest.slots[0].examples} == set(CITIES)


@pytest.mark.slow
async def test_a_filled_template_with_its_residual_is_the_prompt(promptuary: Promptuary) -> None:
    noisy = [text.upper() if n % 3 else f"  {text}\r\n" for n, text in enumerate(TRAFFIC)]
    await promptuary.ingest([*TRAFFIC, *noisy])
    texts = {prompt.id: prompt.text for prompt in (await promptuary.prompts(limit=100)).items}
    placed = [row for row in await rows(promptuary) if row.template is not None]
    assert len(placed) >= 18
    for row in placed:
        assert row.template is not None
        assert row.residual is not None
        filled = fill(row.template, row.slots)
        assert residual.apply(row.residual, filled) == texts[row.prompt_id]


@pytest.mark.slow
async def test_the_same_batch_again_changes_nothing(promptuary: Promptuary) -> None:
    await promptuary.ingest(TRAFFIC, batch_id="monday")
    before = await rows(promptuary)
    again = await promptuary.ingest(TRAFFIC, batch_id="monday")
    assert (again.accepted, again.duplicates) == (0, 18)
    assert await rows(promptuary) == before


@pytest.mark.slow
async def test_the_same_content_without_ids_changes_nothing(promptuary: Promptuary) -> None:
    await promptuary.ingest([*TRAFFIC, TRAFFIC[0]])
    before = await rows(promptuary)
    await promptuary.ingest([*TRAFFIC, TRAFFIC[0]])
    assert await rows(promptuary) == before
    first = next(p for p in (await promptuary.prompts(limit=100)).items if p.text == TRAFFIC[0])
    assert first.count == 2


@pytest.mark.slow
async def test_a_batch_id_with_other_content_is_reported_and_stops_nobody(
    promptuary: Promptuary,
) -> None:
    await promptuary.ingest(TRAFFIC[:2], batch_id="b")
    report = await promptuary.ingest([TRAFFIC[0], TRAFFIC[5], TRAFFIC[6]], batch_id="b")
    assert [(item.position, item.code) for item in report.rejected] == [(2, "CONFLICT")]
    assert report.accepted == 1


async def test_one_prompt_is_placed_at_once_by_known_templates(promptuary: Promptuary) -> None:
    await promptuary.ingest(TRAFFIC)
    placed = await promptuary.submit(IncomingPrompt(travel("Tallinn")))
    assert placed.placement is not None
    assert "Tallinn" in placed.placement.slots.values()
    assert any("fixed words" in reason for reason in placed.placement.reasons)
    assert (await promptuary.prompt(placed.prompt.id)).placement == placed.placement


@pytest.mark.slow
async def test_a_prompt_nobody_knows_waits_for_the_next_window(promptuary: Promptuary) -> None:
    placed = await promptuary.submit(IncomingPrompt(ALONE[0]))
    assert (placed.placement, placed.waiting) == (None, True)
    await promptuary.settle()
    assert not (await promptuary.prompt(placed.prompt.id)).waiting


@pytest.mark.slow
async def test_prompts_that_stood_alone_are_taken_in_when_others_like_them_come(
    promptuary: Promptuary,
) -> None:
    await promptuary.ingest([travel("Oslo"), *ALONE])
    assert (await promptuary.templates()).total == 0
    await promptuary.ingest([travel(city) for city in CITIES])
    assert all(
        row.cluster_id for row in await rows(promptuary) if "weekend" in (row.template or "")
    )
    assert (await promptuary.templates()).items[0].size == len(CITIES)


@pytest.mark.slow
async def test_a_changed_wording_is_a_new_version_with_a_diff(promptuary: Promptuary) -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    places = [
        a + b
        for a in ("Ba", "Ko", "Lu", "Fe", "Mi", "So", "Ta")
        for b in "rin mar dal tos ven nek".split()
    ]
    old = [IncomingPrompt(travel(place), created_at=start) for place in places]
    await promptuary.ingest(old)
    later = [travel(place).replace("Budget:", "Budget limit:") for place in places]
    week = start + timedelta(days=7)
    await promptuary.ingest([IncomingPrompt(text, created_at=week) for text in later])
    (line,) = (await promptuary.templates()).items
    first, second = await promptuary.versions(line.id)
    assert (first.version, second.version) == ("1.0.0", "1.0.1")
    diff = await promptuary.diff(first.id, second.id)
    assert ("+", "limit") in [(sign, text.strip()) for sign, text in diff.lines]
    assert diff.moved_prompts == len(places)


@pytest.mark.slow
async def test_ids_stay_the_same_on_every_machine(tmp_path: Path) -> None:
    async def ids(home: Path) -> list[tuple[str | None, str | None]]:
        async with await Promptuary.open(home) as opened:
            await opened.ingest(TRAFFIC, batch_id="b")
            return [(row.cluster_id, row.family_cluster) for row in await rows(opened)]

    assert await ids(tmp_path / "a") == await ids(tmp_path / "b")


@pytest.mark.slow
async def test_what_was_known_is_there_after_a_restart(tmp_path: Path) -> None:
    async with await Promptuary.open(tmp_path) as opened:
        await opened.ingest(TRAFFIC)
        before = await rows(opened)
    async with await Promptuary.open(tmp_path) as again:
        assert await rows(again) == before
        answer = await again.search("weekend trip", kinds=["template"])
        assert answer.hits


async def test_empty_and_too_long_prompts_are_reported_with_their_position(
    promptuary: Promptuary,
) -> None:
    report = await promptuary.ingest(["fine words here", " \n\t ", "x" * 1_000_001])
    assert [(item.position, item.code) for item in report.rejected] == [
        (2, "INVALID_INPUT"),
        (3, "TOO_LARGE"),
    ]
    with pytest.raises(InvalidInput):
        await promptuary.submit(IncomingPrompt(""))
    with pytest.raises(TooLarge):
        await promptuary.submit(IncomingPrompt("x" * 1_000_001))


@pytest.mark.slow
async def test_a_refused_prompt_is_kept_aside_with_its_reason(promptuary: Promptuary) -> None:
    card = "My card is 4111 1111 1111 1111, charge it for the order please."
    report = await promptuary.ingest([card, *ALONE])
    (refused,) = report.rejected
    assert refused.code == "MODERATION_REFUSED"
    assert "4111" not in refused.reason
    assert refused.prompt_id is not None
    kept = await promptuary.prompt(refused.prompt_id)
    assert (kept.prompt.status, kept.prompt.text) == ("rejected", card)
    assert not [
        hit for hit in (await promptuary.search("card order")).hits if hit.id == kept.prompt.id
    ]


@pytest.mark.slow
async def test_an_id_known_with_another_text_is_a_conflict(promptuary: Promptuary) -> None:
    await promptuary.submit(IncomingPrompt("first words", id="7"))
    with pytest.raises(Conflict):
        await promptuary.submit(IncomingPrompt("other words", id="7"))


@pytest.mark.slow
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(st.text(min_size=1, max_size=200), min_size=1, max_size=12))
async def test_any_text_comes_back_as_it_was_sent(texts: list[str], promptuary: Promptuary) -> None:
    name = f"example-{(await promptuary.collections(limit=1)).total}"
    report = await promptuary.ingest(texts, collection=name)
    kept = {prompt.text for prompt in (await promptuary.prompts(collection=name)).items}
    refused = {texts[item.position - 1] for item in report.rejected if item.prompt_id is None}
    assert kept == set(texts) - refused
