"""A model of one endpoint: asks in its dialect, and believes only what it has checked."""

from __future__ import annotations

import json
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing, contextmanager
from dataclasses import replace
from math import ceil

from promptuary.adapters._remote.events import events
from promptuary.adapters._remote.wire import Request, Wire
from promptuary.adapters.chat_models._remote.dialect import Asking, Dialect, Said, parsed
from promptuary.domain.chats import ALIVE, SECONDS, ChatOptions, Delta, Message, Reply, Usage
from promptuary.domain.errors import BadReply, InvalidInput, PromptuaryError
from promptuary.ports.chat_model import USUAL

PING = ChatOptions(max_tokens=16, temperature=None, seconds=5.0)
DONE = b"[DONE]"
_BYTES_A_TOKEN = 3
"""On the low side, so that estimates are on the high one."""

Framing = Callable[[AsyncIterator[bytes]], AsyncGenerator[bytes, None]]
Sign = Callable[[str, bytes], Awaitable[Mapping[str, str]]]


class RemoteChatModel:
    """One model of one endpoint. `sign` gives the headers that let a request in; `framing` cuts
    the body of a stream into events."""

    def __init__(
        self, name: str, dialect: Dialect, sign: Sign, *, framing: Framing = events
    ) -> None:
        self._name = name
        self._dialect = dialect
        self._sign = sign
        self._framing = framing
        self._wire = Wire()

    @property
    def name(self) -> str:
        """As the port says."""
        return self._name

    async def reply(self, messages: Sequence[Message], *, options: ChatOptions = USUAL) -> Reply:
        """As the port says."""
        said = await self._whole(messages, options)
        self._check(said.text, said)
        usage = _usage(messages, said, said.text)
        return Reply(said.text, self._name, usage, said.finish or "stop")

    async def stream(
        self, messages: Sequence[Message], *, options: ChatOptions = USUAL
    ) -> AsyncGenerator[Delta, None]:
        """As the port says."""
        asking = self._dialect.ask(_sound(messages), options, stream=True)
        request = await self._request(asking, options)
        told, text = Said(), ""
        with self._named(request):
            async with aclosing(self._events(request)) as found:
                async for said in found:
                    told, text = _together(told, said), text + said.text
                    if said.text:
                        yield Delta(said.text, self._name)
        if told.finish is None:
            raise BadReply(f"{self._name} broke off in the middle of a reply")
        self._check(text, told)
        yield Delta("", self._name, _usage(messages, told, text), told.finish)

    async def ping(self) -> None:
        """As the port says. A model that is cut short before it says anything is there as well."""
        await self._whole(ALIVE, PING)

    async def aclose(self) -> None:
        """Close the connections that this event loop holds."""
        await self._wire.aclose()

    async def _whole(self, messages: Sequence[Message], options: ChatOptions) -> Said:
        asking = self._dialect.ask(_sound(messages), options, stream=False)
        request = await self._request(asking, options)
        with self._named(request):
            return self._dialect.whole(parsed(await self._wire.post(request)))

    async def _events(self, request: Request) -> AsyncGenerator[Said, None]:
        async with (
            aclosing(self._wire.stream(request)) as chunks,
            aclosing(self._framing(chunks)) as found,
        ):
            async for event in found:
                if event == DONE:
                    yield Said(finish="stop")
                    return
                yield self._dialect.piece(parsed(event))

    async def _request(self, asking: Asking, options: ChatOptions) -> Request:
        body = json.dumps(asking.body).encode()
        headers = await self._sign(asking.url, body)
        return Request(asking.url, body, options.seconds or SECONDS, headers)

    def _check(self, text: str, told: Said) -> None:
        """Raises BadReply for a reply of nothing."""
        if not text.strip() and told.finish != "filtered":
            raise BadReply(f"{self._name} said nothing")

    @contextmanager
    def _named(self, request: Request) -> Iterator[None]:
        """Errors say who failed, and repeat no key."""
        try:
            yield
        except PromptuaryError as error:
            error.args = (f"{self._name}: {request.blotted(str(error))}",)
            raise


def bearer(key: str) -> Sign:
    """The key as most providers want it."""
    return always({"authorization": f"Bearer {key}"} if key else {})


def always(headers: Mapping[str, str]) -> Sign:
    """The same headers for every request."""

    async def sign(_url: str, _body: bytes) -> Mapping[str, str]:
        return headers

    return sign


def _sound(messages: Sequence[Message]) -> list[Message]:
    """Without lone surrogates, which UTF-8 cannot say. Raises InvalidInput without a user."""
    if not any(message.role == "user" for message in messages):
        raise InvalidInput("there is nothing from the user to reply to")
    return [
        replace(message, content=message.content.encode("utf-8", "replace").decode())
        for message in messages
    ]


def _together(told: Said, said: Said) -> Said:
    """What is known after one more piece; counts grow, so the last one told is right."""
    return Said(
        finish=told.finish or said.finish,
        prompt_tokens=told.prompt_tokens if said.prompt_tokens is None else said.prompt_tokens,
        completion_tokens=told.completion_tokens
        if said.completion_tokens is None
        else said.completion_tokens,
    )


def _usage(messages: Sequence[Message], said: Said, text: str) -> Usage:
    told = said.prompt_tokens, said.completion_tokens
    guess = sum(4 + estimated(message.content) for message in messages), estimated(text)
    prompt, completion = (b if a is None else a for a, b in zip(told, guess, strict=True))
    return Usage(prompt, completion, estimated=None in told)


def estimated(text: str) -> int:
    """How many tokens a text takes, on the high side."""
    return ceil(len(text.encode("utf-8", "replace")) / _BYTES_A_TOKEN)
