"""How good answers are: do they hold what is true, cite the right document, and refuse in time.

Exact match and token F1 are SQuAD's (Rajpurkar et al. 2016), refusal as in SQuAD 2.0 (Rajpurkar et
al. 2018): the confidence of every answer is compared, also of one that was refused. Risk and
coverage: El-Yaniv and Wiener 2010. Calibration error: Guo et al. 2017, in ten bins of equal width.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Figures: TypeAlias = dict[str, float]

COVERAGES = (10, 25, 50, 75, 100)
BINS = 10
THRESHOLDS = 400
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


@dataclass(frozen=True, slots=True)
class Gold:
    """A question and its truth; `spans` are places of its answer in the document."""

    id: str
    question: str
    answers: tuple[str, ...]
    unanswerable: bool
    documents: tuple[str, ...]
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What was answered. One that was refused has the answer that would have been given.

    `sentence` is the first one cited and `span` where it stands in its document.
    """

    id: str
    answer: str
    confidence: float
    refused: bool
    citations: tuple[str, ...] = ()
    sentence: str = ""
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class _Judged:
    """Columns over the questions."""

    unanswerable: NDArray[np.bool_]
    refused: NDArray[np.bool_]
    confidence: Array
    exact: Array
    f1: Array
    contained: Array
    sentence: Array
    precision: Array
    top: Array


def score_answers(gold: Sequence[Gold], rows: Mapping[str, AnswerRow]) -> Figures:
    """Every figure the truth allows; a question without a row counts as refused.

    Of answerable questions: EM, F1, `answer_contained` (in the whole answer), `sentence_contained`
    (in the first sentence cited), citation figures. Where some cannot be answered: how well
    confidence tells them apart. `risk_at_*`: the share of wrong answers among the most confident;
    `ECE`: how far confidence is from the share of right answers.
    """
    judged = _judge([(one, rows.get(one.id) or AnswerRow(one.id, "", 0.0, True)) for one in gold])
    found: Figures = {"n": len(gold), "n_unanswerable": int(judged.unanswerable.sum())}
    answerable = ~judged.unanswerable
    if answerable.any():
        found |= {
            "EM": _mean(judged.exact[answerable]),
            "F1": _mean(judged.f1[answerable]),
            "answer_contained": _mean(judged.contained[answerable]),
            "sentence_contained": _mean(judged.sentence[answerable]),
            "citation_precision": _mean(judged.precision[answerable]),
            "top_citation_gold": _mean(judged.top[answerable]),
        }
    if judged.unanswerable.any():
        found |= _refusal(judged)
    return {**found, **_risk(judged), "ECE": calibration_error(judged.confidence, judged.contained)}


def normalised(text: str) -> str:
    """Lower case, without punctuation, articles and superfluous blanks, as SQuAD compares."""
    bare = text.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split())


def token_f1(said: str, truth: str) -> float:
    """Of the words they share; of texts without a word, whether both have none."""
    mine, its = normalised(said).split(), normalised(truth).split()
    if not mine or not its:
        return float(mine == its)
    shared = (Counter(mine) & Counter(its)).total()
    return 2 * shared / (len(mine) + len(its))


def holds(text: str, answers: Sequence[str]) -> bool:
    """Whether one of the answers stands in the text."""
    within = normalised(text)
    return any(each and each in within for each in map(normalised, answers))


def auroc(scores: Array, positive: NDArray[np.bool_]) -> float:
    """The chance that a positive one scores higher; ties count half. NaN with one kind only."""
    ones = int(positive.sum())
    zeros = len(positive) - ones
    if not ones or not zeros:
        return float("nan")
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = (ends - (counts - 1) / 2)[place]
    return float((ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def calibration_error(confidence: Array, right: Array) -> float:
    """The mean distance of confidence and accuracy, over bins weighed by their size."""
    at = np.clip((confidence * BINS).astype(int), 0, BINS - 1)
    total = 0.0
    for each in range(BINS):
        inside = at == each
        if inside.any():
            total += abs(float(confidence[inside].sum() - right[inside].sum()))
    return total / len(confidence) if len(confidence) else 0.0


def calibration_of(labels: Sequence[tuple[float, bool]]) -> float:
    """The same for (confidence, was it right)."""
    sure, right = zip(*labels, strict=True) if labels else ((), ())
    return calibration_error(np.array(sure, dtype=np.float64), np.array(right, dtype=np.float64))


def _judge(pairs: Sequence[tuple[Gold, AnswerRow]]) -> _Judged:
    exact, f1, contained, sentence, precision, top = [], [], [], [], [], []
    for gold, row in pairs:
        answers = () if gold.unanswerable else gold.answers
        said = normalised(row.answer)
        exact.append(max((float(said == normalised(each)) for each in answers), default=0.0))
        f1.append(max((token_f1(row.answer, each) for each in answers), default=0.0))
        contained.append(float(holds(row.answer, answers)))
        sentence.append(float(holds(row.sentence, answers)))
        right = [each in gold.documents for each in row.citations]
        precision.append(fmean(right) if right else 0.0)
        top.append(float(bool(right) and right[0]))
    columns = (
        np.array(each, dtype=np.float64)
        for each in (exact, f1, contained, sentence, precision, top)
    )
    return _Judged(
        np.array([gold.unanswerable for gold, _ in pairs], dtype=np.bool_),
        np.array([row.refused for _, row in pairs], dtype=np.bool_),
        np.array([row.confidence for _, row in pairs], dtype=np.float64),
        *columns,
    )


def _refusal(judged: _Judged) -> Figures:
    no, sure = judged.unanswerable, judged.confidence
    thresholds = np.unique(sure)
    if len(thresholds) > THRESHOLDS:
        thresholds = thresholds[np.linspace(0, len(thresholds) - 1, THRESHOLDS).astype(int)]
    thresholds = np.append(thresholds, thresholds.max() + 1)
    accuracy = [(float(((sure < each) == no).mean()), float(each)) for each in thresholds]
    best, threshold = max(accuracy)
    figures = {
        "refusal_AUROC": auroc(-sure, no),
        "refusal_best_acc": best,
        "refusal_best_thr": threshold,
        "refusal_majority": max(float(no.mean()), 1 - float(no.mean())),
        "refusal_acc_as_submitted": float((judged.refused == no).mean()),
        "best_squad2_F1": _best_mixed(sure, thresholds, judged.f1, no),
        "best_squad2_contained": _best_mixed(sure, thresholds, judged.contained, no),
    }
    if no.all():
        del figures["refusal_AUROC"]
    return figures


def _best_mixed(sure: Array, thresholds: Array, credit: Array, no: NDArray[np.bool_]) -> float:
    """At the best threshold: credit where it answers, 1 where it rightly refuses."""
    return max(_mean(np.where(sure >= each, credit, no.astype(np.float64))) for each in thresholds)


def _risk(judged: _Judged) -> Figures:
    order = np.argsort(-judged.confidence, kind="mergesort")
    right = judged.contained[order]
    figures = {
        f"risk_at_{share}%": 1 - _mean(right[: max(1, int(len(right) * share / 100))])
        for share in COVERAGES
    }
    counts = np.arange(1, len(right) + 1)
    return {**figures, "AURC": _mean(1 - np.cumsum(right) / counts)}


def _mean(values: Array) -> float:
    return float(values.mean())
