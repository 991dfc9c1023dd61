import numpy as np
import pytest

from promptuary.retrieval.blending import blend, learnt


def row(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, dtype=np.float32)


def test_what_stands_out_in_this_question_decides() -> None:
    flat, sharp = row(0.90, 0.91, 0.92), row(0, 0, 1)
    assert blend({"a": flat, "b": sharp}, {"a": 1, "b": 1}).argmax() == 2
    scaled = blend({"a": 100 * flat - 7, "b": sharp}, {"a": 1, "b": 1})
    np.testing.assert_allclose(scaled, blend({"a": flat, "b": sharp}, {"a": 1, "b": 1}), rtol=1e-3)


def test_a_feature_that_is_the_same_for_all_says_nothing() -> None:
    assert list(blend({"a": row(3, 3)}, {"a": 9})) == [0.5, 0.5]


def test_features_without_a_weight_and_weights_without_a_feature_are_left_out() -> None:
    both = {"a": row(0, 1), "z": row(9, 0)}
    assert blend(both, {"a": 1, "missing": 5}) == pytest.approx(blend({"a": row(0, 1)}, {"a": 1}))


@pytest.mark.parametrize("of", ["documents", "prompts"])
def test_no_feature_speaks_against_what_it_finds(of: str) -> None:
    assert all(weight >= 0 for weight in learnt(of).values())
    assert "soft" in learnt(of)
