"""Signing requests to AWS (Signature Version 4), with the credentials that this machine has.

Written from AWS's description of the algorithm: its SDK would bring 31 MB for these lines, and
asks for an older dateutil than others do.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from configparser import ConfigParser, Error
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

from promptuary.adapters._remote.settings import nearby
from promptuary.domain.errors import Misconfigured

_SCHEME = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key and its secret; `token` where they are lent for a time. Not printed."""

    key: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)


def credentials(wanted_by: str = "bedrock") -> Credentials:
    """From `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, as Lambda sets
    them, or from the profile `AWS_PROFILE` of `~/.aws/credentials`. Raises Misconfigured."""
    key, secret = nearby("AWS_ACCESS_KEY_ID"), nearby("AWS_SECRET_ACCESS_KEY")
    if key and secret:
        return Credentials(key, secret, nearby("AWS_SESSION_TOKEN"))
    kept = _profile("AWS_SHARED_CREDENTIALS_FILE", "credentials")
    if "aws_access_key_id" in kept and "aws_secret_access_key" in kept:
        token = kept.get("aws_session_token", "")
        return Credentials(kept["aws_access_key_id"], kept["aws_secret_access_key"], token)
    token = "AWS_BEARER_TOKEN_BEDROCK, or " if wanted_by == "bedrock" else ""
    raise Misconfigured(
        f"{wanted_by}: needs {token}AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
        "or a profile in ~/.aws/credentials"
    )


def region(wanted_by: str = "bedrock") -> str:
    """From `AWS_REGION`, `AWS_DEFAULT_REGION` or the profile. Raises Misconfigured."""
    named = nearby("AWS_REGION") or nearby("AWS_DEFAULT_REGION")
    if found := named or _profile("AWS_CONFIG_FILE", "config").get("region", ""):
        return found
    raise Misconfigured(f"{wanted_by}: say in which region: AWS_REGION")


def signed(
    url: str, body: bytes, *, who: Credentials, where: str, service: str, now: datetime
) -> Mapping[str, str]:
    """The headers that let a POST of that JSON in. The path of the URL is already quoted."""
    # Quoted once more: every service but S3 signs the path as it stands on the wire.
    path = quote(urlsplit(url).path, "/~")
    headers, digest = {"content-type": "application/json"}, hashlib.sha256(body).hexdigest()
    asking = Asking("POST", url, path, headers, digest)
    return sealed(asking, who=who, where=where, service=service, now=now)


@dataclass(frozen=True, slots=True)
class Asking:
    """A request to be signed: its URL with a sorted query, its path as it is signed, the headers
    that are signed too, and the SHA-256 of its body in hexadecimal."""

    method: str
    url: str
    path: str
    headers: Mapping[str, str]
    digest: str


def sealed(
    asking: Asking, *, who: Credentials, where: str, service: str, now: datetime
) -> Mapping[str, str]:
    """The headers that let a request in, its own among them."""
    parts, stamp = urlsplit(asking.url), now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    told = {**asking.headers, "host": parts.netloc, "x-amz-date": stamp}
    told |= {"x-amz-security-token": who.token} if who.token else {}
    names = ";".join(sorted(told))
    lines = [f"{name}:{told[name]}" for name in sorted(told)]
    asked = "\n".join([
        asking.method, asking.path or "/", parts.query, *lines, "", names, asking.digest,
    ])  # fmt: skip
    scope = f"{stamp[:8]}/{where}/{service}/aws4_request"
    seal = _seal(asked, scope, stamp, who)
    said = f"{_SCHEME} Credential={who.key}/{scope}, SignedHeaders={names}, Signature={seal}"
    return {name: told[name] for name in told if name != "host"} | {"authorization": said}


def presigned(
    address: str, path: str, *, who: Credentials, where: str, seconds: int, now: datetime
) -> str:
    """An address under which anybody may get what lies at that quoted path of S3, for so long."""
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{where}/s3/aws4_request"
    told = {
        "X-Amz-Algorithm": _SCHEME,
        "X-Amz-Credential": f"{who.key}/{scope}",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": "host",
    } | ({"X-Amz-Security-Token": who.token} if who.token else {})
    query = "&".join(f"{name}={quote(told[name], '~')}" for name in sorted(told))
    host = f"host:{urlsplit(address).netloc}"
    asked = "\n".join(["GET", path, query, host, "", "host", "UNSIGNED-PAYLOAD"])
    return f"{address}{path}?{query}&X-Amz-Signature={_seal(asked, scope, stamp, who)}"


def _seal(asked: str, scope: str, stamp: str, who: Credentials) -> str:
    key = f"AWS4{who.secret}".encode()
    for part in scope.split("/"):
        key = _mac(key, part)
    return _mac(key, "\n".join([_SCHEME, stamp, scope, _hash(asked)])).hex()


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _profile(named: str, usual: str) -> Mapping[str, str]:
    """A section of a file of AWS's tools; empty where there is none."""
    path = Path(nearby(named, f"~/.aws/{usual}")).expanduser()
    name = nearby("AWS_PROFILE", "default")
    read = ConfigParser(interpolation=None)
    try:
        read.read(path, "utf-8")
    except (Error, OSError, UnicodeDecodeError):
        raise Misconfigured(f"bedrock: {path} cannot be read") from None
    section = name if read.has_section(name) else f"profile {name}"
    return dict(read[section]) if read.has_section(section) else {}
