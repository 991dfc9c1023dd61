"""Is a newly discovered template one we know? Identity of templates over time.

Each proposal is compared with every known lineage, by its fixed words (`versions.likeness`) and by
its behaviour (does it place the lineage's examples?). In this order, the first that holds decides:

1. `same`: the fixed words are the lineage's, hole for hole. Nothing new was found.
2. `generalises`: every example of the lineage matches the proposal, which has no more fixed words
   than it and at least half of them: what was fixed has turned out to vary.
3. `renews`: at least 75 % of the fixed words agree in order, the number of slots differs by at most
   one, and no prompt has matched the lineage since the proposal's first: the wording was changed.
4. `new`: a lineage of its own.

A lineage is claimed by at most one proposal: the most alike, then the one with the lowest number.

Only lineages that share enough words with a proposal are compared with it. They are found by prefix
filtering (Chaudhuri et al. 2006): whoever shares so many of some words has one of all but the last
few of them, so the commonest words need not be looked up and time does not grow with the product of
lineages and proposals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal, TypeAlias

from promptuary.canon.matching.place import KnownTemplate, Matcher
from promptuary.canon.templates.filling import Hole, holes, parse
from promptuary.canon.templates.versions import MEANING, fixed_words, likeness
from promptuary.canon.tokens import tokenise

Verdict: TypeAlias = Literal["same", "generalises", "renews", "new"]

RENEWED = 0.75  # of the fixed words in order
COMMON = 0.3  # of the fixed words, whatever their order, before two texts are looked at closely


@dataclass(frozen=True, slots=True)
class KnownLineage:
    """A lineage's current text, a bounded sample of its members, and its prompts' last seq."""

    key: str
    text: str
    examples: tuple[str, ...]
    last_seq: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A discovered template text and the lowest seq among its members."""

    text: str
    first_seq: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What a proposal is; `key` is the lineage it belongs to, None for a new one."""

    verdict: Verdict
    key: str | None
    similarity: float


def reconcile(known: Sequence[KnownLineage], proposals: Sequence[Proposal]) -> list[Decision]:
    """One decision a proposal, in order. Deterministic; see the module for the rules."""
    words = [frozenset(fixed_words(lineage.text)) for lineage in known]
    having: dict[str, list[int]] = defaultdict(list)
    for at, theirs in enumerate(words):
        for word in theirs:
            having[word].append(at)
    claims: list[tuple[int, float, int, int, Verdict]] = []
    for number, proposal in enumerate(proposals):
        matcher = Matcher.build([KnownTemplate("proposal", proposal.text)])
        for at in sharing(frozenset(fixed_words(proposal.text)), words, having):
            verdict, alike = _compared(known[at], proposal, matcher)
            if verdict != "new":
                claims.append((_ORDER[verdict], -alike, number, at, verdict))
    return _settled(known, proposals, sorted(claims))


def sharing(
    mine: frozenset[str], words: Sequence[frozenset[str]], having: Mapping[str, Sequence[int]]
) -> list[int]:
    """The numbers of all `words` that share at least COMMON of `mine`, ascending; `having` says
    which have a word."""
    if not mine:
        return []
    least = COMMON * len(mine)
    rarest_first = sorted(mine, key=lambda word: len(having.get(word, ())))
    telling = rarest_first[: len(mine) - ceil(least) + 1]
    near = {at for word in telling for at in having.get(word, ())}
    return [at for at in sorted(near) if len(mine & words[at]) >= least]


_ORDER: dict[Verdict, int] = {"same": 0, "generalises": 1, "renews": 2}


def _settled(
    known: Sequence[KnownLineage],
    proposals: Sequence[Proposal],
    claims: Sequence[tuple[int, float, int, int, Verdict]],
) -> list[Decision]:
    decisions = [Decision("new", None, 0.0) for _ in proposals]
    claimed: set[int] = set()
    for _, alike, number, at, verdict in claims:
        if decisions[number].key is None and at not in claimed:
            decisions[number] = Decision(verdict, known[at].key, -alike)
            claimed.add(at)
    return decisions


def _compared(lineage: KnownLineage, proposal: Proposal, matcher: Matcher) -> tuple[Verdict, float]:
    alike = likeness(lineage.text, proposal.text)
    if alike == 1 and _shape(lineage.text) == _shape(proposal.text):
        return "same", alike
    if alike < MEANING:
        return "new", alike
    if _generalises(lineage, proposal, matcher):
        return "generalises", alike
    few = abs(len(holes(lineage.text)) - len(holes(proposal.text))) <= 1
    if alike >= RENEWED and few and lineage.last_seq < proposal.first_seq:
        return "renews", alike
    return "new", alike


def _shape(text: str) -> list[str | None]:
    """Fixed words with None for each hole."""
    shape: list[str | None] = []
    for part in parse(text):
        shape += [None] if isinstance(part, Hole) else tokenise(part).words
    return shape


def _generalises(lineage: KnownLineage, proposal: Proposal, matcher: Matcher) -> bool:
    mine, theirs = fixed_words(proposal.text), fixed_words(lineage.text)
    if not lineage.examples or len(mine) > len(theirs):
        return False
    matches = matcher.match(lineage.examples)
    return all(match is not None and not match.missing for match in matches)
