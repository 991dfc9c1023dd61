import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from anyio.lowlevel import checkpoint

from promptuary.domain.errors import InvalidInput, Unavailable
from promptuary.domain.library import UsageDay
from promptuary.library.face import Library
from promptuary.ports.unit_of_work import Transaction, UnitOfWork


@pytest.mark.anyio
async def test_uses_are_gathered_and_written_at_the_end(
    library: Library, record: UnitOfWork
) -> None:
    kept = await library.save("a", "One")
    for _ in range(5):
        await library.get("a")
    await library.render("a", user="ada" * 100)
    await library.get("a", user="eve", count=False)
    assert (await library.get("a", count=False)).prompt.usage_count == 0
    await library.aclose()
    await library.aclose()
    assert (await library.get("a", count=False)).prompt.usage_count == 6
    async with record.read() as tx:
        nobody, ada = await tx.library.usage(kept.prompt.id)
    assert nobody == UsageDay(kept.prompt.id, kept.version.id, "2030-01-01", 5)
    assert ada == replace(nobody, uses=1, user="ada" * 85)


@pytest.mark.anyio
async def test_uses_that_cannot_be_written_are_kept(
    library: Library, record: UnitOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    await library.save("a", "One")
    await library.get("a")

    def away() -> None:
        raise Unavailable("the record is away")

    with monkeypatch.context() as patched:
        patched.setattr(record, "begin", away)
        with pytest.raises(Unavailable):
            await library.aclose()
    await library.aclose()
    assert (await library.get("a", count=False)).prompt.usage_count == 1


@pytest.mark.anyio
async def test_figures_have_what_is_just_being_written(
    library: Library, record: UnitOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    await library.save("a", "One")
    await library.get("a")
    begin, begun, go = record.begin, asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def slow() -> AsyncIterator[Transaction]:
        begun.set()
        await go.wait()
        async with begin() as tx:
            yield tx

    monkeypatch.setattr(record, "begin", slow)
    writing = asyncio.create_task(library._uses.flush())
    await begun.wait()
    asked = asyncio.create_task(library.analytics(duplicates=False))
    for _ in range(50):
        await checkpoint()
    go.set()
    await writing
    assert (await asked).groups[0].uses == 1


@pytest.mark.anyio
async def test_ratings_are_averaged_and_listed(library: Library) -> None:
    await library.save("a", "One")
    await library.rate("a", 5, comment="good", author="ada")
    prompt = await library.rate("a", 2)
    assert (prompt.ratings, prompt.average_rating, prompt.revision) == (2, 3.5, 1)
    assert [each.stars for each in (await library.ratings("a")).items] == [5, 2]


@pytest.mark.anyio
@pytest.mark.parametrize("stars", [0, 6, -1])
async def test_stars_are_one_to_five(library: Library, stars: int) -> None:
    await library.save("a", "One")
    with pytest.raises(InvalidInput):
        await library.rate("a", stars)
