"""What was spent, by tenant and by day and month, in a cache that outlives the process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, TypeAlias

from promptuary.domain.errors import Unavailable
from promptuary.ports.cache import Cache
from promptuary.ports.clock import Clock

Kind: TypeAlias = Literal["micros", "tokens", "requests"]
"""`micros` are millionths of a dollar."""
Account: TypeAlias = tuple[Literal["day", "month"], Kind]
Amounts: TypeAlias = Mapping[Kind, int]

_KEPT = {"day": timedelta(days=2), "month": timedelta(days=40)}
_MOST_REMEMBERED = 10_000


@dataclass(slots=True)  # changes: it remembers what it last saw
class Ledger:
    """Counters that several processes may share. Days and months are those of UTC.

    While the cache is away it goes on counting from what it last saw: a limit is never looser than
    what this process itself has spent.
    """

    cache: Cache
    clock: Clock
    seen: dict[str, int] = field(default_factory=dict)

    async def add(self, tenant: str, account: Account, amount: int) -> int:
        """Add to an account (take away, below zero); what stands on it now."""
        span, kind = account
        key = f"spent:{self.period(span)}:{kind}:{tenant}"
        try:
            total = await self.cache.increment(key, amount, ttl=_KEPT[span])
        except Unavailable:
            total = self.seen.get(key, 0) + amount
        if len(self.seen) >= _MOST_REMEMBERED:
            self.seen.clear()
        self.seen[key] = total
        return total

    def period(self, span: Literal["day", "month"]) -> str:
        """`2030-01-31` or `2030-01`."""
        return self.clock.now().strftime("%Y-%m-%d" if span == "day" else "%Y-%m")
