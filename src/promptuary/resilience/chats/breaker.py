"""A chat model that is left alone while it fails: the same port in and out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from promptuary.domain.chats import ChatOptions, Delta, Message, Reply
from promptuary.ports.chat_model import USUAL, ChatModel
from promptuary.ports.clock import Clock
from promptuary.resilience.breaker import FAILURES, REST_SECONDS, Breaker


class BreakingChatModel:
    """A chat model behind a Breaker."""

    def __init__(
        self,
        model: ChatModel,
        clock: Clock,
        *,
        failures: int = FAILURES,
        rest: float = REST_SECONDS,
    ) -> None:
        self._model = model
        self._breaker = Breaker(model.name, clock, failures=failures, rest=rest)

    @property
    def name(self) -> str:
        """The wrapped model's."""
        return self._model.name

    async def reply(self, messages: Sequence[Message], *, options: ChatOptions = USUAL) -> Reply:
        """As the port says. Raises Unavailable at once while it rests."""
        with self._breaker.watching():
            return await self._model.reply(messages, options=options)

    async def stream(
        self, messages: Sequence[Message], *, options: ChatOptions = USUAL
    ) -> AsyncGenerator[Delta, None]:
        """As the port says. Raises Unavailable at once while it rests."""
        with self._breaker.watching():
            async with aclosing(self._model.stream(messages, options=options)) as pieces:
                async for piece in pieces:
                    yield piece

    async def ping(self) -> None:
        """As the port says, even while it rests: whoever pings wants to know."""
        await self._model.ping()

    async def aclose(self) -> None:
        """Close the wrapped model."""
        await self._model.aclose()
