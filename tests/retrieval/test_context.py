"""A turn with the words of earlier turns."""

from __future__ import annotations

from promptuary.retrieval.context import MOST, leaning, rewritten, together


def test_words_of_earlier_turns_are_added_the_latest_first_and_none_twice() -> None:
    said = rewritten("How long is it open?", ["Where is the harbour museum?", "Is the café good?"])
    assert said == "How long is it open? café good harbour museum"


def test_a_turn_without_a_past_stays_as_it_is_and_a_long_past_adds_little() -> None:
    assert rewritten(" Why? ", []) == "Why?"
    assert rewritten("Museum?", ["the museums?"]) == "Museum?"
    many = [" ".join(f"word{n}x{k}" for k in range(40)) for n in range(60)]
    assert len(rewritten("And then?", many).split()) == 2 + MOST


def test_what_both_searches_find_comes_before_what_one_finds() -> None:
    order = together({"a": 0.9, "b": 0.6, "c": 0.2}, {"b": 0.9, "d": 0.8, "e": 0.1})
    assert next(iter(order)) == "b"
    assert all(0 < score < 1 for score in order.values())
    assert list(order.values()) == sorted(order.values(), reverse=True)
    assert together({}, {}) == {}


def test_a_question_that_leans_on_what_was_said_follows_it_and_one_that_stands_does_not() -> None:
    alone, in_context = {"a": 0.9, "b": 0.2}, {"b": 0.9, "a": 0.2}
    asked = {
        "How much?": "b", "Is it open on the first Sunday of the summer holidays?": "b",
        "Which harbour museums show wooden fishing boats on Sundays?": "a",
    }  # fmt: skip
    for question, first in asked.items():
        assert next(iter(together(alone, in_context, leaning(question)))) == first
