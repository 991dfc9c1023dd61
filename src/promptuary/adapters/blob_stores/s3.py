"""`s3://BUCKET/PREFIX` Amazon S3, or a store that speaks like it (`?endpoint=URL&region=NAME`).

Extra: `remote`. Let in by the credentials of AWS's tools; `AWS_REGION` says where, and
`AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` names another host.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from html import unescape
from pathlib import Path
from urllib.parse import quote, urlsplit

import anyio
import httpx2
from anyio import to_thread

from promptuary.adapters._remote import aws
from promptuary.adapters._remote.buckets import bucket_of
from promptuary.adapters._remote.wire import Request, Wire
from promptuary.domain.blobs import checked_name
from promptuary.domain.errors import (
    BadReply,
    InvalidInput,
    Misconfigured,
    NotFound,
    PromptuaryError,
    TooLarge,
)

MOST_BYTES = 5 * 1024 * 1024 * 1024
"""What S3 takes in one request."""
PIECE = 1024 * 1024
SECONDS, SECONDS_A_FILE = 60.0, 3600.0
NOTHING = sha256(b"").hexdigest()
_KEY = re.compile(r"<Key>([^<]*)</Key>")


def connect(url: str) -> S3BlobStore:
    """Asks nobody yet. Raises Misconfigured without a bucket, credentials or a region."""
    found = bucket_of(url)
    return S3BlobStore(found.base, found.name, found.prefix, found.region)


@dataclass(frozen=True, slots=True)
class S3BlobStore:
    """The port `BlobStore`: each name, after the prefix, is a key of the bucket."""

    base: str
    bucket: str
    prefix: str
    region: str
    _wire: Wire = field(default_factory=Wire, repr=False)

    async def put(self, name: str, source: Path) -> None:
        """As the port says. Raises TooLarge over 5 GiB."""
        key = self._key(name)
        length = (await anyio.Path(source).stat()).st_size
        if length > MOST_BYTES:
            raise TooLarge(f"{source.name} has {length:,} bytes; S3 takes {MOST_BYTES:,} at once")
        digest = await to_thread.run_sync(_digest, source)
        headers = {"content-length": str(length)}
        async with self._asked("PUT", key, headers, digest, SECONDS_A_FILE, _pieces(source)):
            pass

    async def fetch(self, name: str, target: Path) -> None:
        """As the port says; beside the file first, and then in its place."""
        key = self._key(name)
        draft = target.with_name(f".{target.name}.draft")
        try:
            async with self._asked("GET", key, seconds=SECONDS_A_FILE) as reply:
                async with await anyio.open_file(draft, "wb") as file:
                    async for chunk in reply.aiter_bytes():
                        await file.write(chunk)
                await anyio.Path(draft).replace(target)
        except _MissingError:
            raise NotFound("blob", name) from None
        finally:
            await anyio.Path(draft).unlink(missing_ok=True)

    async def size(self, name: str) -> int:
        """As the port says."""
        try:
            async with self._asked("HEAD", self._key(name)) as reply:
                return int(reply.headers["content-length"])
        except _MissingError:
            raise NotFound("blob", name) from None
        except (KeyError, ValueError) as error:
            raise BadReply(f"{self.base} does not say how large {name} is") from error

    async def remove(self, names: Sequence[str]) -> None:
        """As the port says, one after another."""
        for key in [self._key(name) for name in names]:
            async with self._asked("DELETE", key):
                pass

    async def list(self, prefix: str = "", *, after: str = "", limit: int = 100) -> list[str]:
        """As the port says: S3's own order is that of code points."""
        found: list[str] = []
        while len(found) < limit:
            last = found[-1] if found else after
            some = await self._page(prefix, last, min(1000, limit - len(found)))
            found += some
            if not some:
                break
        return found

    async def aclose(self) -> None:
        """As the port says."""
        await self._wire.aclose()

    async def _page(self, prefix: str, after: str, most: int) -> Sequence[str]:
        query = {"list-type": "2", "max-keys": str(most), "prefix": self.prefix + prefix}
        if after:
            query["start-after"] = self.prefix + after
        async with self._asked("GET", "", query=query) as reply:
            body = (await reply.aread()).decode("utf-8", "replace")
        if "ListBucketResult" not in body:
            raise BadReply(f"{self.base} gave no list of the bucket {self.bucket}")
        return [unescape(key).removeprefix(self.prefix) for key in _KEY.findall(body)]

    def _key(self, name: str) -> str:
        return self.prefix + checked_name(name)

    @asynccontextmanager
    async def _asked(
        self,
        method: str,
        key: str,
        headers: Mapping[str, str] | None = None,
        digest: str = NOTHING,
        seconds: float = SECONDS,
        content: AsyncGenerator[bytes, None] | bytes = b"",
        query: Mapping[str, str] | None = None,
    ) -> AsyncIterator[httpx2.Response]:
        path = quote(f"/{self.bucket}/{key}".rstrip("/"), "/~")
        asked = "&".join(f"{n}={quote(v, '~')}" for n, v in sorted((query or {}).items()))
        url = f"{self.base}{path}" + (f"?{asked}" if asked else "")
        own = {"x-amz-content-sha256": digest}
        asking = aws.Asking(method, url, urlsplit(url).path, own, digest)
        # Read anew: credentials that are lent are replaced while we run.
        who, now = aws.credentials("s3"), datetime.now(UTC)
        sealed = aws.sealed(asking, who=who, where=self.region, service="s3", now=now)
        request = Request(url, b"", seconds, {**(headers or {}), **sealed})
        try:
            async with self._wire.exchanged(method, request, content) as reply:
                yield reply
        except PromptuaryError as error:
            raise _meant(error) from error


class _MissingError(Exception):
    """There is no such key."""


def _meant(error: PromptuaryError) -> Exception:
    """What S3 means by a status; a bucket that is missing is a matter of settings."""
    said = str(error)
    if " answered 404" in said:
        return Misconfigured(said) if "NoSuchBucket" in said else _MissingError()
    if isinstance(error, InvalidInput):
        return Misconfigured(said)
    return error


def _digest(path: Path) -> str:
    made = sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            made.update(piece)
    return made.hexdigest()


async def _pieces(path: Path) -> AsyncGenerator[bytes, None]:
    async with await anyio.open_file(path, "rb") as file:
        while piece := await file.read(PIECE):
            yield piece
