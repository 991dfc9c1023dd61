"""A chat model that says what its replies cost: the same port in and out."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any

from promptuary.domain.chats import ChatOptions, Delta, Message, Reply, Usage
from promptuary.domain.errors import Misconfigured
from promptuary.ports.chat_model import USUAL, ChatModel

SHIPPED = Path(__file__).with_name("prices.json")
_SNAPSHOT = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8}|\d{6}|\d{4}|\d{3}|latest)$")
"""What providers put behind a model's name for one day's version of it."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens of messages and of reply; other ones for a prompt of more
    than `over` tokens, where that is not 0. `as_of`: of which day the price list is."""

    prompt: float
    completion: float
    as_of: date
    over: int = 0
    prompt_over: float = 0.0
    completion_over: float = 0.0

    def cost(self, usage: Usage) -> float:
        """Of those tokens, in US dollars."""
        dear = 0 < self.over < usage.prompt_tokens
        prompt, completion = (
            (self.prompt_over, self.completion_over) if dear else (self.prompt, self.completion)
        )
        return (usage.prompt_tokens * prompt + usage.completion_tokens * completion) / 1_000_000


class PriceTable:
    """Prices by `provider/model`; `provider/*` for all of its models."""

    def __init__(self, prices: Mapping[str, Price]) -> None:
        self._prices = prices

    @classmethod
    def read(cls, *files: Path) -> PriceTable:
        """What is shipped, overruled by these files. Raises Misconfigured for one that is wrong."""
        found: dict[str, Price] = {}
        for file in (SHIPPED, *files):
            try:
                found |= _prices(json.loads(file.read_text("utf-8")))
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise Misconfigured(f"the price list {file} cannot be used: {error!r}") from error
        return cls(found)

    def of(self, name: str) -> Price | None:
        """The price of that model, or of the model it is a dated version of; None: not known."""
        provider = name.partition("/")[0]
        names = (name, _SNAPSHOT.sub("", name), f"{provider}/*")
        return next((self._prices[each] for each in names if each in self._prices), None)

    def priced(self, name: str, usage: Usage) -> Usage:
        """The same with its cost, where that is known."""
        price = self.of(name)
        return usage if price is None else replace(usage, cost=price.cost(usage))


class PricedChatModel:
    """Puts the cost to what a reply took."""

    def __init__(self, model: ChatModel, prices: PriceTable) -> None:
        self._model = model
        self._prices = prices

    @property
    def name(self) -> str:
        """The wrapped model's."""
        return self._model.name

    async def reply(self, messages: Sequence[Message], *, options: ChatOptions = USUAL) -> Reply:
        """As the port says."""
        reply = await self._model.reply(messages, options=options)
        return replace(reply, usage=self._prices.priced(reply.model, reply.usage))

    async def stream(
        self, messages: Sequence[Message], *, options: ChatOptions = USUAL
    ) -> AsyncGenerator[Delta, None]:
        """As the port says."""
        async with aclosing(self._model.stream(messages, options=options)) as pieces:
            async for piece in pieces:
                usage = piece.usage and self._prices.priced(piece.model, piece.usage)
                yield replace(piece, usage=usage)

    async def ping(self) -> None:
        """As the port says."""
        await self._model.ping()

    async def aclose(self) -> None:
        """Close the wrapped model."""
        await self._model.aclose()


def _prices(lists: Any) -> dict[str, Price]:  # noqa: ANN401 - parsed JSON
    return {
        f"{provider}/{model}": _price(numbers, date.fromisoformat(each["as_of"]))
        for each in lists
        for provider in (each["provider"], *each.get("also", ()))
        for model, numbers in each["models"].items()
    }


def _price(numbers: Sequence[float], as_of: date) -> Price:
    if len(numbers) not in {2, 5} or not all(isfinite(n) and n >= 0 for n in numbers):
        raise ValueError(f"a price is two or five numbers, not {numbers}")
    prompt, completion, over, *dear = (*numbers, 0, 0.0, 0.0)[:5]
    return Price(prompt, completion, as_of, int(over), *dear)
