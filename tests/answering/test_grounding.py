import pytest

from promptuary.answering.grounding import faults, stands_in, statement

from .shelf import BRIDGE, FERRY

ASKED = "When was the Velmora bridge opened?"


def said(sentence: str) -> list[str]:
    return faults(statement(sentence), [BRIDGE, FERRY], ASKED)


@pytest.mark.parametrize(
    "sentence",
    [
        "It was opened in 1934 [1].",
        "The bridge of Velmora took six years [1].",
        "Oda Rennick built it after two lighthouses [1, 2].",
        "The passage says “opened in 1934  after six years” [1].",
        'A crossing took 25 minutes, says "a crossing by ferry TOOK 25 minutes." [2]',
    ],
)
def test_what_the_named_passages_hold_may_stand(sentence: str) -> None:
    assert said(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("It was opened in 1934.", "no passage is named"),
        ("It was opened in 1934 [3].", "a passage is named that was not given"),
        ("It was opened in 1934 [0].", "a passage is named that was not given"),
        ("It was opened in 1935 [1].", "the number 1935 is not in the evidence"),
        ("It was opened in 1934 [2].", "the number 1934 is not in the evidence"),
        ("It took seven years [1].", "the number 7 is not in the evidence"),
        ("It was built by Brunel [1].", "the name 'Brunel' is not in the evidence"),
        ("It “was opened in the spring of 1934” [1].", "does not stand in its passage"),
    ],
)
def test_what_they_do_not_hold_may_not(sentence: str, why: str) -> None:
    assert any(why in each for each in said(sentence))


def test_marks_are_taken_off() -> None:
    assert statement("It rains [1, 2] and snows [2] .").text == "It rains and snows."
    assert statement("It rains [1, 2] and snows [2] .").marks == (1, 2)


def test_blanks_case_and_typographic_marks_do_not_make_a_quote_false() -> None:
    assert stands_in("Hale’s  FOLLY", "They call it\nHale's folly.")
    assert not stands_in("Hale's two follies", "Hale's folly")
