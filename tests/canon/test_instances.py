"""Templates that only fix what another one leaves open are not templates of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

from promptuary.canon.drafting import Found
from promptuary.canon.instances import consolidated
from promptuary.canon.matching.place import KnownTemplate, Matcher
from promptuary.domain.prompts import Prompt, Verdict

NOW = datetime(2026, 5, 4, tzinfo=UTC)


def found(text: str, prompts: Iterable[str], after: int = 0) -> Found:
    """A find with the values that its template has in the prompts, numbered behind `after`."""
    texts = list(prompts)
    matches = Matcher.build([KnownTemplate("t", text)], evidence=0).match(texts)
    members = tuple(
        (Prompt(str(n), "c", n, one, "safe", Verdict(True), 1, NOW, NOW), match.slots)
        for n, (one, match) in enumerate(zip(texts, matches, strict=True), after + 1)
        if match is not None
    )
    return Found(text, members, 1.0)


def seqs(find: Found) -> list[int]:
    return [prompt.seq for prompt, _ in find.members]


def poem(topic: str) -> str:
    return f"Write a short poem about {topic} in the style of a sea shanty."


def reply(message: str) -> str:
    return f"Answer this message politely and briefly.\n\nMessage: {message}"


MANY = found(poem("{{s0}}"), [poem(f"topic{n}") for n in range(12)], after=100)


def test_a_template_that_fixes_a_value_joins_the_one_where_the_value_varies() -> None:
    few = found(poem("green tea"), [poem("green tea") + " " * n for n in range(9)])
    (one,) = consolidated([few, MANY])
    assert one.text == MANY.text
    assert seqs(one) == [*range(1, 10), *range(101, 113)]
    assert one.members[0][1] == {"s0": "green tea"}


def test_a_template_with_words_the_other_does_not_explain_stays() -> None:
    other = "Write a long poem about {{s0}} in the style of a sea shanty."
    few = found(other, [other.replace("{{s0}}", f"t{n}") for n in range(3)])
    assert consolidated([few, MANY]) == [few, MANY]


def test_two_that_say_the_same_are_one_whatever_their_order() -> None:
    rest = found(poem("{{s0}}"), [poem(f"thing{n}") for n in range(5)])
    least = found(poem("{{s0}}"), [poem(f"idea{n}") for n in range(3)], after=50)
    outcomes = {
        tuple(seqs(one)) for some in permutations([rest, MANY, least]) for one in consolidated(some)
    }
    assert outcomes == {(*range(1, 6), *range(51, 54), *range(101, 113))}


def test_a_passage_that_stands_in_values_of_unrelated_templates_makes_no_template() -> None:
    passage = "We have waited for three weeks."
    plain = found(reply("{{s0}}"), [reply(f"The {n} lamp broke today.") for n in range(9)])
    with_it = found(
        reply(f"{{{{s0}}}} {passage} {{{{s1}}}}"),
        [reply(f"Item {n} came. {passage} Please call {n} now.") for n in range(8)],
        after=50,
    )
    assert len(consolidated([plain, with_it])) == 2
    unrelated = [
        found(text, [text.replace("{{s0}}", f"{n}. {passage}") for n in range(3)], after)
        for text, after in (("Translate into Finnish: {{s0}}", 70), ("How angry is {{s0}}", 80))
    ]
    assert len(consolidated([plain, with_it, *unrelated])) == 3


def test_an_extension_with_words_of_its_own_stays() -> None:
    plain = found(reply("{{s0}}"), [reply(f"The {n} lamp broke.") for n in range(9)])
    asks = reply("{{s0}} Give your answer as a list of at most {{s1}} points, nothing else.")
    longer = found(
        asks,
        [asks.replace("{{s0}}", f"{n} is gone.").replace("{{s1}}", f"{n}") for n in range(8)],
        after=50,
    )
    assert len(consolidated([plain, longer])) == 2


def test_a_template_of_machine_lines_stays_whatever_explains_it() -> None:
    few = replace(found(poem("green tea"), [poem("green tea")]), of_lines=True)
    assert consolidated([few, MANY]) == [few, MANY]
