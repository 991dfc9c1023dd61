"""Who may come in over HTTP: an API key with a scope of the library; without a key only somebody on
this machine, and only while there are no keys."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from hashlib import sha256
from ipaddress import ip_address
from typing import Final, Protocol

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from promptuary.domain.errors import Misconfigured, PromptuaryError, Unauthenticated
from promptuary.domain.keys import SCOPES, ApiKey
from promptuary.domain.pages import Page
from promptuary.mcp.callers import STATE, Caller

MISSING: Final = "send an API key as `X-API-Key: KEY` or `Authorization: Bearer KEY`"


class KnowsKeys(Protocol):
    """What is asked of the facade here."""

    async def authenticate(self, secret: str) -> ApiKey:
        """The living key of that secret. Raises Unauthenticated."""
        ...

    async def keys(self, *, cursor: str | None = None, limit: int = 50) -> Page[ApiKey]:
        """Every key there is."""
        ...


class Doors:
    """An application behind a check of keys. `secrets` open everything; `host` is where it
    listens."""

    def __init__(self, inner: ASGIApp, keys: KnowsKeys, secrets: Sequence[str], host: str) -> None:
        self._inner = inner
        self._keys = keys
        self._secrets = [_digest(secret) for secret in secrets]
        self._loopback = is_loopback(host)

    async def refuse_to_start_open(self) -> None:
        """Raises Misconfigured when anybody on the network could walk in, or nobody could."""
        if not self._loopback and not await self._keys_exist():
            raise Misconfigured(
                "the server would listen beyond this machine and there is no API key: set "
                "PROMPTUARY_API_KEY, or make a key with `promptuary keys create`, or listen on "
                "127.0.0.1"
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in with its caller, or answer 401."""
        if scope["type"] == "http":
            request = Request(scope)
            try:
                caller = await self._caller(request)
            except PromptuaryError as refused:
                await _refuse(send, refused)
                return
            setattr(request.state, STATE, caller)
        await self._inner(scope, receive, send)

    async def _caller(self, request: Request) -> Caller:
        secret = credential(request)
        if secret is None:
            if await self._open_to(request):
                return Caller("loopback", SCOPES)
            raise Unauthenticated(MISSING)
        digest = _digest(secret)
        known = [hmac.compare_digest(digest, own) for own in self._secrets]
        if any(known):
            return Caller("bootstrap", SCOPES)
        key = await self._keys.authenticate(secret)
        return Caller(key.name, key.scopes, key.tenant)

    async def _open_to(self, request: Request) -> bool:
        """A page in a browser could reach loopback under a name of its own: the peer and the name
        it asked for must both be this machine."""
        peer = request.client.host if request.client else ""
        here = self._loopback and is_loopback(peer) and is_loopback(request.url.hostname or "")
        return here and not await self._keys_exist()

    async def _keys_exist(self) -> bool:
        return bool(self._secrets) or (await self._keys.keys(limit=1)).total > 0


async def _refuse(send: Send, error: PromptuaryError) -> None:
    status = 401 if isinstance(error, Unauthenticated) else 503
    code = "MISSING_API_KEY" if str(error) == MISSING else error.code
    body = json.dumps({"code": code, "status": status, "detail": str(error)}).encode()
    headers = [(b"content-type", b"application/problem+json"), (b"www-authenticate", b"Bearer")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def is_loopback(host: str) -> bool:
    """Whether a name or address can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def credential(request: Request) -> str | None:
    """The secret sent, if any; `X-API-Key` wins."""
    if given := request.headers.get("x-api-key", "").strip():
        return given
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
