import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from promptuary.adapters.units_of_work._sql.encoding import dumps, escaped, loads, unescaped

TRICKY = st.sampled_from("\ufdd00d8\x00\ud800a")
TEXTS = st.text(st.characters(codec=None))
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=8,
)


@given(TEXTS)
@example("\ufdd00000")
@example("\ufdd0")
@example("\x00\ud800\udfff")
@example("\ud83d\ude00")
def test_any_text_comes_back(text: str) -> None:
    stored = escaped(text)
    stored.encode()
    assert "\x00" not in stored
    assert unescaped(stored) == text


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufdd0")))
def test_ordinary_text_is_stored_as_it_is(text: str) -> None:
    assert escaped(text) == text


@given(
    st.text(st.sampled_from("\ufdd00d8\x00\ud800a")),
    st.text(st.sampled_from("\ufdd00d8\x00\ud800a")),
)
def test_two_texts_are_never_stored_alike(one: str, other: str) -> None:
    assert (escaped(one) == escaped(other)) == (one == other)


@given(VALUES)
@example({"\x00": ["\ud800", "\\u0000", {"\ufdd0": "\ufdd00000"}]})
def test_any_value_comes_back(value: object) -> None:
    stored = dumps(value)
    stored.encode()
    assert not re.search(r"(?<!\\)(\\\\)*\\u0000", stored)
    assert loads(stored) == value


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_json_lacks_are_refused(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        dumps({"number": number})
