"""A chat model that tells of every call, for logs and counters: the same port in and out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace

from promptuary.domain.chats import ChatOptions, ChatUse, Delta, Message, Reply, Usage
from promptuary.domain.errors import PromptuaryError
from promptuary.ports.chat_model import USUAL, ChatModel
from promptuary.ports.clock import Clock


@dataclass(slots=True)  # changes: one call fills it
class _Call:
    use: ChatUse


class ReportingChatModel:
    """`report` hears of each call when it is over: who was asked, how long it took, what it took,
    and the code of the error it ended in. Never what was said, and no key."""

    def __init__(self, model: ChatModel, clock: Clock, report: Callable[[ChatUse], None]) -> None:
        self._model = model
        self._clock = clock
        self._report = report

    @property
    def name(self) -> str:
        """The wrapped model's."""
        return self._model.name

    async def reply(self, messages: Sequence[Message], *, options: ChatOptions = USUAL) -> Reply:
        """As the port says."""
        with self._told() as call:
            reply = await self._model.reply(messages, options=options)
            call.use = replace(call.use, model=reply.model, usage=reply.usage)
            return reply

    async def stream(
        self, messages: Sequence[Message], *, options: ChatOptions = USUAL
    ) -> AsyncGenerator[Delta, None]:
        """As the port says."""
        with self._told() as call:
            async with aclosing(self._model.stream(messages, options=options)) as pieces:
                async for piece in pieces:
                    if piece.usage is not None:
                        call.use = replace(call.use, model=piece.model, usage=piece.usage)
                    yield piece

    async def ping(self) -> None:
        """As the port says."""
        with self._told():
            await self._model.ping()

    async def aclose(self) -> None:
        """Close the wrapped model."""
        await self._model.aclose()

    @contextmanager
    def _told(self) -> Iterator[_Call]:
        started = self._clock.monotonic()
        call = _Call(ChatUse(self._model.name, Usage(), 0.0))
        try:
            yield call
        except PromptuaryError as error:
            call.use = replace(call.use, failure=error.code)
            raise
        finally:
            seconds = self._clock.monotonic() - started
            self._report(replace(call.use, seconds=seconds))
