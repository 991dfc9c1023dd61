import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from promptuary.adapters.clocks.system import SystemClock
from promptuary.adapters.units_of_work import postgresql, sqlite
from promptuary.domain.errors import Conflict, InvalidInput, NotFound, TooLarge
from promptuary.domain.library import About, ChatTurn, DeclaredSlot, PromptContent
from promptuary.library.face import Library
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.samples import walked

WRITERS = 50


@pytest.mark.anyio
async def test_a_save_keeps_a_prompt_and_says_what_it_is(library: Library) -> None:
    kept = await library.save("support/refund-reply", "Dear {{ name }},", author="ada")
    assert kept.prompt.about == About("Refund reply", folder="support")
    assert (kept.prompt.revision, kept.prompt.versions, kept.version.number) == (1, 1, 1)
    assert [label.name for label in kept.labels] == ["latest"]
    assert await library.get("support/refund-reply") == kept


@pytest.mark.anyio
async def test_the_same_content_is_the_same_version(library: Library) -> None:
    first = await library.save("a", "One")
    assert await library.save("a", "One") == first
    second = await library.save("a", "Two")
    again = await library.save("a", "One")
    assert [v.number for v in (first.version, second.version, again.version)] == [1, 2, 3]
    assert again.version.parents == (second.version.id,)


@pytest.mark.anyio
async def test_a_bare_text_goes_on_from_what_its_branch_declares(library: Library) -> None:
    amount = DeclaredSlot("amount", "number", maximum=500)
    who = DeclaredSlot("who", examples=("Ada",))
    said = PromptContent("{{amount}} to {{who}}", (), "mustache", (amount, who), "pay", '{"n": 1}')
    await library.save("pay", said)
    assert (await library.save("pay", said.text)).version.number == 1
    later = (await library.save("pay", "Pay {{{amount}}}.", branch="try")).version.content
    assert later == replace(said, text="Pay {{{amount}}}.", slots=(amount,))
    assert (await library.get("pay", "main")).version.content == said
    bare = PromptContent("Pay {{amount}}.")
    assert (await library.save("pay", bare)).version.content == bare


@pytest.mark.anyio
async def test_a_slot_of_what_is_included_stays_declared(library: Library) -> None:
    await library.save("tail", "Signed, {{ name }}")
    name = DeclaredSlot("name", default="Bo")
    await library.save("letter", PromptContent("Hello. {{> tail }}", slots=(name,)))
    await library.save("letter", "Good day. {{> tail }}")
    assert (await library.render("letter")).text == "Good day. Signed, Bo"


@pytest.mark.anyio
async def test_a_new_prompt_may_be_asked_to_be_new(library: Library) -> None:
    first = await library.save("a", "One", expected_revision=0)
    with pytest.raises(Conflict):
        await library.save("a", "Two", expected_revision=0)
    await library.save("a", "Two", expected_revision=first.prompt.revision)
    with pytest.raises(Conflict, match="revision 2, not 1"):
        await library.save("a", "Three", expected_revision=1)


@pytest.mark.anyio
async def test_versions_are_named_by_number_label_branch_or_id(library: Library) -> None:
    first = (await library.save("a", "One", labels=["production"])).version
    second = (await library.save("a", "Two")).version
    third = (await library.save("a", "Three", branch="try")).version
    named = {
        "1": first, 1: first, "v1": first, "production": first, first.id: first,
        None: second, "latest": second, "main": second, second.id[:7]: second, "try": third,
    }  # fmt: skip
    for name, version in named.items():
        assert (await library.get("a", name)).version == version
    for name in ("v9", "staging", "0" * 64, "abc"):
        with pytest.raises(NotFound):
            await library.get("a", name)
    with pytest.raises(NotFound):
        await library.get("a", label="v1")
    assert [each.number for each in (await library.versions("a")).items] == [3, 2, 1]
    assert [each.number for each in (await library.versions("a", branch="try")).items] == [3]
    assert {name: each.number for name, each in (await library.branches("a")).items()} == {
        "main": 2,
        "try": 3,
    }


@pytest.mark.anyio
async def test_a_diff_says_what_changed(library: Library) -> None:
    slots = (DeclaredSlot("who"), DeclaredSlot("tone"))
    await library.save("a", PromptContent("Hi\nthere", slots=slots))
    turned = (DeclaredSlot("who", "name"), DeclaredSlot("day"))
    await library.save("a", PromptContent("Hi\nyou", slots=turned, config='{"model": "m"}'))
    found = await library.diff("a", 1)
    assert found.lines[3:] == (" Hi", "-there", "+you")
    assert (found.slots_added, found.slots_removed) == (("day",), ("tone",))
    assert (found.slots_changed, found.config_changed) == (("who",), True)


