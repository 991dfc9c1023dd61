from promptuary.answering.evidence import FEATURES, WEIGHTS, weigh
from promptuary.answering.question import read

from .shelf import BRIDGE, BRIDGE_AND_FERRY, FERRY, LIMITS, found, passage, thesaurus, weighed


def test_the_sentence_that_says_it_comes_first() -> None:
    best = weigh(read("Who was the architect of the bridge?"), BRIDGE_AND_FERRY, thesaurus())[0]
    assert best.quote.startswith("Its architect was Oda Rennick")


def test_another_word_of_the_same_meaning_finds_it_too() -> None:
    best = weighed("What was the price of the ferry?", passage("boats", FERRY))[0]
    assert best.quote == "A crossing by ferry took 25 minutes and cost four crowns."
    assert 0 < best.features["exact"] < best.features["soft"] < 1


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
    assert best.features["exact"] > 0.5


def test_every_figure_has_a_weight_and_stays_in_bounds() -> None:
    every = weigh(read("When did the last ferry stop?"), BRIDGE_AND_FERRY, thesaurus())
    assert len(every) == 7
    assert all(set(each.features) == set(FEATURES) == set(WEIGHTS) for each in every)
    assert all(-1e-9 <= value <= 1 + 1e-9 for each in every for value in each.features.values())


def test_what_has_no_word_is_no_evidence() -> None:
    assert weighed("What is it?", passage("blank", " \n ")) == []
    assert weigh(read("What is it?"), [], thesaurus()) == []
    odd = weighed("？！", passage("bridge", BRIDGE))
    assert all(each.score == each.score for each in odd), "no NaN"
