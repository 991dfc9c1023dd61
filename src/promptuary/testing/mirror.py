"""What every Mirror promises. Subclass it and give it a `mirror` fixture, empty and of `SPACE`, and
`seen`: what a reader of that store finds of a prompt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import pytest

from promptuary.domain.mirrors import Centre, MirroredPrompt
from promptuary.domain.vectors import Space, Vectors
from promptuary.ports.mirror import Mirror
from promptuary.testing.contract import Contract

SPACE = Space("made up", 4, "made-up/4")
Seen: TypeAlias = Callable[[MirroredPrompt], Awaitable[tuple[Vectors, str | None] | None]]
"""A prompt's vector, and the lineage it stands under if it is the one it was shown with."""


def prompt(number: int, text: str = "", lineage: str | None = None) -> MirroredPrompt:
    """A prompt that differs from those of other numbers in all that it has."""
    vector = np.array([1, number, number % 7, 2], dtype=np.float32)
    return MirroredPrompt(
        str(uuid5(NAMESPACE_URL, str(number))),
        text or f"count to {number}",
        (vector / np.linalg.norm(vector)).astype(np.float32),
        lineage,
        None if lineage is None else 0.75,
    )


@pytest.mark.anyio
class MirrorContract(Contract):
    """`mirror` is empty."""

    async def test_what_is_shown_can_be_seen(self, mirror: Mirror, seen: Seen) -> None:
        shown = [prompt(1), prompt(2, lineage="a"), prompt(3, "half \ud800 a pair, a \0, 日本")]
        assert await seen(shown[0]) is None
        await mirror.show(shown, [Centre("a", shown[1].vector)])
        for each in shown:
            found = await seen(each)
            assert found is not None
            np.testing.assert_allclose(found[0], each.vector, atol=1e-6)
            assert found[1] == each.lineage_id

    async def test_a_prompt_that_moved_is_seen_where_it_is_now(
        self, mirror: Mirror, seen: Seen
    ) -> None:
        for each in (prompt(1), prompt(1, lineage="a"), prompt(1, lineage="b")):
            for _ in range(2):
                await mirror.show([each], [])
                found = await seen(each)
                assert found is not None
                assert found[1] == each.lineage_id

    async def test_many_are_shown_at_once_and_the_last_of_one_id_counts(
        self, mirror: Mirror, seen: Seen
    ) -> None:
        many = [prompt(number, lineage="a") for number in range(450)]
        last = replace(many[0], lineage_id="b")
        await mirror.show([*many, last], [])
        for each in (many[449], last):
            found = await seen(each)
            assert found is not None
            assert found[1] == each.lineage_id

    async def test_nothing_is_shown_without_harm_and_it_is_closed_twice(
        self, mirror: Mirror
    ) -> None:
        await mirror.show([], [])
        for position in (1_000, 1_001, 1_001):
            await mirror.passed("a batch: \ud800", position, datetime(2026, 5, 4, tzinfo=UTC))
        await mirror.aclose()
        await mirror.aclose()
