"""One window through the engine: match, discover, claim. Pure: no clock, no store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from promptuary.canon.drafting import (
    Draft,
    Found,
    finish,
    founded,
    join,
    join_found,
    known,
    rejoin,
    renew,
    reopened,
)
from promptuary.canon.findings import findings
from promptuary.canon.matching.place import THRESHOLD, KnownTemplate, Match, Matcher
from promptuary.canon.reconcile import Decision, KnownLineage, Proposal, reconcile
from promptuary.canon.ruling import Ruling
from promptuary.canon.templates.filling import holes
from promptuary.domain.corrections import Correction
from promptuary.domain.prompts import Collection, Prompt
from promptuary.domain.templates import Family, Intent, Lineage, Placement, Template

YOUNG = 30
"""Up to this many prompts a lineage is young: mined again with whatever comes."""
SLIGHT = 0.25
"""Below this share of a mature lineage's prompts, a looser template of some is no new version."""
LEARNED_FROM = 3
"""Examples of each template from which a matcher learns what stands around prompts."""
TELLING = 100
"""From so many templates, evenly spread, the examples tell what the traffic is like."""
EXACT = 0.999
SURE = 0.8
"""Confidence at which a prompt joins a template that discovery made without it."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is mined at once: waiting prompts by seq, earlier ones that stand alone, what is known.

    `young` are all prompts of the young lineages with their placements, `kindred` some prompts of
    each family that is made of prompts alone. `guests` are templates of another record, which stay
    once a prompt is placed under them. `ruling` is what the standing `corrections` ask. `joined`
    are lineages that people joined to others, which get whatever their wording explains. `intents`
    are groups of prompts that people had a say in, `held` says which prompt at hand is of which.
    `until` is the last seq of the window (of a prompt that moderation refused, perhaps).
    """

    collection: Collection
    until: int
    prompts: tuple[Prompt, ...]
    pool: tuple[Prompt, ...]
    lineages: tuple[Lineage, ...]
    families: tuple[Family, ...]
    young: tuple[tuple[Prompt, Placement], ...] = ()
    kindred: tuple[Prompt, ...] = ()
    guests: tuple[Lineage, ...] = ()
    corrections: tuple[Correction, ...] = ()
    ruling: Ruling = field(default_factory=Ruling)
    joined: tuple[Lineage, ...] = ()
    intents: tuple[Intent, ...] = ()
    held: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a window changes in the record; `displaced` prompts stand alone from now on.

    `moved` are the prompts among the placements that stood elsewhere or nowhere before.
    New lineages have no family yet (`canon/relating.py`).
    """

    placements: tuple[Placement, ...]
    moved: tuple[str, ...]
    displaced: tuple[str, ...]
    lineages: tuple[Lineage, ...]
    versions: tuple[Template, ...]


def mine(window: Window, *, minimum: int, threshold: float | None) -> Outcome:
    """Place the window's prompts, and find, renew and merge templates. Same window, same outcome.

    What a mature template explains word for word is placed. All else is mined together: prompts
    nobody explains, prompts explained but for some words (the wording may have changed), earlier
    prompts that stand alone, and those of young lineages that something new is like, which a few
    more examples may prove right, wrong or parts of one another.
    """
    lineages = (*window.lineages, *window.guests, *window.joined)
    matcher = _matcher(lineages, threshold)
    texts = [prompt.text for prompt in window.prompts]
    matched = list(zip(window.prompts, matcher.learn_and_match(texts), strict=True))
    mature = {line.id for line in lineages} - {p.lineage_id for _, p in window.young}
    near = mature & {match.key for _, match in matched if match}
    tight = {line.id: _single_words(line) for line in lineages if line.id in near}
    sure = {p.id for p, m in matched if m and m.key in tight and _proves(m, tight[m.key])}
    unsettled = [prompt for prompt, _ in matched if prompt.id not in sure]
    window = replace(window, young=_stirred(window.young, matcher, unsettled))
    ripe = {placement.lineage_id for _, placement in window.young}
    drafts = {line.id: reopened(line) if line.id in ripe else known(line) for line in lineages}
    _join_all(drafts, [pair for pair in matched if pair[0].id in sure])
    open_prompts = [*window.pool, *(prompt for prompt, _ in window.young), *unsettled]
    rest = sorted(open_prompts, key=lambda prompt: prompt.seq)
    beside = [*_some(lineages), *(p.text for p in window.prompts if p.id in sure)]
    taken, changed = _discover(drafts, window, rest, minimum, beside)
    _join_all(drafts, [pair for pair in matched if pair[0].id not in taken | sure])
    _rejoin(drafts, window.young, taken)
    placed = {prompt.id for draft in drafts.values() for prompt in draft.members}
    late = [prompt for prompt in rest if prompt.id not in placed]
    _join_all(drafts, [pair for pair in _match(late, changed, threshold) if _is_sure(pair[1])])
    return _handed_over(window, _outcome(window, list(drafts.values())))


def _stirred(
    young: Sequence[tuple[Prompt, Placement]], matcher: Matcher, unsettled: Iterable[Prompt]
) -> tuple[tuple[Prompt, Placement], ...]:
    """The prompts of those young lineages that an unsettled prompt shares enough with: nothing new
    is to be learnt of the others, which stay as they are."""
    near = {key for prompt in unsettled for key in matcher.likely(prompt.text)}
    return tuple(pair for pair in young if pair[1].lineage_id in near)


def matcher_of(lineages: Iterable[Lineage], threshold: float | None) -> Matcher:
    """A matcher of the current templates; a Match's key is the lineage's id.

    It knows the polite words around the examples, so that no value ends in them.
    """
    known_lines = list(lineages)
    examples = [text for line in known_lines for text in line.examples[:LEARNED_FROM]]
    return _matcher(known_lines, threshold).learned(examples)


def _matcher(lineages: Iterable[Lineage | Draft], threshold: float | None) -> Matcher:
    templates = [KnownTemplate(line.id, line.template.text) for line in lineages]
    return Matcher.build(templates, threshold=THRESHOLD if threshold is None else threshold)


def _match(
    prompts: Sequence[Prompt], drafts: Iterable[Draft], threshold: float | None
) -> list[tuple[Prompt, Match | None]]:
    texts = [prompt.text for prompt in prompts]
    return list(zip(prompts, _matcher(drafts, threshold).learn_and_match(texts), strict=True))


def _is_sure(match: Match | None) -> bool:
    """Discovery has just left the prompt out of the template: only a full match overrules that."""
    return match is not None and _is_exact(match) and match.confidence >= SURE


def _single_words(line: Lineage) -> list[str]:
    """The slots that never had white space in their values."""
    return [
        name
        for name in holes(line.template.text)
        if (seen := line.tallies.get(name)) and not any(len(v.split()) > 1 for v in seen.counts)
    ]


def _proves(match: Match, single_words: Iterable[str]) -> bool:
    """Whether a match settles the matter. A value with white space in a slot that never had any
    does not: it may hold the fixed words of another template."""
    return _is_exact(match) and all(len(match.slots[n].split()) < 2 for n in single_words)


def _is_exact(match: Match) -> bool:
    """All fixed words are there, and none between them that does not belong."""
    return not match.missing and match.similarity > EXACT


def _join_all(drafts: Mapping[str, Draft], pairs: Iterable[tuple[Prompt, Match | None]]) -> None:
    """A match with a text that was renewed meanwhile counts no more; it is matched again late."""
    names = {draft.id: draft.name for draft in drafts.values()}
    for prompt, match in pairs:
        if match is not None and not drafts[match.key].renewed:
            join(drafts[match.key], prompt, match, names)


def _rejoin(
    drafts: Mapping[str, Draft], young: Iterable[tuple[Prompt, Placement]], taken: set[str]
) -> None:
    """Prompts of young lineages that no proposal took stay, if their template does."""
    for prompt, placement in young:
        draft = drafts[placement.lineage_id]
        if prompt.id not in taken and not draft.versions:
            rejoin(draft, prompt, placement)


def _some(lineages: Sequence[Lineage]) -> list[str]:
    """A few examples of some known templates: they tell what the traffic is like."""
    some = lineages[:: 1 + len(lineages) // TELLING]
    return [text for line in some for text in line.examples[:LEARNED_FROM]]


def _discover(
    drafts: dict[str, Draft],
    window: Window,
    rest: Sequence[Prompt],
    minimum: int,
    beside: Sequence[str],
) -> tuple[set[str], list[Draft]]:
    """Mine what is open; the ids of prompts that found a place, and drafts that are new or renewed.

    A proposal is the young lineage most of whose prompts it holds; else reconciling by text says.
    """
    finds = findings(rest, minimum=minimum, beside=beside)
    claims = _claims(finds, window.young)
    unclaimed = [find for at, find in enumerate(finds) if at not in claims]
    others = [draft for draft in drafts.values() if draft.id not in claims.values()]
    decisions = iter(
        reconcile(
            [_as_known(draft) for draft in others],
            [Proposal(find.text, find.first.seq) for find in unclaimed],
        )
    )
    changed: list[Draft] = []
    taken: set[str] = set()
    for at, find in enumerate(finds):
        decision = None if at in claims else next(decisions)
        key = claims[at] if decision is None else decision.key
        if decision is not None and (
            _is_slight(find, decision, drafts) or _is_locked(decision, window.ruling)
        ):
            continue
        taken.update(prompt.id for prompt, _ in find.members)
        if key is None:
            draft = founded(window.collection, window.until, find)
            drafts[draft.id] = draft
            changed.append(draft)
        elif decision is not None and decision.verdict == "same":
            join_found(drafts[key], find)
        else:
            renew(drafts[key], find)
            changed.append(drafts[key])
    return taken, changed


def _is_slight(find: Found, decision: Decision, drafts: Mapping[str, Draft]) -> bool:
    """Whether a few odd prompts would loosen the template of many: they stay loose instead."""
    if decision.verdict != "generalises" or decision.key is None:
        return False
    return len(find.members) < SLIGHT * drafts[decision.key].size


def _is_locked(decision: Decision, ruling: Ruling) -> bool:
    """Whether people said that the text to be changed stays: prompts may join as they match it."""
    return decision.verdict in {"generalises", "renews"} and decision.key in ruling.locked


def _claims(finds: Sequence[Found], young: Iterable[tuple[Prompt, Placement]]) -> Mapping[int, str]:
    """Which proposal goes on with which young lineage: by the most prompts in common."""
    home = {prompt.id: placement.lineage_id for prompt, placement in young}
    shared: Counter[tuple[int, str]] = Counter()
    for at, find in enumerate(finds):
        shared.update((at, home[prompt.id]) for prompt, _ in find.members if prompt.id in home)
    claims: dict[int, str] = {}
    for (at, lineage), _ in sorted(shared.items(), key=lambda one: (-one[1], one[0])):
        if at not in claims and lineage not in claims.values():
            claims[at] = lineage
    return claims


def _as_known(draft: Draft) -> KnownLineage:
    """With what has matched in this window, so that a wording still in use is not renewed."""
    lineage = draft.lineage
    seqs = [prompt.seq for prompt in draft.members] + ([lineage.last_seq] if lineage else [])
    return KnownLineage(
        draft.id, draft.template.text, lineage.examples if lineage else (), max(seqs, default=0)
    )


def _outcome(window: Window, drafts: Sequence[Draft]) -> Outcome:
    """What changed. A young lineage whose prompts all went elsewhere is merged into where most
    of them are."""
    alive = [draft for draft in drafts if draft.members or (draft.size and not draft.reopened)]
    finished = [finish(draft) for draft in alive]
    now = {placement.prompt_id: placement for draft in alive for placement in draft.placements}
    changed = [line for line, draft in zip(finished, alive, strict=True) if draft.touched]
    old = {prompt.id: placement for prompt, placement in window.young}
    gone = [d.lineage for d in drafts if d.lineage and d.reopened and not d.members]
    merged = [_merged(line, old.values(), now) for line in gone]
    return Outcome(
        placements=tuple(p for p in now.values() if not _stays(old.get(p.prompt_id), p)),
        moved=tuple(key for key, p in now.items() if not _same_place(old.get(key), p)),
        displaced=tuple(sorted(old.keys() - now.keys())),
        lineages=(*changed, *merged),
        versions=tuple(version for draft in alive for version in draft.versions),
    )


def _same_place(old: Placement | None, new: Placement) -> bool:
    return old is not None and old.lineage_id == new.lineage_id


def _stays(old: Placement | None, new: Placement) -> bool:
    """Whether a placement says the same as before: then it also keeps its reasons of then."""
    return (
        old is not None
        and replace(new, similarity=old.similarity, confidence=old.confidence, reasons=old.reasons)
        == old
    )


def _merged(line: Lineage, old: Iterable[Placement], now: Mapping[str, Placement]) -> Lineage:
    """Without a taker (its prompts stand alone again) it is merged into nothing: itself."""
    takers = Counter(
        now[placement.prompt_id].lineage_id
        for placement in old
        if placement.lineage_id == line.id and placement.prompt_id in now
    )
    taker = min(takers, key=lambda key: (-takers[key], key)) if takers else line.id
    return replace(line, size=0, family_id=None, merged_into=taker)


def _handed_over(window: Window, outcome: Outcome) -> Outcome:
    """What was found under the wording of a joined lineage stands under the one it was joined to;
    the wording itself goes on, so that later prompts are known by it too."""
    to = window.ruling.joined
    lines = {line.id: line for line in window.lineages} | {
        line.id: line for line in outcome.lineages
    }
    changed = {line.id: line for line in outcome.lineages}
    for key in changed.keys() & to.keys():
        found, taker = changed[key], lines[to[key]]
        lines[taker.id] = changed[taker.id] = replace(
            taker,
            size=taker.size + found.size,
            last_seq=max(taker.last_seq, found.last_seq),
            updated_at=max(taker.updated_at, found.updated_at),
        )
        changed[key] = replace(found, size=0, family_id=None, merged_into=taker.id)
    placements = (
        replace(p, lineage_id=to.get(p.lineage_id, p.lineage_id)) for p in outcome.placements
    )
    return replace(outcome, placements=tuple(placements), lineages=tuple(changed.values()))
