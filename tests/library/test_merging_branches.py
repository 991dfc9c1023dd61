import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.library import ChatTurn, DeclaredSlot, PromptContent
from promptuary.library.face import Library
from promptuary.library.three_way import merge

WORDS = st.lists(st.sampled_from(["a", "b", "{{ x }}", " ", "\n", "."]), max_size=8).map("".join)


def text(base: str, ours: str, theirs: str) -> tuple[str, tuple[str, ...]]:
    made = merge(*(PromptContent(each) for each in (base, ours, theirs)))
    return made.content.text, made.conflicts


def test_changes_of_one_line_are_merged_word_by_word_and_slot_by_slot() -> None:
    merged = text(
        "Dear {{ name }}, your order is late.",
        "Dear {{ customer }}, your order is late.",
        "Dear {{ name }}, your parcel is late, sorry.",
    )
    assert merged == ("Dear {{ customer }}, your parcel is late, sorry.", ())


def test_what_both_changed_is_named_and_one_side_counts() -> None:
    made, conflicts = text("Say {{ x }} now", "Say {{ y }} now", "Say {{ z }} now")
    assert made == "Say {{ y }} now"
    assert conflicts == ("text: '{{ y }}' or '{{ z }}'",)


@given(WORDS, WORDS)
def test_one_sided_changes_never_conflict(base: str, changed: str) -> None:
    assert text(base, changed, base) == (changed, ())
    assert text(base, base, changed) == (changed, ())
    assert text(base, changed, changed) == (changed, ())


@given(WORDS, WORDS, WORDS)
def test_the_order_of_the_sides_does_not_decide_whether_they_fit(
    base: str, ours: str, theirs: str
) -> None:
    one, conflicts = text(base, ours, theirs)
    other, again = text(base, theirs, ours)
    assert bool(conflicts) == bool(again)
    if not conflicts:
        assert one == other


def test_slots_are_merged_by_member_and_configuration_by_key() -> None:
    base = PromptContent("a", slots=(DeclaredSlot("x"), DeclaredSlot("gone")), config='{"a": 1}')
    ours = PromptContent(
        "a", slots=(DeclaredSlot("x", "number"),), config='{"a": 1, "b": 2}', lazy_text="l"
    )
    theirs = PromptContent(
        "a",
        slots=(DeclaredSlot("x", default="1"), DeclaredSlot("gone"), DeclaredSlot("new")),
        config='{"a": 3}',
    )
    made = merge(base, ours, theirs)
    assert made.conflicts == ()
    assert made.content.slots == (DeclaredSlot("x", "number", default="1"), DeclaredSlot("new"))
    assert json.loads(made.content.config) == {"a": 3, "b": 2}
    assert made.content.lazy_text == "l"


def test_conflicts_of_slots_and_configuration_are_named() -> None:
    base = PromptContent("a", slots=(DeclaredSlot("x"),), config='{"a": 1}')
    ours = PromptContent("a", slots=(DeclaredSlot("x", "number"),), config='{"a": 2}')
    theirs = PromptContent("a", slots=(DeclaredSlot("x", "date"),), config='{"a": 3}')
    made = merge(base, ours, theirs, prefer="theirs")
    assert made.conflicts == ("slot x: type", "config: a")
    assert (made.content.slots[0].type, made.content.config) == ("date", '{"a": 3}')


def test_turns_are_merged_where_roles_stayed() -> None:
    base = PromptContent(turns=(ChatTurn("system", "Be kind."), ChatTurn("user", "{{ q }}")))
    ours = PromptContent(turns=(ChatTurn("system", "Be very kind."), ChatTurn("user", "{{ q }}")))
    theirs = PromptContent(turns=(ChatTurn("system", "Be kind."), ChatTurn("user", "Q: {{ q }}")))
    made = merge(base, ours, theirs)
    assert [turn.content for turn in made.content.turns] == ["Be very kind.", "Q: {{ q }}"]
    longer = PromptContent(turns=(*theirs.turns, ChatTurn("assistant", "A")))
    assert merge(base, ours, longer).conflicts == ("turns",)


@pytest.mark.anyio
async def test_a_branch_is_merged_into_main(library: Library) -> None:
    await library.save("a", "Dear {{ name }}, it is late.")
    await library.save("a", "Dear {{ name }}, it is very late.", branch="try")
    await library.save("a", "Hello {{ name }}, it is late.")
    kept = await library.merge("a", "try", author="ada")
    assert kept.version.content.text == "Hello {{ name }}, it is very late."
    assert (kept.version.number, len(kept.version.parents)) == (4, 2)
    assert kept.prompt.latest == kept.version.id
    assert (await library.merge("a", "try")).version == kept.version
    assert (await library.audit("a")).items[0].detail == "try -> main: v4"


@pytest.mark.anyio
async def test_a_branch_that_is_merely_ahead_becomes_the_newest(library: Library) -> None:
    await library.save("a", "One")
    ahead = await library.save("a", "Two", branch="try")
    assert (await library.merge("a", "try")).version == ahead.version
    assert (await library.get("a")).version == ahead.version


@pytest.mark.anyio
async def test_a_conflict_changes_nothing_until_somebody_decides(library: Library) -> None:
    await library.save("a", "Say {{ x }}")
    await library.save("a", "Say {{ y }}", branch="try")
    await library.save("a", "Say {{ z }}")
    with pytest.raises(Conflict, match="say whose change counts"):
        await library.merge("a", "try")
    assert (await library.get("a")).prompt.versions == 3
    kept = await library.merge("a", "try", prefer="theirs")
    assert kept.version.content.text == "Say {{ y }}"
    with pytest.raises(NotFound):
        await library.merge("a", "unknown")
