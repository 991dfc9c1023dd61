"""One order out of many features: a linear model over what is typical of this very question. Pure.

Each feature is centred and scaled over the candidates of the question (z-scores), because what is
a high BM25 or a high cosine differs from question to question and from model to model more than
it does from candidate to candidate. The weights are learnt by `bench/train_ranking.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from promptuary.retrieval.features import Features

Weights = Mapping[str, float]


def blend(features: Features, weights: Weights) -> NDArray[np.float64]:
    """The score of each candidate in (0, 1), higher is better; 0.5 is the middle of them all."""
    names = [name for name in weights if name in features]
    standard = np.stack([_standardised(features[name]) for name in names], axis=1)
    total = standard @ np.array([weights[name] for name in names])
    return np.asarray(1 / (1 + np.exp(-total)))


@cache
def learnt(of: str) -> Weights:
    """The weights of each feature for `documents` or `prompts`."""
    text = files("promptuary.retrieval").joinpath("ranking_model.json").read_text("utf-8")
    return {name: float(weight) for name, weight in json.loads(text)[of].items()}


def _standardised(values: NDArray[np.float32]) -> NDArray[np.float64]:
    spread = float(values.std(dtype=np.float64))
    centred = values.astype(np.float64) - values.mean(dtype=np.float64)
    return centred / spread if spread > 1e-6 else np.zeros_like(centred)
