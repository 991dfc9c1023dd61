"""One request to an engine, and its refusals as our errors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeAlias
from urllib.parse import quote, urlsplit

from promptuary.adapters._remote import aws
from promptuary.adapters._remote.refusals import refusal
from promptuary.adapters._remote.wire import Reply, Request, Wire
from promptuary.adapters.indexes._lucene.addresses import Address
from promptuary.adapters.indexes._shared.authorities import distrusted
from promptuary.domain.errors import (
    BadReply,
    Conflict,
    InvalidInput,
    Misconfigured,
    PromptuaryError,
    StorageFull,
    Unavailable,
)

Json: TypeAlias = dict[str, Any]
_SHOWN = 300
WHOLE = "allow_partial_search_results=false"
"""Rather no answer than one that a part of the index is missing from."""
_HEAD = b'{"allow_partial_search_results":false}'
_FULL = ("flood-stage", "read_only_allow_delete", "read-only-allow-delete", "No space left")
_TOO_MANY = ("too_many_clauses", "too_many_nested_clauses", "Limit of total fields", "max_clause")


class Engine:
    """An engine that speaks JSON over HTTP."""

    def __init__(self, address: Address) -> None:
        """Asks nobody yet. Raises Misconfigured for an authority that cannot be read."""
        self.address = address
        self._wire = Wire(address.trusted())

    async def ask(
        self, method: str, path: str, body: Json | None = None, *, seconds: float | None = None
    ) -> Json:
        """The reply to a request with a JSON body. Raises Misconfigured, InvalidInput, StorageFull,
        Unavailable, TimedOut, and Missing for what is not there."""
        content = b"" if body is None else dumps(body)
        return await self._asked(method, path, content, "application/json", seconds)

    async def ask_lines(
        self, path: str, lines: Sequence[bytes], *, seconds: float | None = None
    ) -> Json:
        """The same for a body of lines, as bulk writes and many searches at once take it."""
        body = b"\n".join([*lines, b""])
        return await self._asked("POST", path, body, "application/x-ndjson", seconds)

    async def search(
        self, name: str, searches: Sequence[Json], *, seconds: float | None = None
    ) -> list[Json]:
        """The replies to several searches of an index, asked at once."""
        if len(searches) == 1:
            path = f"/{name}/_search?{WHOLE}"
            return [await self.ask("POST", path, searches[0], seconds=seconds)]
        lines = [line for search in searches for line in (_HEAD, dumps(search))]
        path = f"/{name}/_msearch"
        replies: list[Json] = (await self.ask_lines(path, lines, seconds=seconds))["responses"]
        for reply in replies:
            if "error" in reply:
                raise refused(reply.get("status", 500), reply["error"], path)
        return [_whole(reply, name) for reply in replies]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()

    async def _asked(
        self, method: str, path: str, content: bytes, kind: str, seconds: float | None
    ) -> Json:
        url, headers = f"{self.address.base}{path}", self.address.headers
        within = seconds or self.address.seconds
        headers = {**headers, "content-type": kind} if content else dict(headers)
        if self.address.service:
            headers = self._signed(method, url, content, headers)
        request = Request(url, content, within, headers)
        try:
            reply = await self._wire.ask(method, request)
        except Unavailable as error:
            raise distrusted(error) or error from error.__cause__
        told = _json(reply, request.where)
        if not 200 <= reply.status < 300:
            raise refused(reply.status, told.get("error", told), request.where, reply.headers)
        return _whole(told, request.where)

    def _signed(
        self, method: str, url: str, content: bytes, headers: Mapping[str, str]
    ) -> dict[str, str]:
        named = {name: text for name, text in headers.items() if name != "authorization"}
        digest = sha256(content).hexdigest()
        path = quote(urlsplit(url).path, "/~")
        asking = aws.Asking(method, url, path, named | {"x-amz-content-sha256": digest}, digest)
        sealed = aws.sealed(
            asking,
            who=aws.credentials("opensearch"),
            where=self.address.region,
            service=self.address.service,
            now=datetime.now(UTC),
        )
        return dict(sealed)


def _whole(reply: Json, name: str) -> Json:
    """A reply that no shard is missing from. Raises Unavailable: a part is no answer."""
    if reply.get("_shards", {}).get("failed") or reply.get("timed_out"):
        raise Unavailable(f"a part of {name} did not answer: is the engine just starting?")
    return reply


class Missing(Misconfigured):
    """There is no such index or document on the engine."""


def refused(
    status: int, error: object, where: str, headers: Mapping[str, str] | None = None
) -> PromptuaryError:
    """The error for what an engine refuses; `error` is what it says of it."""
    kind, reason = _reason(error)
    said = f"{where} answered {status}: {reason[:_SHOWN]}"
    if any(sign in f"{kind} {reason}" for sign in _FULL):
        return StorageFull(f"{said} (make room: the engine lets nobody write)")
    if any(sign in f"{kind} {reason}" for sign in _TOO_MANY):
        return InvalidInput(f"{said} (that is more than the engine takes at once)")
    match status:
        case 403 if "cluster_block" in kind:
            return Unavailable(f"{said} (the index is read-only)")
        case 401 | 403:
            return Misconfigured(f"{said} (are user, password or key right?)")
        case 404:
            return Missing(said)
        case 409:
            return Conflict(said)
        case 400 if "mapper" in kind or "illegal_argument" in kind:
            return InvalidInput(f"{said} (does the index hold something else?)")
    return refusal(status, headers or {}, said)


def dumps(body: Json) -> bytes:
    """JSON in the fewest bytes; what UTF-8 cannot say is escaped."""
    return json.dumps(body, separators=(",", ":")).encode()


def _reason(error: object) -> tuple[str, str]:
    """The kind of an engine's error and all the reasons it gives, outermost first."""
    if not isinstance(error, dict):
        return "", str(error)
    kinds, reasons = [str(error.get("type", ""))], [str(error.get("reason", error))]
    inner = [*error.get("root_cause", ()), error.get("caused_by")]
    for part in inner:
        if isinstance(part, dict):
            kinds.append(str(part.get("type", "")))
            reasons.append(str(part.get("reason", "")))
    return " ".join(kinds), "; ".join(dict.fromkeys(filter(None, reasons)))


def _json(reply: Reply, where: str) -> Json:
    try:
        told: object = json.loads(reply.body) if reply.body else {}
    except ValueError as error:
        if reply.status >= 500:
            raise Unavailable(f"{where} answered {reply.status}") from error
        if reply.status in (401, 403):
            raise refused(reply.status, "no entry", where) from error
        raise BadReply(f"{where} answered {reply.status} with something else than JSON") from error
    if not isinstance(told, dict):
        raise BadReply(f"{where} answered {reply.status} with something else than an object")
    return told
