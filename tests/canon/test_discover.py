"""From raw prompts to templates with slots."""

from __future__ import annotations

import time
from random import Random

import pytest

from canon.traffic import ALONE, PLACES, journeys, rewrites, verdicts
from promptuary.canon.discovery.discover import Proposal, discover


def _fill(proposal: Proposal) -> list[str]:
    return [proposal.text.format(**member.values) for member in proposal.members]


def test_each_template_of_mixed_traffic_is_found_with_its_members() -> None:
    texts = [*journeys(), *rewrites(), *verdicts(), *ALONE]

    found = discover(texts)

    assert [[member.index for member in one.members] for one in found] == [
        list(range(12)),
        list(range(12, 20)),
        list(range(20, 28)),
    ]


def test_template_filled_with_raw_values_gives_clean_prompts_back() -> None:
    texts = [*journeys(), *rewrites(), *verdicts(), *ALONE]

    found = discover(texts)

    assert [text for one in found for text in _fill(one)] == texts[:28]


def test_slots_are_numbered_in_order_and_literal_braces_doubled() -> None:
    found = discover([*verdicts(), *journeys()])

    assert found[0].text.endswith('Reply as {{"mood": "..."}} only.')
    assert found[1].text.index("{s0}") < found[1].text.index("{s1}")
    assert {member.values["s0"] for member in found[1].members} == set(PLACES)


def test_the_same_texts_give_the_same_result() -> None:
    texts = [*journeys(), *rewrites(), *ALONE]

    assert discover(texts) == discover(texts)


def test_copies_of_a_text_are_members_but_do_not_count_as_evidence() -> None:
    texts = ["Say hello to Ada in a warm letter"] * 5 + ["Write code"] * 4

    assert discover(texts) == ()
    assert [m.index for m in discover([*journeys(), journeys()[3]])[0].members] == list(range(13))


@pytest.mark.parametrize("texts", [[], [""], ["", ""], ["a"], ["a", "b"], ["", " ", "!", "\n"]])
def test_too_few_or_empty_texts_give_no_templates(texts: list[str]) -> None:
    assert discover(texts) == ()


@pytest.mark.parametrize("odd", ["\x00", "\ud800 x \udfff", "\u202eabc\u202c", "\u200b", "é" * 999])
def test_odd_characters_never_fail_and_stand_alone(odd: str) -> None:
    found = discover([*journeys(), odd])

    assert [member.index for one in found for member in one.members] == list(range(12))


def test_texts_shared_by_fewer_than_the_minimum_stand_alone() -> None:
    assert discover(journeys(5), minimum=6) == ()
    assert len(discover(journeys(6), minimum=6)) == 1


@pytest.mark.slow
def test_very_long_texts_are_mined_at_both_ends_in_little_time() -> None:
    body = [" ".join(f"{place}{n}" for n in range(20_000)) for place in PLACES]
    texts = [f"Sum up the following report in one line:\n{one}\nEnd of the report." for one in body]
    started = time.process_time()

    found = discover(texts)

    assert [len(one.members) for one in found] == [10]
    assert _fill(found[0]) == texts
    assert time.process_time() - started < 10


def test_prose_that_begins_alike_before_a_comma_is_no_template() -> None:
    luck = Random(3)

    def prose(count: int) -> str:
        letters = ("".join(luck.choices("abcdefghij", k=luck.randint(2, 8))) for _ in range(count))
        return " ".join(letters)

    texts = [f"In this case, {prose(12)}, {prose(8)}. {prose(14)}." for _ in range(30)]
    assert discover(texts) == ()
