"""A template that is the opening of a sentence does not say what its prompts ask."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from promptuary.adapters.embedders import static
from promptuary.canon.asking import ask, one_sentence, vague
from promptuary.canon.mining import Outcome, Window
from promptuary.domain.prompts import Collection, Prompt, Verdict
from promptuary.domain.templates import Lineage, Placement, Template

THEN = datetime(2026, 1, 5, tzinfo=UTC)
HOME = Collection("c", "default", 99, 0, THEN)
OPENING = ("find the moon", "boil an egg", "tie a bow tie", "reset my router", "learn Latin")
TOPICS = ("owls", "herons", "hawks", "sparrows", "wrens")


def lineage(key: str, text: str, examples: tuple[str, ...]) -> Lineage:
    template = Template(f"t{key}", key, "1.0.0", text, (), 0.9, "found", THEN)
    return Lineage(key, "c", key, template, None, 5, 1, 5, examples, {}, THEN, THEN)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("How do I {{question}}", "boil an egg", True),
        ("{{text}} can I use {{text_2}}?", "where", True),
        ("Translate to French: {{text}}", "rain", False),
        ("{{text}}\n\nSummarise this.", "rain", False),
        ('Is "{{word}}" a noun?', "rain", False),
        ("Write about {{text}} now", "a very long story " * 9, False),
        ("No slot at all", "", False),
    ],
)
def test_values_that_no_mark_sets_off_are_parts_of_the_sentence(text, value, expected):
    assert one_sentence(lineage("a", text, (value,))) is expected


@pytest.mark.anyio
async def test_an_opening_has_no_family_and_a_template_of_one_topic_is_left_to_its_own():
    opening = [f"How do I {what}" for what in OPENING]
    poems = [f"Write a short poem about {topic}" for topic in TOPICS]
    lines = (
        lineage("a", "How do I {{text}}", tuple(opening)),
        lineage("b", "Write a short poem about {{text}}", tuple(poems)),
    )
    verdict = Verdict(True)
    prompts = tuple(
        Prompt(text, "default", seq, text, "safe", verdict, 1, THEN, THEN)
        for seq, text in enumerate([*opening, *poems])
    )
    placements = tuple(
        Placement(p.id, "a" if p.text in opening else "b", "t", {}, "", 1, 1, ()) for p in prompts
    )
    window = Window(HOME, 10, prompts, (), (), ())
    moved = tuple(prompt.id for prompt in prompts)
    outcome = Outcome(placements, moved, (), lines, ())
    asked = await ask(static.connect("static:"), window, outcome)
    assert list(asked.telling) == ["b"]
    assert not {home for key, home in asked.homes.items() if key in poems} - {None}
    settled = replace(lines[1], family_id="f")
    later = replace(window, lineages=(lines[0], settled), prompts=prompts[:2])
    again = await ask(static.connect("static:"), later, replace(outcome, lineages=()))
    assert (list(again.telling), again.open) == (["b"], ())


@pytest.mark.parametrize(
    ("groups", "telling"),
    [
        ([range(6)], True),
        ([range(3), range(3, 6)], True),
        ([], True),
        ([range(3), [3, 4, 5, 6, 7, 8]], False),
        ([[0, 1, 6, 7, 8], [2, 3, 4, 5, 9, 10]], False),
    ],
    ids=["one topic", "two topics of its own", "all strays", "half shared", "all shared"],
)
def test_what_others_ask_too_a_template_does_not_say_but_it_may_have_many_topics(groups, telling):
    homes = ["a"] * 6 + [None] * 5
    alike = np.ones((11, 4), dtype=np.float32) / 2
    assert vague({"a"}, homes, alike, [list(group) for group in groups]) == set("a"[telling:])
