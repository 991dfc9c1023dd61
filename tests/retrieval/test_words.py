from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.retrieval.words import MAX_LETTERS, terms, words


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


@given(text=st.text(st.characters()))
def test_words_stand_where_they_say_and_no_text_breaks_them(text: str) -> None:
    found = list(words(text))
    assert [word.term for word in found] == terms(text)
    assert all(word.term and text[word.start : word.end] for word in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
