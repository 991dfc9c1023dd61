"""`openai:omni-moderation-latest?timeout=5` asks OpenAI's moderations, or those of a host that
speaks like it, about every text.

Extra: `remote`. The key is `OPENAI_API_KEY`, the host `OPENAI_BASE_URL`. Texts leave this machine:
set it as `moderator_beside`, and what `rules:` refuses does not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any
from urllib.parse import parse_qsl

from promptuary.adapters._remote.keys import variable
from promptuary.adapters._remote.together import each_of
from promptuary.adapters._remote.wire import Request, Wire
from promptuary.domain.errors import BadReply, Misconfigured
from promptuary.domain.prompts import Verdict

HOST = "https://api.openai.com/v1"
SECONDS, MOST_SECONDS = 5.0, 600.0
AT_ONCE = 32
"""Texts in one request."""
LONGEST = 20_000
"""Characters of a text in one piece; a longer one is asked about piece by piece, to its end."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask, which model, and for how long. Holds a key, so it prints no headers."""

    url: str
    model: str
    seconds: float
    headers: Mapping[str, str] = field(repr=False)


def connect(url: str) -> OpenAIModerator:
    """Asks nobody yet. Raises Misconfigured without a model or key, and for another option than
    `timeout`, which is up to 600 seconds."""
    model, _, query = url.partition(":")[2].partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    timeout = options.pop("timeout", str(SECONDS))
    if not model or options or not _is_time(timeout):
        raise Misconfigured("openai: write openai:MODEL, with ?timeout=SECONDS (up to 600)")
    key = variable("OPENAI_API_KEY")
    if not key:
        raise Misconfigured("openai: needs OPENAI_API_KEY in the environment")
    where = variable("OPENAI_BASE_URL", HOST).rstrip("/") + "/moderations"
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    return OpenAIModerator(Endpoint(where, model, float(timeout), headers))


class OpenAIModerator:
    """A Moderator that asks an endpoint. Texts without content are not sent, and allowed.

    Raises TimedOut, RateLimited, BadReply or Unavailable (try again), Misconfigured (key, address
    or model is wrong), InvalidInput or TooLarge (do not).
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._wire = Wire()

    @property
    def name(self) -> str:
        """The model."""
        return self._endpoint.model

    async def review(self, texts: Sequence[str]) -> list[Verdict]:
        """One verdict per text, in order: allowed where no piece of it is flagged."""
        pieces = [(at, piece) for at, text in enumerate(texts) for piece in _pieces(text)]
        parts = [pieces[start : start + AT_ONCE] for start in range(0, len(pieces), AT_ONCE)]
        said = await each_of(self._ask, [[piece for _, piece in part] for part in parts])
        scores: list[dict[str, float]] = [{} for _ in texts]
        for part, found in zip(parts, said, strict=True):
            for (at, _), flagged in zip(part, found, strict=True):
                for name, score in flagged.items():
                    scores[at][name] = max(score, scores[at].get(name, 0.0))
        return [self._verdict(flagged) for flagged in scores]

    async def ping(self) -> None:
        """Whoever asked in vain has been told."""

    async def aclose(self) -> None:
        """Close the connections that this event loop holds."""
        await self._wire.aclose()

    def _verdict(self, flagged: Mapping[str, float]) -> Verdict:
        if not flagged:
            return Verdict(allowed=True)
        reason = f"{self.name} says: {', '.join(sorted(flagged))}"
        return Verdict(allowed=False, scores=dict(flagged), reason=reason)

    async def _ask(self, texts: list[str]) -> list[dict[str, float]]:
        endpoint = self._endpoint
        body = json.dumps({"model": endpoint.model, "input": texts}).encode()
        request = Request(endpoint.url, body, endpoint.seconds, endpoint.headers)
        reply = await self._wire.post(request)
        try:
            return _flagged(reply, len(texts))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            shown = request.blotted(f"{type(error).__name__}: {error}")
            raise BadReply(f"{request.where} gave no verdicts ({shown})") from error


def _flagged(reply: bytes, count: int) -> list[dict[str, float]]:
    """The flagged categories of each text with their scores. Raises for anything but one sound
    result a text: what cannot be read is not taken for harmless."""
    results: Any = json.loads(reply)["results"]
    if not isinstance(results, list) or len(results) != count:
        raise ValueError(f"no list of {count} results")
    return [_of(result) for result in results]


def _of(result: Any) -> dict[str, float]:  # noqa: ANN401 - whatever somebody's server sent
    flagged, scores = result["flagged"], result.get("category_scores") or {}
    named = [name for name, is_so in result["categories"].items() if is_so is True]
    if not isinstance(flagged, bool) or (flagged and not named):
        raise ValueError("a result that does not say whether it is flagged, or as what")
    return {name: _score(scores.get(name, 1.0)) for name in named} if flagged else {}


def _score(score: float) -> float:
    if isinstance(score, bool) or not isfinite(score) or not 0 <= score <= 1:
        raise ValueError("a score is no number from 0 to 1")
    return float(score) or 1.0


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces as they are sent; those without content are left out."""
    for start in range(0, len(text), LONGEST):
        piece = text[start : start + LONGEST].encode("utf-8", "replace").decode("utf-8")
        if piece.strip():
            yield piece


def _is_time(text: str) -> bool:
    try:
        return 0 < float(text) <= MOST_SECONDS
    except ValueError:
        return False
