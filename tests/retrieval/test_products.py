"""Products in blocks are the products."""

from __future__ import annotations

import numpy as np
import pytest

from promptuary.retrieval import products


@pytest.mark.parametrize("shape", [(0, 3), (1, 1), (7, 5), (700, 12)])
def test_blocks_change_no_number(shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    many, few = (np.random.default_rng(n).normal(size=(count, 16)) for n, count in enumerate(shape))
    rows, others = many.astype(np.float32), few.astype(np.float32)
    for alone in (1, 700, products.ALONE):
        monkeypatch.setattr(products, "ALONE", alone)
        np.testing.assert_allclose(products.cosines(rows, others), rows @ others.T, atol=1e-5)


def test_no_block_is_large_enough_to_wake_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def multiplied(left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
        sizes.append(left.size * right.shape[1])
        out[:] = left @ right

    monkeypatch.setattr(products.np, "matmul", multiplied)
    ones = np.ones((2_000, 256), dtype=np.float32)
    assert (products.cosines(ones, ones[:10]) == 256).all()
    assert max(sizes) <= products.ALONE
