"""Buckets of S3, and of stores that speak like it, as URLs name them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

from promptuary.adapters._remote import aws
from promptuary.adapters._remote.keys import variable
from promptuary.domain.blobs import checked_name
from promptuary.domain.errors import Misconfigured

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_QUERY = {"endpoint", "region"}


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket: the host, its name, what every key in it begins with (empty, or ending with `/`),
    and its region."""

    base: str
    name: str
    prefix: str
    region: str

    def path(self, key: str) -> str:
        """The path of a key's address, quoted; without a key that of the bucket."""
        return quote(f"/{self.name}/{key}".rstrip("/"), "/~")


def bucket_of(url: str) -> Bucket:
    """The bucket that `s3://BUCKET/PREFIX?endpoint=URL&region=NAME` names. Raises Misconfigured
    without a bucket, credentials or a region."""
    parts = urlsplit(url)
    told = dict(parse_qsl(parts.query))
    if not _BUCKET.fullmatch(parts.netloc) or not told.keys() <= _QUERY:
        raise Misconfigured("s3: write s3://BUCKET/PREFIX, with ?region=NAME or endpoint=URL")
    where = told.get("region") or aws.region("s3")
    aws.credentials("s3")  # says at once that there are none
    host = told.get("endpoint") or variable("AWS_ENDPOINT_URL_S3") or variable("AWS_ENDPOINT_URL")
    base = host.rstrip("/") if host else f"https://s3.{where}.amazonaws.com"
    prefix = parts.path.strip("/")
    return Bucket(base, parts.netloc, f"{checked_name(prefix)}/" if prefix else "", where)
