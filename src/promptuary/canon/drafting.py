"""A lineage while a window is worked on: prompts join it, its template may be renewed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from heapq import nsmallest
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from promptuary.canon.matching.place import KnownTemplate, Match, Matcher, reasons
from promptuary.canon.templates import residual
from promptuary.canon.templates.filling import Hole, Parts, fill, from_braces, holes
from promptuary.canon.templates.filling import format as written
from promptuary.canon.templates.slots import describe, tally
from promptuary.canon.templates.versions import fixed_words, next_version
from promptuary.domain.masks import MASKS
from promptuary.domain.prompts import Collection, Prompt
from promptuary.domain.templates import (
    Lineage,
    Placement,
    SlotTally,
    Template,
)

if TYPE_CHECKING:
    from promptuary.canon.discovery.discover import Proposal

EXAMPLES = 16
"""Member texts a lineage remembers: enough to tell whether a new template covers them, and what its
prompts mean."""
LONGEST_EXAMPLE = 8_000
NAME_WORDS = 7


@dataclass(slots=True)  # changes: prompts join it one by one
class Draft:
    """What is known of a lineage, and what the window added. `lineage` is None for a new one."""

    id: str
    collection: str
    template: Template
    lineage: Lineage | None = None
    tallies: dict[str, SlotTally] = field(default_factory=dict)
    placements: list[Placement] = field(default_factory=list)
    members: list[Prompt] = field(default_factory=list)
    versions: list[Template] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)
    reopened: bool = False

    @property
    def name(self) -> str:
        """What a person calls it: its first fixed words."""
        if self.lineage is not None and not self.versions:
            return self.lineage.name
        return first_words(self.template.text, self.id)

    @property
    def touched(self) -> bool:
        """Whether the window changed anything."""
        return self.lineage is None or self.reopened or bool(self.members or self.versions)

    @property
    def size(self) -> int:
        """Prompts so far, with those of the window."""
        return len(self.members) + (self.counted.size if self.counted else 0)

    @property
    def renewed(self) -> bool:
        """Whether a known lineage has got another text."""
        return self.lineage is not None and bool(self.versions)

    @property
    def counted(self) -> Lineage | None:
        """The lineage whose numbers stand; a reopened one is added up anew."""
        return None if self.reopened else self.lineage


def first_words(text: str, lineage_id: str) -> str:
    """The name of a lineage whose template has that text, unless people call it something else."""
    return " ".join(fixed_words(text)[:NAME_WORDS]) or f"Cluster-{lineage_id[:8]}"


def known(lineage: Lineage) -> Draft:
    """A lineage as it stands before the window."""
    return Draft(
        lineage.id, lineage.collection, lineage.template, lineage, tallies=dict(lineage.tallies)
    )


def reopened(lineage: Lineage) -> Draft:
    """A young lineage: its prompts are decided anew, only its identity and history stand."""
    return Draft(lineage.id, lineage.collection, lineage.template, lineage, reopened=True)


def rejoin(draft: Draft, prompt: Prompt, placement: Placement) -> None:
    """A prompt stays where it was placed before."""
    _take(draft, prompt, placement)


def join(draft: Draft, prompt: Prompt, match: Match, names: Mapping[str, str]) -> None:
    """A prompt that the matcher placed joins."""
    _take(draft, prompt, placement_of(prompt.id, match, draft.template, names))


def placement_of(
    prompt_id: str, match: Match, template: Template, names: Mapping[str, str]
) -> Placement:
    """What the record keeps of a match; `names` names lineages for the reasons."""
    return Placement(
        prompt_id=prompt_id,
        lineage_id=match.key,
        template_id=template.id,
        slots=match.slots,
        residual=match.residual,
        similarity=match.similarity,
        confidence=match.confidence,
        reasons=reasons(match, names),
    )


def founded(collection: Collection, until: int, found: Found) -> Draft:
    """A new lineage. Its id is made of its first prompt and its window: same founding, same id."""
    own_id = str(
        uuid5(NAMESPACE_URL, f"promptuary:lineage:{collection.id}:{until}:{found.first.id}")
    )
    described = describe(found.text, found.tallies)
    template = _version(None, own_id, described.text, found)
    draft = Draft(own_id, collection.name, template, versions=[template])
    join_found(draft, found)
    return draft


def renew(draft: Draft, found: Found) -> None:
    """The lineage goes on with another text; examples carry their values over."""
    described = describe(found.text, found.tallies)
    old = draft.template
    change = next_version(old, described.text)
    if change is not None:
        draft.template = _version(old, draft.id, described.text, found)
        draft.versions.append(draft.template)
        draft.tallies = {}
        draft.values = _values_again(described.text, _examples(draft))
    join_found(draft, found)


def join_found(draft: Draft, found: Found) -> None:
    """The members that discovery found join; holes correspond in their order."""
    names = dict(zip(holes(found.text), holes(draft.template.text), strict=False))
    total = len(found.members)
    for prompt, values in found.members:
        slots = {names[hole]: value for hole, value in values.items() if hole in names}
        filled = ", ".join(f"`{name}`" for name, value in slots.items() if value)
        why = [f"one of {total} prompts from which template {draft.name} was found"]
        why += [f"differs in slot {filled}"] if filled else []
        placement = Placement(
            prompt_id=prompt.id,
            lineage_id=draft.id,
            template_id=draft.template.id,
            slots=slots,
            residual=residual.between(fill(draft.template.text, slots), prompt.text),
            similarity=1.0,
            confidence=found.confidence,
            reasons=tuple(why),
        )
        _take(draft, prompt, placement)


@dataclass(frozen=True, slots=True)
class Found:
    """A proposal with its prompts: text in the record's form, values by hole (`s0`, `s1`, ...)."""

    text: str
    members: tuple[tuple[Prompt, Mapping[str, str]], ...]
    confidence: float
    of_lines: bool = False

    @property
    def first(self) -> Prompt:
        """The member that arrived first."""
        return min((prompt for prompt, _ in self.members), key=lambda prompt: prompt.seq)

    @property
    def tallies(self) -> dict[str, SlotTally]:
        """The values of each hole; a member without one counts as empty."""
        return {
            hole: tally(SlotTally(), [values.get(hole, "") for _, values in self.members])
            for hole in holes(self.text)
        }


