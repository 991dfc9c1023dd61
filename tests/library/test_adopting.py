from dataclasses import replace

import pytest

from promptuary.canon.templates import filling
from promptuary.domain.errors import Conflict, InvalidInput, NotFound
from promptuary.domain.library import DeclaredSlot, Origin, PromptContent, Syntax
from promptuary.domain.templates import Lineage, SlotTally
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
@pytest.mark.parametrize(
    ("parts", "title"),
    [
        (
            ["Write to ", filling.Hole("who"), "\nabout ", filling.Hole("what"), "."],
            "Write to … about",
        ),
        ([filling.Hole("all")], "odd"),
        (["so " * 100], ("so " * 26).strip()),
    ],
)
async def test_a_title_is_how_the_template_begins(
    library: Library, record: UnitOfWork, parts: list[str | filling.Hole], title: str
) -> None:
    await found_lineages(record, saying("odd", filling.format(parts)))
    assert (await library.adopt(an_id("odd"))).prompt.about.title == title


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
    shadow = saying("shadow", "Count {{word}}.", size=1)
    await found_lineages(record, lineage("kept", size=6), moved, shadow)
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


@pytest.mark.anyio
async def test_traffic_stays_explained_after_the_prompt_goes_on(
    library: Library, record: UnitOfWork
) -> None:
    mail = saying("mail", "Write a short mail to {{word}} today.", size=5)
    await found_lineages(record, mail, saying("other", "Count to {{word}} aloud.", size=2))
    first = await library.adopt(an_id("mail"))
    await library.save("mail", "Write a kind and short mail to {{ word }} at once.")
    found = await library.shadows()
    assert (found.explained, found.drifted) == (5, ())
    again = await library.adopt(an_id("mail"), labels=["production"])
    assert again.version == first.version
    assert (await library.get("mail", label="production")).version == first.version
    now = template("mail", "1.1.0", "Write a kind and short mail to {{word}} at once.")
    async with record.begin() as tx:
        await tx.templates.save_lineages([replace(mail, template=now)])
    assert (await library.shadows()).drifted == ()
    gone = template("mail", "1.2.0", "Phone {{word}} and say why the mail came late.")
    async with record.begin() as tx:
        await tx.templates.save_lineages([replace(mail, template=gone)])
    (drift,) = (await library.shadows()).drifted
    assert (drift.slug, drift.number, drift.now) == ("mail", 1, "1.2.0")
    assert (await library.adopt(an_id("mail"))).version.number == 3


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("text", "syntax", "explains"),
    [
        ("Count to {{ n }}  aloud.", "jinja", True),
        ("Count to {n} aloud.", "fstring", True),
        ("{{ verb }} to {{ n }} aloud.", "jinja", True),
        ("Count to {{n}}{{! a comment }} aloud.", "mustache", True),
        ("Count to ten aloud.", "plain", False),
        ("{{ everything }}", "jinja", False),
        ("Count {{ rest }}", "jinja", False),
        ("{% if n %}Count to {{ n }} aloud.{% endif %}", "jinja", False),
        ("Count to {{ n }} aloud. Then stop.", "jinja", False),
    ],
)
async def test_what_a_kept_prompt_says_is_no_shadow(
    library: Library, record: UnitOfWork, text: str, syntax: Syntax, explains: bool
) -> None:
    await found_lineages(record, saying("counting", "Count to {{word}} aloud.", size=2))
    await library.save("mine", PromptContent(text, syntax=syntax))
    assert (await library.shadows()).explained == (2 if explains else 0)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "counts", [{"yes": 5, "no": 4}, {"yes": 200, "no": 90, "perhaps": 1}], ids=["few", "one once"]
)
async def test_a_slot_stays_open_while_another_value_may_come(
    library: Library, record: UnitOfWork, counts: dict[str, int]
) -> None:
    found = lineage("vote")
    slot = replace(found.template.slots[0], type="enum")
    now = replace(found.template, slots=(slot,))
    tallies = {"word": SlotTally(counts, sum(counts.values()))}
    await found_lineages(record, replace(found, template=now, tallies=tallies))
    (declared,) = (await library.adopt(an_id("vote"))).version.content.slots
    assert declared.choices == ()
    assert set(declared.examples) == {"yes", "no"}
    assert (await library.render("vote", {"word": "never"})).text == "Say never."


@pytest.mark.anyio
async def test_a_slot_of_few_values_becomes_a_choice(library: Library, record: UnitOfWork) -> None:
    found = lineage("toss")
    values = {f"side {number:02}": 30 - number for number in range(12)}
    slot = replace(found.template.slots[0], type="enum")
    now = replace(found.template, slots=(slot,))
    tallies = {"word": SlotTally({**values, "": 1}, 300)}
    await found_lineages(record, replace(found, template=now, tallies=tallies))
    (declared,) = (await library.adopt(an_id("toss"))).version.content.slots
    assert declared.choices == ("yes", "no", *values)
    assert (await library.render("toss", {"word": "side 11"})).text == "Say side 11."
    with pytest.raises(InvalidInput, match="one of"):
        await library.render("toss", {"word": "edge"})
