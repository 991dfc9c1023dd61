"""API keys: who may do what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, get_args

Scope: TypeAlias = Literal[
    "prompts:read", "prompts:write", "documents:read", "documents:write", "ask",
    "library:read", "library:write", "library:protect",
    "conversation:read", "conversation:write", "events:write", "admin",
]  # fmt: skip
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret: `digest` is a keyed hash of it, `id` its lookup prefix.

    `tenant` is whose library it opens; what is not of the library, all keys share.
    """

    id: str
    name: str
    scopes: tuple[Scope, ...]
    digest: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    rate_limit_per_minute: int | None = None
    tenant: str = ""
