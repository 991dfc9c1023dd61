"""How sure an answer is: a calibrated probability, what it is made of, and what is missing.

Two logistic models over figures of the evidence (Platt 1999): whether the collection has anything
to do with the question, and whether what is quoted answers it. One model of both would let words
that only change a question, such as a negation, speak against what the question is about.
`bench/train_answers.py` makes the models that are shipped; `calibrate` fits their outcome to the
labels of one collection.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from math import exp, log

from promptuary.answering.cues import conflict
from promptuary.answering.evidence import Evidence
from promptuary.answering.question import Question, figures, names, negated
from promptuary.domain.errors import InvalidInput
from promptuary.retrieval.passages import Retrieved
from promptuary.retrieval.stems import stem
from promptuary.retrieval.thesaurus import Thesaurus
from promptuary.retrieval.words import terms

FOUND = 0.5
"""A word of the question counts as found from there on."""
NEARLY = 0.2
"""What another source says agrees if it is at least that share as likely to answer."""
LEAST_LABELS = 20
"""With fewer labels of each kind a collection keeps the shipped calibration."""

ABOUT = ("soft", "context", "passage", "topic")
"""What tells whether the collection has anything to do with the question."""
ANSWERED = (
    "soft", "local", "context", "passage", "weakest", "numbers", "names", "opposite", "negated",
    "topic",
)  # fmt: skip
"""What tells whether the quote answers it."""
DOUBT = 2.0
"""How much more it speaks against an answer that the collection is about something else."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic model: its `bias` and a weight by feature."""

    bias: float
    weights: Mapping[str, float]

    def probability(self, features: Mapping[str, float]) -> float:
        """In (0, 1)."""
        return _sigmoid(self.bias + sum(w * features[name] for name, w in self.weights.items()))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Whether the collection is `about` it and it is `answered`, made true by `scale` and `offset`,
    then `slope` and `shift` of a collection.

    The last two are fitted to labels of a collection and leave the order of answers as it is.
    """

    about: Logistic
    answered: Logistic
    scale: float = 1.0
    offset: float = 0.0
    slope: float = 1.0
    shift: float = 0.0

    def logit(self, features: Mapping[str, float]) -> float:
        """What the shipped models say, before a collection's own calibration."""
        return self.scale * self.raw(features) + self.offset

    def raw(self, features: Mapping[str, float]) -> float:
        """The log-odds of both models together, before they were made true."""
        about = self.about.probability(features)
        return logit(about**DOUBT * self.answered.probability(features))

    def probability(self, features: Mapping[str, float]) -> float:
        """That the answer is right, in (0, 1)."""
        return _sigmoid(self.slope * self.logit(features) + self.shift)

    def again(self, shipped: float) -> float:
        """What a probability of the shipped models becomes by a collection's own calibration."""
        return _sigmoid(self.slope * logit(shipped) + self.shift)


@cache
def shipped() -> Calibration:
    """The models that lie beside this module."""
    read = json.loads(files(__package__).joinpath("confidence_model.json").read_text("utf-8"))
    about, answered = (Logistic(**read[name]) for name in ("about", "answered"))
    return Calibration(about, answered, read["scale"], read["offset"])


def portray(
    question: Question, evidence: Sequence[Evidence], thesaurus: Thesaurus
) -> dict[str, float]:
    """The figures of the best piece that confidence and its reasons are made of.

    Shares of the question's words, weighed by rarity: in the piece (`soft`, `local`), with its
    neighbours (`context`), in its passage, `anywhere` in what was found; `weakest`: how well that
    word is found in the piece that is found worst. The share of its `numbers` and `names` in the
    passage. `denial`: one of question and piece denies, the other does not; `opposite`: it says the
    opposite of a word asked for; `negated`: the question denies. `agreement`: other sources say it
    too; `topic`: the cosine of question and nearest passage by the thesaurus, whatever model
    found it.
    """
    best = evidence[0]
    passage = best.retrieved.passage
    text = " ".join((passage.title, *passage.headings, passage.text))
    others = [each for each in evidence if each.rank != best.rank]
    everywhere = [max(column) for column in zip(*(e.around for e in evidence), strict=True)]
    return {
        **{name: best.features[name] for name in ("soft", "local", "context")},
        "passage": best.features["passage"],
        "anywhere": sum(everywhere) / max(1, len(everywhere)),
        "weakest": min(best.found, default=0.0),
        "numbers": _held(question.numbers, figures(text)),
        "names": _held(question.names, [*names(text), *terms(text)]),
        "denial": float(question.negated != negated(best.quote)),
        "opposite": float(conflict(question, best.quote)),
        "agreement": min(3, _sources(best, others)) / 3,
        "topic": _topic(question, evidence, thesaurus),
        "negated": float(question.negated),
    }


