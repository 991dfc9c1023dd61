import pytest

from promptuary.answering.evidence import FEATURES, shipped, weigh
from promptuary.answering.question import read

from .shelf import BRIDGE, BRIDGE_AND_FERRY, FERRY, LIMITS, found, passage, thesaurus, weighed


def test_the_sentence_that_says_it_comes_first() -> None:
    best = weigh(read("Who was the architect of the bridge?"), BRIDGE_AND_FERRY, thesaurus())[0]
    assert best.quote.startswith("Its architect was Oda Rennick")


def test_another_word_of_the_same_meaning_finds_it_too() -> None:
    best = weighed("What was the price of the ferry?", passage("boats", FERRY))[0]
    assert best.quote == "A crossing by ferry took 25 minutes and cost four crowns."
    assert 0 < best.features["soft"] < 1


def test_headings_above_a_passage_count_for_its_pieces() -> None:
    plain, headed = (
        weighed("When was the Velmora bridge opened?", passage("a", "It was 1934.", headings=above))
        for above in ((), ("Velmora bridge",))
    )
    assert headed[0].features["context"] > plain[0].features["context"]


def test_a_row_is_found_by_its_cell() -> None:
    best = weighed("What is the upload size?", passage("limits", LIMITS))[0]
    assert best.quote == "| upload size | 40 | MiB |"


def test_a_rarer_word_counts_for_more() -> None:
    texts = passage("a", "The keeper paints."), passage("b", "The lamp shines.")
    rare = {"keeper": 9.0, "lamp": 1.0}
    best = weigh(read("keeper lamp"), found(*texts), thesaurus(), rare)[0]
    assert best.quote == "The keeper paints."
    assert best.features["soft"] > 0.5


def test_every_figure_has_a_weight_and_shares_stay_in_bounds() -> None:
    every = weigh(read("When did the last ferry stop?"), BRIDGE_AND_FERRY, thesaurus())
    assert len(every) == 7
    assert all(set(each.features) == set(FEATURES) == set(shipped()) for each in every)
    shares = ("soft", "local", "context", "passage", "asked_for")
    assert all(-1e-9 <= each.features[name] <= 1 + 1e-9 for each in every for name in shares)


def test_scores_are_the_chances_of_the_pieces_of_one_question() -> None:
    every = weigh(read("When did the last ferry stop?"), BRIDGE_AND_FERRY, thesaurus())
    assert sum(each.score for each in every) == pytest.approx(1)
    assert [each.score for each in every] == sorted((e.score for e in every), reverse=True)


def test_a_heading_never_stands_before_a_sentence_that_says_as_much() -> None:
    text = "# The keeper of the lamp\n\nThe keeper of the lamp is Oda."
    best = weighed("Who is the keeper of the lamp?", passage("a", text))[0]
    assert best.quote == "The keeper of the lamp is Oda."


def test_what_has_no_word_is_no_evidence() -> None:
    assert weighed("What is it?", passage("blank", " \n ")) == []
    assert weigh(read("What is it?"), [], thesaurus()) == []
    odd = weighed("？！", passage("bridge", BRIDGE))
    assert all(each.score == each.score for each in odd), "no NaN"
