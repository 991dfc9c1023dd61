import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.domain.found import Hit
from promptuary.retrieval.fusion import K, Standing, fuse


def hits(*ids: str) -> list[Hit]:
    return [Hit(key, 10.0 - at) for at, key in enumerate(ids)]


def test_first_with_every_ranker_scores_one() -> None:
    fused = fuse({"words": hits("a", "b"), "meaning": hits("a", "c")})
    assert fused[0].id == "a"
    assert fused[0].score == pytest.approx(1)
    assert fused[0].standings == {"words": Standing(1, 10.0), "meaning": Standing(1, 10.0)}


def test_agreement_of_two_rankers_beats_one_rankers_favourite() -> None:
    fused = fuse({"words": hits("a", "both"), "meaning": hits("c", "both")})
    assert [one.id for one in fused] == ["both", "a", "c"]


def test_a_ranker_counts_as_much_as_its_weight() -> None:
    rankings = {"words": hits("a"), "meaning": hits("b")}
    assert [one.id for one in fuse(rankings, weights={"meaning": 2.0})] == ["b", "a"]
    assert fuse(rankings, weights={"meaning": 0.0})[0].score == pytest.approx(1)


def test_equals_of_a_ranker_share_the_best_of_their_ranks() -> None:
    fused = fuse({"words": [Hit("b", 5.0), Hit("a", 5.0), Hit("c", 4.0)]})
    assert [(one.id, one.standings["words"].rank) for one in fused] == [
        ("a", 1),
        ("b", 1),
        ("c", 3),
    ]


def test_nothing_found_is_nothing_fused() -> None:
    assert fuse({}) == fuse({"words": [], "meaning": []}) == []


@given(
    rankings=st.dictionaries(
        st.sampled_from(["words", "meaning", "other"]),
        st.lists(st.sampled_from("abcdefgh"), unique=True).map(lambda ids: hits(*ids)),
    )
)
def test_scores_fall_lie_within_bounds_and_nobody_is_lost(rankings: dict[str, list[Hit]]) -> None:
    fused = fuse(rankings)
    scores = [one.score for one in fused]
    assert scores == sorted(scores, reverse=True)
    assert all(1 / (K + 8) / 3 < score < 1 + 1e-9 for score in scores)
    assert {one.id for one in fused} == {hit.id for found in rankings.values() for hit in found}
