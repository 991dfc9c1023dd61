"""S3 over HTTP: moto's server keeps the files, botocore says what a signature must be."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote
from uuid import uuid4

import httpx2
import pytest

from promptuary.adapters._remote import aws
from promptuary.adapters.blob_stores.s3 import NOTHING, S3BlobStore, connect
from promptuary.domain.errors import Misconfigured, Unavailable
from promptuary.testing.blob_store import BlobStoreContract

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG"}


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**KEYS, "AWS_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def bucket(moto: str) -> str:
    """The URL of a new bucket."""
    name = f"bucket-{uuid4().hex[:12]}"
    region = "<LocationConstraint>eu-west-1</LocationConstraint>"
    body = f"<CreateBucketConfiguration>{region}</CreateBucketConfiguration>"
    headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/eu-west-1/s3/aws4_request"}
    httpx2.put(f"{moto}/{name}", content=body, headers=headers).raise_for_status()
    return f"s3://{name}/some/where?endpoint={moto}"


@pytest.mark.slow
class TestS3BlobStore(BlobStoreContract):
    @pytest.fixture
    def store(self, bucket: str) -> S3BlobStore:
        return connect(bucket)


@pytest.mark.slow
@pytest.mark.anyio
async def test_long_lists_come_in_pages_and_prefixes_keep_stores_apart(bucket, tmp_path):
    store, other = connect(bucket), connect(bucket.replace("/some/where", ""))
    (tmp_path / "a").write_bytes(b"x")
    for number in range(7):
        await store.put(f"n{number}", tmp_path / "a")
    assert await other.list(limit=3) == [f"some/where/n{number}" for number in range(3)]
    assert await store.list(limit=1000) == [f"n{number}" for number in range(7)]
    await store.aclose()
    await other.aclose()


@pytest.mark.slow
@pytest.mark.anyio
async def test_a_bucket_that_is_not_there_is_a_matter_of_settings(moto, tmp_path):
    store = connect(f"s3://no-such-bucket?endpoint={moto}")
    (tmp_path / "a").write_bytes(b"x")
    with pytest.raises(Misconfigured):
        await store.put("a", tmp_path / "a")
    await store.aclose()


@pytest.mark.anyio
async def test_a_store_that_is_away_is_unavailable(tmp_path):
    store = connect("s3://bucket?endpoint=http://127.0.0.1:9")
    with pytest.raises(Unavailable):
        await store.size("a")
    await store.aclose()


@pytest.mark.parametrize("url", ["s3:", "s3://", "s3://UPPER", "s3://b/x y", "s3://bucket?key=x"])
def test_what_is_no_bucket_is_refused(url):
    with pytest.raises(Exception, match=r"s3: write|is no name"):
        connect(url)


def test_without_credentials_or_a_region_it_says_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(Misconfigured, match="s3: needs AWS_ACCESS_KEY_ID"):
        connect("s3://bucket")
    monkeypatch.delenv("AWS_REGION")
    with pytest.raises(Misconfigured, match="s3: say in which region"):
        connect("s3://bucket")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/bucket/a/b-1_2.zip", {}),
        ("/bucket/", {"list-type": "2", "prefix": "a/b c", "start-after": "x~y"}),
    ],
)
def test_a_request_is_signed_as_aws_asks_for(path, query, monkeypatch):
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    asked = "&".join(f"{name}={quote(value, '~')}" for name, value in sorted(query.items()))
    url = f"https://s3.eu-west-1.amazonaws.com{path}" + (f"?{asked}" if asked else "")
    theirs = AWSRequest("GET", url, headers={"x-amz-content-sha256": NOTHING})
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: now.replace(tzinfo=None))
    S3SigV4Auth(Credentials(*KEYS.values()), "s3", "eu-west-1").add_auth(theirs)
    asking = aws.Asking("GET", url, path, {"x-amz-content-sha256": NOTHING}, NOTHING)
    who = aws.Credentials(*KEYS.values())
    ours = aws.sealed(asking, who=who, where="eu-west-1", service="s3", now=now)
    assert ours["authorization"] == theirs.headers["Authorization"]
