import numpy as np
import pytest

from promptuary.retrieval.blending import COMPANY, blend, learnt


def row(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, dtype=np.float32)


NOTHING = np.zeros((3, 2), dtype=np.float32)


def test_what_stands_out_in_this_question_decides() -> None:
    flat, sharp = row(0.90, 0.91, 0.92), row(0, 0, 1)
    assert blend({"a": flat, "b": sharp}, {"a": 1, "b": 1}, NOTHING).argmax() == 2
    scaled = blend({"a": 100 * flat - 7, "b": sharp}, {"a": 1, "b": 1}, NOTHING)
    np.testing.assert_allclose(
        scaled, blend({"a": flat, "b": sharp}, {"a": 1, "b": 1}, NOTHING), rtol=1e-3
    )


def test_a_feature_that_is_the_same_for_all_says_nothing() -> None:
    assert list(blend({"a": row(3, 3)}, {"a": 9}, NOTHING[:2])) == [0.5, 0.5]


def test_features_without_a_weight_and_weights_without_a_feature_are_left_out() -> None:
    both = {"a": row(0, 1), "z": row(9, 0)}
    found = blend(both, {"a": 1, "missing": 5}, NOTHING[:2])
    assert found == pytest.approx(blend({"a": row(0, 1)}, {"a": 1}, NOTHING[:2]))


def test_what_resembles_the_best_is_preferred_among_equals() -> None:
    vectors = np.array([[1, 0, 0], [0.9, 0.1, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float32)
    alone = blend({"a": row(9, 1, 1, 1)}, {"a": 1}, vectors)
    assert alone[1] == alone[2] == alone[3]
    best, like, other, another = blend({"a": row(9, 1, 1, 1)}, {"a": 1, COMPANY: 0.5}, vectors)
    assert best > like > max(other, another)


@pytest.mark.parametrize("of", ["documents", "documents, sentence model", "prompts"])
def test_no_feature_speaks_against_what_it_finds(of: str) -> None:
    assert all(weight >= 0 for weight in learnt(of).values())
    assert "soft" in learnt(of)
