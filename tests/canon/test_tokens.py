"""Words and where they stand; typos; polite residuals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.canon.discovery.corpus import lay_out
from promptuary.canon.discovery.residuals import cut_residuals
from promptuary.canon.discovery.typos import repair
from promptuary.canon.tokens import tokenise


@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_every_string_has_words_whose_spans_ascend(text: str) -> None:
    tokens = tokenise(text)

    edges = [edge for span in tokens.spans for edge in span]
    assert edges == sorted(edges)
    assert tokens.words == tuple(text[a:b].casefold() for a, b in tokens.spans)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Summarise THIS: a_b-c3", ("summarise", "this", "a_b", "c3")),
        ("翻译成English", ("翻", "译", "成", "english")),
        ("naïve café", ("naïve", "café")),
        ("\x00\ud800\u200b!?", ()),
        ("", ()),
    ],
)
def test_words_are_runs_of_letters_and_single_han_characters(
    text: str, words: tuple[str, ...]
) -> None:
    assert tokenise(text).words == words


def test_a_very_long_text_keeps_head_and_tail_and_one_value_between() -> None:
    text = " ".join(f"w{number}" for number in range(50))

    corpus = lay_out([text], longest=10)

    assert [corpus.words[n] for n in corpus.numbers(0)][:5] == ["w0", "w1", "w2", "w3", "w4"]
    assert len(corpus.numbers(0)) == 11
    assert corpus.spans[0][5] == (text.index("w5"), text.index("w45") - 1)


def test_a_misspelt_word_is_repaired_where_its_neighbours_confirm_it() -> None:
    texts = [f"please translate the text {n}" for n in "abcdef"] + ["please tranlsate the text g"]

    corpus = repair(lay_out(texts))

    assert corpus.words[corpus.numbers(6)[1]] == "translate"


def test_a_rare_word_in_another_context_is_left_alone() -> None:
    texts = [f"translate the text {n}" for n in "abcdef"] + ["we tranlsate nothing"]

    corpus = repair(lay_out(texts))

    assert corpus.words[corpus.numbers(6)[1]] == "tranlsate"


def test_polite_words_before_many_openings_are_cut() -> None:
    openings = ["sum up the", "list all big", "name five old", "draw me some", "find what is"]
    plain = [f"{opening} thing{n}" for opening in openings for n in range(6)]
    polite = [f"oh dear {opening} stuff" for opening in openings]

    corpus = cut_residuals(lay_out(plain + polite))

    assert [lead for lead, _ in corpus.residuals] == [""] * 30 + ["oh dear"] * 5
    assert [corpus.words[n] for n in corpus.numbers(30)] == ["sum", "up", "the", "stuff"]
