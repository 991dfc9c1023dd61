"""`rules:` judges by patterns, checksums and a list of terms; no model, no key, no network.

Options in the URL:

- `pii=allow|payment|reject|mask-payment|mask`: refuse no private data, only payment cards and IBANs
  (the default), or e-mail addresses and telephone numbers too; or replace the one or the other by
  placeholders (`[CARD]`, `[EMAIL]`). What is found and allowed is noted in the scores.
- `secrets=reject|allow|mask`: refuse API keys, private keys, passwords and tokens (the default), do
  not, or replace them by `[SECRET]`.
- `policy=FILE`: also refuse the terms in that UTF-8 file, one a line, `#` for comments; with
  `terms=mask` replace them by `[TERM]`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from promptuary.adapters.moderators._terms import Terms
from promptuary.domain.errors import Misconfigured
from promptuary.domain.masks import MaskKind, mask
from promptuary.domain.prompts import Verdict

if TYPE_CHECKING:
    from promptuary.adapters.moderators._formats import Format

OPTIONS = {
    "pii": ("payment", "allow", "reject", "mask-payment", "mask"),
    "secrets": ("reject", "allow", "mask"),
    "terms": ("reject", "mask"),
}
"""What each option may be; the first is the default."""

CERTAIN = 1.0  # the score of a format that carries a checksum or a maker's prefix
ROUNDS: Final = 6
"""So often a text is looked at again for what its placeholders brought to light."""


def connect(url: str) -> RulesModerator:
    """Open `rules:` or `rules:?pii=reject&policy=terms.txt`.

    Raises Misconfigured for an unknown option or value, and for a policy file that cannot be read.
    """
    asked = {name: values[-1] for name, values in parse_qs(url.partition("?")[2]).items()}
    terms = _read_terms(asked.pop("policy", None))
    chosen = {name: asked.pop(name, allowed[0]) for name, allowed in OPTIONS.items()}
    for name, allowed in OPTIONS.items():
        if chosen[name] not in allowed:
            raise Misconfigured(f"rules: {name} is one of {', '.join(allowed)}")
    if asked:
        known = ", ".join([*OPTIONS, "policy"])
        raise Misconfigured(f"rules: has no option {min(asked)!r}; known are {known}")
    least = {"allow": inf, "payment": CERTAIN, "mask-payment": CERTAIN, "reject": 0.0, "mask": 0.0}
    return RulesModerator(
        thresholds={
            "pii": least[chosen["pii"]],
            "secret": inf if chosen["secrets"] == "allow" else 0.0,
        },
        terms=terms,
        masked=frozenset(
            category
            for category, option in (("pii", "pii"), ("secret", "secrets"), ("policy", "terms"))
            if chosen[option].startswith("mask")
        ),
    )


def _read_terms(path: str | None) -> Terms:
    try:
        return Terms(Path(path).read_text(encoding="utf-8") if path else "")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"rules: the policy file {path} cannot be read: {error}") from error


class RulesModerator:
    """A Moderator of fixed rules. A match whose score reaches its category's threshold refuses, or
    is replaced where its category is `masked`."""

    def __init__(
        self,
        *,
        thresholds: Mapping[str, float],
        terms: Terms,
        masked: frozenset[str] = frozenset(),
    ) -> None:
        self._thresholds = thresholds
        self._terms = terms
        self._masked = masked

    @property
    def name(self) -> str:
        """What the record notes as the judge."""
        return "rules"

    async def review(self, texts: Sequence[str]) -> list[Verdict]:
        """One verdict per text, in order; linear in the length of the texts."""
        return [self._judge(text) for text in texts]

    def _judge(self, text: str) -> Verdict:
        scores: dict[str, float] = {}
        reasons: list[str] = []
        folded = text.lower()
        hidden = False
        for kind in _formats():
            if (at := next(kind.find(text, folded), None)) is not None:
                scores[kind.category] = max(scores.get(kind.category, 0.0), kind.score)
                if self._objects(kind):
                    hidden = hidden or kind.category in self._masked
                    if kind.category not in self._masked:
                        reasons.append(f"{kind.what} at character {at[0] + 1}")
        if term := self._terms.first_in(text):
            scores["policy"] = CERTAIN
            hidden = hidden or "policy" in self._masked
            if "policy" not in self._masked:
                reasons.append(f"a term of the policy file (its line {term.line})")
        verdict = Verdict(allowed=not reasons, scores=scores, reason=_sentence(reasons))
        return self._hide(text, verdict) if hidden else verdict

    def _objects(self, kind: Format) -> bool:
        return kind.score >= self._thresholds[kind.category]

    def _hide(self, text: str, verdict: Verdict) -> Verdict:
        """The verdict with a text in which nothing is left to hide: a refusal where that cannot be
        reached, so that nothing passes that should not."""
        counts: Counter[str] = Counter()
        for _ in range(ROUNDS):
            found = merged(self._found(text))
            if not found:
                return replace(verdict, text=text, masked=dict(counts))
            pieces: list[str] = []
            done = 0
            for start, end, kind in found:
                pieces += [text[done:start], mask(kind)]
                done = end
                counts[kind] += 1
            text = "".join([*pieces, text[done:]])
        reason = _sentence(["private data that cannot be taken out of the text"])
        return replace(verdict, allowed=False, reason=verdict.reason or reason, text=text)

    def _found(self, text: str) -> Iterator[tuple[int, int, MaskKind]]:
        folded = text.lower()
        for kind in _formats():
            if kind.category in self._masked and self._objects(kind):
                for start, end in kind.find(text, folded):
                    yield *kind.whole(text, start, end), kind.mask
        if "policy" in self._masked:
            yield from ((start, end, "term") for start, end in self._terms.spans(text))

    async def ping(self) -> None:
        """Nobody else is asked."""

    async def aclose(self) -> None:
        """Nothing is held."""


def merged(found: Iterator[tuple[int, int, MaskKind]]) -> list[tuple[int, int, MaskKind]]:
    """What overlaps goes together: as a secret, if any of it is one, else as what begins first (of
    those, the longest)."""
    whole: list[tuple[int, int, MaskKind]] = []
    for start, end, kind in sorted(found, key=lambda one: (one[0], -one[1])):
        if whole and start < whole[-1][1]:
            before = whole[-1]
            shown = kind if kind == "secret" else before[2]
            whole[-1] = (before[0], max(before[1], end), shown)
        else:
            whole.append((start, end, kind))
    return whole


def _formats() -> Sequence[Format]:
    """Their patterns are compiled for the first text: most commands judge none."""
    from promptuary.adapters.moderators._formats import FORMATS  # noqa: PLC0415 - as said

    return FORMATS


def _sentence(reasons: Sequence[str]) -> str | None:
    return f"contains what looks like {'; '.join(dict.fromkeys(reasons))}" if reasons else None
