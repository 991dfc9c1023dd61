import pytest

from promptuary.ports.index import KnownWord
from promptuary.retrieval.questions import MOST_WORDS, read_question


def test_words_that_say_nothing_are_left_out_unless_nothing_else_is_there() -> None:
    asked = read_question("How do I cancel the order?", [], 100)
    assert [word.typed for word in asked.words] == ["cancel", "order"]
    assert [word.typed for word in read_question("who is it", [], 100).words] == ["who", "is", "it"]


def test_forms_of_one_word_are_asked_once() -> None:
    assert [word.typed for word in read_question("order orders", [], 9).words] == ["order"]


def test_a_rarer_word_weighs_more() -> None:
    known = [KnownWord("card", {"card": 1.0}, 50), KnownWord("visa", {"visa": 1.0}, 2)]
    card, visa = read_question("card visa", known, 100).words
    assert visa.weight > card.weight > 0


def test_a_correction_counts_only_where_the_word_itself_is_unknown() -> None:
    known = [
        KnownWord("order", {"order": 1.0, "older": 0.5}, 9),
        KnownWord("refnud", {"refund": 0.5}, 9),
        KnownWord("inv", {"invoice": 0.8}, 9),
    ]
    order, refund, invoice = read_question("order refnud inv", known, 100).words
    assert order.terms == {"order": 1.0}
    assert refund.terms == {"refund": pytest.approx(1 - 0.15 - 0.5 / 6)}
    assert invoice.terms == {"invoice": 0.8}


def test_of_a_long_question_the_words_that_tell_most_are_kept() -> None:
    terms = [f"w{at:03}" for at in range(2 * MOST_WORDS)]
    known = [KnownWord(term, {term: 1.0}, at + 1) for at, term in enumerate(terms)]
    kept = read_question(" ".join(terms), known, 1_000).words
    assert [word.typed for word in kept] == terms[:MOST_WORDS]
