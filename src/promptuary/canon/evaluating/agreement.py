"""How far two groupings of the same rows agree, by scikit-learn (the extra `eval`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from promptuary.domain.errors import MissingExtra

MOST_GROUPS = 20_000
"""More found groups than this make the assignment problem too large to solve."""


def agreement(truth: Sequence[str], found: Sequence[str]) -> dict[str, float]:
    """NMI, ARI (Hubert and Arabie 1985), V-measure (Rosenberg and Hirschberg 2007) and its halves.

    Raises MissingExtra without scikit-learn.
    """
    try:
        from sklearn import metrics  # noqa: PLC0415 - optional, and slow to import
    except ImportError as error:
        raise MissingExtra("the evaluation", "eval") from error
    homogeneity, completeness, v = metrics.homogeneity_completeness_v_measure(truth, found)
    return {
        "NMI": float(metrics.normalized_mutual_info_score(truth, found)),
        "ARI": float(metrics.adjusted_rand_score(truth, found)),
        "V": float(v),
        "homogeneity": float(homogeneity),
        "completeness": float(completeness),
    }


def best_accuracy(truth: Sequence[str], found: Sequence[str]) -> float | None:
    """The share of rows that is right when each found group stands for at most one true group,
    chosen best (Kuhn 1955). Raises MissingExtra without scipy; None for too many groups."""
    try:
        import numpy as np  # noqa: PLC0415 - slow to import
        from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - slow to import
    except ImportError as error:
        raise MissingExtra("the evaluation", "eval") from error
    rows = {name: at for at, name in enumerate(sorted(set(truth)))}
    columns = {name: at for at, name in enumerate(sorted(set(found)))}
    if len(columns) >= MOST_GROUPS:
        return None
    counts = np.zeros((len(rows), len(columns)))
    for (a, b), count in Counter(zip(truth, found, strict=True)).items():
        counts[rows[a], columns[b]] = count
    chosen = linear_sum_assignment(-counts)
    return float(counts[chosen].sum() / len(truth))