def found(proposal: Proposal, prompts: Sequence[Prompt]) -> Found:
    """A proposal's members as prompts; `prompts` is what discovery was given."""
    parts, taken_out = open_masks(from_braces(proposal.text))
    return Found(
        written(parts),
        tuple(
            (prompts[member.index], _with_masks(member.values, taken_out, prompts[member.index]))
            for member in proposal.members
        ),
        proposal.confidence,
        proposal.of_lines,
    )


def open_masks(parts: Parts) -> tuple[Parts, dict[str, str]]:
    """Holes where fixed text has placeholders of what was taken out of every prompt: there the
    values differed. With the placeholder that each of these holes is filled with."""
    opened: list[str | Hole] = []
    filled: dict[str, str] = {}
    for part in parts:
        if isinstance(part, Hole):
            opened.append(part)
            continue
        done = 0
        for mask in MASKS.finditer(part):
            hole = f"m{len(filled)}"
            filled[hole] = mask[0]
            opened += [part[done : mask.start()], Hole(hole)]
            done = mask.end()
        opened.append(part[done:])
    return tuple(opened), filled


def _with_masks(
    values: Mapping[str, str], taken_out: Mapping[str, str], prompt: Prompt
) -> Mapping[str, str]:
    """The values of a member with those of the opened holes, where its text has as many."""
    there = Counter(mask[0] for mask in MASKS.finditer(prompt.text))
    there -= Counter(mask[0] for value in values.values() for mask in MASKS.finditer(value))
    own: dict[str, str] = {}
    for hole, mask in taken_out.items():
        own[hole] = mask if there[mask] > 0 else ""
        there[mask] -= 1
    return {**values, **own} if taken_out else values


def finish(draft: Draft) -> Lineage:
    """The lineage as the record will have it: size, seqs, tallies, examples, slots added up."""
    old = draft.lineage
    if not draft.touched and old is not None:
        return old
    tallies = {
        name: tally(draft.tallies.get(name, SlotTally()), draft.values.get(name, []))
        for name in holes(draft.template.text)
    }
    template = _with_slots(draft.template, tallies)
    draft.versions = [template if v.id == template.id else v for v in draft.versions]
    seqs = [prompt.seq for prompt in draft.members]
    times = [prompt.created_at for prompt in draft.members]
    before = draft.counted
    return Lineage(
        id=draft.id,
        collection=draft.collection,
        name=draft.name,
        template=template,
        family_id=old.family_id if old else None,
        size=draft.size,
        first_seq=min([*seqs, *([before.first_seq] if before else [])]),
        last_seq=max([*seqs, *([before.last_seq] if before else [])]),
        examples=tuple(_examples(draft)),
        tallies=tallies,
        created_at=old.created_at if old else min(times),
        updated_at=max([*times, *([old.updated_at] if old else [])]),
    )


def _take(draft: Draft, prompt: Prompt, placement: Placement) -> None:
    draft.placements.append(placement)
    draft.members.append(prompt)
    for name in holes(draft.template.text):
        draft.values.setdefault(name, []).append(placement.slots.get(name, ""))


def _examples(draft: Draft) -> list[str]:
    """A sample by what the texts are, not by when they came (the smallest hashes: Broder 1997): the
    same prompts leave the same examples, in any order and from any number of homes."""
    own = draft.counted.examples if draft.counted else ()
    fresh = (p.text for p in draft.members if len(p.text) <= LONGEST_EXAMPLE)
    return nsmallest(EXAMPLES, dict.fromkeys([*own, *fresh]), key=_lot)


def _lot(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _values_again(text: str, examples: Iterable[str]) -> dict[str, list[str]]:
    """The values that the examples have in another template, so that its slots start informed."""
    values: dict[str, list[str]] = {}
    for match in Matcher.build([KnownTemplate("renewed", text)]).match(list(examples)):
        if match is not None:
            for name in holes(text):
                values.setdefault(name, []).append(match.slots.get(name, ""))
    return values


def _version(old: Template | None, lineage_id: str, text: str, found: Found) -> Template:
    change = next_version(old, text)
    if change is None:
        raise AssertionError("a version is made only of another text")
    return Template(
        id=str(uuid5(NAMESPACE_URL, f"promptuary:template:{lineage_id}:{change.version}")),
        lineage_id=lineage_id,
        version=change.version,
        text=text,
        slots=(),
        confidence=found.confidence,
        reason=change.reason,
        created_at=found.first.created_at,
    )


def _with_slots(template: Template, tallies: Mapping[str, SlotTally]) -> Template:
    return Template(
        id=template.id,
        lineage_id=template.lineage_id,
        version=template.version,
        text=template.text,
        slots=describe(template.text, tallies).slots,
        confidence=template.confidence,
        reason=template.reason,
        created_at=template.created_at,
    )
