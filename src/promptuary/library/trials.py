"""The statistics of experiments: sticky arms, and intervals that may be looked at any time.

The confidence sequences are the two-sided normal mixture boundary for bounded observations
(Howard, Ramdas, McAuliffe, Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence
sequences", Annals of Statistics 49, 2021, equation 14; Robbins 1970). They hold at every sample
size at once, for any distribution on [0, 1], so stopping when they say something is no cheating.
"""

from __future__ import annotations

from hashlib import blake2b
from math import log, sqrt

from promptuary.domain.experiments import UNKNOWN, Interval, Tally

ERROR = 0.05
"""How often an experiment between equals may ever say that one is better."""
BEST_AT = 200
"""With about so many ratings an arm the boundary is tightest."""
GOOD_STARS = 4
_VARIANCE = 0.25
"""Of which a bounded observation is sub-Gaussian (Hoeffding)."""


def in_trial(experiment: str, key: str, share: float) -> bool:
    """Whether this key gets the candidate: always the same answer for the same experiment, and for
    a larger share still yes."""
    digest = blake2b(
        f"{experiment}\0{key}".encode("utf-8", "surrogatepass"), digest_size=8
    ).digest()
    return int.from_bytes(digest, "big") / 2**64 < share


def share_at_any_time(tally: Tally, error: float = ERROR) -> Interval:
    """The share of good ratings with its confidence sequence."""
    if not tally.trials:
        return UNKNOWN
    best = _VARIANCE * BEST_AT
    rho = best / (2 * log(1 / error) + log(1 + 2 * log(1 / error)))
    spent = _VARIANCE * tally.trials + rho
    radius = sqrt(spent * log(spent / (rho * error**2))) / tally.trials
    share = tally.good / tally.trials
    return Interval(share, max(0.0, share - radius), min(1.0, share + radius))


def difference_at_any_time(control: Tally, candidate: Tally, error: float = ERROR) -> Interval:
    """The candidate's share less the control's. Each arm spends half of the error, so arms of any
    size, filled in any order, keep to it."""
    old, new = share_at_any_time(control, error / 2), share_at_any_time(candidate, error / 2)
    return Interval(new.share - old.share, new.low - old.high, new.high - old.low)


def wilson(tally: Tally, z: float = 1.959964) -> Interval:
    """The share of good ratings with its score interval, for one look (Wilson, 1927)."""
    if not tally.trials:
        return UNKNOWN
    count, share = tally.trials, tally.good / tally.trials
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return Interval(share, min(low, share), max(high, share))  # whatever rounding did
