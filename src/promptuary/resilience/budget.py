"""An embedder that stops before it costs more than was set aside: the same port in and out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from promptuary.domain.errors import BudgetSpent
from promptuary.domain.vectors import Cut, Space, Vectors
from promptuary.ports.embedder import Embedder, MeasuringEmbedder, Purpose

_BYTES_A_TOKEN = 3
"""On the safe side: English takes about 4."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How many tokens may be sent, and what a million of them costs."""

    tokens: int
    price_per_million: float = 0.0


class BudgetedEmbedder:
    """Counts tokens by estimate before they are sent; a call that would go over is refused."""

    def __init__(self, embedder: Embedder, budget: Budget) -> None:
        self._embedder = embedder
        self._budget = budget
        self._spent = 0

    @property
    def space(self) -> Space:
        """The wrapped embedder's."""
        return self._embedder.space

    @property
    def spent(self) -> int:
        """Tokens that were sent, failures included: an endpoint may bill those too."""
        return self._spent

    @property
    def cost(self) -> float:
        """What they cost, in the currency of the price."""
        return self._spent * self._budget.price_per_million / 1_000_000

    async def embed(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
        """As the port says. Raises BudgetSpent."""
        tokens = sum(1 + len(text.encode("utf-8", "replace")) // _BYTES_A_TOKEN for text in texts)
        if self._spent + tokens > self._budget.tokens:
            left = self._budget.tokens - self._spent
            raise BudgetSpent(f"{tokens:,} tokens are asked for; {left:,} are left of the budget")
        self._spent += tokens
        return await self._embedder.embed(texts, purpose=purpose)

    def cuts(self, texts: Sequence[str], *, purpose: Purpose = "document") -> list[Cut]:
        """The wrapped embedder's."""
        inner = self._embedder
        return inner.cuts(texts, purpose=purpose) if isinstance(inner, MeasuringEmbedder) else []

    async def aclose(self) -> None:
        """Close the wrapped embedder."""
        await self._embedder.aclose()