@pytest.mark.anyio
async def test_an_archived_prompt_is_not_listed_but_still_given(library: Library) -> None:
    await library.save("a", "One")
    await library.archive("a", author="ada")
    assert (await library.list()).total == 0
    assert (await library.get("a")).prompt.archived
    with pytest.raises(Conflict, match="archived"):
        await library.save("a", "Two")
    await library.restore("a")
    assert (await library.list()).total == 1
    actions = [each.action for each in (await library.audit("a")).items]
    assert actions == ["restored", "archived", "created"]


@pytest.mark.anyio
async def test_describing_changes_no_version(library: Library) -> None:
    await library.save("a", "One")
    about = About("A", "what it is for", tags=("x", "x ", ""), folder="/b/c/")
    prompt = await library.describe("a", about)
    assert (prompt.revision, prompt.versions) == (2, 1)
    assert (prompt.about.tags, prompt.about.folder) == (("x",), "b/c")
    assert await library.describe("a", about) == prompt


@pytest.mark.anyio
async def test_tenants_do_not_see_each_other(library: Library) -> None:
    await library.save("a", "Mine")
    with pytest.raises(NotFound):
        await library.get("a", tenant="other")
    await library.save("a", "Theirs", tenant="other")
    assert (await library.get("a")).version.content.text == "Mine"
    assert (await library.audit(tenant="other")).total == 1


@pytest.mark.anyio
@pytest.mark.parametrize(
    "content",
    [
        "",
        " \n",
        PromptContent("a", (ChatTurn("user", "b"),)),
        PromptContent(turns=(ChatTurn("user", "b", placeholder="c"),)),
        PromptContent(turns=(ChatTurn("user", "", placeholder="not a name"),)),
        PromptContent("a", slots=(DeclaredSlot("x"), DeclaredSlot("x"))),
        PromptContent("a", slots=(DeclaredSlot("x y"),)),
        PromptContent("a", slots=(DeclaredSlot("__class__"),)),
        PromptContent("a", slots=(DeclaredSlot("x", minimum=2, maximum=1),)),
        PromptContent("a", slots=tuple(DeclaredSlot(f"s{i}") for i in range(501))),
        PromptContent("a", config="{"),
        PromptContent("a", config="[" * 100_000),
    ],
)
async def test_what_cannot_be_kept_is_refused(library: Library, content: PromptContent) -> None:
    with pytest.raises(InvalidInput):
        await library.save("a", content)
    assert (await library.list()).total == 0


@pytest.mark.anyio
async def test_a_huge_prompt_is_too_large(library: Library) -> None:
    with pytest.raises(TooLarge):
        await library.save("a", "x" * 1_000_001)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "record.db"

    async def make() -> None:
        await (await sqlite.connect(f"sqlite:///{path}")).aclose()

    asyncio.run(make())
    return path


@pytest.fixture
async def on_sqlite(tmp_path: Path, empty: Path) -> AsyncIterator[UnitOfWork]:
    shutil.copy(empty, tmp_path)
    record = await sqlite.connect(f"sqlite:///{tmp_path}/record.db")
    yield record
    await record.aclose()


@pytest.fixture
async def on_postgresql(postgresql_url: str) -> AsyncIterator[UnitOfWork]:
    record = await postgresql.connect(postgresql_url)
    yield record
    await record.aclose()


@pytest.mark.slow
@pytest.mark.anyio
async def test_fifty_writers_at_once_lose_nothing_on_sqlite(on_sqlite: UnitOfWork) -> None:
    await fifty_writers(on_sqlite)


@pytest.mark.anyio
async def test_fifty_writers_at_once_lose_nothing_on_postgresql(
    on_postgresql: UnitOfWork,
) -> None:
    await fifty_writers(on_postgresql)


async def fifty_writers(record: UnitOfWork) -> None:
    """All save the same new prompt at once; then all say which revision they mean."""
    library = Library(record, SystemClock(), lambda: None)
    saves = (library.save("a", f"Text {at}", author=f"{at}") for at in range(WRITERS))
    saved = await asyncio.gather(*saves)
    kept = await walked(lambda cursor: library.versions("a", cursor=cursor))
    assert {each.content.text for each in kept} == {f"Text {at}" for at in range(WRITERS)}
    assert [each.number for each in kept] == list(range(WRITERS, 0, -1))
    assert {each.version.id for each in saved} == {each.id for each in kept}
    assert {parent for each in kept for parent in each.parents} == {e.id for e in kept[1:]}
    assert (await library.get("a")).prompt.revision == WRITERS
    again = (library.save("a", f"More {at}", expected_revision=WRITERS) for at in range(WRITERS))
    outcomes = await asyncio.gather(*again, return_exceptions=True)
    assert sum(isinstance(each, Conflict) for each in outcomes) == WRITERS - 1
    assert (await library.get("a")).prompt.versions == WRITERS + 1
    await library.aclose()
