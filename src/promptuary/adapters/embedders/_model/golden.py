"""What known models gave for one text when they were looked at: a check of weights, tokenizer and
processor together, made when a model is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from promptuary.domain.errors import ModelDamaged
from promptuary.domain.vectors import Vectors

TEXT = "A promptuary is a storehouse of things ready for use."

_LEAST = {"fp32": 0.9999, "q8": 0.998, "int8": 0.97}
"""The cosine that is asked of each kernel."""

GOLDEN: Mapping[str, tuple[float, ...]] = {
    # minilm
    "509bb7ff78b2f5eab17bcc327b6be53326a222042bd34d654a7c593ce913ce16": (
        -0.03918,
        0.38573,
        -0.48915,
        0.23494,
        -0.37570,
        0.11522,
        0.01379,
        -0.22429,
        -0.19849,
        0.27018,
        0.08911,
        -0.24884,
        -0.05978,
        -0.07996,
        0.06731,
        -0.39185,
    ),
}
"""By the digest of the weights: the first numbers of the text's row, of length one themselves."""


def check(expected: Sequence[float], kernel: str, row: Vectors) -> None:
    """Raises ModelDamaged when the row is another one."""
    begun = row[: len(expected)]
    likeness = float(begun @ np.array(expected) / (np.linalg.norm(begun) or 1))
    if not likeness >= _LEAST[kernel]:
        raise ModelDamaged(
            f"the model gives another vector than it should (cosine {likeness:.4f}): its tokenizer "
            "was changed, or this processor computes wrongly"
        )
