from pathlib import Path

import pytest

from promptuary import Promptuary
from promptuary.domain.errors import InvalidInput
from promptuary.domain.library import About, DeclaredSlot, PromptContent
from promptuary.library.face import Library

REPLY = (
    "Write a friendly reply to a customer who complains about a late parcel. "
    "Never promise a date. Keep it under 90 words."
)


@pytest.mark.slow
@pytest.mark.anyio
async def test_what_a_kept_prompt_does_already_is_said_with_what_it_would_add(
    tmp_path: Path,
) -> None:
    async with await Promptuary.open(tmp_path) as promptuary:
        library = promptuary.library
        await library.save("reply", REPLY)
        await library.save("pods", "Explain how a pod is deployed on a cluster.")
        for _ in range(6):
            await library.rate("reply", 5)
        writing = "write a reply to a customer who complains about a late parcel"
        found = await library.recommend(writing, expertise="expert")
        first = found.prompts[0]
        assert (first.slug, first.number, first.does_it) == ("reply", 1, True)
        assert "Never promise a date." in [each.text for each in found.suggestions]
        assert "Never promise a date." in found.adapted
        assert "expert" in found.adapted
        other = await library.recommend("compose a sonnet about moss")
        assert not any(each.does_it for each in other.prompts)


@pytest.mark.anyio
async def test_without_a_text_the_best_liked_of_a_domain_come_first(library: Library) -> None:
    for slug, stars in (("bad", 1), ("good", 5)):
        await library.save(slug, f"Do {slug} things", about=About(slug, domain="security"))
        for _ in range(3):
            await library.rate(slug, stars)
    await library.save("other", "Elsewhere")
    found = await library.recommend(domain="security")
    assert [each.slug for each in found.prompts] == ["good", "bad"]
    with pytest.raises(InvalidInput):
        await library.recommend(" ")


@pytest.mark.anyio
async def test_next_values_are_choices_then_default_then_what_traffic_filled_in(
    library: Library,
) -> None:
    slots = (
        DeclaredSlot("city", default="Cork", examples=("Ghent", "Graz", "Cork")),
        DeclaredSlot("pin", sensitive=True, examples=("1234",)),
    )
    await library.save("trip", PromptContent("Plan {{ city }} {{ pin }}", slots=slots))
    assert await library.slot_values("trip", "city") == ["Cork", "Ghent", "Graz"]
    assert await library.slot_values("trip", "city", begins="g", limit=1) == ["Ghent"]
    assert await library.slot_values("trip", "pin") == []
    with pytest.raises(InvalidInput):
        await library.slot_values("trip", "town")
