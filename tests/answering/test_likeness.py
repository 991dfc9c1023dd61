import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.answering.likeness import Likeness, meanings
from promptuary.answering.question import read

from .shelf import thesaurus


def found(question: str, text: str) -> list[float]:
    words = text.split()
    return Likeness(read(question), [words], thesaurus()).of(words).tolist()


def test_a_form_of_the_word_counts_fully() -> None:
    assert found("crossing", "they crossed") == [1.0]


def test_a_word_that_begins_alike_counts_a_part() -> None:
    (derived,) = found("invade", "an invasion")
    assert 0.5 < derived < 1
    assert found("invade", "the inside") < [0.35]


def test_a_misspelt_word_is_found_where_the_right_one_stands() -> None:
    (near,) = found("charecterized", "it is characterized so")
    assert 0.6 < near < 1


def test_a_word_that_stands_there_is_never_taken_for_a_misspelling() -> None:
    likeness = Likeness(read("stall"), [["stall"], ["stale"]], thesaurus())
    assert likeness.of(["stall"])[0] == 1
    assert likeness.of(["stale"])[0] < 0.8


def test_words_side_by_side_are_nearer_than_the_same_words_apart() -> None:
    side, apart = meanings(
        read("bridge keeper"),
        [["bridge", "keeper", "lamp", "boat", "stone"], ["bridge", "boat", "lamp", "keeper"]],
        thesaurus(),
    )
    assert side.window > apart.window


@given(st.lists(st.lists(st.text(max_size=6), max_size=5), max_size=4), st.text(max_size=20))
def test_whatever_is_asked_of_whatever_has_finite_figures(texts: list[list[str]], q: str) -> None:
    texts = [[term for term in text if term] for text in texts]
    question = read(q)
    every = Likeness(question, texts, thesaurus())
    assert all(np.isfinite(every.of(text)).all() for text in texts)
    alike = meanings(question, texts, thesaurus())
    assert len(alike) == len(texts)
    assert all(each.window == pytest.approx(each.window) for each in alike)
    assert all(-1.01 <= each.mean <= 1.01 for each in alike)