def _topic(question: Question, evidence: Sequence[Evidence], thesaurus: Thesaurus) -> float:
    passages = {each.retrieved.passage.id: each.retrieved.passage for each in evidence}
    texts = ["\n".join((p.title, *p.headings, p.text)) for p in passages.values()]
    return float(thesaurus.alike(question.text, texts).max())


def missing(question: Question, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """The words of the question that stand in no passage that was found, in its own order."""
    if not evidence:
        return question.terms
    best = [max(column) for column in zip(*(e.around for e in evidence), strict=True)]
    return tuple(t for t, found in zip(question.terms, best, strict=True) if found < FOUND)


def reasons(
    question: Question,
    features: Mapping[str, float],
    evidence: Sequence[Evidence],
    found: Sequence[Retrieved],
) -> tuple[str, ...]:
    """What the confidence is made of, for a person to read."""
    said = [
        f"similarity: {features['soft']:.0%} of what is asked stands in the quote, "
        f"{features['passage']:.0%} in its passage",
        f"agreement: {round(3 * features['agreement'])} more sources say the same",
        f"coverage: {len(found)} passages of {len({f.passage.document_id for f in found})} sources "
        f"hold {features['anywhere']:.0%} of the words",
    ]
    if question.asks != "anything":
        held = "has one" if evidence[0].features["asked_for"] else "has none"
        said.append(f"answer type: a {question.asks} is asked for, the quote {held}")
    notes = {
        "numbers": "a number of the question is not in the passage",
        "names": "a name of the question is not in the passage",
    }
    said += [note for name, note in notes.items() if features[name] < 1]
    if features["denial"]:
        said.append("one of question and quote denies, the other does not")
    if features["opposite"]:
        said.append("the quote says the opposite of a word of the question")
    return tuple(said)


def calibrate(known: Calibration, labels: Sequence[tuple[float, bool]]) -> Calibration:
    """The calibration with `slope` and `shift` fitted to (logit, was it right) of a collection.

    By maximum likelihood with the targets of Platt (1999), which keep it from being too sure of
    few labels. Raises InvalidInput with fewer than LEAST_LABELS right or wrong answers.
    """
    right = sum(truth for _, truth in labels)
    wrong = len(labels) - right
    if min(right, wrong) < LEAST_LABELS:
        raise InvalidInput(
            f"calibrating takes {LEAST_LABELS} right and {LEAST_LABELS} wrong answers at least; "
            f"there are {right} and {wrong}"
        )
    high, low = (right + 1) / (right + 2), 1 / (wrong + 2)
    slope, shift = 1.0, 0.0
    for _ in range(100):
        step = _newton([(x, high if truth else low) for x, truth in labels], slope, shift)
        slope, shift = slope - step[0], shift - step[1]
        if max(map(abs, step)) < 1e-9:
            break
    return replace(known, slope=max(slope, 1e-3), shift=shift)


def _newton(rows: Sequence[tuple[float, float]], slope: float, shift: float) -> tuple[float, float]:
    """A step of Newton's method on the log loss, kept short."""
    gradient, curve = [0.0, 0.0], [1e-6, 0.0, 1e-6]
    for x, target in rows:
        p = _sigmoid(slope * x + shift)
        gradient[0] += (p - target) * x
        gradient[1] += p - target
        weight = p * (1 - p)
        curve = [curve[0] + weight * x * x, curve[1] + weight * x, curve[2] + weight]
    det = curve[0] * curve[2] - curve[1] ** 2
    step = (
        (curve[2] * gradient[0] - curve[1] * gradient[1]) / det,
        (curve[0] * gradient[1] - curve[1] * gradient[0]) / det,
    )
    longest = max(1.0, *map(abs, step))
    return step[0] / longest, step[1] / longest


def _held(wanted: Sequence[str], there: Sequence[str]) -> float:
    return sum(each in set(there) for each in wanted) / len(wanted) if wanted else 1.0


def _sources(best: Evidence, others: Sequence[Evidence]) -> int:
    """How many other documents have a piece that is nearly as good and says much the same."""
    said = {stem(term) for term in terms(best.quote)}
    agreeing = set()
    for each in others:
        theirs = {stem(term) for term in terms(each.quote)}
        alike = 2 * len(said & theirs) >= min(len(said), len(theirs))
        if each.score >= NEARLY * best.score and alike:
            agreeing.add(each.retrieved.passage.document_id)
    return len(agreeing - {best.retrieved.passage.document_id})


def _sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


def logit(probability: float) -> float:
    """The logarithm of the odds."""
    clipped = min(max(probability, 1e-9), 1 - 1e-9)
    return log(clipped / (1 - clipped))
