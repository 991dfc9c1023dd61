"""Who is asking: API keys, signed tokens, their scopes; open without them only on this machine."""

from __future__ import annotations

import hmac
import time
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address
from typing import Final, Protocol

from starlette.requests import HTTPConnection

from promptuary.access.tokens import Tokens, looks_like_one
from promptuary.api.problems import Problem, ProblemRaised
from promptuary.domain.errors import Forbidden, Misconfigured
from promptuary.domain.keys import SCOPES, ApiKey, Scope
from promptuary.domain.pages import Page
from promptuary.settings import Settings

LANGFUSE: Final = "/compat/langfuse"
"""Where Langfuse's clients find what they know. Nowhere else a name and password are a key: a
browser would send them along unasked."""
ASK_AGAIN_SECONDS: Final = 1.0
"""How long an empty list of keys is believed: the first key closes the doors after that at most."""


class KnowsKeys(Protocol):
    """What is asked of the facade here."""

    async def authenticate(self, secret: str) -> ApiKey:
        """The living key of that secret. Raises Unauthenticated."""
        ...

    async def keys(self, *, cursor: str | None = None, limit: int = 50) -> Page[ApiKey]:
        """Every key there is."""
        ...


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `id` may be logged and counted; it is never the secret.

    `tenant` is whose library is theirs. `rate_limit_per_minute`: None is the server's own limit, 0
    is no limit. `cameras` are those that a token grants; None: it does not say, or it is a key.
    """

    id: str
    scopes: tuple[Scope, ...]
    rate_limit_per_minute: int | None = None
    tenant: str = ""
    cameras: tuple[str, ...] | None = None

    def may(self, scope: Scope) -> bool:
        """Whether it has the scope; `admin` includes the others."""
        return scope in self.scopes or "admin" in self.scopes

    def require(self, scope: Scope) -> None:
        """Raises Forbidden without the scope; `admin` includes the others."""
        if not self.may(scope):
            has = ", ".join(self.scopes)
            raise Forbidden(f"this needs the scope {scope}; the key has {has}")


class Doors:
    """Finds out who asks. `monotonic` gives seconds that never go back."""

    def __init__(
        self,
        keys: KnowsKeys,
        settings: Settings,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keys = keys
        self._monotonic = monotonic
        self._bootstrap = [_digest(secret) for secret in bootstrap_secrets(settings)]
        self._loopback = is_loopback(settings.host)
        self._settings = settings
        self._tokens = tokens_of(settings)
        self._closed = bool(self._bootstrap) or self._tokens is not None
        self._asked = float("-inf")

    async def caller(self, connection: HTTPConnection) -> Caller:
        """Raises Unauthenticated for a bad key, MISSING_API_KEY for none where one is needed."""
        secret = credential(connection)
        if secret is None:
            if await self._open_to(connection):
                return Caller("loopback", SCOPES)
            raise ProblemRaised(
                Problem(
                    "MISSING_API_KEY",
                    "send an API key as `X-API-Key: KEY` or `Authorization: Bearer KEY`",
                    headers={"WWW-Authenticate": "ApiKey"},
                )
            )
        digest = _digest(secret)
        known = [hmac.compare_digest(digest, own) for own in self._bootstrap]
        if any(known):
            return Caller(f"bootstrap-{known.index(True) + 1}", SCOPES)
        if self._tokens is not None and looks_like_one(secret):
            return caller_with(self._tokens, secret)
        key = await self._keys.authenticate(secret)
        return Caller(key.id, key.scopes, key.rate_limit_per_minute, key.tenant)

    async def refuse_to_start_open(self) -> None:
        """Raises Misconfigured when anybody on the network could walk in, or nobody could."""
        self._asked = float("-inf")
        if self._tokens is not None:
            self._tokens.check(loopback=self._loopback)
        elif not self._loopback and "jwt_algorithm" in self._settings.model_fields_set:
            raise Misconfigured(
                "PROMPTUARY_JWT_ALGORITHM is set and PROMPTUARY_JWT_SECRET_KEY is empty: make a "
                "secret with `openssl rand -hex 32`"
            )
        if not self._loopback and not await self._keys_exist():
            raise Misconfigured(
                "the server would listen beyond this machine and there is no API key: set "
                "PROMPTUARY_API_KEY, or make a key with `promptuary keys create`, or listen on "
                "127.0.0.1"
            )

        if "*" in self._settings.cors_origins and not await self._keys_exist():
            raise Misconfigured(
                "PROMPTUARY_CORS_ORIGINS lets pages of every site ask, and without an API key all "
                "of them would be let in: name the sites, or make a key with `promptuary keys "
                "create`"
            )

    async def _open_to(self, connection: HTTPConnection) -> bool:
        """A page in a browser could reach loopback under a name of its own (DNS rebinding): so
        the peer and the name it asked for must both be this machine."""
        if self._closed or not self._loopback:
            return False
        peer = connection.client.host if connection.client else ""
        asked = connection.url.hostname or ""
        return is_loopback(peer) and is_loopback(asked) and not await self._keys_exist()

    async def _keys_exist(self) -> bool:
        if not self._closed and self._monotonic() - self._asked > ASK_AGAIN_SECONDS:
            self._closed = (await self._keys.keys(limit=1)).total > 0
            self._asked = self._monotonic()
        return self._closed


def bootstrap_secrets(settings: Settings) -> list[str]:
    """The keys of the settings; each has every scope."""
    given = (settings.api_key, *settings.api_keys)
    return [text for secret in given if secret and (text := secret.get_secret_value())]


def tokens_of(settings: Settings) -> Tokens | None:
    """What reads signed tokens; None where no key is set."""
    if settings.jwt_secret_key is None:
        return None
    return Tokens(
        settings.jwt_secret_key.get_secret_value(),
        settings.jwt_algorithm,
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
    )


def caller_with(tokens: Tokens, secret: str) -> Caller:
    """Who shows that token: `user:` and its subject, so that nobody is taken for a key. Raises
    Unauthenticated."""
    bearer = tokens.bearer(secret)
    return Caller(
        f"user:{bearer.subject}", bearer.scopes, tenant=bearer.tenant, cameras=bearer.cameras
    )


def is_loopback(host: str) -> bool:
    """Whether a name or address can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def credential(connection: HTTPConnection) -> str | None:
    """The secret sent, if any; `X-API-Key` wins."""
    if given := connection.headers.get("x-api-key", "").strip():
        return given
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic" and connection.url.path.startswith(f"{LANGFUSE}/"):
        return _password(token)
    return token.strip() or None if scheme.lower() == "bearer" else None


def _password(token: str) -> str | None:
    """The second half of what Langfuse's clients send: their secret key."""
    try:
        return b64decode(token.strip(), validate=True).decode().partition(":")[2] or None
    except ValueError:
        return None


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
