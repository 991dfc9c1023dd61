"""Signed tokens (JSON Web Tokens, RFC 7519): who asks, what they may do, which cameras they see.

One algorithm is allowed, the one of the settings: a token that names another one, or `none`, is
refused whatever it is signed with (RFC 8725, 3.1).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any, Final, Literal, TypeAlias

from promptuary.domain.errors import InvalidInput, Misconfigured, MissingExtra, Unauthenticated
from promptuary.domain.keys import SCOPES, Scope

Algorithm: TypeAlias = Literal["HS256", "RS256"]
LEAST_SECRET: Final = 32
"""Bytes of a secret for HS256 (RFC 7518, 3.2)."""
LEEWAY: Final = 10
"""Seconds that the clocks of two machines may be apart."""
LONGEST_SUBJECT: Final = 200
_FILLING: Final = re.compile(
    r"(?:secret|key|jwt|your|my|the|a|in|production|change|changeme|me|this|please|super|token"
    r"|default|256|bit|512|dev|development|example|test|insecure|placeholder|here|must|be|replace"
    r"|use|random|string|long|very|not|do|[\W_])+",
    re.IGNORECASE,
)
"""What a secret is made of that somebody copied from an example."""
_INVALID: Final = "this token is not valid or has expired; ask for a new one"


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who showed a token. `cameras` are those that it grants; None: it does not say."""

    subject: str
    scopes: tuple[Scope, ...]
    cameras: tuple[str, ...] | None = None
    tenant: str = ""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Reads and makes tokens. `key` is the secret of HS256, or for RS256 the public key (to read)
    or the private one (to make) in PEM. Where `issuer` or `audience` is set, a token must name it.
    """

    key: str = field(repr=False)
    algorithm: Algorithm = "HS256"
    issuer: str = ""
    audience: str = ""

    def bearer(self, token: str) -> Bearer:
        """Who shows it. Raises Unauthenticated, with one message for every failure."""
        jwt = _library()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of a short secret: `check` refuses that
                claims = jwt.decode(
                    token,
                    self.key,
                    algorithms=[self.algorithm],
                    issuer=self.issuer or None,
                    audience=self.audience or None,
                    leeway=LEEWAY,
                    options={"require": ["exp", "sub"], "verify_aud": bool(self.audience)},
                )
            return _bearer(claims)
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            raise Unauthenticated(_INVALID) from error

    def made(self, bearer: Bearer, now: datetime, lifetime: timedelta) -> str:
        """A token for somebody, from now for that time. Raises InvalidInput, Misconfigured."""
        if not _named(bearer.subject):
            raise InvalidInput("a token needs a subject", fields={"subject": "empty or too long"})
        claims: dict[str, Any] = {
            "sub": bearer.subject,
            "scopes": list(bearer.scopes),
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
        }
        given = {"cameras": bearer.cameras, "tenant": bearer.tenant or None}
        given |= {"iss": self.issuer or None, "aud": self.audience or None}
        claims |= {name: value for name, value in given.items() if value is not None}
        jwt = _library()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return str(jwt.encode(claims, self.key, algorithm=self.algorithm))
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise Misconfigured(f"no token can be signed with this key: {error}") from error

    def check(self, *, loopback: bool) -> None:
        """Raises Misconfigured for a key that cannot work, and beyond this machine for one that
        anybody may guess; no message repeats it. Raises MissingExtra without PyJWT."""
        _library()
        pem = self.key.lstrip().startswith("-----BEGIN")
        if (self.algorithm == "RS256") != pem:
            kind = "the public key in PEM" if self.algorithm == "RS256" else "a secret, not a key"
            raise Misconfigured(f"PROMPTUARY_JWT_SECRET_KEY holds {kind} for {self.algorithm}")
        if not loopback and not pem and guessable(self.key):
            raise Misconfigured(
                "PROMPTUARY_JWT_SECRET_KEY is empty, well known or shorter than "
                f"{LEAST_SECRET} bytes, so anybody could sign tokens: make one with "
                "`openssl rand -hex 32`, or listen on 127.0.0.1"
            )


def guessable(secret: str) -> bool:
    """Whether a secret is too short, always the same, or one that examples are written with."""
    short = len(secret.encode()) < LEAST_SECRET or len(set(secret)) < 8
    return short or _FILLING.fullmatch(secret) is not None


def looks_like_one(credential: str) -> bool:
    """Whether a credential is a token and no API key."""
    return credential.startswith("ey") and credential.count(".") == 2


def _bearer(claims: Mapping[str, Any]) -> Bearer:
    subject = claims["sub"]
    if not isinstance(subject, str) or not _named(subject):
        raise ValueError("sub")
    scopes = claims.get("scopes", claims.get("scope", ()))
    scopes = scopes.split() if isinstance(scopes, str) else _texts(scopes)
    cameras = claims.get("cameras")
    tenant = claims.get("tenant", "")
    if not isinstance(tenant, str):
        raise TypeError("tenant")
    return Bearer(
        subject,
        tuple(each for each in SCOPES if each in scopes),
        None if cameras is None else tuple(_texts(cameras)),
        tenant,
    )


def _named(subject: str) -> bool:
    return 0 < len(subject) <= LONGEST_SUBJECT and subject.isprintable() and subject.strip() != ""


def _texts(value: object) -> Sequence[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise TypeError("a list of texts")
    return value


def _library() -> ModuleType:
    try:
        import jwt  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtra("signed tokens", "jwt") from error
    return jwt
