"""`s3://BUCKET/PREFIX` recordings in Amazon S3, or a store that speaks like it, watched under links
that it signs (`?endpoint=URL&region=NAME`).

An event's `clip` is a key after the prefix; without one, or where nothing is there, the recording
is `ID.mp4`. A picture of it is the same with `.jpg`. Extra: `remote`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from urllib.parse import urlsplit

from promptuary.adapters._remote import aws
from promptuary.adapters._remote.buckets import Bucket, bucket_of
from promptuary.adapters._remote.together import each_of
from promptuary.adapters._remote.wire import Request, Wire
from promptuary.domain.clips import KINDS, PICTURES, ClipPart, Footage, Recording, in_folder
from promptuary.domain.errors import Misconfigured, Unsupported
from promptuary.domain.events import Event

SECONDS = 10.0
NOTHING = sha256(b"").hexdigest()


def connect(url: str) -> S3ClipStore:
    """Asks nobody yet. Raises Misconfigured without a bucket, credentials or a region."""
    return S3ClipStore(bucket_of(url))


@dataclass(frozen=True, slots=True)
class S3ClipStore:
    """The port `ClipStore`: what is there is asked for each, and then signed without asking."""

    bucket: Bucket
    _wire: Wire = field(default_factory=Wire, repr=False)

    async def find(
        self, events: Sequence[Event], lifetime: timedelta, *, thumbnails: bool = False
    ) -> list[Recording | None]:
        """As the port says."""
        look = partial(self._recording, lifetime=lifetime, thumbnails=thumbnails)
        return await each_of(look, events)

    async def _recording(
        self, event: Event, *, lifetime: timedelta, thumbnails: bool
    ) -> Recording | None:
        for name in (event.clip, f"{event.id}.mp4"):
            parts = in_folder(name)
            if parts is None or _ending(parts[-1]) in PICTURES:
                continue
            key = self.bucket.prefix + "/".join(parts)
            if (size := await self._size(key)) is None:
                continue
            url, kind = self._signed(key, lifetime), KINDS[_ending(key)]
            picture = f"{key.rpartition('.')[0]}.jpg"
            if not thumbnails or await self._size(picture) is None:
                return Recording(event.id, url, bytes=size, kind=kind)
            signed = self._signed(picture, lifetime)
            return Recording(event.id, url, True, signed, bytes=size, kind=kind)
        return None

    def read(
        self,
        event: Event,  # noqa: ARG002 - the port asks for it
        part: ClipPart = "clip",  # noqa: ARG002 - the port asks for it
        *,
        first: int = 0,  # noqa: ARG002 - the port asks for it
        last: int | None = None,  # noqa: ARG002 - the port asks for it
    ) -> AbstractAsyncContextManager[Footage]:
        """Its links lead straight there."""
        raise Unsupported("recordings in S3 are read under the links that it signed")

    async def aclose(self) -> None:
        """As the port says."""
        await self._wire.aclose()

    async def _size(self, key: str) -> int | None:
        """How many bytes are under that key; None where there is no such key."""
        path = self.bucket.path(key)
        url = f"{self.bucket.base}{path}"
        own = {"x-amz-content-sha256": NOTHING}
        asking = aws.Asking("HEAD", url, urlsplit(url).path, own, NOTHING)
        # Read anew: credentials that are lent are replaced while we run.
        who, now = aws.credentials("s3"), datetime.now(UTC)
        sealed = aws.sealed(asking, who=who, where=self.bucket.region, service="s3", now=now)
        try:
            async with self._wire.exchanged("HEAD", Request(url, b"", SECONDS, sealed)) as reply:
                length = reply.headers.get("content-length", "")
                return int(length) if length.isdigit() else 0
        except Misconfigured as error:
            if " answered 404" in str(error):
                return None
            raise

    def _signed(self, key: str, lifetime: timedelta) -> str:
        who, now = aws.credentials("s3"), datetime.now(UTC)
        base, path, where = self.bucket.base, self.bucket.path(key), self.bucket.region
        seconds = max(1, round(lifetime.total_seconds()))
        return aws.presigned(base, path, who=who, where=where, seconds=seconds, now=now)


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()
