"""Logs as a user meets them: lines in, templates out, the same however they arrive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from canon.log_lines import STATES, moved, stored
from canon.traffic import journeys, rewrites
from promptuary import Promptuary
from promptuary.canon.templates.filling import fill
from promptuary.canon.templates.residual import apply
from promptuary.domain.reports import PlacementRow
from promptuary.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@asynccontextmanager
async def opened(home: Path, window: int = 8_000) -> AsyncIterator[Promptuary]:
    settings = Settings(window_prompts=window)
    async with await Promptuary.open(home, settings=settings) as promptuary:
        yield promptuary


async def rows(promptuary: Promptuary) -> list[PlacementRow]:
    return [row async for row in promptuary.placements()]


async def templates_after(home: Path, batches: Sequence[Sequence[str]], window: int) -> set[str]:
    async with opened(home, window) as promptuary:
        for batch in batches:
            await promptuary.ingest(batch)
        return {row.template or "" for row in await rows(promptuary)}


async def test_every_line_finds_its_template_and_can_be_given_back(tmp_path: Path) -> None:
    lines = [*stored(50), *moved(40), *STATES]
    async with opened(tmp_path) as promptuary:
        report = await promptuary.ingest(lines)
        found = await rows(promptuary)

    assert (report.placed, report.alone) == (94, 0)
    assert len({row.cluster_id for row in found}) == 6
    given = [apply(row.residual or "", fill(row.template or "", row.slots)) for row in found]
    assert sorted(given) == sorted(lines)


async def test_later_lines_join_the_templates_that_are_known(tmp_path: Path) -> None:
    lines = [*stored(80), *moved(80)]
    async with opened(tmp_path) as promptuary:
        await promptuary.ingest(lines[:40] + lines[80:120])
        before = {row.cluster_id for row in await rows(promptuary)}
        await promptuary.ingest(lines)
        after = await rows(promptuary)

    assert {row.cluster_id for row in after} == before
    assert len(after) == 160


async def test_a_few_odd_lines_of_a_known_log_are_lines_too(tmp_path: Path) -> None:
    async with opened(tmp_path) as promptuary:
        await promptuary.ingest([*stored(50), *moved(50)])
        await promptuary.ingest(STATES)
        found = {row.template for row in await rows(promptuary) if row.cluster_id}

    assert found >= set(STATES)


async def test_windows_do_not_change_the_templates(tmp_path: Path) -> None:
    lines = [line for pair in zip(stored(60), moved(60), strict=True) for line in pair]
    lines[10:10] = STATES
    small = await templates_after(tmp_path / "small", [lines], window=15)
    assert small == await templates_after(tmp_path / "large", [lines], window=1_000)


async def test_a_line_is_not_swallowed_by_a_template_that_ends_in_a_value(tmp_path: Path) -> None:
    short = [f"sync of account took {n}" for n in range(50)]
    long = [f"sync of account took {n} and failed with code {n % 3}" for n in range(5)]
    found = await templates_after(tmp_path, [short, long], window=8_000)
    assert len(found) == 2


async def test_prompts_between_the_lines_keep_their_own_templates(tmp_path: Path) -> None:
    async with opened(tmp_path) as promptuary:
        await promptuary.ingest([*stored(30), *journeys(), *rewrites()])
        found = await rows(promptuary)

    sizes = [row.cluster_id for row in found]
    assert sorted(sizes.count(cluster) for cluster in set(sizes)) == [8, 12, 30]
