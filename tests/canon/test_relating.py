"""Families of templates stay where nothing changed, and cost little there."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from promptuary.adapters.embedders import static
from promptuary.canon.relating import relate
from promptuary.domain.templates import Lineage, Slot, Template
from promptuary.testing.fakes.embedder import FakeEmbedder

pytestmark = pytest.mark.anyio

THEN = datetime(2026, 1, 5, tzinfo=UTC)


def lineage(key: str, text: str, slot: str, examples: tuple[str, ...]) -> Lineage:
    slots = (Slot(slot, "text", (), True, 0.9),)
    template = Template(f"t{key}", key, "1.0.0", text, slots, 0.9, "found", THEN)
    return Lineage(key, "c", key, template, None, 3, 1, 3, examples, {}, THEN, THEN)


LINES = [
    lineage(
        "a", "Translate this text to French: {{t}}", "t", ("Translate this text to French: a",)
    ),
    lineage("b", "Please translate to French: {{t}}", "t", ("Please translate to French: rain",)),
    lineage("c", "Which animal is {{a}}?", "a", ("Which animal is faster?",)),
]


async def test_templates_that_ask_the_same_share_a_family_and_others_do_not():
    related = await relate(static.connect("static:"), LINES, [], changed=[])
    home = {line.id: line.family_id for line in related.lineages}
    assert home["a"] == home["b"] != home["c"]
    assert {family.id: family.templates for family in related.families} == {
        home["a"]: 2,
        home["c"]: 1,
    }


async def test_nothing_is_compared_where_every_template_has_a_family_and_kept_its_text():
    embedder = static.connect("static:")
    first = await relate(embedder, LINES, [], changed=[])
    again = FakeEmbedder()
    related = await relate(again, first.lineages, first.families, changed=[])
    assert (related.lineages, related.families, related.dead) == ((), (), ())
    assert again.asked == []


async def test_a_template_that_comes_later_joins_and_the_family_keeps_its_id():
    embedder = static.connect("static:")
    first = await relate(embedder, [LINES[0], LINES[2]], [], changed=[])
    home = {line.id: line.family_id for line in first.lineages}
    related = await relate(embedder, [*first.lineages, LINES[1]], first.families, changed=[])
    assert [(line.id, line.family_id) for line in related.lineages] == [("b", home["a"])]
    assert [(family.id, family.size) for family in related.families] == [(home["a"], 6)]


async def test_a_template_that_asks_something_else_now_leaves_and_an_empty_family_is_dead():
    embedder = static.connect("static:")
    first = await relate(embedder, LINES, [], changed=[])
    other = replace(first.lineages[2], template=LINES[0].template, examples=LINES[0].examples)
    now = [*first.lineages[:2], other]
    related = await relate(embedder, now, first.families, changed=["c"])
    assert [line.family_id for line in related.lineages] == [first.lineages[0].family_id]
    assert related.dead == (first.lineages[2].family_id,)
