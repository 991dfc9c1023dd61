"""`http://host:8080/rerank?model=NAME` an endpoint that reranks, as Cohere, Jina or TEI have it.

Extra: `remote`. The key is `PROMPTUARY_RERANKER_KEY`, where one is needed. With a `model` the
request is `{model, query, documents}` (Cohere, Jina, vLLM), without
one it is `{query, texts}`
(TEI). Both are answered by entries of an `index` and a `relevance_score` or `score`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any
from urllib.parse import parse_qsl

from promptuary.adapters._remote.keys import variable
from promptuary.adapters._remote.wire import Request, Wire
from promptuary.domain.errors import BadReply, Misconfigured

_SECONDS = 30.0
_LONGEST = 8_000
"""Characters of a text that are sent: more than such models read."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask, and for which model. Holds a key, so it does not print its headers."""

    url: str
    model: str
    seconds: float
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def connect(url: str) -> HttpReranker:
    """Asks nobody yet. A path that does not end in `rerank` is followed by it. Raises Misconfigured
    for an option that is neither model nor timeout."""
    place, _, query = url.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    model, timeout = options.pop("model", ""), options.pop("timeout", str(_SECONDS))
    if options or not _is_time(timeout):
        known = "model=NAME and timeout=SECONDS (up to 600)"
        raise Misconfigured(f"a reranker's address takes {known}, not {query!r}")
    place = place.rstrip("/")
    key = variable("PROMPTUARY_RERANKER_KEY")
    headers = {"authorization": f"Bearer {key}"} if key else {}
    path = place if place.endswith("rerank") else f"{place}/rerank"
    return HttpReranker(Endpoint(path, model, float(timeout), headers))


class HttpReranker:
    """One model of one endpoint. Texts without content are not sent and come last.

    Raises TimedOut, RateLimited, BadReply or Unavailable (try again), InvalidInput or TooLarge (do
    not), Misconfigured (key, address or model is wrong).
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._wire = Wire()

    @property
    def name(self) -> str:
        """The model, or where it is asked for."""
        return self._endpoint.model or self._endpoint.url

    async def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """As the port says, in one request."""
        clean = {at: _sound(text) for at, text in enumerate(texts) if _sound(text).strip()}
        if not clean or not (asked := _sound(query)).strip():
            return [0.0] * len(texts)
        given = await self._ask(asked, list(clean.values()))
        least = min(given)
        found = dict(zip(clean, given, strict=True))
        return [found.get(at, least) for at in range(len(texts))]

    async def aclose(self) -> None:
        """Close the connections that this event loop holds."""
        await self._wire.aclose()

    async def _ask(self, query: str, texts: list[str]) -> list[float]:
        endpoint = self._endpoint
        wanted: dict[str, object] = {"query": query, "texts": texts, "truncate": True}
        if endpoint.model:
            wanted = {"model": endpoint.model, "query": query, "documents": texts}
        body = json.dumps(wanted).encode()
        request = Request(endpoint.url, body, endpoint.seconds, endpoint.headers)
        reply = await self._wire.post(request)
        try:
            return _scores_of(reply, len(texts))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            shown = request.blotted(f"{type(error).__name__}: {error}")
            raise BadReply(f"{request.where} gave no scores ({shown})") from error


def _scores_of(reply: bytes, count: int) -> list[float]:
    """Raises ValueError, TypeError or KeyError for anything but one finite score a text."""
    said: Any = json.loads(reply)
    entries = said["results"] if isinstance(said, dict) else said
    found: dict[int, float] = {}
    for entry in entries:
        score = entry["relevance_score"] if "relevance_score" in entry else entry["score"]
        if isinstance(score, bool) or not isfinite(score):
            raise ValueError("a score is no number")
        found[entry["index"]] = float(score)
    if len(found) != len(entries) or sorted(found) != list(range(count)):
        raise ValueError(f"{len(entries)} entries for {count} texts")
    return [found[at] for at in range(count)]


def _sound(text: str) -> str:
    return text[:_LONGEST].encode("utf-8", "replace").decode("utf-8")


def _is_time(text: str) -> bool:
    try:
        return 0 < float(text) <= 600
    except ValueError:
        return False
