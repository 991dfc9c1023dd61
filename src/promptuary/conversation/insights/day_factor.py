"""How busy today is for a camera, as far as one knows: a posterior over a grid of factors."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from promptuary.conversation.insights.baseline import Row

GRID: Row = np.geomspace(0.05, 3.5, 45)
STRAY = 1e-4
"""Weight of a day that is like no other."""
DAY_SHAPE, SLOT_SHAPE = 12.0, 12.0
"""Gamma shapes of what days and half-hours vary by, beyond Poisson's chance."""


def _prior(events: float, days: int) -> Row:
    """What varies: the day itself, and how well the level of its weekday is known, which is learnt
    from so many events on so many days, each with a level of its own."""
    known = 1 / (events + 2) + 1 / (DAY_SHAPE * max(days, 0.5))
    shape = 1 / (1 / DAY_SHAPE + known)
    density = (shape - 1) * np.log(GRID) - shape * GRID
    mass = np.exp(density - density.max()) * np.gradient(GRID)
    flat = np.gradient(GRID) / np.gradient(GRID).sum()
    return np.asarray((1 - STRAY) * mass / mass.sum() + STRAY * flat)


def size_of(shape: float) -> float:
    """Size of the negative binomial of a half-hour whose rate is known as well as that shape."""
    return 1 / (1 / max(shape, 1e-6) + 1 / SLOT_SHAPE)


@dataclass(slots=True)  # changes: half-hours come to an end
class DayFactor:
    """The posterior of one camera on one day."""

    weights: Row = field(default_factory=lambda: _prior(0, 0))

    @classmethod
    def of(cls, events: float, days: int) -> DayFactor:
        """As the day begins, its weekday being known by so many events on so many days."""
        return cls(_prior(events, days))

    @property
    def mean(self) -> float:
        """The factor to be expected."""
        return float(self.weights @ GRID)

    def learn(self, count: int, mean: float, size: float) -> None:
        """A half-hour ended with so many events where `mean` are usual; a flood counts as some."""
        capped = min(count, math.floor(3 * mean + 3))
        means = GRID * mean + 1e-12
        log = capped * np.log(means / (means + size)) - size * np.log1p(means / size)
        weights = self.weights * np.exp(log - log.max())
        self.weights = weights / weights.sum()


def at_least(count: int, mean: float, size: float, factor: DayFactor) -> float:
    """The chance of so many events or more, over all that today may be like: negative binomial."""
    means = GRID * mean
    share = means / (means + size)
    term = np.exp(-size * np.log1p(means / size))
    below = term.copy()
    for i in range(count - 1):
        term = term * ((i + size) / (i + 1)) * share
        below += term
    return float(factor.weights @ np.maximum(1 - below, 1e-16))


def log_none(means: Row, sizes: Row, factor: DayFactor) -> float:
    """The log of the chance of no event in stretches of such means and sizes, over the factor."""
    logs = -(sizes[:, None] * np.log1p(means[:, None] * GRID / sizes[:, None])).sum(axis=0)
    top = float(logs.max())
    return top + math.log(float(factor.weights @ np.exp(logs - top)) + 1e-300)
