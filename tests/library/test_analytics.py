from datetime import date, timedelta

import pytest

from promptuary.domain.errors import InvalidInput
from promptuary.domain.library import About
from promptuary.library.face import Library


async def used(library: Library) -> None:
    """Three prompts: one used and liked, one used, and one like it that nobody asked for."""
    text = "Write a short and friendly reply to the customer who complains about a late parcel."
    about = About("Reply", detected_topics=("email", "customer support"), domain="general")
    await library.save("reply", text, about=about)
    await library.save("copy", text.replace("late", "lost"), about=About("Copy"))
    deploy = About("Deploy", domain="infrastructure", detected_topics=("kubernetes",))
    await library.save("deploy", "Explain how a pod is deployed.", about=deploy)
    for _ in range(3):
        await library.get("reply")
    await library.get("deploy")
    for stars in (5, 4, 2):
        await library.rate("reply", stars, author="ada")


@pytest.mark.anyio
async def test_uses_and_ratings_are_counted_by_prompt_with_an_interval(library: Library) -> None:
    await used(library)
    found = await library.analytics()
    first = found.groups[0]
    assert (first.key, first.uses, first.ratings) == ("reply", 3, 3)
    assert first.average == pytest.approx(11 / 3)
    assert first.effective is not None
    assert first.effective.low < 2 / 3 < first.effective.high
    assert found.unused == ("copy",)
    assert found.duplicates == (("copy", "reply"),)
    assert ("customer support", 3) in [(each.topic, each.uses) for each in found.topics]


@pytest.mark.anyio
async def test_every_grouping_counts_the_same_uses(library: Library) -> None:
    await used(library)
    await library.save("reply", "Write a reply to the customer.")
    await library.serve("reply", "customer-17", label="latest", user="eve")

    async def counted(by: str) -> dict[str, tuple[int, int]]:
        rows = (await library.analytics(group_by=by)).groups
        return {row.key: (row.uses, row.ratings) for row in rows}

    assert (await counted("version")).items() >= {"reply@v1": (3, 3), "reply@v2": (1, 0)}.items()
    assert (await counted("domain"))["infrastructure"] == (1, 0)
    assert (await counted("topic"))["email"] == (4, 3)
    assert await counted("user") == {"unknown": (4, 0), "eve": (1, 0), "ada": (0, 3)}


@pytest.mark.anyio
async def test_other_days_another_tenant_and_days_in_the_wrong_order(library: Library) -> None:
    await used(library)
    past = date(1999, 1, 1)
    old = await library.analytics(since=past, until=past + timedelta(days=1))
    assert all(row.uses == 0 for row in old.groups)
    assert (await library.analytics(tenant="other")).prompts == 0
    with pytest.raises(InvalidInput):
        await library.analytics(since=past, until=past - timedelta(days=1))


@pytest.mark.anyio
async def test_what_is_read_page_by_page_is_whole_and_says_where_it_is_not(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    await used(library)
    await library.label("reply", "production", 1)
    await library.save("reply", "Write a reply to the customer.")
    await library.begin_experiment("reply", 2)
    for number in range(4):
        await library.rate("reply", 5, 1 + number % 2)

    async def told() -> tuple[object, ...]:
        figures, verdict = await library.analytics(), await library.judge("reply")
        return await library.export_history("reply"), verdict, await library.shadows(), figures

    whole = await told()
    monkeypatch.setattr("promptuary.library.histories.AT_ONCE", 1)
    monkeypatch.setattr("promptuary.library.adopting.AT_ONCE", 1)
    monkeypatch.setattr("promptuary.library.analytics._PAGE", 1)
    assert await told() == whole
    monkeypatch.setattr("promptuary.library.analytics.MOST", 2)
    some = await library.analytics()
    assert (some.prompts, some.partial) == (2, True)
    monkeypatch.setattr("promptuary.library.analytics.MOST", 3)
    assert await library.analytics() == whole[-1]
