"""A three-way merge of contents that knows what a slot is.

Texts are compared piece by piece, a piece being a slot with its braces, a word, or what stands
between: so two people may change one line, and a slot is never cut in two. Slots are merged by name
and member, configuration by its keys, chat prompts turn by turn. What both changed, and
differently, is a conflict and is named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final, Literal, TypeAlias, TypeVar

from promptuary.domain.library import ChatTurn, DeclaredSlot, PromptContent

T = TypeVar("T")
Side: TypeAlias = Literal["ours", "theirs"]
_PIECE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{\w+\}|\w+|\s+|[^\w\s]", re.DOTALL)
MOST_PIECES: Final = 20_000
"""Longer texts are compared line by line."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of it, and where both sides had changed the same; there `prefer` decided."""

    content: PromptContent
    conflicts: tuple[str, ...]


def merge(
    base: PromptContent, ours: PromptContent, theirs: PromptContent, *, prefer: Side = "ours"
) -> Merged:
    """Both changes of `base` in one."""
    conflicts: list[str] = []

    def pick(what: str, old: T, mine: T, other: T) -> T:
        if other in (mine, old):
            return mine
        if mine == old:
            return other
        conflicts.append(what)
        return mine if prefer == "ours" else other

    syntax = pick("syntax", base.syntax, ours.syntax, theirs.syntax)
    text = _text("text", base.text, ours.text, theirs.text, conflicts, prefer)
    turns = _turns(base.turns, ours.turns, theirs.turns, conflicts, prefer)
    if text and turns:
        conflicts.append("text or turns")
        text, turns = (ours.text, ours.turns) if prefer == "ours" else (theirs.text, theirs.turns)
    return Merged(
        PromptContent(
            text=text,
            turns=turns,
            syntax=syntax,
            slots=_slots(base.slots, ours.slots, theirs.slots, conflicts, prefer),
            lazy_text=pick("lazy text", base.lazy_text, ours.lazy_text, theirs.lazy_text),
            config=_config(base.config, ours.config, theirs.config, conflicts, prefer),
        ),
        tuple(dict.fromkeys(conflicts)),
    )


def _text(what: str, base: str, ours: str, theirs: str, conflicts: list[str], prefer: Side) -> str:
    made: list[str] = []
    for mine, other, agreed in _regions(_pieces(base), _pieces(ours), _pieces(theirs)):
        if agreed is None:
            conflicts.append(f"{what}: {_short(mine)} or {_short(other)}")
        made += agreed if agreed is not None else mine if prefer == "ours" else other
    return "".join(made)


def _pieces(text: str) -> list[str]:
    pieces = _PIECE.findall(text)
    return pieces if len(pieces) <= MOST_PIECES else text.splitlines(keepends=True)


