import random
from dataclasses import replace
from math import exp

import pytest

from promptuary.answering.confidence import (
    ABOUT,
    ANSWERED,
    LEAST_LABELS,
    calibrate,
    missing,
    portray,
    reasons,
    shipped,
)
from promptuary.answering.evidence import weigh
from promptuary.answering.question import read
from promptuary.domain.errors import InvalidInput

from .shelf import BRIDGE_AND_FERRY, thesaurus


def sure(text: str) -> float:
    question = read(text)
    return shipped().probability(
        portray(question, weigh(question, BRIDGE_AND_FERRY, thesaurus()), thesaurus())
    )


def test_what_the_passages_say_is_surer_than_what_they_do_not() -> None:
    answered = sure("When was the Velmora bridge opened?")
    assert answered > sure("When was the Velmora bridge repainted?")
    assert answered > sure("Who was the architect of the Tarn bridge?")
    assert answered > 0.5
    assert sure("How are llamas shorn in Bolivia?") < 0.1


def test_the_words_that_stand_nowhere_are_missing() -> None:
    question = read("When was the bridge repainted by Llewellyn?")
    assert missing(question, weigh(question, BRIDGE_AND_FERRY, thesaurus()))[-1] == "llewellyn"
    assert missing(question, []) == question.terms


def test_every_figure_is_in_bounds_and_known_to_the_model() -> None:
    question = read("Why was it not opened before 1934?")
    evidence = weigh(question, BRIDGE_AND_FERRY, thesaurus())
    figures = portray(question, evidence, thesaurus())
    assert set(ABOUT) | set(ANSWERED) <= set(figures)
    assert set(shipped().about.weights) == set(ABOUT)
    assert set(shipped().answered.weights) == set(ANSWERED)
    assert figures["denial"] == 1.0
    said = reasons(question, figures, evidence, BRIDGE_AND_FERRY)
    assert any(each.startswith("similarity: ") for each in said)
    assert any("denies" in each for each in said)


def test_labels_of_a_collection_make_its_probabilities_true() -> None:
    chance = random.Random(3)
    logits = [chance.gauss(0, 2) for _ in range(2_000)]
    labels = [(x, chance.random() < 1 / (1 + exp(-(0.5 * x - 1)))) for x in logits]
    fitted = calibrate(shipped(), labels)
    assert fitted.slope == pytest.approx(0.5, abs=0.07)
    assert fitted.shift == pytest.approx(-1, abs=0.15)
    assert fitted == replace(shipped(), slope=fitted.slope, shift=fitted.shift)


def test_labels_that_tell_everything_do_not_make_it_wholly_sure() -> None:
    labels = [(float(at - 30), at >= 30) for at in range(60)]
    fitted = calibrate(shipped(), labels)
    assert 0.5 < 1 / (1 + exp(-(fitted.slope * 29 + fitted.shift))) < 1


def test_too_few_labels_are_refused() -> None:
    with pytest.raises(InvalidInput, match=str(LEAST_LABELS)):
        calibrate(shipped(), [(1.0, True)] * 100)
