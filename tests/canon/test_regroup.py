"""Families hold together what asks the same."""

import random
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.canon.templates.regroup import (
    FamilyItem,
    average_linkage,
    families,
    family_name,
    keep_identity,
)

ITEMS = [
    FamilyItem("a1", "Translate this text to {{language}}: {{text}}", ("German", "French")),
    FamilyItem("a2", "Please translate the text into {{language}}.\n{{text}}", ("French",)),
    FamilyItem("b1", "Write a unit test for this function:\n{{code}}", ("def f(): pass",)),
    FamilyItem("b2", "{{code}}\nWrite unit tests for the function above.", ("def g(): pass",)),
    FamilyItem("c1", "¿Cuál es la capital de {{country}}?", ("Francia",)),
]


def test_templates_that_ask_the_same_are_one_family():
    assert families(ITEMS) == (("a1", "a2"), ("b1", "b2"), ("c1",))


@given(st.permutations(ITEMS))
def test_the_order_of_templates_changes_nothing(items):
    assert families(items) == families(ITEMS)


@pytest.mark.parametrize("items", [[], ITEMS[:1], [FamilyItem("x", ""), FamilyItem("y", "{{a}}")]])
def test_what_has_no_likeness_stays_apart(items):
    assert families(items) == tuple((item.key,) for item in items)


@given(st.integers(2, 12), st.integers(0, 10_000), st.sampled_from([0.1, 0.3, 0.5, 0.8]))
def test_groups_are_those_of_plain_average_linkage(size, seed, cut):
    similar = np.random.default_rng(seed).random((size, size), dtype=np.float32)
    similar = (similar + similar.T) / 2
    assert sorted(average_linkage(similar.copy(), cut)) == plain_linkage(similar, cut)


def plain_linkage(similar, cut):
    """Join the two groups with the highest mean likeness until that is below the cut."""
    groups = [[at] for at in range(len(similar))]
    while len(groups) > 1:
        best, a, b = max(
            (similar[np.ix_(one, two)].mean(), i, i + 1 + j)
            for i, one in enumerate(groups)
            for j, two in enumerate(groups[i + 1 :])
        )
        if best < cut:
            break
        groups[a] = sorted(groups[a] + groups.pop(b))
    return sorted(groups)


def test_a_family_keeps_its_id_where_most_of_it_went():
    old = {"a": "F", "b": "F", "c": "F", "d": "G"}
    ids = keep_identity(old, [("a",), ("b", "c", "d"), ("e",)])
    assert (ids["b"], ids["c"], ids["d"]) == ("F", "F", "F")
    assert len({ids["a"], ids["e"], "F", "G"}) == 4


def test_unchanged_groups_keep_their_ids_and_new_ones_get_the_same_id_anywhere():
    first = keep_identity({}, [("a", "b"), ("c",)])
    assert keep_identity(first, [("c",), ("a", "b"), ("d",)]) | {"d": ""} == dict(first) | {"d": ""}
    assert keep_identity({}, [("c",), ("b", "a")]) == first


def test_a_founder_that_left_does_not_take_the_id_along():
    old = keep_identity({}, [("a", "b", "c")])
    ids = keep_identity(old, [("a",), ("b", "c")])
    assert ids["b"] == old["b"] != ids["a"]


def test_a_family_is_named_by_what_its_templates_share():
    assert family_name([item.text for item in ITEMS[:2]]) == "translate text"
    assert family_name(["{{a}}", ""]) == ""


@pytest.mark.slow
def test_two_thousand_templates_are_grouped_in_seconds():
    rng = random.Random(3)
    words = ["".join(rng.choices("abcdefghijklmnop", k=rng.randint(2, 9))) for _ in range(3_000)]
    items = [
        FamilyItem(str(n), " ".join(rng.choices(words, k=25)), tuple(rng.choices(words, k=20)))
        for n in range(2_000)
    ]
    started = time.process_time()
    assert len(families(items)) > 1_900
    assert time.process_time() - started < 8
