"""Asks an endpoint in bounded time, and says in our own errors what went wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import anyio
import numpy as np

from promptuary.adapters._remote.wire import Request, Wire
from promptuary.adapters.embedders._remote.endpoint import Endpoint
from promptuary.adapters.embedders._remote.reply import rows_of
from promptuary.domain.errors import BadReply, PromptuaryError
from promptuary.domain.vectors import Cut, Space, Vectors
from promptuary.ports.embedder import Purpose

_WIDE = 0.34, 1.5
"""Tokens that a character of ASCII, and any other, takes: on the high side."""


@dataclass(frozen=True, slots=True)
class _Part:
    places: list[int]
    texts: list[str]


class RemoteEmbedder:
    """One model of one endpoint. Texts without content are not sent: their rows are zeros.

    Raises TimedOut, RateLimited, BadReply or Unavailable (try again), InvalidInput or TooLarge (do
    not), Misconfigured (key, address or model is wrong). No call takes longer than the limit of
    seconds for each round of requests.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._space = endpoint.identity().space()
        self._wire = Wire()

    @property
    def space(self) -> Space:
        """Of the model, whichever way leads to it."""
        return self._space

    async def embed(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:  # noqa: ARG002  # endpoints know one kind
        """As the port says; requests go out several at once."""
        rows = np.zeros((len(texts), self._space.dimensions), dtype=np.float32)
        failed: list[PromptuaryError] = []
        limit = anyio.CapacityLimiter(self._endpoint.limits.at_once)
        async with anyio.create_task_group() as group:

            async def ask(part: _Part) -> None:
                async with limit:
                    try:
                        rows[part.places] = await self._ask(part.texts)
                    except PromptuaryError as error:
                        failed.append(error)
                        group.cancel_scope.cancel()

            for part in self._parts(texts):
                group.start_soon(ask, part)
        if failed:
            raise failed[0]
        return rows

    def cuts(
        self,
        texts: Sequence[str],
        *,
        purpose: Purpose = "document",  # noqa: ARG002  # endpoints know one kind
    ) -> list[Cut]:
        """As the port says, in characters and by estimate."""
        kept = [len(self._cut(text)) for text in texts]
        return [
            Cut(place, len(text), kept[place])
            for place, text in enumerate(texts)
            if kept[place] < len(text)
        ]

    async def aclose(self) -> None:
        """Close the connections that this event loop holds."""
        await self._wire.aclose()

    def _parts(self, texts: Sequence[str]) -> Iterator[_Part]:
        limits = self._endpoint.limits
        part, tokens = _Part([], []), 0.0
        for place, text in enumerate(texts):
            clean = self._cut(text).encode("utf-8", "replace").decode("utf-8")
            if not clean or clean.isspace():
                continue
            cost = _tokens(clean)
            if part.texts and (len(part.texts) >= limits.texts or tokens + cost > limits.tokens):
                yield part
                part, tokens = _Part([], []), 0.0
            part.places.append(place)
            part.texts.append(clean)
            tokens += cost
        if part.texts:
            yield part

    def _cut(self, text: str) -> str:
        room = self._endpoint.limits.tokens_a_text
        if len(text) * _WIDE[1] <= room or _tokens(text) <= room:
            return text
        low, high = 0, len(text)
        while low < high:  # the longest beginning that fits
            middle = (low + high + 1) // 2
            low, high = (middle, high) if _tokens(text[:middle]) <= room else (low, middle - 1)
        return text[:low]

    async def _ask(self, texts: list[str]) -> Vectors:
        endpoint = self._endpoint
        wanted: dict[str, object] = {"model": endpoint.model, "input": texts}
        if endpoint.shorten:
            wanted["dimensions"] = endpoint.shorten
        if endpoint.base64:
            wanted["encoding_format"] = "base64"
        body = json.dumps(wanted).encode()
        request = Request(endpoint.url, body, endpoint.limits.seconds, endpoint.headers)
        reply = await self._wire.post(request)
        try:
            return rows_of(reply, len(texts), endpoint.dimensions)
        except BadReply as error:
            error.args = (request.blotted(str(error)),)
            raise


def _tokens(text: str) -> float:
    narrow = len(text) if text.isascii() else len(text.encode("ascii", "ignore"))
    return narrow * _WIDE[0] + (len(text) - narrow) * _WIDE[1]
