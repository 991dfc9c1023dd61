import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.ports.index import WordQuery
from promptuary.retrieval.highlight import AROUND, MAX_FRAGMENTS, Finder, fragments


def shown(text: str, query: WordQuery) -> tuple[str, ...]:
    return fragments(text, Finder(query).find(text))


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Refund my order", WordQuery("ORDER"), "Refund my **order**"),
        ("refnud the orders", WordQuery("refund order"), "**refnud** the **orders**"),
        ("refnud it", WordQuery("refund", typos=False), None),
        ("refunding it", WordQuery("ref", prefix=True), "**refunding** it"),
        ("ref it order", WordQuery("ref ord", prefix=True), "**ref** it **order**"),
        ("我要退款", WordQuery("退款"), "我要**退款**"),
        ("my order, our order", WordQuery("our order", phrase=True), "my order, **our** **order**"),
        ("order our", WordQuery("our order", phrase=True), None),
        ("Große STRASSE", WordQuery("straße"), "Große **STRASSE**"),
    ],
)
def test_matched_words_stand_between_stars(
    text: str, query: WordQuery, expected: str | None
) -> None:
    assert shown(text, query) == (() if expected is None else (expected,))


def test_a_long_text_is_shown_in_pieces_around_its_matches() -> None:
    text = ("filler words here " * 20 + "refund ") * 5
    pieces = shown(text, WordQuery("refund"))
    assert len(pieces) == MAX_FRAGMENTS
    for piece in pieces:
        assert "**refund**" in piece
        assert piece[0] == "…"
        assert piece[1:].split()[0] in ("filler", "words", "here")
        assert len(piece) <= 2 * AROUND + 20


@given(
    text=st.text(st.sampled_from("ab cdé退 *\n")),
    typed=st.text(st.sampled_from("ab cdé退")),
    phrase=st.booleans(),
    prefix=st.booleans(),
)
def test_a_piece_without_its_stars_is_a_piece_of_the_text(
    text: str, typed: str, phrase: bool, prefix: bool
) -> None:
    text = text.replace("*", "")
    for piece in shown(text, WordQuery(typed, phrase=phrase, prefix=prefix)):
        assert piece.strip("…").replace("**", "") in text
