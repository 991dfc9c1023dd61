"""Gradient boosting of symmetric trees for the logistic loss, on quantile bins, in numpy.

Method: Friedman (2001), second-order gains as in XGBoost (Chen 2016), the same question in all
nodes of a level as in CatBoost (Prokhorenkova 2018). Deterministic for a given seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Boosting:
    """Settings of the training."""

    trees: int = 120
    depth: int = 5
    rate: float = 0.2
    penalty: float = 5.0
    bins: int = 48
    columns: float = 0.4
    rows: float = 0.6
    seed: int = 7


Tree = tuple[list[str], list[float], list[float]]


def boost(
    x: NDArray[np.float32], y: Array, w: Array, names: list[str], how: Boosting
) -> dict[str, object]:
    """JSON form of a model (see `discovery/evidence.py`) fitted to rows, labels, weights."""
    cuts = [_cuts(x[:, column], how.bins) for column in range(x.shape[1])]
    binned = np.stack([np.searchsorted(c, x[:, k]) for k, c in enumerate(cuts)]).astype(np.uint8)
    random = np.random.default_rng(how.seed)
    w = w * (len(w) / w.sum())
    bias = float(np.log((w @ y) / (w @ (1 - y))))
    score, trees = np.full(len(y), bias), []
    for _ in range(how.trees):
        p = 1 / (1 + np.exp(-score))
        weight = w * (random.random(len(y)) < how.rows)
        gradient, curvature = weight * (y - p), weight * p * (1 - p)
        pool = random.choice(len(names), max(1, int(how.columns * len(names))), replace=False)
        questions, leaf = _grow(binned, gradient, curvature, np.sort(pool), how)
        size = 1 << how.depth
        total = np.bincount(leaf, gradient, size), np.bincount(leaf, curvature, size)
        leaves = how.rate * total[0] / (total[1] + how.penalty)
        score += leaves[leaf]
        trees.append(_named(questions, leaves, names, cuts))
    return {"bias": round(bias, 5), "trees": trees}


def _cuts(column: NDArray[np.float32], bins: int) -> NDArray[np.float32]:
    return np.unique(np.quantile(column, np.linspace(0, 1, bins + 1)[1:-1], method="lower"))


def _grow(
    binned: NDArray[np.uint8],
    gradient: Array,
    curvature: Array,
    pool: NDArray[np.int64],
    how: Boosting,
) -> tuple[list[tuple[int, int]], NDArray[np.int64]]:
    leaf = np.zeros(binned.shape[1], dtype=np.int64)
    questions = []
    for level in range(how.depth):
        gains = [_best_cut(binned[k], leaf, gradient, curvature, 1 << level, how) for k in pool]
        chosen = int(np.argmax([gain for gain, _ in gains]))
        column, cut = int(pool[chosen]), gains[chosen][1]
        questions.append((column, cut))
        leaf |= (binned[column] > cut).astype(np.int64) << level
    return questions, leaf


def _best_cut(
    bins: NDArray[np.uint8], leaf: NDArray[np.int64], g: Array, h: Array, leaves: int, how: Boosting
) -> tuple[float, int]:
    key = leaf * 256 + bins
    shape = (leaves, 256)
    left_g = np.bincount(key, g, leaves * 256).reshape(shape).cumsum(1)
    left_h = np.bincount(key, h, leaves * 256).reshape(shape).cumsum(1)
    right_g, right_h = left_g[:, -1:] - left_g, left_h[:, -1:] - left_h
    gain = left_g**2 / (left_h + how.penalty) + right_g**2 / (right_h + how.penalty)
    total = gain.sum(0)[: how.bins]
    return float(total.max()), int(total.argmax())


def _named(
    questions: list[tuple[int, int]],
    leaves: Array,
    names: list[str],
    cuts: list[NDArray[np.float32]],
) -> Tree:
    features = [names[column] for column, _ in questions]
    thresholds = [_threshold(cuts[column], cut) for column, cut in questions]
    return features, thresholds, [round(float(leaf), 4) for leaf in leaves]


def _threshold(cuts: NDArray[np.float32], cut: int) -> float:
    """`searchsorted(cuts, x) > cut` says that x lies above `cuts[cut]`.

    A little above it, because logarithms differ in the last digit between processors.
    """
    return round(float(cuts[min(cut, len(cuts) - 1)]) + 1e-4, 4)
