"""How much half-hours of one label at one camera differ beyond chance, learnt as they end."""

from __future__ import annotations

from dataclasses import dataclass

SUPPOSED = 1 / 12
"""Squared coefficient of variation of a half-hour's mean, before anything was learnt."""
SURE = 800.0
"""What that is worth: as much as an estimate whose standard deviation is .05."""
BOUNDS = 1 / 40, 1.0
CAPPED = 9.0
"""No half-hour counts as more than this many times its variance: an oddity is no rule."""


@dataclass(slots=True)  # changes: half-hours end
class Restless:
    """A moment estimate by weighted least squares, drawn towards what is supposed
    (Breslow, "Extra-Poisson variation in log-linear models", 1984)."""

    _over: float = SUPPOSED * SURE
    _weight: float = SURE

    @property
    def share(self) -> float:
        """The squared coefficient of variation: 1/size of a negative binomial."""
        low, high = BOUNDS
        return min(max(self._over / self._weight, low), high)

    def learn(self, count: int, mean: float, unsure: float) -> None:
        """A half-hour ended with so many events where `mean` was to be expected, a figure that is
        itself off by that squared coefficient of variation."""
        known = mean + mean * mean * unsure
        variance = known + mean * mean * self.share
        over = min((count - mean) ** 2, CAPPED * variance) - known
        weight = (mean / variance) ** 2
        self._over += over * weight
        self._weight += mean * mean * weight
