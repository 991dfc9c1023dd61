"""One order out of many features: a linear model over what is typical of this very question. Pure.

Each feature is centred and scaled over the candidates of the question (z-scores), because what is
a high BM25 or a high cosine differs from question to question and from model to model more than
it does from candidate to candidate. The weights are chosen by `bench/train_ranking.py`.

What resembles the candidates that seem best is likely to be meant as well: `company` is how near a
candidate is to the others, each weighed by how good it seems. That is relevance feedback without a
user (Rocchio 1971; over scores of what was found, Diaz 2005), kept to the candidates so that the
question cannot drift.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from promptuary.domain.vectors import Vectors
from promptuary.retrieval.features import Features
from promptuary.retrieval.products import cosines

COMPANY = "company"
SHARPNESS = 2.0
"""How much the best stand out when company is weighed: the exponent of their z-scores."""

Weights = Mapping[str, float]
Scores = NDArray[np.float64]


def blend(features: Features, weights: Weights, vectors: Vectors) -> Scores:
    """The score of each candidate in (0, 1), higher is better; 0.5 is the middle of them all.

    `vectors` are the candidates' (unit length, or zeros), one row each. What has no weight, or no
    feature, is left out.
    """
    total = np.zeros(len(vectors))
    for name, weight in weights.items():
        if name in features:
            total += weight * _standardised(features[name].astype(np.float64))
    if weight := weights.get(COMPANY, 0.0):
        total += weight * _standardised(company(total, vectors))
    return np.asarray(1 / (1 + np.exp(-total)))


def company(scores: Scores, vectors: Vectors) -> Scores:
    """How near each candidate is to the others, by how good they seem; in [0, 1]."""
    odds = np.exp(SHARPNESS * _standardised(scores))
    centred = vectors - vectors.mean(axis=0) if len(vectors) else vectors
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    units = centred / np.maximum(lengths, 1e-9)
    near = np.maximum(cosines(units, units), 0)
    np.fill_diagonal(near, 0)
    return np.asarray(near @ (odds / max(odds.sum(), 1e-9)), dtype=np.float64)


@cache
def learnt(of: str) -> Weights:
    """The weights of each feature for `documents` or `prompts`, or `documents, sentence model`."""
    text = files("promptuary.retrieval").joinpath("ranking_model.json").read_text("utf-8")
    return {name: float(weight) for name, weight in json.loads(text)[of].items()}


def _standardised(values: Scores) -> Scores:
    if not values.size or (spread := float(values.std())) < 1e-6:
        return np.zeros_like(values)
    return np.asarray((values - values.mean()) / spread)
