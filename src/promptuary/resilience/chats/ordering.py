"""Which of several chat models is asked first: as listed, the cheapest, the quickest, or both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from promptuary.domain.chats import ChatUse
from promptuary.ports.chat_model import ChatModel
from promptuary.resilience.chats.pricing import PriceTable

Strategy: TypeAlias = Literal["quality_first", "cost_optimized", "speed_focused", "balanced"]
NEWEST = 0.3
"""How much the newest call weighs in what is known of a model's speed (exponential average)."""
_ANSWER = 4
"""A question with its passages has about so many times the tokens of its reply."""


class Ordering:
    """The order of models by a strategy. `quality_first` is the order in which they were listed.

    `cost_optimized` begins with the cheapest by the price list, `speed_focused` with the one whose
    replies took least time so far, `balanced` with the best by the mean of both places and the
    listed one. A model whose price or speed is not known keeps the place where it was listed, so
    that each is tried; one that fails counts as slow.
    """

    def __init__(self, strategy: Strategy, prices: PriceTable, slow: float) -> None:
        self._strategy = strategy
        self._prices = prices
        self._slow = slow
        self._seconds: dict[str, float] = {}

    def hear(self, use: ChatUse) -> None:
        """One call that is over."""
        took = self._slow if use.failure else use.seconds
        was = self._seconds.get(use.model, took)
        self._seconds[use.model] = was + NEWEST * (took - was)

    def __call__(self, models: Sequence[ChatModel]) -> Sequence[ChatModel]:
        """The models in the order in which they are asked now."""
        names = [each.name for each in models]
        match self._strategy:
            case "quality_first":
                return models
            case "cost_optimized":
                places = _places([self._price(name) for name in names])
            case "speed_focused":
                places = _places([self._seconds.get(name) for name in names])
            case "balanced":
                by_price = _places([self._price(name) for name in names])
                by_speed = _places([self._seconds.get(name) for name in names])
                places = [sum(each) for each in zip(by_price, by_speed, range(99), strict=False)]
        order = sorted(range(len(models)), key=lambda at: (places[at], at))
        return [models[at] for at in order]

    def _price(self, name: str) -> float | None:
        price = self._prices.of(name)
        return None if price is None else _ANSWER * price.prompt + price.completion


def _places(values: Sequence[float | None]) -> list[int]:
    """The place of each value among those that are known, which share the places they have among
    all; whatever is not known stays where it is."""
    known = [at for at, value in enumerate(values) if value is not None]
    ranked = sorted(known, key=lambda at: (values[at], at))
    places = list(range(len(values)))
    for place, at in zip(known, ranked, strict=True):
        places[at] = place
    return places
