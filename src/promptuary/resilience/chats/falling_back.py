"""A chat model with others to turn to: the same port in and out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TypeAlias

from promptuary.domain.chats import SECONDS, ChatOptions, Delta, Message, Reply
from promptuary.domain.errors import Unavailable
from promptuary.ports.chat_model import USUAL, ChatModel
from promptuary.ports.clock import Clock

Order: TypeAlias = Callable[[Sequence[ChatModel]], Sequence[ChatModel]]
"""Says in which order models are asked now."""


def as_listed(models: Sequence[ChatModel]) -> Sequence[ChatModel]:
    """In the order in which they were given."""
    return models


class FallbackChatModel:
    """Asks the first (by `order`); while that is Unavailable, the next. A reply says who gave it.

    Each may take its share of the seconds that are left (of `within`, where the options say none),
    so that one that hangs leaves time for the others. A stream is turned over only while nothing
    was said. What is wrong with a request or a key is told, not hidden behind another model.
    """

    def __init__(
        self,
        clock: Clock,
        first: ChatModel,
        *others: ChatModel,
        within: float = SECONDS,
        order: Order = as_listed,
    ) -> None:
        self._order = order
        self._clock = clock
        self._within = within
        self._models = (first, *others)

    @property
    def name(self) -> str:
        """The first one's."""
        return self._models[0].name

    async def reply(self, messages: Sequence[Message], *, options: ChatOptions = USUAL) -> Reply:
        """As the port says. Raises what the last of them raised when all are away."""
        for model, now, last in self._turns(options):
            try:
                return await model.reply(messages, options=now)
            except Unavailable:
                if last:
                    raise
        raise AssertionError  # the last one returned or raised

    async def stream(
        self, messages: Sequence[Message], *, options: ChatOptions = USUAL
    ) -> AsyncGenerator[Delta, None]:
        """As the port says. Raises what the last of them raised when all are away."""
        silent = True
        for model, now, last in self._turns(options):
            try:
                async with aclosing(model.stream(messages, options=now)) as pieces:
                    async for piece in pieces:
                        silent = False
                        yield piece
                return
            except Unavailable:
                if last or not silent:
                    raise

    async def ping(self) -> None:
        """Whether any of them is there; raises what the last one raised."""
        for model in self._models[:-1]:
            try:
                return await model.ping()
            except Unavailable:
                continue
        await self._models[-1].ping()
        return None

    async def aclose(self) -> None:
        """Close them all."""
        for model in self._models:
            await model.aclose()

    def _turns(self, options: ChatOptions) -> Iterator[tuple[ChatModel, ChatOptions, bool]]:
        until = self._clock.monotonic() + (options.seconds or self._within)
        for place, model in enumerate(self._order(self._models)):
            after = len(self._models) - place - 1
            left = max(0.0, until - self._clock.monotonic())
            yield model, replace(options, seconds=left / (after + 1)), after == 0
