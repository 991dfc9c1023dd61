"""API keys: 256 random bits behind a lookup id; the record keeps a keyed hash, never the secret."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from promptuary.domain.errors import InvalidInput, NotFound, Unauthenticated
from promptuary.domain.keys import SCOPES, ApiKey, Scope
from promptuary.ports.clock import Clock
from promptuary.ports.unit_of_work import UnitOfWork

PREFIX = "pk"
_UNKNOWN = "this API key is unknown, expired or revoked; ask for a new one"


async def create(
    record: UnitOfWork,
    clock: Clock,
    name: str,
    scopes: Sequence[Scope],
    *,
    expires_at: datetime | None = None,
    rate_limit_per_minute: int | None = None,
    tenant: str = "",
) -> tuple[ApiKey, str]:
    """Make and store a key; the second value is its secret, `pk_<id>_<secret>`, kept nowhere.

    Raises InvalidInput for no name, no scope or an unknown scope.
    """
    _check(name, scopes)
    key_id, random = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = ApiKey(
        id=key_id,
        name=name,
        scopes=tuple(dict.fromkeys(scopes)),
        digest=_digest(key_id, random),
        created_at=clock.now(),
        expires_at=expires_at,
        rate_limit_per_minute=rate_limit_per_minute,
        tenant=tenant,
    )
    async with record.begin() as tx:
        await tx.keys.add(key)
    return key, f"{PREFIX}_{key_id}_{random}"


async def authenticate(record: UnitOfWork, clock: Clock, secret: str) -> ApiKey:
    """The living key of that secret; one message for every failure, so nothing can be learnt."""
    prefix, _, rest = secret.partition("_")
    key_id, _, random = rest.partition("_")
    if prefix != PREFIX or not random:
        raise Unauthenticated(_UNKNOWN)
    try:
        async with record.read() as tx:
            key = await tx.keys.get(key_id)
    except NotFound:
        raise Unauthenticated(_UNKNOWN) from None
    if not hmac.compare_digest(key.digest, _digest(key_id, random)) or not _lives(key, clock.now()):
        raise Unauthenticated(_UNKNOWN)
    return key


def _check(name: str, scopes: Sequence[Scope]) -> None:
    if not name.strip():
        raise InvalidInput("a key needs a name", fields={"name": "is empty"})
    if not scopes or (unknown := [scope for scope in scopes if scope not in SCOPES]):
        wrong = ", ".join(unknown) if scopes else "none given"
        message = f"scopes must be among {', '.join(SCOPES)}: {wrong}"
        raise InvalidInput(message, fields={"scopes": wrong})


def _digest(key_id: str, random: str) -> str:
    """HMAC-SHA256 keyed by the lookup id: equal secrets under two ids do not look alike."""
    return hmac.new(key_id.encode(), random.encode("utf-8", "surrogatepass"), sha256).hexdigest()


def _lives(key: ApiKey, now: datetime) -> bool:
    return key.revoked_at is None and (key.expires_at is None or now < key.expires_at)
