"""What a model makes of each token, put together from the windows in which it read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from promptuary.adapters.embedders._model.recipe import Recipe
from promptuary.adapters.embedders._model.runs import Run, runs
from promptuary.adapters.embedders._model.tokens import Window
from promptuary.domain.vectors import TokenStates, Vectors


def states(
    texts: Sequence[Sequence[Window]], recipe: Recipe, network: Callable[[Run], Vectors]
) -> list[TokenStates]:
    """Those of each text, from its windows."""
    every = [window for windows in texts for window in windows]
    rows: list[Vectors] = [np.zeros((0, recipe.hidden), dtype=np.float32)] * len(every)
    for run in runs([window.tokens for window in every], recipe):
        for place, found in zip(run.places, network(run), strict=True):
            rows[place] = found[list(every[place].kept)]
    left = iter(zip(every, rows, strict=True))
    return [_joined([next(left) for _ in windows], recipe.hidden) for windows in texts]


def _joined(parts: Sequence[tuple[Window, Vectors]], hidden: int) -> TokenStates:
    if not parts:
        return TokenStates(np.zeros((0, hidden), np.float32), np.zeros((0, 2), np.int64))
    rows = np.concatenate([rows for _, rows in parts])
    spans = [span for window, _ in parts for span in window.spans]
    lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return TokenStates(rows / lengths, np.array(spans, dtype=np.int64).reshape(-1, 2))
