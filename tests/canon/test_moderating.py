"""What was refused waits for people, and what they decide holds."""

from __future__ import annotations

import pytest

from promptuary.app import Promptuary
from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.prompts import IncomingPrompt
from promptuary.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
CARDS = ("4111 1111 1111 1111", "5500 0000 0000 0004", "4012 8888 8888 1881", "6011 0000 0000 0004")
REFUNDS = [f"Write a short letter about the refund to card {card}, please." for card in CARDS]
PAYPAL = [f"Write a short letter about the refund to card {n}, please." for n in "ABCDEFG"]


@pytest.fixture
async def promptuary(tmp_path):
    async with await Promptuary.open(settings=Settings(home=tmp_path)) as opened:
        yield opened


async def found(promptuary) -> int:
    answer = await promptuary.search("refund card letter", kinds=("prompt",), limit=50)
    return len(answer.hits)


async def test_a_refused_prompt_is_neither_mined_nor_found_until_it_is_released(promptuary):
    report = await promptuary.ingest([*PAYPAL, *REFUNDS], complete=True)
    assert (report.accepted, report.rejected_count) == (len(PAYPAL), len(REFUNDS))
    waiting = await promptuary.moderation.list()
    assert [each.text for each in waiting.items] == REFUNDS[::-1]
    assert await found(promptuary) == len(PAYPAL)
    placed = await promptuary.moderation.release(waiting.items[0].id, by="ana", reason="test card")
    assert placed.placement is not None
    assert placed.placement.slots.values() == {CARDS[-1]} or CARDS[-1] in str(placed.placement)
    await promptuary.settle()
    assert await found(promptuary) == len(PAYPAL) + 1
    assert (await promptuary.moderation.list()).total == len(REFUNDS) - 1


async def test_the_text_that_was_released_passes_from_then_on(promptuary):
    report = await promptuary.ingest(REFUNDS[:1], batch_id="one")
    (refused,) = report.rejected
    await promptuary.moderation.release(refused.prompt_id)
    again = await promptuary.ingest(REFUNDS[:2], batch_id="two")
    assert (again.duplicates, again.rejected_count) == (1, 1)
    submitted = await promptuary.submit(IncomingPrompt(REFUNDS[0]))
    assert (submitted.prompt.status, submitted.prompt.count) == ("safe", 3)


async def test_released_prompts_that_no_template_explains_are_mined_with_the_next(promptuary):
    report = await promptuary.ingest(REFUNDS)
    for each in report.rejected:
        placed = await promptuary.moderation.release(each.prompt_id)
        assert placed.placement is None
    await promptuary.ingest(["Count the owls on the barn."], complete=True)
    for each in report.rejected:
        assert (await promptuary.prompt(each.prompt_id)).placement is not None


async def test_decisions_are_kept_with_who_and_why(promptuary):
    report = await promptuary.ingest(REFUNDS[:2])
    first, second = (each.prompt_id for each in report.rejected)
    await promptuary.moderation.reject(first, by="ben", reason="a real card")
    assert (await promptuary.moderation.list()).total == 1
    await promptuary.moderation.release(first, by="ana", reason="it was a test after all")
    with pytest.raises(Conflict):
        await promptuary.moderation.release(first)
    with pytest.raises(NotFound):
        await promptuary.moderation.reject("00000000-0000-4000-8000-000000000000")
    page = await promptuary.moderation.reviews()
    assert [(each.decision, each.by, each.reason) for each in page.items] == [
        ("release", "ana", "it was a test after all"),
        ("reject", "ben", "a real card"),
    ]
    assert "payment card" in page.items[0].verdict
    assert (await promptuary.prompt(second)).prompt.status == "rejected"
