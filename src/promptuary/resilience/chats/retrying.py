"""A chat model that tries again: the same port in and out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from random import random

from promptuary.domain.chats import SECONDS, ChatOptions, Delta, Message, Reply
from promptuary.domain.errors import Unavailable
from promptuary.ports.chat_model import USUAL, ChatModel
from promptuary.ports.clock import Clock
from promptuary.resilience.attempts import Attempts, Trying


class RetryingChatModel:
    """Repeats what is Unavailable, `attempts` times in all, each for `each` seconds and all of them
    for the seconds of the options, or `within` where they say none. A stream is begun again only
    while nothing was said."""

    def __init__(
        self,
        model: ChatModel,
        clock: Clock,
        *,
        attempts: int = 3,
        each: float = 30.0,
        within: float = SECONDS,
        draw: Callable[[], float] = random,
    ) -> None:
        self._model = model
        self._attempts = Attempts(clock, attempts, draw)
        self._each = each
        self._within = within

    @property
    def name(self) -> str:
        """The wrapped model's."""
        return self._model.name

    async def reply(self, messages: Sequence[Message], *, options: ChatOptions = USUAL) -> Reply:
        """As the port says. Raises the last error when trying is over."""
        trying = self._attempts.begin(options.seconds or self._within)
        while True:
            try:
                return await self._model.reply(messages, options=self._now(options, trying))
            except Unavailable as error:
                await trying.again(error)

    async def stream(
        self, messages: Sequence[Message], *, options: ChatOptions = USUAL
    ) -> AsyncGenerator[Delta, None]:
        """As the port says. Raises the last error when trying is over."""
        trying, silent = self._attempts.begin(options.seconds or self._within), True
        while True:
            asked = self._model.stream(messages, options=self._now(options, trying))
            try:
                async with aclosing(asked) as pieces:
                    async for piece in pieces:
                        silent = False
                        yield piece
                return
            except Unavailable as error:
                if not silent:
                    raise
                await trying.again(error)

    async def ping(self) -> None:
        """As the port says; asks once."""
        await self._model.ping()

    async def aclose(self) -> None:
        """Close the wrapped model."""
        await self._model.aclose()

    def _now(self, options: ChatOptions, trying: Trying) -> ChatOptions:
        return replace(options, seconds=min(self._each, trying.left))
