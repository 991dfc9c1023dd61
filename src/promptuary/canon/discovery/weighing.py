"""Prompts with the worth of each word: what grouping works on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from promptuary.canon.discovery.alignment import Floats, Numbers, Sequel
from promptuary.canon.discovery.corpus import Corpus

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
    at = np.flatnonzero(probability > WORTHLESS)
    words, gains, places = corpus.flat[at], gains[at], at - corpus.starts[corpus.owner[at]]
    bounds = np.searchsorted(at, corpus.starts).tolist()
    return [
        _weighed(words[a:b], gains[a:b], places[a:b], length)
        for (a, b), length in zip(pairwise(bounds), corpus.lengths.tolist(), strict=True)
    ]


def _weighed(words: Numbers, gains: Floats, places: Numbers, length: int) -> Weighed:
    sequel = Sequel(words, gains, skips(places, length))
    return Weighed(sequel, places, length, float(gains[gains > 0].sum()))


def skips(places: Numbers, length: int) -> Floats:
    """Words left out around those at `places` of a prompt of `length` words, none over `FAR`."""
    edges = np.empty(len(places) + 2, dtype=np.float32)
    edges[0], edges[1:-1], edges[-1] = 0, places + 1, length + 1
    left_out: Floats = np.minimum(edges[1:] - edges[:-1] - 1, np.float32(FAR))
    return left_out


def doubt(one: Weighed, places: Iterable[int], gain: float) -> Weighed:
    """The prompt with the words at `places` worth at most `gain`."""
    gains = one.sequel.gains.copy()
    doubted = np.isin(one.places, list(places))
    gains[doubted] = np.minimum(gains[doubted], np.float32(gain))
    best = float(gains[gains > 0].sum())
    return replace(one, sequel=replace(one.sequel, gains=gains), best=best)
