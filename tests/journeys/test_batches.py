"""The size of batches decides when templates are looked for, and hardly what is found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from promptuary import Promptuary
from promptuary.domain.reports import Progress, Told

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

LONG = 130
"""Prompts of young templates beside which a single one is not worth mining all of them."""


def order(number: int) -> str:
    return f"Where is order {number * 7919 % 9973} now, and when will it arrive at my door?"


def recipe(number: int) -> str:
    return f"Tell me how to cook dish{number} for a party of {number} hungry guests."


def other(number: int) -> str:
    kind = number // 10
    return f"Kind{kind} of task: describe item{number} in kind{kind} words"


@pytest.fixture
async def promptuary(tmp_path: Path) -> AsyncIterator[Promptuary]:
    async with await Promptuary.open(tmp_path / "home") as opened:
        kinds = [
            f"Kind{n // 10} of task: describe item{n} in kind{n // 10} words" for n in range(LONG)
        ]
        await opened.ingest([*kinds, *(order(n) for n in range(20))])
        yield opened


def counter(mined: list[int]) -> Told:
    def told(progress: Progress) -> None:
        if progress.stage == "mine":
            mined.append(progress.done)

    return told


async def groups(opened: Promptuary) -> set[frozenset[str]]:
    texts = {prompt.id: prompt.text for prompt in (await opened.prompts(limit=1000)).items}
    found: dict[str, set[str]] = {}
    async for row in opened.placements():
        found.setdefault(row.cluster_id or row.prompt_id, set()).add(texts[row.prompt_id])
    return {frozenset(some) for some in found.values()}


async def test_single_prompts_are_placed_at_once_and_mined_when_it_is_worth_it(
    promptuary: Promptuary,
) -> None:
    mined: list[int] = []
    for number in range(20, 24):
        report = await promptuary.ingest([order(number)], progress=counter(mined))
        assert (report.placed, report.alone) == (1, 0)
    assert mined == []
    (found,) = [line for line in (await promptuary.templates()).items if "order" in line.name]
    assert found.size == 20
    await promptuary.settle(progress=counter(mined))
    assert mined
    assert (await promptuary.lineage(found.id)).size == 24


async def test_a_batch_that_is_to_be_complete_is_mined_however_small(
    promptuary: Promptuary,
) -> None:
    await promptuary.ingest([recipe(n) for n in range(6)])
    assert not [line for line in (await promptuary.templates()).items if "cook" in line.name]
    await promptuary.ingest([recipe(6)], complete=True)
    assert [line.size for line in (await promptuary.templates()).items if "cook" in line.name] == [
        7
    ]


@pytest.mark.slow
async def test_batches_of_one_end_in_the_same_groups_as_one_batch(tmp_path: Path) -> None:
    prompts = [make(n) for n in range(12) for make in (order, recipe)]
    outcomes = []
    for size in (1, 5, 24):
        async with await Promptuary.open(tmp_path / str(size)) as opened:
            for start in range(0, 24, size):
                await opened.ingest(prompts[start : start + size])
            await opened.settle()
            outcomes.append(await groups(opened))
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert sorted(len(some) for some in outcomes[0]) == [12, 12]
