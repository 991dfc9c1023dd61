"""Signed tokens: who they let in, and what is refused."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import rsa

from promptuary.access.tokens import Bearer, Tokens, guessable
from promptuary.api.keys import Doors
from promptuary.domain.errors import Misconfigured, Unauthenticated
from promptuary.settings import Settings

from .sites import serving

pytestmark = pytest.mark.anyio
SECRET = "b6f1" * 8 + "c2d9" * 8
NOW, HOUR = datetime.now(UTC), timedelta(hours=1)
ADA = Bearer("ada", ("conversation:read", "conversation:write"), ("gate",), "north")


def signed(claims: dict[str, Any], key: str = SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode({"exp": NOW + HOUR, "sub": "ada", **claims}, key, algorithm=algorithm)


def by_hand(header: dict[str, Any], secret: bytes) -> str:
    """What a forger puts together without a library that would stop them."""

    def part(data: bytes) -> bytes:
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    payload = {"sub": "ada", "exp": (NOW + HOUR).timestamp(), "scopes": ["admin"]}
    said = part(json.dumps(header).encode()) + b"." + part(json.dumps(payload).encode())
    mark = part(hmac.digest(secret, said, "sha256")) if secret else b""
    return (said + b"." + mark).decode()


def test_a_token_says_who_shows_it() -> None:
    tokens = Tokens(SECRET, issuer="house", audience="cameras")
    assert tokens.bearer(tokens.made(ADA, NOW, HOUR)) == ADA


def test_scopes_may_be_one_text_and_unknown_ones_are_nothing() -> None:
    token = signed({"scope": "conversation:read fly"})
    assert Tokens(SECRET).bearer(token) == Bearer("ada", ("conversation:read",))


@pytest.mark.parametrize(
    "token",
    [
        signed({"exp": NOW - timedelta(minutes=5)}),
        signed({"exp": "soon"}),
        signed({"nbf": NOW + HOUR}),
        signed({"sub": ""}),
        signed({"sub": "x" * 201}),
        signed({"sub": "a\nb"}),
        signed({"cameras": "gate"}),
        signed({"cameras": [1]}),
        signed({"scopes": {"admin": True}}),
        signed({"tenant": 7}),
        signed({}, "a" * 64),
        signed({}, algorithm="HS512"),
        jwt.encode({"sub": "ada"}, SECRET),
        by_hand({"alg": "none"}, b""),
        by_hand({"alg": "HS256", "crit": ["b64"], "b64": False}, SECRET.encode()),
        "ey.ey.ey",
        "ey" + "." * 2,
        "",
    ],
)
def test_a_token_that_is_not_right_in_everything_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated):
        Tokens(SECRET).bearer(token)


def test_a_token_of_another_house_is_refused() -> None:
    for others in ({"iss": "other", "aud": "cameras"}, {"iss": "house"}, {"aud": "cameras"}):
        with pytest.raises(Unauthenticated):
            Tokens(SECRET, issuer="house", audience="cameras").bearer(signed(others))


@pytest.mark.slow
def test_a_public_key_is_never_taken_for_a_secret() -> None:
    pair = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = pair.public_key().public_bytes(
        form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo
    )
    private = pair.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    reads, signs = Tokens(public.decode(), "RS256"), Tokens(private.decode(), "RS256")
    assert reads.bearer(signs.made(ADA, NOW, HOUR)) == ADA
    for forged in (by_hand({"alg": "HS256"}, public), signed({}), by_hand({"alg": "none"}, b"")):
        with pytest.raises(Unauthenticated):
            reads.bearer(forged)
    with pytest.raises(Misconfigured):
        Tokens(public.decode(), "HS256").check(loopback=True)
    with pytest.raises(Misconfigured):
        Tokens(SECRET, "RS256").check(loopback=True)


@pytest.mark.parametrize(
    "secret", ["", "secret", "changeme", "x" * 40, "your-super-secret-jwt-key-change-in-production"]
)
async def test_no_server_starts_for_others_with_a_secret_that_anybody_may_guess(
    secret: str,
) -> None:
    assert guessable(secret)
    told = Settings(host="0.0.0.0", jwt_secret_key=secret)
    with pytest.raises(Misconfigured) as refused:
        await Doors(None, told).refuse_to_start_open()  # type: ignore[arg-type] # it asks no key
    assert not secret or secret not in str(refused.value).replace("PROMPTUARY_JWT_SECRET_KEY", "")
    if secret:
        Tokens(secret).check(loopback=True)


async def test_no_server_starts_for_others_with_an_algorithm_and_no_secret() -> None:
    open_house = Settings(host="0.0.0.0", jwt_algorithm="HS256")
    doors = Doors(None, open_house)  # type: ignore[arg-type] # it asks no key
    with pytest.raises(Misconfigured):
        await doors.refuse_to_start_open()
    assert not guessable(SECRET)


@pytest.mark.slow
async def test_a_token_opens_what_it_says_and_its_own_conversations(tmp_path: Path) -> None:
    def bearer(**claims: Any) -> dict[str, str]:
        scopes = ["conversation:read", "conversation:write"]
        return {"Authorization": f"Bearer {signed({'scopes': scopes, **claims})}"}

    event = {"camera_id": "gate", "label": "dog", "timestamp": "2025-05-10T10:00:00Z"}
    async with serving(tmp_path, jwt_secret_key=SECRET, api_key="boot-1") as opened:
        boot = {"X-API-Key": "boot-1"}
        sent = {"events": [{**event, "event_id": "1"}, {**event, "event_id": "2"}]}
        assert (
            await opened.client.post("/api/v1/events", json=sent, headers=boot)
        ).status_code == 202
        path, query = "/api/v1/conversation", {"query": "How many dogs on 10 May 2025?"}
        post = opened.client.post
        ada = (await post(path, json=query, headers=bearer(cameras=["gate"]))).json()
        assert ada["value"] == 2
        other = (await post(path, json=query, headers=bearer(cameras=["yard"]))).json()
        assert (other["value"], other["metadata"]["reason"]) == (None, "unanswerable")
        asked = {**query, "conversation_id": ada["conversation_id"]}
        assert (await post(path, json=asked, headers=bearer(sub="bo"))).status_code == 404
        assert (await post(path, json=asked, headers=bearer())).status_code == 200
        assert (await post("/api/v1/events", json=sent, headers=bearer())).status_code == 403
        assert (await post(path, json=query)).status_code == 401
        forged = {"Authorization": f"Bearer {by_hand({'alg': 'none'}, b'')}"}
        assert (await post(path, json=query, headers=forged)).status_code == 401
