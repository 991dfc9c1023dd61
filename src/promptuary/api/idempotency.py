"""`Idempotency-Key`: however often a request is sent, it happens once and is answered the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Final

import anyio
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.gate import caller_of
from promptuary.api.problems import MEDIA_TYPE, Problem, ProblemRaised, invalid
from promptuary.domain.errors import IdempotencyMismatch
from promptuary.ports._ledgers import Replies, StoredReply

HEADER: Final = "idempotency-key"
LONGEST_KEY: Final = 255

Work = Callable[[], Awaitable[Response]]


class Idempotency:
    """Answers once a key. Requests in this process wait for the first of their key; one that
    another process is answering is refused with 409 and may be sent again."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies
        self._here: dict[str, asyncio.Event] = {}

    async def once(self, request: Request, digest: str, work: Work) -> Response:
        """Do the work unless its key is known; then give the stored answer.

        Without the header the work is simply done. Raises IdempotencyMismatch for a known key with
        another payload. Work that raises, or answers 5xx, is forgotten, so it may be tried again.
        """
        key = storage_key(request)
        if key is None:
            return await work()
        while (first := self._here.get(key)) is not None:
            await first.wait()
        self._here[key] = done = asyncio.Event()
        try:
            known = await self._replies.begin(key, digest)
            return replayed(known, digest) if known else await self._first(key, work)
        finally:
            del self._here[key]
            done.set()

    async def _first(self, key: str, work: Work) -> Response:
        finished = False
        try:
            response = await work()
            if response.status_code < 500:
                await self._replies.finish(key, response.status_code, bytes(response.body))
                finished = True
        finally:
            if not finished:
                with anyio.CancelScope(shield=True):
                    await self._replies.abandon(key)
        return response


def storage_key(request: Request) -> str | None:
    """The caller's key for this route, as it is stored; None when none was sent."""
    given = request.headers.get(HEADER)
    if given is None:
        return None
    if not 0 < len(given) <= LONGEST_KEY:
        what = f"must have 1 to {LONGEST_KEY} characters"
        raise ProblemRaised(invalid({"Idempotency-Key": what}))
    parts = (caller_of(request).id, request.method, request.url.path, given)
    return sha256("\n".join(parts).encode()).hexdigest()


def payload_digest(body: bytes) -> str:
    """What a payload is known by."""
    return sha256(body).hexdigest()


def replayed(known: StoredReply, digest: str) -> Response:
    """The stored answer, byte for byte. Raises IdempotencyMismatch; 409 while there is none yet."""
    if known.digest != digest:
        raise IdempotencyMismatch(
            "this Idempotency-Key was used before with another payload; take a new key"
        )
    if known.body is None or known.status is None:
        raise ProblemRaised(
            Problem(
                "REQUEST_IN_FLIGHT",
                "a request with this Idempotency-Key is being answered; ask again in a moment",
                headers={"Retry-After": "1"},
            )
        )
    media_type = MEDIA_TYPE if known.status >= 400 else "application/json"
    headers = {"Idempotency-Replayed": "true"}
    return Response(known.body, known.status, headers=headers, media_type=media_type)
