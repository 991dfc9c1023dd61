"""Walking through pages, and cursors that count."""

from __future__ import annotations

import pytest

from promptuary.canon import searching
from promptuary.domain.errors import InvalidInput
from promptuary.domain.filters import AnyOf, Eq, OneOf
from promptuary.domain.pages import Page, each_page, offset_of
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork
from promptuary.testing.samples import HOME, an_id, family, lineage


@pytest.mark.anyio
async def test_each_page_is_asked_for_once_until_there_is_none() -> None:
    asked: list[str | None] = []

    async def turn(cursor: str | None) -> Page[int]:
        asked.append(cursor)
        at = int(cursor or 0)
        return Page((at, at), str(at + 1) if at < 3 else None, 8)

    assert [page.items[0] async for page in each_page(turn)] == [0, 1, 2, 3]
    assert asked == [None, "1", "2", "3"]


@pytest.mark.parametrize("cursor", ["", "-1", "1.0", "x", "²", "٣", "1000", "9" * 5_000])
def test_a_cursor_that_nobody_gave_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput, match="not one of ours"):
        offset_of(cursor, 1_000)


def test_a_cursor_says_how_many_came_before() -> None:
    assert [offset_of(each, 1_000) for each in (None, "0", "7", "999")] == [0, 0, 7, 999]


@pytest.mark.anyio
async def test_a_family_is_searched_in_all_of_its_templates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(searching, "PAGE", 2)
    record = MemoryUnitOfWork()
    async with record.begin() as tx:
        await tx.collections.ensure(HOME)
        await tx.families.save([family("f")])
        lines = [lineage(str(number), family="f") for number in range(5)]
        await tx.templates.save_lineages(lines)
    where = await searching._with_families(record, Eq("family", an_id("f")))
    assert isinstance(where, AnyOf)
    assert isinstance(where.parts[1], OneOf)
    assert set(where.parts[1].values) == {line.id for line in lines}
