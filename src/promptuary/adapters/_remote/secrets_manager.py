"""What AWS Secrets Manager keeps for us: a JSON object of names and values.

Asked for where `AWS_SECRETS_ENABLED` is true, by the name in `AWS_SECRETS_MANAGER_SECRET_NAME`;
once a process, so a secret that was changed counts after a restart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from urllib.parse import urlsplit

from promptuary.adapters._remote import aws
from promptuary.adapters._remote.settings import nearby
from promptuary.domain.errors import Misconfigured, Unavailable

SECONDS = 5.0
MOST_BYTES = 1024 * 1024
GOOD, SERVER_ERROR = 200, 500


def secret() -> Mapping[str, str]:
    """The names and values of that secret; nothing where it is not asked for.

    Raises Misconfigured without a name or credentials, for a secret that is not there or no JSON
    object, and where we are not let in; Unavailable when nobody answers. No message repeats a
    value.
    """
    if nearby("AWS_SECRETS_ENABLED").lower() not in {"1", "true", "yes", "on"}:
        return {}
    name = nearby("AWS_SECRETS_MANAGER_SECRET_NAME")
    if not name:
        said = "AWS_SECRETS_ENABLED is set: name a secret in AWS_SECRETS_MANAGER_SECRET_NAME"
        raise Misconfigured(said)
    endpoint = nearby("AWS_ENDPOINT_URL_SECRETS_MANAGER") or nearby("AWS_ENDPOINT_URL")
    return _fetched(name, endpoint.rstrip("/"))


@cache
def _fetched(name: str, endpoint: str) -> Mapping[str, str]:
    asker = "AWS Secrets Manager"
    where = aws.region(asker)
    url = endpoint or f"https://secretsmanager.{where}.amazonaws.com"
    if urlsplit(url).scheme not in {"http", "https"}:
        raise Misconfigured(f"{url!r} is no address of {asker}")
    body = json.dumps({"SecretId": name}).encode()
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "secretsmanager.GetSecretValue",
    }
    asking = aws.Asking("POST", f"{url}/", "/", headers, sha256(body).hexdigest())
    who, now = aws.credentials(asker), datetime.now(UTC)
    signed = aws.sealed(asking, who=who, where=where, service="secretsmanager", now=now)
    return _read(name, _answer(url, body, signed, name))


def _answer(url: str, body: bytes, headers: Mapping[str, str], name: str) -> bytes:
    """Redirects are not followed: a signature goes only where it was meant to go."""
    from http.client import HTTPConnection, HTTPException, HTTPSConnection  # noqa: PLC0415 - rare

    parts = urlsplit(url)
    opened = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = opened(parts.netloc, timeout=SECONDS)
    try:
        connection.request("POST", "/", body, dict(headers))
        reply = connection.getresponse()
        told = reply.read(MOST_BYTES)
    except (HTTPException, OSError) as error:
        raise Unavailable(f"AWS Secrets Manager cannot be reached: {error}") from None
    finally:
        connection.close()
    if reply.status != GOOD:
        kind = Unavailable if reply.status >= SERVER_ERROR else Misconfigured
        said = f"AWS Secrets Manager gave {reply.status} for the secret {name!r}"
        raise kind(f"{said}: is it there, and may we read it?")
    return told


def _read(name: str, body: bytes) -> Mapping[str, str]:
    try:
        found = json.loads(json.loads(body)["SecretString"])
        return {str(key): _text(value) for key, value in found.items() if value is not None}
    except (ValueError, KeyError, TypeError, AttributeError):
        said = f"the secret {name!r} must hold a JSON object of settings"
        raise Misconfigured(said) from None


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
