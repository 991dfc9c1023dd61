"""Asks an endpoint in bounded time, and says in our own errors what went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial

import anyio
import httpx2
import numpy as np
from anyio.lowlevel import EventLoopToken, current_token

from promptuary.adapters.embedders._remote.endpoint import Endpoint
from promptuary.adapters.embedders._remote.reply import rows_of
from promptuary.domain.errors import (
    BadReply,
    InvalidInput,
    Misconfigured,
    PromptuaryError,
    RateLimited,
    TimedOut,
    TooLarge,
    Unavailable,
)
from promptuary.domain.vectors import Cut, Space, Vectors
from promptuary.ports.embedder import Purpose

_MOST_BYTES = 64 * 1024 * 1024
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
        self._client: httpx2.AsyncClient | None = None
        self._loop: EventLoopToken | None = None

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
        client, self._client = self._client, None
        if client is not None and self._loop == current_token():
            await client.aclose()

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
        wanted: dict[str, object] = {"model": self._endpoint.model, "input": texts}
        if self._endpoint.shorten:
            wanted["dimensions"] = self._endpoint.shorten
        if self._endpoint.base64:
            wanted["encoding_format"] = "base64"
        with self._named(), anyio.fail_after(self._endpoint.limits.seconds):
            status, headers, body = await self._post(wanted)
        if status != 200:
            raise refusal(status, headers, body, self._endpoint)
        return rows_of(body, len(texts), self._endpoint.dimensions)

    async def _post(self, wanted: dict[str, object]) -> tuple[int, httpx2.Headers, bytes]:
        body = bytearray()
        stream = partial(self._mine().stream, "POST", self._endpoint.url, json=wanted)
        async with stream() as reply:
            async for chunk in reply.aiter_bytes():
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise BadReply(f"{self._endpoint.url} sends more than {_MOST_BYTES} bytes")
            return reply.status_code, reply.headers, bytes(body)

    def _mine(self) -> httpx2.AsyncClient:
        """The client of this event loop: connections belong to the loop that made them."""
        loop = current_token()
        if self._client is None or self._loop != loop:
            seconds = self._endpoint.limits.seconds
            self._client = httpx2.AsyncClient(
                headers=dict(self._endpoint.headers),
                timeout=httpx2.Timeout(seconds, connect=min(5.0, seconds)),
            )
            self._loop = loop
        return self._client

    @contextmanager
    def _named(self) -> Iterator[None]:
        where = self._endpoint.url
        try:
            yield
        except (TimeoutError, httpx2.TimeoutException) as error:
            seconds = self._endpoint.limits.seconds
            raise TimedOut(f"{where} did not answer within {seconds:g} s") from error
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
            raise Misconfigured(f"{where} is no address: {error}") from error
        except (httpx2.HTTPError, OSError) as error:
            raise Unavailable(f"{where} cannot be reached: {_reason(error)}") from error


def refusal(
    status: int, headers: Mapping[str, str], body: bytes, endpoint: Endpoint
) -> PromptuaryError:
    """What a status means to the caller."""
    told = body[:200].decode("utf-8", "replace")
    said = f"{endpoint.url} answered {status} for {endpoint.model}: {told}"
    match status:
        case 401 | 403:
            return Misconfigured(f"{said} (is the key right?)")
        case 404:
            return Misconfigured(f"{said} (is there such a model and path?)")
        case 413:
            return TooLarge(said)
        case 400 | 422:
            return InvalidInput(said)
        case 429:
            return RateLimited(said, retry_after=_retry_after(headers.get("retry-after", "")))
        case _ if status >= 500:
            return Unavailable(said)
        case _:
            return BadReply(said)


def _retry_after(text: str) -> float:
    """Seconds, or a date; 1 where nothing sound is said."""
    try:
        return min(3600.0, max(0.0, float(text)))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 1.0


def _tokens(text: str) -> float:
    narrow = len(text) if text.isascii() else len(text.encode("ascii", "ignore"))
    return narrow * _WIDE[0] + (len(text) - narrow) * _WIDE[1]


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
