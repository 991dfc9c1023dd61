"""Two homes that saw parts of the same traffic become one."""

from __future__ import annotations

from pathlib import Path

import pytest

from promptuary import IncomingPrompt, Promptuary
from promptuary.canon.templates import residual
from promptuary.canon.templates.filling import fill
from promptuary.domain.errors import NotFound

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

BEGINNINGS, ENDINGS = "Ba Ko Lu Fe Mi So Ta".split(), "rin mar dal tos ven".split()
PLACES = [beginning + ending for beginning in BEGINNINGS for ending in ENDINGS]


def weekend(place: str) -> str:
    return f"Plan a weekend in {place} for two people.\nBudget: 400 euros, no museums please."


def recipe(dish: str) -> str:
    return f"You are a patient chef. Explain step by step how to cook {dish} for beginners."


def verdict(place: str) -> str:
    return f"Is {place} worth a visit in winter? Answer with yes or no and one reason."


OURS = [*map(weekend, PLACES), *map(recipe, PLACES[:4]), "Why do cats purr on warm radiators?"]
THEIRS = [*map(verdict, PLACES), *map(recipe, PLACES[4:9]), "Name a limerick about lighthouses!"]


def sent(texts: list[str], name: str) -> list[IncomingPrompt]:
    return [IncomingPrompt(text, id=f"{name}-{n}") for n, text in enumerate(texts)]


async def groups(opened: Promptuary) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    async for row in opened.placements():
        found.setdefault(row.cluster_id or row.id, set()).add(row.id)
    return {frozenset(ids) for ids in found.values()}


async def homes(folder: Path) -> Path:
    """Two homes in the folder; the path of the second, closed."""
    for name, texts in (("ours", OURS), ("theirs", THEIRS)):
        async with await Promptuary.open(folder / name) as opened:
            await opened.ingest(sent(texts, name), complete=True)
    return folder / "theirs"


async def test_two_homes_merged_hold_what_one_home_would_that_had_seen_both(tmp_path: Path) -> None:
    theirs = await homes(tmp_path)
    async with await Promptuary.open(tmp_path / "one") as one:
        await one.ingest([*sent(OURS, "ours"), *sent(THEIRS, "theirs")], complete=True)
        expected = await groups(one)
    async with await Promptuary.open(tmp_path / "ours") as opened:
        report = await opened.merge(theirs)
        assert (report.accepted, report.duplicates) == (len(THEIRS), 0)
        assert await groups(opened) == expected
        texts = {prompt.id: prompt.text for prompt in (await opened.prompts(limit=500)).items}
        async for row in opened.placements():
            if row.template is not None:
                filled = fill(row.template, row.slots)
                assert residual.apply(row.residual or "", filled) == texts[row.prompt_id]
        assert (await opened.search("worth a visit", kinds=["template"])).hits


async def test_templates_of_either_home_keep_their_ids_and_history(tmp_path: Path) -> None:
    theirs = await homes(tmp_path)
    ids = {}
    for name in ("ours", "theirs"):
        async with await Promptuary.open(tmp_path / name) as opened:
            for line in (await opened.templates()).items:
                ids[line.template.text] = (line.id, await opened.versions(line.id))
    async with await Promptuary.open(tmp_path / "ours") as opened:
        await opened.merge(theirs)
        merged = {line.template.text: line for line in (await opened.templates()).items}
        for start in ("Plan a weekend", "Is "):
            (text,) = [one for one in merged if one.startswith(start)]
            assert merged[text].id == ids[text][0]
            assert merged[text].size == len(PLACES)
            assert (await opened.versions(merged[text].id))[0].id == ids[text][1][0].id


async def test_merging_again_changes_nothing(tmp_path: Path) -> None:
    theirs = await homes(tmp_path)
    async with await Promptuary.open(tmp_path / "ours") as opened:
        await opened.merge(theirs)
        before = [row async for row in opened.placements()], await opened.templates()
        again = await opened.merge(theirs)
        assert (again.accepted, again.duplicates) == (0, len(THEIRS))
        assert ([row async for row in opened.placements()], await opened.templates()) == before


async def test_an_id_that_stands_for_two_texts_is_reported_and_stops_nobody(tmp_path: Path) -> None:
    theirs = await homes(tmp_path)
    async with await Promptuary.open(tmp_path / "ours") as opened:
        await opened.ingest([IncomingPrompt("Something else altogether.", id="theirs-2")])
        report = await opened.merge(theirs)
        assert [(item.position, item.code) for item in report.rejected] == [(3, "CONFLICT")]
        assert report.accepted == len(THEIRS) - 1


async def test_a_home_that_is_not_there_is_said_so_and_not_made(tmp_path: Path) -> None:
    async with await Promptuary.open(tmp_path / "ours") as opened:
        with pytest.raises(NotFound):
            await opened.merge(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
