"""Weights of words go into a text and are scored out of many at once."""

from base64 import b85encode

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.adapters.indexes._shared.weights import dimensions_of, leading, products, to_text

WEIGHTS = st.dictionaries(
    st.integers(0, 2**32 - 1) | st.integers(0, 9), st.floats(0.125, 8, width=32), max_size=8
)


@given(asked=WEIGHTS, entries=st.lists(WEIGHTS, max_size=6))
def test_a_score_is_the_product_with_what_was_kept(
    asked: dict[int, float], entries: list[dict[int, float]]
) -> None:
    kept = [to_text(entry) for entry in entries]
    assert [dimensions_of(text) for text in kept] == [list(entry) for entry in entries]
    wanted = [sum(asked[at] * entry[at] for at in asked.keys() & entry) for entry in entries]
    assert products(asked, kept) == pytest.approx(wanted)


@given(asked=WEIGHTS, entry=WEIGHTS)
def test_equal_entries_have_equal_scores_in_whatever_order_their_words_came(
    asked: dict[int, float], entry: dict[int, float]
) -> None:
    turned = dict(reversed(entry.items()))
    first, second = products(asked, [to_text(entry), to_text(turned)])
    assert first == second


@given(scores=st.lists(st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0])), most=st.integers(0, 9))
def test_the_leading_scores_are_all_that_may_be_among_the_best(
    scores: list[float], most: int
) -> None:
    found = leading(scores, most)
    above = sorted((score for score in scores if score > 0), reverse=True)
    assert sorted((scores[at] for at in found), reverse=True)[:most] == above[:most]
    assert all(scores[at] > 0 for at in found)
    left = [score for at, score in enumerate(scores) if at not in found and score > 0]
    assert not left or (most and max(left) < above[most - 1])


def test_what_an_older_version_kept_is_read() -> None:
    raw = np.array([3, 7], "<u4").tobytes() + np.array([0.5, 2.0], "<f4").tobytes()
    older = b85encode(raw).decode()
    assert dimensions_of(older) == [3, 7]
    assert products({7: 2.0}, [older, to_text({7: 1.0})]) == [4.0, 2.0]
