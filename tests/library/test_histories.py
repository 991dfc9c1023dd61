from dataclasses import replace

import pytest

from promptuary.domain.errors import Conflict, InvalidInput
from promptuary.domain.library import About, Carried, PromptHistory
from promptuary.library.face import Library
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork


async def history(library: Library, record: UnitOfWork) -> PromptHistory:
    """Of a prompt with everything that one can have."""
    await library.save("a/b", "One", about=About("A", tags=("t",)), labels=["production"])
    await library.save("a/b", "Two", branch="try", message="why", author="ada")
    await library.save("a/b", "Three")
    await library.rate("a/b", 4, 1, comment="good")
    await library.rate("a/b", 1, "try")
    async with record.begin() as tx:
        prompt = await tx.library.get("a/b")
        await tx.library.carry(prompt.id, [Carried("other", '{"x": 1}')])
    return await library.export_history("a/b")


@pytest.fixture
def other() -> Library:
    return Library(MemoryUnitOfWork(), HandClock(), lambda: None)


@pytest.mark.anyio
async def test_a_history_comes_back_as_it_went(
    library: Library, record: UnitOfWork, other: Library
) -> None:
    told = await history(library, record)
    assert (told.prompt.ratings, told.prompt.average_rating) == (2, 2.5)
    for _ in range(2):
        await other.import_history(told)
        assert await other.export_history("a/b") == told


@pytest.mark.anyio
async def test_more_of_the_same_history_is_taken_over(
    library: Library, record: UnitOfWork, other: Library
) -> None:
    await other.import_history(await history(library, record))
    await library.save("a/b", "Four")
    longer = await library.export_history("a/b")
    await other.import_history(longer)
    assert await other.export_history("a/b") == longer


@pytest.mark.anyio
async def test_another_prompt_is_not_overwritten_unasked(
    library: Library, record: UnitOfWork, other: Library
) -> None:
    told = await history(library, record)
    await other.save("a/b", "Mine")
    with pytest.raises(Conflict, match="another slug"):
        await other.import_history(told)
    assert (await other.get("a/b")).version.content.text == "Mine"
    await other.import_history(told, replace_it=True)
    assert await other.export_history("a/b") == told


@pytest.mark.anyio
async def test_a_history_of_another_tenant_is_kept_as_ones_own(
    library: Library, record: UnitOfWork
) -> None:
    told = await history(library, record)
    prompt = await library.import_history(told, tenant="other")
    assert prompt.id != told.prompt.id
    assert (await library.get("a/b", tenant="other")).version.content.text == "Three"


@pytest.mark.anyio
async def test_a_history_that_does_not_hold_together_is_refused_whole(
    library: Library, record: UnitOfWork, other: Library
) -> None:
    told = await history(library, record)
    first, *rest = told.versions
    forged = replace(first, content=replace(first.content, text="Forged"))
    for wrong in (
        replace(told, versions=()),
        replace(told, versions=tuple(rest)),
        replace(told, versions=(forged, *rest)),
        replace(told, branches={"main": "0" * 64}),
        replace(told, prompt=replace(told.prompt, slug="../x")),
        replace(told, labels=(replace(told.labels[0], name="../x"),)),
    ):
        with pytest.raises(InvalidInput):
            await other.import_history(wrong)
    assert (await other.list()).total == 0