def _regions(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> Iterator[tuple[Sequence[str], Sequence[str], Sequence[str] | None]]:
    """Stretches of both sides in order, with what both agree on, or None (`diff3`)."""
    for (b, o, t, size), (next_b, next_o, next_t, _) in pairwise(_anchors(base, ours, theirs)):
        yield ours[o : o + size], theirs[t : t + size], base[b : b + size]
        mine, other = ours[o + size : next_o], theirs[t + size : next_t]
        old = base[b + size : next_b]
        if other in (mine, old):
            yield mine, other, mine
        elif mine == old:
            yield mine, other, other
        else:
            yield mine, other, None


def _anchors(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> list[tuple[int, int, int, int]]:
    """Stretches that stand in all three, in order: where in each, and how long. One without length
    begins, and one ends."""
    mine = SequenceMatcher(None, base, ours, autojunk=False).get_matching_blocks()
    other = SequenceMatcher(None, base, theirs, autojunk=False).get_matching_blocks()
    found = [(0, 0, 0, 0)]
    at, against = 0, 0
    while at < len(mine) and against < len(other):
        one, two = mine[at], other[against]
        begins, ends = max(one.a, two.a), min(one.a + one.size, two.a + two.size)
        if begins < ends:
            in_ours, in_theirs = one.b + begins - one.a, two.b + begins - two.a
            found.append((begins, in_ours, in_theirs, ends - begins))
        if one.a + one.size < two.a + two.size:
            at += 1
        else:
            against += 1
    return [*found, (len(base), len(ours), len(theirs), 0)]


def _turns(
    base: tuple[ChatTurn, ...],
    ours: tuple[ChatTurn, ...],
    theirs: tuple[ChatTurn, ...],
    conflicts: list[str],
    prefer: Side,
) -> tuple[ChatTurn, ...]:
    """Turn by turn where both kept their order and roles, else as a whole."""
    if theirs in (ours, base):
        return ours
    if ours == base:
        return theirs
    if not (_shape(base) == _shape(ours) == _shape(theirs)):
        conflicts.append("turns")
        return ours if prefer == "ours" else theirs
    triples = enumerate(zip(base, ours, theirs, strict=True), 1)
    return tuple(
        replace(o, content=_text(f"turn {n}", b.content, o.content, t.content, conflicts, prefer))
        for n, (b, o, t) in triples
    )


def _shape(turns: tuple[ChatTurn, ...]) -> list[tuple[str, str | None]]:
    return [(turn.role, turn.placeholder) for turn in turns]


def _slots(
    base: tuple[DeclaredSlot, ...],
    ours: tuple[DeclaredSlot, ...],
    theirs: tuple[DeclaredSlot, ...],
    conflicts: list[str],
    prefer: Side,
) -> tuple[DeclaredSlot, ...]:
    """By name, in the order of ours; what only theirs has follows."""
    old, mine, other = ({slot.name: slot for slot in each} for each in (base, ours, theirs))
    made: list[DeclaredSlot] = []
    for name in dict.fromkeys([*mine, *other]):
        merged = _slot(name, old.get(name), mine.get(name), other.get(name), conflicts, prefer)
        made += [merged] if merged is not None else []
    return tuple(made)


def _slot(
    name: str,
    base: DeclaredSlot | None,
    ours: DeclaredSlot | None,
    theirs: DeclaredSlot | None,
    conflicts: list[str],
    prefer: Side,
) -> DeclaredSlot | None:
    if theirs in (ours, base):
        return ours
    if ours == base:
        return theirs
    if ours is None or theirs is None or base is None:
        conflicts.append(f"slot {name}")
        return ours if prefer == "ours" else theirs
    members: dict[str, object] = {}
    for each in fields(DeclaredSlot):
        old, mine, other = (getattr(slot, each.name) for slot in (base, ours, theirs))
        if mine not in (old, other) and other != old:
            conflicts.append(f"slot {name}: {each.name}")
            members[each.name] = mine if prefer == "ours" else other
        else:
            members[each.name] = other if mine == old else mine
    return replace(ours, **members)  # type: ignore[arg-type]  # each is what its field was


def _config(base: str, ours: str, theirs: str, conflicts: list[str], prefer: Side) -> str:
    """By key where all three are objects, else as a whole; what did not change keeps its form."""
    if theirs in (ours, base):
        return ours
    if ours == base:
        return theirs
    old, mine, other = (json.loads(each) for each in (base, ours, theirs))
    if not all(isinstance(each, dict) for each in (old, mine, other)):
        conflicts.append("config")
        return ours if prefer == "ours" else theirs
    made = {k: v for k, v in mine.items() if not (k in old and k not in other and v == old[k])}
    for key, value in other.items():
        if (value,) in (_of(old, key), _of(made, key)):
            continue
        if _of(mine, key) == _of(old, key):
            made[key] = value
        else:
            conflicts.append(f"config: {key}")
            made[key] = value if prefer == "theirs" else made.get(key, value)
    return json.dumps(made, ensure_ascii=False)


def _of(mapping: Mapping[str, object], key: str) -> tuple[object, ...]:
    """The member as something that a missing one is never equal to."""
    return (mapping[key],) if key in mapping else ()


def _short(pieces: Sequence[str]) -> str:
    text = " ".join("".join(pieces).split())
    return repr(text if len(text) <= 40 else f"{text[:39]}…")
