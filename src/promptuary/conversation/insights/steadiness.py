"""How much days differ beyond chance, of a site and of each camera, learnt as days end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from promptuary.conversation.insights.baseline import Row
from promptuary.conversation.insights.day_factor import GRID, DayFactor, known, log_heard, spread

SITE: Mapping[float, float] = {4.0: 0.04, 10.0: 0.2, 20.0: 0.46, 40.0: 0.3}
CAMERA: Mapping[float, float] = {5.0: 0.03, 12.0: 0.12, 30.0: 0.5, 60.0: 0.35}
"""Gamma shapes of the factors of days, and what was thought of them before any day was seen."""
MOST = 1.0
"""No day says more than this many nats: a day with an outage is no rule."""
LEAST_DAYS = 1
"""Days of the same weekday, before a day tells anything."""
FADES = 0.98


@dataclass(slots=True)  # changes: days end
class Steadiness:
    """A posterior over shapes; the larger the shape, the more alike the days."""

    prior: Mapping[float, float]
    _said: Row = field(init=False)

    def __post_init__(self) -> None:
        self._said = np.zeros(len(self.prior))

    @property
    def shape(self) -> float:
        """The shape whose variance is the one to be expected."""
        weights = np.array([*self.prior.values()]) * np.exp(self._said - self._said.max())
        return float(weights.sum() / (weights @ (1 / np.array([*self.prior]))))

    def learn(self, logs: Row) -> None:
        """A day ended, with the logs of how likely it was by each shape."""
        self._said = FADES * self._said + np.maximum(logs - logs.max(), -MOST)


def learn_day(site: Steadiness, cameras: Sequence[tuple[Steadiness, DayFactor]]) -> None:
    """A day ended: each camera's own variation shows in what it saw beside what the others did, the
    site's in what they saw together (the evidence of each shape; empirical Bayes, Robbins 1956)."""
    told = [(each, factor) for each, factor in cameras if factor.days >= LEAST_DAYS]
    if not told:
        return
    said = [log_heard(factor) for _, factor in told]
    together = np.asarray(sum(said))
    days = max(factor.days for _, factor in told)
    of_site = np.log(spread(known(site.shape, days), GRID))
    for (each, factor), own in zip(told, said, strict=True):
        others = of_site + together - own
        weights = np.exp(others - others.max())
        ratios = [factor.spread_at(shape) for shape in each.prior]
        each.learn(np.log([weights @ (ratio @ factor.likelihood) for ratio in ratios]))
    top = together.max()
    shapes = [spread(known(shape, days), GRID) for shape in site.prior]
    site.learn(np.log([shape @ np.exp(together - top) for shape in shapes]))
