import pytest

from promptuary.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from promptuary.library.face import Library


@pytest.mark.anyio
async def test_a_label_is_moved_and_the_trail_says_so(library: Library) -> None:
    await library.save("a", "One", labels=["production"])
    await library.save("a", "Two")
    label = await library.label("a", "production", 2, author="ada")
    assert (await library.get("a", label="production")).version.id == label.version_id
    newest = (await library.audit("a")).items[0]
    assert (newest.action, newest.detail, newest.author) == ("labelled", "production -> v2", "ada")


@pytest.mark.anyio
async def test_a_protected_label_needs_more_to_be_moved(library: Library) -> None:
    await library.save("a", "One")
    await library.label("a", "production", 1, protected=True)
    await library.save("a", "Two")
    for refused in (
        library.label("a", "production"),
        library.label("a", "production", protected=False),
        library.unlabel("a", "production"),
        library.save("a", "Three", labels=["production"]),
    ):
        with pytest.raises(Forbidden, match="library:protect"):
            await refused
    assert (await library.get("a", "production")).version.number == 1
    assert (await library.get("a")).prompt.versions == 2
    moved = await library.label("a", "production", override=True)
    assert moved.protected
    await library.unlabel("a", "production", override=True)
    assert [each.name for each in await library.labels("a")] == ["latest"]


@pytest.mark.anyio
async def test_latest_moves_by_itself(library: Library) -> None:
    await library.save("a", "One")
    with pytest.raises(InvalidInput, match="latest"):
        await library.label("a", "latest", 1)
    with pytest.raises(InvalidInput):
        await library.label("a", "Not A Name", 1)


@pytest.mark.anyio
async def test_a_label_for_nothing_is_refused(library: Library) -> None:
    await library.save("a", "One")
    with pytest.raises(NotFound):
        await library.label("a", "production", 2)
    with pytest.raises(NotFound):
        await library.label("b", "production")
    with pytest.raises(Conflict):
        await library.label("a", "production", expected_revision=7)
    await library.unlabel("a", "unknown")
