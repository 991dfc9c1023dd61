"""Residuals give the original back, byte for byte."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.canon.templates.residual import aligned, apply, between
from promptuary.domain.errors import InvalidInput

ANY = st.text(st.characters(exclude_categories=()), max_size=40)
CLOSE = st.text(alphabet="ab\x00\n\ud83d\ude00", max_size=30)


@given(st.one_of(ANY, CLOSE), st.one_of(ANY, CLOSE))
def test_any_two_texts_are_bridged(filled, original):
    assert apply(between(filled, original), filled) == original


@given(st.lists(st.tuples(CLOSE, CLOSE), max_size=5))
def test_pieces_give_the_residual_of_the_whole(pieces):
    residual = aligned(pieces)
    assert apply(residual, "".join(a for a, _ in pieces)) == "".join(b for _, b in pieces)


@given(st.one_of(ANY, CLOSE), st.one_of(ANY, CLOSE))
def test_every_database_can_keep_a_residual(filled, original):
    residual = between(filled, original)
    assert "\x00" not in residual
    residual.encode("utf-8")


@given(ANY)
def test_equal_texts_leave_nothing(text):
    assert between(text, text) == ""


def test_a_small_change_in_a_long_text_is_small():
    text = "All work and no play. " * 20
    changed = text.replace("no play", "some fun", 1) + " Thanks!"
    assert between(text, changed) == '[[13,7,"some fun"],[440,0," Thanks!"]]'


def test_a_megabyte_rewritten_is_one_edit():
    filled, original = "ab" * 500_000, "ba" * 500_000 + "\x00"
    residual = between(filled, original)
    assert len(json.loads(residual)) == 1
    assert apply(residual, filled) == original


@pytest.mark.parametrize("residual", ["x", "[1]", '[["a","b"]]', "[[9,0]]", "[[1,1],[0,0]]", "{}1"])
def test_a_residual_of_another_text_is_refused(residual):
    with pytest.raises(InvalidInput):
        apply(residual, "abc")
