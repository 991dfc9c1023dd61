from dataclasses import replace

import pytest

from promptuary.canon.templates import filling
from promptuary.domain.errors import Conflict, NotFound
from promptuary.domain.library import DeclaredSlot, Origin
from promptuary.domain.templates import Lineage
from promptuary.library.face import Library
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.samples import an_id, found_lineages, lineage, template


@pytest.fixture
def library(record: UnitOfWork) -> Library:
    return Library(record, HandClock(), lambda: None, cut=filling.parse)


def saying(name: str, text: str, *, size: int = 1) -> Lineage:
    found = lineage(name, size=size)
    return replace(found, template=replace(found.template, text=text))


@pytest.mark.anyio
async def test_a_template_is_kept_with_its_slots_and_where_it_came_from(
    library: Library, record: UnitOfWork
) -> None:
    await found_lineages(record, lineage("Greeting Card"))
    kept = await library.adopt(an_id("Greeting Card"), labels=["production"])
    assert kept.prompt.slug == "greeting-card"
    assert kept.version.content.slots == (DeclaredSlot("word", examples=("yes", "no")),)
    assert Origin("template", template("Greeting Card").id, "text") in kept.version.origins
    made = await library.render("greeting-card", {"word": "hello"})
    assert made.text == "Say hello."
    assert (await library.adopt(an_id("Greeting Card"))).version == kept.version


@pytest.mark.anyio
@pytest.mark.parametrize("literal", ['{"a": 1}', "{{ x }}", "{% if %}", "\\", "}}", "{{{", "{0}"])
async def test_whatever_a_template_says_is_kept_literally(
    library: Library, record: UnitOfWork, literal: str
) -> None:
    text = filling.format([f"{literal} ", filling.Hole("word"), f" {literal}"])
    await found_lineages(record, saying("odd", text))
    await library.adopt(an_id("odd"))
    made = await library.render("odd", {"word": "{{word}}"})
    assert made.text == f"{literal} {{{{word}}}} {literal}"


@pytest.mark.anyio
async def test_a_prompt_of_another_origin_is_not_touched(
    library: Library, record: UnitOfWork
) -> None:
    await found_lineages(record, lineage("a"), lineage("b"))
    await library.save("a", "Mine")
    with pytest.raises(Conflict, match="another slug"):
        await library.adopt(an_id("a"))
    await library.adopt(an_id("a"), "other")
    with pytest.raises(NotFound):
        await library.adopt(an_id("unknown"))


@pytest.mark.anyio
async def test_shadows_and_drift_are_reported(library: Library, record: UnitOfWork) -> None:
    moved = lineage("moved", size=3)
    await found_lineages(record, lineage("kept", size=6), moved, lineage("shadow", size=1))
    await library.adopt(an_id("kept"))
    await library.adopt(an_id("moved"))
    found = await library.shadows()
    assert [each.name for each in found.shadows] == ["shadow"]
    assert (found.explained, found.total, found.drifted) == (9, 10, ())
    now = template("moved", "1.1.0", "Say {{word}}, please.")
    async with record.begin() as tx:
        await tx.templates.save_lineages([replace(moved, template=now)])
    (drift,) = (await library.shadows()).drifted
    assert (drift.slug, drift.adopted, drift.now) == ("moved", "1.0.0", "1.1.0")
    await library.adopt(an_id("moved"))
    assert (await library.shadows()).drifted == ()
    assert (await library.get("moved")).version.number == 2
