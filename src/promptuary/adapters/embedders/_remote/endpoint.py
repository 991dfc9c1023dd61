"""What is known of an endpoint before it is asked: address, model, dimensions, limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from promptuary.domain.errors import Misconfigured
from promptuary.domain.vectors import Identity

_DIMENSIONS: Mapping[str, int] = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
    "all-minilm": 384,
    "bge-m3": 1024,
    "mxbai-embed-large": 1024,
    "nomic-embed-text": 768,
}
"""Models whose dimensions need not be said."""

_SHORTENED = ("text-embedding-3-",)
"""Models that give fewer dimensions when asked."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may hold. Tokens are estimated, on the high side."""

    texts: int = 100
    tokens: int = 200_000
    tokens_a_text: int = 8_000
    seconds: float = 30.0
    at_once: int = 4


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how to ask. `shorten` is sent as `dimensions` when it is not 0. Holds keys, so it
    does not print its headers."""

    url: str
    model: str
    dimensions: int
    owner: str
    shorten: int = 0
    base64: bool = False
    limits: Limits = field(default_factory=Limits)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def identity(self) -> Identity:
        """Of the model and its dimensions, not of the way to it: a gateway in between, or another
        host that serves the same model, gives the same space."""
        return Identity(
            name=f"{self.owner}/{self.model}",
            dimensions=self.dimensions,
            weights=f"{self.owner}/{self.model}",
            tokenizer="",
            pooling="remote",
            normalised=True,
            max_tokens=self.limits.tokens_a_text,
            prompts=(),
            kernel="remote",
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A URL of an endpoint, taken apart: `scheme:model?options`."""

    scheme: str
    rest: str
    options: Mapping[str, str]

    def dimensions(self, model: str) -> tuple[int, int]:
        """How many a vector has, and how many to ask for (0: as they come). Raises Misconfigured
        when it cannot be known, or the model cannot give as many."""
        known = _DIMENSIONS.get(model.partition(":")[0], 0)
        text = self.options.get("dim", "")
        if text and not (text.isdecimal() and int(text) > 0):
            raise Misconfigured(f"{self.scheme}: dim is a number, not {text!r}")
        wanted = int(text or known)
        if not wanted:
            raise Misconfigured(f"{self.scheme}: say how long the vectors of {model} are: ?dim=N")
        if known and wanted != known:
            if wanted > known or not model.startswith(_SHORTENED):
                raise Misconfigured(f"{model} gives {known} dimensions and cannot give {wanted}")
            return wanted, wanted
        return wanted, 0

    def limits(self) -> Limits:
        """The usual ones, but for `timeout` (seconds) and `batch` (texts)."""
        usual = Limits()
        try:
            seconds = float(self.options.get("timeout", usual.seconds))
            texts = int(self.options.get("batch", usual.texts))
        except ValueError as error:
            raise Misconfigured(f"{self.scheme}: timeout and batch are numbers") from error
        if not (0 < seconds <= 600 and 0 < texts <= 2048):
            raise Misconfigured(f"{self.scheme}: timeout is up to 600 and batch up to 2048")
        return Limits(seconds=seconds, texts=texts)


def take_apart(url: str, *more: str) -> Asked:
    """Raises Misconfigured for an option that is neither dim, timeout, batch, nor one of `more`."""
    scheme, _, rest = url.partition(":")
    name, _, query = rest.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    known = {"dim", "timeout", "batch", *more}
    if unknown := sorted(options.keys() - known):
        raise Misconfigured(f"{scheme}: knows {', '.join(sorted(known))}, not {', '.join(unknown)}")
    if not name:
        raise Misconfigured(f"{scheme}: is followed by the name of a model")
    return Asked(scheme, name, options)
