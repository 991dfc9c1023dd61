from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.retrieval.words import MAX_LETTERS, Beginnings, terms, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Refund my ORDER-1234, please!", ["refund", "my", "order", "1234", "please"]),
        ("order_id isn't", ["order", "id", "isn", "t"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("ｆｕｌｌ ﬁne", ["full", "fine"]),
        ("e\u0301te\u0301 été", ["été", "été"]),
        ("退款 my 订单2", ["退", "款", "my", "订", "单", "2"]),
        ("かな カナ ไทย", ["か", "な", "カ", "ナ", "ไ", "ท", "ย"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("שלום مرحبا", ["שלום", "مرحبا"]),
        ("\ud800 🗝 \u200b ... \0", []),
        ("x" * 1_000, ["x" * MAX_LETTERS]),
    ],
)
def test_words_are_what_people_type(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


PROSE = st.text(
    st.sampled_from([*"aZ9_ .'é", *"\u00a0«»\u2010—’“…•\u203f\u2044\u205e€→✅\ufe0f🎯°×"])
)


@given(text=PROSE | st.text(st.characters()), data=st.data())
def test_words_are_the_same_whichever_way_they_are_found(text: str, data: st.DataObject) -> None:
    found = list(words(text))
    assert terms(text) == [word.term for word in found]
    letters = data.draw(st.sets(st.sampled_from(sorted({"x", *(term[0] for term in terms(text))}))))
    told = {word.term: len(word.term) if word.term.isascii() else None for word in found}
    beginning = [
        (word, said)
        for word in found
        if word.term[0] in letters and (said := told[word.term]) is not None
    ]
    assert list(Beginnings(letters).words(text, told)) == beginning


@given(text=st.text(st.characters()))
def test_words_stand_where_they_say_and_no_text_breaks_them(text: str) -> None:
    found = list(words(text))
    assert [word.term for word in found] == terms(text)
    assert all(word.term and text[word.start : word.end] for word in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
