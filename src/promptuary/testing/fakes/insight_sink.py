"""A fake: a list of what was told, which can be told to fail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class FakeInsightSink:
    """Raises the errors in `failing`, one a message, before it takes any."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.failing: list[Exception] = []
        self.tried = 0

    async def tell(self, id: str, message: Mapping[str, Any]) -> None:  # noqa: ARG002 - it is in it
        """As the port says."""
        self.tried += 1
        if self.failing:
            raise self.failing.pop(0)
        self.told.append(dict(message))

    async def aclose(self) -> None:
        """Nothing is held."""
