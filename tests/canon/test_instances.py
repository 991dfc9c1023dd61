"""Templates that only fix a value of a larger template's slot are not templates of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from promptuary.canon.drafting import Found
from promptuary.canon.instances import without_instances
from promptuary.domain.prompts import Prompt, Verdict

NOW = datetime(2026, 5, 4, tzinfo=UTC)


def found(text: str, prompts: list[str]) -> Found:
    members = tuple(
        (Prompt(str(n), "c", n + 1, prompt, "safe", Verdict(True), 1, NOW, NOW), {"s0": ""})
        for n, prompt in enumerate(prompts)
    )
    return Found(text, members, 1.0)


def poem(topic: str) -> str:
    return f"Write a short poem about {topic} in the style of a sea shanty."


MANY = found(poem("{{s0}}"), [poem(f"topic{n}") for n in range(12)])


def test_a_template_that_fixes_a_value_of_a_larger_one_is_dropped() -> None:
    few = found(poem("green tea"), [poem("green tea"), poem("green  tea"), poem("Green tea")])
    assert without_instances([few, MANY]) == [MANY]


def test_a_template_with_words_the_larger_one_does_not_explain_stays() -> None:
    other = "Write a long poem about {{s0}} in the style of a sea shanty."
    few = found(other, [other.replace("{{s0}}", f"t{n}") for n in range(3)])
    assert without_instances([few, MANY]) == [few, MANY]


def test_a_template_nearly_as_large_stays() -> None:
    half = found(poem("green tea"), [poem("green tea") + "!" * n for n in range(6)])
    assert without_instances([half, MANY]) == [half, MANY]


def test_a_template_of_machine_lines_stays_whatever_explains_it() -> None:
    few = replace(found(poem("green tea"), [poem("green tea")]), of_lines=True)
    assert without_instances([few, MANY]) == [few, MANY]
