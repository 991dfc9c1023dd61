"""Prompts with the worth of each word: what grouping works on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.alignment import Floats, Numbers, Sequel
from promptuary.canon.corpus import Corpus

SURE = 4.0  # log odds beyond which more certainty counts for nothing
WORTHLESS = 0.1  # probability under which a word is only counted
FAR = 4  # words left out in a row cost no more than so many


@dataclass(frozen=True, slots=True)
class Weighed:
    """A prompt of `length` words; word `sequel.words[i]` stands at `places[i]`.

    `best` is the score of a template that explains all its template text.
    """

    sequel: Sequel
    places: Numbers
    length: int
    best: float

    @property
    def signature(self) -> tuple[int, ...]:
        """Its words that are template text more likely than not."""
        return tuple(self.sequel.words[self.sequel.gains > 0].tolist())


def weigh(corpus: Corpus, probability: Floats) -> list[Weighed]:
    """Every prompt of the corpus with the log odds of its words as gains."""
    gains = np.clip(np.log(probability + 1e-6) - np.log1p(1e-6 - probability), -SURE, SURE)
    bounds = zip(corpus.starts[:-1].tolist(), corpus.starts[1:].tolist(), strict=True)
    kept = probability > WORTHLESS
    return [_weigh(corpus.flat[a:b], gains[a:b], kept[a:b]) for a, b in bounds]


def _weigh(words: Numbers, gains: Floats, kept: NDArray[np.bool_]) -> Weighed:
    places = np.flatnonzero(kept)
    edges = np.concatenate(([-1], places, [len(words)]))
    skipped = np.minimum(np.diff(edges) - 1, FAR).astype(np.float32)
    chosen = gains[places].astype(np.float32)
    sequel = Sequel(words[places], chosen, skipped)
    return Weighed(sequel, places, len(words), float(chosen[chosen > 0].sum()))


def doubt(one: Weighed, places: Iterable[int], gain: float) -> Weighed:
    """The prompt with the words at `places` worth at most `gain`."""
    gains = one.sequel.gains.copy()
    doubted = np.isin(one.places, list(places))
    gains[doubted] = np.minimum(gains[doubted], np.float32(gain))
    best = float(gains[gains > 0].sum())
    return replace(one, sequel=replace(one.sequel, gains=gains), best=best)
