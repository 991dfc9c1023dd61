"""How busy today is for each camera, as far as one knows: posteriors over a grid of factors.

A camera's factor is one that the whole site shares today times one of its own. What the other
cameras see says what the site's is (belief propagation on a star; Pearl, 1988).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from promptuary.conversation.insights.baseline import Row

GRID: Row = np.geomspace(0.05, 3.5, 45)
STRAY = 1e-4
"""Weight of a day that is like no other."""
SITE_SHAPE, CAMERA_SHAPE, SLOT_SHAPE = 20.0, 30.0, 12.0
"""Gamma shapes of what a site's days, a camera's days and half-hours vary by, beyond chance, before
anything was learnt."""
_SQUARES: Row = GRID**2
_STEP = np.gradient(GRID)
_FLAT = _STEP / _STEP.sum()
_RATIOS: Row = GRID[None, :] / GRID[:, None]


def spread(shape: float, over: Row) -> Row:
    """Weights of factors of mean 1, along the last axis; a few are like no other."""
    density = (shape - 1) * np.log(over) - shape * over
    mass = np.exp(density - density.max(axis=-1, keepdims=True)) * _STEP
    return np.asarray((1 - STRAY) * mass / mass.sum(axis=-1, keepdims=True) + STRAY * _FLAT)


def size_of(shape: float, restless: float = 1 / SLOT_SHAPE) -> float:
    """Size of the negative binomial of a half-hour whose rate is known as well as that shape, and
    that varies by as much (`Restless.share`) from day to day."""
    return 1 / (1 / max(shape, 1e-6) + restless)


def known(shape: float, days: float, events: float = math.inf) -> float:
    """A shape, less how well the level of a weekday is known: from so many events on so many days,
    each with a level of its own."""
    return 1 / (1 / shape + 1 / (shape * max(days, 0.5)) + 1 / (events + 2))


@dataclass(frozen=True, slots=True)
class DayFactor:
    """What is thought of one camera on one day: `prior` is what other cameras and other days say,
    `likelihood` what it has seen itself. `own` is how its factor spreads around the site's."""

    days: float = 0.0
    own: Row = field(default_factory=lambda: spread(known(CAMERA_SHAPE, 0, 0), _RATIOS))
    prior: Row = field(default_factory=lambda: _FLAT)
    likelihood: Row = field(default_factory=lambda: np.ones(len(GRID)))
    events: float = 0.0
    weights: Row = field(init=False)
    """The posterior."""
    mean: float = field(init=False)
    """The factor to be expected."""

    def __post_init__(self) -> None:
        weights = self.prior * self.likelihood
        weights = weights / weights.sum()
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "mean", float(weights @ GRID))

    @classmethod
    def of(
        cls, events: float, days: int, *, site: float = SITE_SHAPE, camera: float = CAMERA_SHAPE
    ) -> DayFactor:
        """As the day begins, its weekday being known by so many events on so many days; `site` and
        `camera` are the shapes of what their days vary by."""
        own = spread(known(camera, days, events), _RATIOS)
        return cls(days, own, spread(known(site, days), GRID) @ own, events=events)

    def spread_at(self, shape: float) -> Row:
        """How its factor would spread around the site's if its days varied by that shape."""
        return spread(known(shape, self.days, self.events), _RATIOS)

    @property
    def unsure(self) -> float:
        """Its squared coefficient of variation."""
        return float(self.weights @ _SQUARES) / self.mean**2 - 1

    def learnt(self, count: int, mean: float, size: float) -> DayFactor:
        """A half-hour ended with so many events where `mean` are usual; a flood counts as some."""
        capped = min(count, math.floor(3 * mean + 3))
        means = GRID * mean + 1e-12
        log = capped * np.log(means / (means + size)) - size * np.log1p(means / size)
        likelihood = self.likelihood * np.exp(log - log.max())
        return replace(self, likelihood=likelihood / likelihood.max())


def log_heard(factor: DayFactor) -> Row:
    """What a camera says of the factor of the site."""
    return np.log(factor.own @ factor.likelihood + 1e-300)


def heard(factors: Sequence[DayFactor], shape: float = SITE_SHAPE) -> list[Row]:
    """For each camera the prior of its factor, by what all the others have seen today; `shape` is
    that of the days of the site."""
    if not factors:
        return []
    site = np.log(spread(known(shape, max(each.days for each in factors)), GRID))
    said = [log_heard(each) for each in factors]
    together = site + sum(said)
    priors = []
    for each, own in zip(factors, said, strict=True):
        others = together - own
        weights = np.exp(others - others.max())
        priors.append(np.asarray(weights / weights.sum() @ each.own))
    return priors


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
