"""Texts of like length together, few at a time: no padding to speak of, and little memory.

Runs of about 256 tokens are 2 to 2.5 times as fast as runs of 4,096 on one core, because what a
layer computes then stays in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promptuary.adapters.embedders._model.recipe import Recipe
from promptuary.adapters.embedders._model.tokens import Tokens
from promptuary.domain.vectors import Vectors

TOKENS_A_RUN = 256


@dataclass(frozen=True, slots=True)
class Run:
    """Some texts as the network takes them: ids of shape (texts, longest), positions (longest),
    lengths (texts), and the weights (texts, 1, longest) by which tokens are pooled. `places` says
    which texts of the call they are."""

    places: list[int]
    ids: NDArray[np.int64]
    positions: NDArray[np.int64]
    lengths: NDArray[np.int32]
    pool: Vectors


def runs(texts: Sequence[Tokens], recipe: Recipe) -> Iterator[Run]:
    """Every text that has tokens, once."""
    order = sorted(
        (n for n, tokens in enumerate(texts) if tokens.ids), key=lambda n: len(texts[n].ids)
    )
    together: list[int] = []
    for place in order:
        if together and (len(together) + 1) * len(texts[place].ids) > TOKENS_A_RUN:
            yield _run(together, texts, recipe)
            together = []
        together.append(place)
    if together:
        yield _run(together, texts, recipe)


def _run(places: list[int], texts: Sequence[Tokens], recipe: Recipe) -> Run:
    lengths = np.array([len(texts[place].ids) for place in places], dtype=np.int32)
    longest = int(lengths.max())
    ids = np.zeros((len(places), longest), dtype=np.int64)
    for row, place in zip(ids, places, strict=True):
        row[: len(texts[place].ids)] = texts[place].ids
    positions = np.arange(longest, dtype=np.int64) + recipe.first_position
    pool = np.zeros((len(places), 1, longest), dtype=np.float32)
    if recipe.pooling == "cls":
        pool[:, 0, 0] = 1
    else:
        inside = np.arange(longest) < lengths[:, None]
        pool[:, 0, :] = inside / lengths[:, None]
    return Run(list(places), ids, positions, lengths, pool)
