"""Families hold together what asks the same."""

import random
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.adapters.embedders import static
from promptuary.canon.families.centring import BACKGROUND, centred
from promptuary.canon.families.kin import CUTS, VOTE, FamilyItem, families, features
from promptuary.canon.families.linkage import average_linkage, groups_at, joins
from promptuary.canon.families.naming import family_name, keep_identity

TEXTS = {
    "a1": ("Translate this text to : ", ("language", "text")),
    "a2": ("Please translate the text into .", ("language", "text")),
    "b1": ("Write a unit test for this function: ", ("code",)),
    "b2": ("Write unit tests for the function above.", ("code",)),
    "c1": ("¿Cuál es la capital de ?", ("name",)),
}


@pytest.fixture(scope="module")
def items():
    """The texts with what they mean; an example says as much as the text."""
    embedder = static.connect("static:")
    vectors = embedder.embed_now([text for text, _ in TEXTS.values()])
    meaning = centred(vectors, embedder.embed_now(list(BACKGROUND)))
    return [
        FamilyItem(key, text, slots, vector, vector)
        for (key, (text, slots)), vector in zip(TEXTS.items(), meaning, strict=True)
    ]


def test_templates_that_ask_the_same_are_one_family(items):
    assert families(items) == (("a1", "a2"), ("b1", "b2"), ("c1",))


def test_the_order_of_templates_changes_nothing(items):
    for seed in range(5):
        mixed = random.Random(seed).sample(items, len(items))
        assert families(mixed) == families(items)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_what_says_nothing_stays_apart(count):
    nothing = np.zeros(4, dtype=np.float32)
    items = [FamilyItem(key, "", (), nothing, nothing) for key in "xy"[:count]]
    assert families(items) == tuple((item.key,) for item in items)


def test_what_is_compared_is_the_same_in_both_directions(items):
    for matrix in features(items).values():
        assert matrix.shape == (5, 5)
        np.testing.assert_allclose(matrix, matrix.T, atol=1e-6)


def test_where_one_cut_hangs_by_a_hair_many_agree():
    """Of two nearly equal likenesses one cut joins the one and not the other."""
    joined = joins(np.array([[1, 0.351], [0.351, 1]], dtype=np.float32), min(CUTS))
    parted = joins(np.array([[1, 0.349], [0.349, 1]], dtype=np.float32), min(CUTS))
    shares = [
        sum(len(groups_at(one, 2, cut)) == 1 for cut in CUTS) / len(CUTS)
        for one in (joined, parted)
    ]
    assert min(shares) >= VOTE


@given(st.integers(2, 12), st.integers(0, 10_000))
def test_each_cut_of_the_joins_is_average_linkage_at_that_cut(size, seed):
    similar = np.random.default_rng(seed).random((size, size), dtype=np.float32)
    similar = (similar + similar.T) / 2
    made = joins(similar.copy(), 0.2)
    for cut in (0.2, 0.4, 0.6):
        assert groups_at(made, size, cut) == plain_linkage(similar, cut)


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
    assert (
        family_name(["Translate this text to {{a}}", "Please translate the text: {{b}}"])
        == "translate text"
    )
    assert family_name(["{{a}}", ""]) == ""


@pytest.mark.slow
def test_two_thousand_templates_are_grouped_in_seconds():
    rng = random.Random(3)
    words = ["".join(rng.choices("abcdefghijklmnop", k=rng.randint(2, 9))) for _ in range(3_000)]
    vectors = np.random.default_rng(3).normal(size=(2_000, 256)).astype(np.float32) / 16
    items = [
        FamilyItem(str(n), " ".join(rng.choices(words, k=25)), ("text",), vectors[n], vectors[n])
        for n in range(2_000)
    ]
    started = time.process_time()
    assert len(families(items)) > 1_900
    assert time.process_time() - started < 8
