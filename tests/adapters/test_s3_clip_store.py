"""Recordings in S3: moto's server keeps them, botocore says what a signed link must be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import httpx2
import pytest

from promptuary.adapters._remote import aws
from promptuary.adapters.clip_stores.s3 import S3ClipStore, connect
from promptuary.domain.errors import Misconfigured, Unavailable
from promptuary.testing.clip_store import (
    AN_HOUR,
    BARE,
    BODY,
    GONE,
    HERE,
    PICTURE,
    ClipStoreContract,
)

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG"}


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**KEYS, "AWS_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def bucket(moto: str) -> str:
    """The URL of a bucket with two recordings, a picture, and one more under a path."""
    name = f"bucket-{uuid4().hex[:12]}"
    headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request"}
    kept = {
        "": b"", f"/cams/{HERE.id}.mp4": BODY, f"/cams/{BARE.id}.mp4": BODY,
        f"/cams/{HERE.id}.jpg": PICTURE, "/cams/gate/one two.webm": b"one", "/secret.mp4": b"no",
    }  # fmt: skip
    for path, body in kept.items():
        httpx2.put(f"{moto}/{name}{path}", content=body, headers=headers).raise_for_status()
    return f"s3://{name}/cams?endpoint={moto}"


@pytest.mark.slow
class TestS3ClipStore(ClipStoreContract):
    @pytest.fixture
    async def store(self, bucket: str) -> AsyncIterator[S3ClipStore]:
        opened = connect(bucket)
        yield opened
        await opened.aclose()


@pytest.mark.slow
@pytest.mark.anyio
async def test_a_link_leads_to_the_recording(bucket: str) -> None:
    store = connect(bucket)
    (found,) = await store.find([HERE], AN_HOUR, thumbnails=True)
    assert found is not None
    assert httpx2.get(found.url).content == BODY
    assert httpx2.get(found.thumbnail_url).content == PICTURE
    assert found.bytes == len(BODY)
    await store.aclose()


@pytest.mark.slow
@pytest.mark.anyio
async def test_the_key_that_an_event_names_comes_first(bucket: str) -> None:
    store = connect(bucket)
    (found,) = await store.find([replace(GONE, clip="gate/onetwo.webm")], AN_HOUR)
    assert found is None
    (found,) = await store.find([replace(GONE, clip="../secret.mp4")], AN_HOUR)
    assert found is None
    await store.aclose()


@pytest.mark.slow
@pytest.mark.anyio
async def test_a_bucket_that_is_away_is_unavailable() -> None:
    store = connect("s3://bucket?endpoint=http://127.0.0.1:9")
    with pytest.raises(Unavailable):
        await store.find([HERE], AN_HOUR)
    await store.aclose()


def test_what_is_no_bucket_is_refused() -> None:
    with pytest.raises(Misconfigured):
        connect("s3://UPPER")


@pytest.mark.slow
@pytest.mark.parametrize("token", ["", "lent/token=="])
def test_a_link_is_signed_as_aws_asks_for(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.auth import S3SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    base, path = "https://s3.eu-west-1.amazonaws.com", "/bucket/cams/a%20b.mp4"
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: now.replace(tzinfo=None))
    theirs = AWSRequest("GET", f"{base}{path}")
    who = Credentials(*KEYS.values(), token or None)
    S3SigV4QueryAuth(who, "s3", "eu-west-1", expires=3_600).add_auth(theirs)
    mine = aws.Credentials(*KEYS.values(), token)
    ours = aws.presigned(base, path, who=mine, where="eu-west-1", seconds=3_600, now=now)
    signature = "X-Amz-Signature="
    assert ours.partition(signature)[2] == theirs.url.partition(signature)[2]
