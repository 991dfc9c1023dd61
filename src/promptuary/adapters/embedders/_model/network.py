"""The network in numpy: for machines where onnxruntime cannot be installed."""

from __future__ import annotations

import numpy as np

from promptuary.adapters.embedders._model import layers
from promptuary.adapters.embedders._model.recipe import Recipe
from promptuary.adapters.embedders._model.runs import Run
from promptuary.adapters.embedders._model.weights import Weights
from promptuary.domain.vectors import Vectors


class ArrayNetwork:
    """Ids to pooled rows, in float32. Safe to use from several threads and after a fork."""

    kernel = "fp32"

    def __init__(self, recipe: Recipe, weights: Weights) -> None:
        self._recipe = recipe
        self._weights = weights
        self._types = weights.array(layers.TYPES)[0] if layers.TYPES in weights.tensors else 0.0

    def pooled(self, run: Run) -> Vectors:
        """Shape (texts, hidden)."""
        found: Vectors = (run.pool @ self.states(run))[:, 0, :]
        return found

    def states(self, run: Run) -> Vectors:
        """Shape (texts, longest, hidden)."""
        array = self._weights.array
        x = array(layers.WORDS)[run.ids] + array(layers.POSITIONS)[run.positions] + self._types
        x = self._norm(x.astype(np.float32), layers.FIRST_NORM)
        mask = self._mask(run)
        for layer in range(self._recipe.layers):
            part = layers.names(self._recipe.family, layer)
            attended = self._linear(self._attention(x, part, mask), part.attended)
            x = self._norm(x + attended, part.attended_norm)
            wide = _gelu(self._linear(x, part.wide))
            x = self._norm(x + self._linear(wide, part.narrow), part.narrow_norm)
        return x

    def _mask(self, run: Run) -> Vectors:
        """What is added to attention: nothing, far below zero for padding, MPNet's distances."""
        length = run.ids.shape[1]
        outside = np.arange(length) >= run.lengths[:, None]
        mask = np.where(outside, np.float32(-1e30), np.float32(0))[:, None, None, :]
        if self._recipe.family != "mpnet":
            return mask
        return mask + layers.relative_bias(self._weights.array(layers.RELATIVE), length)

    def _attention(self, x: Vectors, part: layers.Names, mask: Vectors) -> Vectors:
        query, key, value = (
            self._heads(self._linear(x, name)) for name in (part.query, part.key, part.value)
        )
        scores = query @ key.swapaxes(-1, -2) / np.float32(np.sqrt(query.shape[-1])) + mask
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        found: Vectors = (scores @ value).swapaxes(1, 2).reshape(x.shape)
        return found

    def _heads(self, x: Vectors) -> Vectors:
        texts, length, hidden = x.shape
        heads = self._recipe.heads
        return x.reshape(texts, length, heads, hidden // heads).swapaxes(1, 2)

    def _linear(self, x: Vectors, name: str) -> Vectors:
        product: Vectors = x @ self._weights.array(f"{name}.weight").T
        return product + self._weights.array(f"{name}.bias")

    def _norm(self, x: Vectors, name: str) -> Vectors:
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + self._recipe.epsilon)
        scaled: Vectors = centred / spread * self._weights.array(f"{name}.weight")
        return (scaled + self._weights.array(f"{name}.bias")).astype(np.float32)


def _gelu(x: Vectors) -> Vectors:
    """x times the normal distribution's share below x."""
    found: Vectors = (x * 0.5 * (1 + _erf(x / np.float32(np.sqrt(2))))).astype(np.float32)
    return found


def _erf(x: Vectors) -> Vectors:
    """Abramowitz and Stegun 7.1.26; off by at most 1.5e-7."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    tail = t * (
        0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))
    )
    found: Vectors = np.sign(x) * (1 - tail * np.exp(-x * x))
    return found
