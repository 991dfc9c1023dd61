"""`rules:` judges by patterns, checksums and a list of terms; no model, no key, no network.

Options in the URL:

- `pii=allow|payment|reject`: refuse no private data, only payment cards and IBANs (the default), or
  e-mail addresses and telephone numbers too. What is found and allowed is noted in the scores.
- `secrets=reject|allow`: refuse API keys, private keys, passwords and tokens (the default) or not.
- `policy=FILE`: also refuse the terms in that UTF-8 file, one a line, `#` for comments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path
from urllib.parse import parse_qs

from promptuary.adapters.moderators._formats import FORMATS, Format
from promptuary.adapters.moderators._terms import Terms
from promptuary.domain.errors import Misconfigured
from promptuary.domain.prompts import Verdict

OPTIONS = {"pii": ("payment", "allow", "reject"), "secrets": ("reject", "allow")}
"""What each option may be; the first is the default."""

CERTAIN = 1.0  # the score of a format that carries a checksum or a maker's prefix


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
        raise Misconfigured(f"rules: has no option {min(asked)!r}; known are pii, secrets, policy")
    refused = {"allow": inf, "payment": CERTAIN, "reject": 0.0}[chosen["pii"]]
    return RulesModerator(
        thresholds={"pii": refused, "secret": 0.0 if chosen["secrets"] == "reject" else inf},
        terms=terms,
    )


def _read_terms(path: str | None) -> Terms:
    try:
        return Terms(Path(path).read_text(encoding="utf-8") if path else "")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"rules: the policy file {path} cannot be read: {error}") from error


class RulesModerator:
    """A Moderator of fixed rules. A match whose score reaches its category's threshold refuses."""

    def __init__(self, *, thresholds: Mapping[str, float], terms: Terms) -> None:
        self._thresholds = thresholds
        self._terms = terms

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
        for kind in FORMATS:
            if (at := next(kind.find(text, folded), None)) is not None:
                scores[kind.category] = max(scores.get(kind.category, 0.0), kind.score)
                reasons += self._objection(kind, at)
        if term := self._terms.first_in(text):
            scores["policy"] = CERTAIN
            reasons.append(f"a term of the policy file (its line {term.line})")
        return Verdict(allowed=not reasons, scores=scores, reason=_sentence(reasons))

    def _objection(self, kind: Format, at: int) -> list[str]:
        refused = kind.score >= self._thresholds[kind.category]
        return [f"{kind.what} at character {at + 1}"] if refused else []

    async def aclose(self) -> None:
        """Nothing is held."""


def _sentence(reasons: Sequence[str]) -> str | None:
    return f"contains what looks like {'; '.join(dict.fromkeys(reasons))}" if reasons else None
