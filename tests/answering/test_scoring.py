import numpy as np
import pytest

from promptuary.answering.evaluating.ranges import Range, score_ranges
from promptuary.answering.evaluating.scoring import (
    AnswerRow,
    Gold,
    auroc,
    calibration_error,
    holds,
    score_answers,
    token_f1,
)


def gold(name: str, *answers: str, spans: tuple[tuple[int, int], ...] = ()) -> Gold:
    return Gold(name, "?", answers, not answers, ("d",) if answers else (), spans)


def test_an_answer_is_compared_without_case_punctuation_and_articles() -> None:
    assert holds("It was the Grey-Heron, they say.", ["a greyheron"])
    assert not holds("It was.", ["the", "heron"])
    assert token_f1("the last ferry", "last ferry of all") == pytest.approx(2 * 2 / (2 + 4))
    assert token_f1("", "the") == 1.0


def test_every_figure_of_a_small_run() -> None:
    truth = [gold("a", "1934"), gold("b", "two"), gold("c"), gold("d")]
    rows = [
        AnswerRow("a", "In 1934 it was.", 0.9, False, ("d", "e"), "In 1934."),
        AnswerRow("b", "one", 0.4, True, ("e",), "one"),
        AnswerRow("c", "something", 0.2, True, ("e",)),
    ]
    found = score_answers(truth, {row.id: row for row in rows})
    assert (found["n"], found["n_unanswerable"]) == (4, 2)
    assert found["answer_contained"] == found["sentence_contained"] == 0.5
    assert found["EM"] == 0
    assert found["citation_precision"] == 0.25
    assert found["top_citation_gold"] == 0.5
    assert found["refusal_AUROC"] == 1.0
    assert found["refusal_acc_as_submitted"] == 0.75
    assert found["best_squad2_contained"] == 0.75
    assert found["risk_at_10%"] == 0.0
    assert found["risk_at_100%"] == 0.75
    assert found["ECE"] == pytest.approx((0.1 + 0.4 + 0.2 + 0.0) / 4)


def test_without_a_question_of_both_kinds_refusal_is_not_judged() -> None:
    assert "refusal_AUROC" not in score_answers([gold("a", "x")], {})
    assert "EM" not in score_answers([gold("a")], {})


def test_ties_count_half() -> None:
    scores, positive = np.array([0.5, 0.5, 0.9, 0.1]), np.array([True, False, True, False])
    assert auroc(scores, positive) == 0.875


def test_confidence_that_is_true_has_no_error() -> None:
    sure = np.repeat([0.25, 0.75], 400)
    right = np.tile([1.0, 0, 0, 0], 100), np.tile([1.0, 1, 1, 0], 100)
    assert calibration_error(sure, np.concatenate(right)) == pytest.approx(0)
    assert calibration_error(sure, np.zeros(800)) == pytest.approx(0.5)


def test_evidence_is_counted_by_characters_and_once() -> None:
    truth = [gold("a", "x", spans=((10, 20), (15, 30))), gold("b", "x", spans=((0, 10),))]
    found = {"a": [Range("d", 0, 20), Range("d", 10, 20), Range("other", 0, 20)]}
    figures = score_ranges(truth, found)
    assert figures["recall"] == pytest.approx((10 / 20 + 0) / 2)
    assert figures["precision"] == pytest.approx((10 / 40 + 0) / 2)
    assert figures["IoU"] == pytest.approx((10 / 50 + 0) / 2)
    assert figures["complete"] == 0
    assert score_ranges([gold("a", "x")], {}) == {"n": 0}
