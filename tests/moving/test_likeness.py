"""How alike rankings and entries are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.canon.faults import fault_of
from promptuary.domain.found import Entry
from promptuary.moving.likeness import overlap, rbo

RANKINGS = st.lists(st.sampled_from("abcdefghij"), unique=True, max_size=10)
VECTOR = np.array([1.0, 0.0], np.float32)
ENTRY = Entry("a", {"text": "hello"}, {"size": 1, "version": "1.0.0", "tags": ("x",)}, VECTOR)


@given(RANKINGS, RANKINGS)
def test_likeness_lies_between_0_and_1_and_does_not_depend_on_who_comes_first(one, two):
    assert 0 <= rbo(one, two) <= 1
    assert rbo(one, two) == pytest.approx(rbo(two, one))
    assert overlap(one, two) == overlap(two, one)


@given(RANKINGS)
def test_equal_rankings_are_wholly_alike(one):
    assert rbo(one, one) == pytest.approx(1)
    assert overlap(one, one) == 1


def test_what_differs_above_weighs_more_than_what_differs_below():
    assert rbo("abcdef", "abcdex") > rbo("abcdef", "xbcdef")
    assert rbo("abc", "xyz") == 0


def test_rank_biased_overlap_is_that_of_the_paper():
    # Agreement 1/1, 1/2, 2/3 at depths 1 to 3, extrapolated with 2/3: equation 32 by hand.
    p = 0.9
    seen = (1 - p) / p * (1 * p + 0.5 * p**2 + 2 / 3 * p**3)
    assert rbo("abc", "acd") == pytest.approx(seen + 2 / 3 * p**3)


@pytest.mark.parametrize(
    ("kept", "fault"),
    [
        (ENTRY, None),
        (replace(ENTRY, texts={"text": "hello?"}), "value"),
        (replace(ENTRY, texts={}), "value"),
        (replace(ENTRY, payload={**ENTRY.payload, "size": 2}), "value"),
        (replace(ENTRY, payload={**ENTRY.payload, "more": 2}), "value"),
        (replace(ENTRY, payload={**ENTRY.payload, "size": "1"}), "type"),
        (replace(ENTRY, payload={**ENTRY.payload, "size": True}), "type"),
        (replace(ENTRY, payload={**ENTRY.payload, "version": "0.9.0"}), "version"),
        (replace(ENTRY, vector=None), "unfindable"),
        (replace(ENTRY, vector=np.array([0.0, 1.0], np.float32)), "unfindable"),
        (replace(ENTRY, vector=np.array([1.0], np.float32)), "unfindable"),
        (replace(ENTRY, vector=np.array([0.9999, 0.01], np.float32)), None),
    ],
)
def test_a_fault_is_called_by_its_name(kept, fault):
    assert fault_of(ENTRY, kept) == fault
