"""Events that belong to an event: near it in time, near it in space, or like it in words.

Each relation looks at the nearest events only, through the record's own filters, so that it costs
the same among a million events; the strength is 0 to 1, by formulas that stand here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from promptuary.domain.errors import NotFound
from promptuary.domain.events import Event, EventFilter, Window, searchable
from promptuary.ports._conversations import Events
from promptuary.ports.embedder import Embedder

Relation: TypeAlias = Literal["temporal", "spatial", "semantic"]
RELATIONS: tuple[Relation, ...] = ("temporal", "spatial", "semantic")
AROUND = timedelta(minutes=15)
"""How far an event may be in time to belong together; at a third of it the strength is 1/e."""
NEARBY = timedelta(days=1)
"""How far back and ahead the same place is looked at."""
ALIKE = timedelta(days=30)
"""The same for what is alike."""
SIDE = 150
"""Events looked at on either side."""
LEAST = 0.35
"""Less alike is not alike."""
WORDS = 4
"""So many of the longest words of a description are looked for."""


@dataclass(frozen=True, slots=True)
class Related:
    """An event that belongs to another, by which relation most, and how strongly."""

    event: Event
    relation: Relation
    strength: float


async def related(
    events: Events,
    event_id: str,
    cameras: Sequence[str] | None,
    relations: Sequence[Relation] = RELATIONS,
    *,
    limit: int = 10,
    embedder: Embedder | None = None,
) -> list[Related]:
    """The events that belong to one, the strongest first, each once; of these cameras (None: all).
    Raises NotFound where the event is not there, or at another camera."""
    found = await events.get([event_id])
    if not found or (cameras is not None and found[0].camera not in cameras):
        raise NotFound("event", event_id)
    event, best = found[0], dict[str, Related]()
    for relation in dict.fromkeys(relations):
        for each in await _by(relation, events, event, cameras, embedder):
            known = best.get(each.event.id)
            if known is None or each.strength > known.strength:
                best[each.event.id] = each
    ordered = sorted(best.values(), key=lambda each: (-each.strength, each.event.id))
    return ordered[:limit]


async def _by(
    relation: Relation,
    events: Events,
    event: Event,
    cameras: Sequence[str] | None,
    embedder: Embedder | None,
) -> list[Related]:
    seen = None if cameras is None else tuple(cameras)
    match relation:
        case "temporal":
            near = await _around(events, event, EventFilter(cameras=seen), AROUND)
            return [Related(each, relation, _together(event, each)) for each in near]
        case "spatial":
            here = EventFilter(cameras=(event.camera,))
            near = await _around(events, event, here, NEARBY)
            return [Related(each, relation, _same_place(event, each)) for each in near]
        case "semantic":
            return await _alike(events, event, EventFilter(cameras=seen), embedder)


async def _around(
    events: Events, event: Event, where: EventFilter, span: timedelta, side: int = SIDE
) -> list[Event]:
    """The nearest in time on either side, without the event itself."""
    before = replace(where, windows=(Window(event.start - span, event.start),))
    after = replace(where, windows=(Window(event.start, event.start + span),))
    found = await events.find(before, order="last", limit=side)
    found += await events.find(after, order="first", limit=side + 1)
    return [each for each in found if each.id != event.id]


def _together(event: Event, other: Event) -> float:
    """By the time between them; the same track is surely the same."""
    if event.track and event.track == other.track and event.camera == other.camera:
        return 1.0
    apart = abs((other.start - event.start).total_seconds())
    return round(math.exp(-3 * apart / AROUND.total_seconds()), 4)


def _same_place(event: Event, other: Event) -> float:
    """The same camera, more so the same zone and where the boxes overlap, less so hours away."""
    zone = 1.0 if set(event.zones) & set(other.zones) else 0.0
    apart = abs((other.start - event.start).total_seconds())
    soon = math.exp(-2 * apart / NEARBY.total_seconds())
    return round((0.4 + 0.3 * zone + 0.3 * overlap(event.box, other.box)) * (0.5 + 0.5 * soon), 4)


Box: TypeAlias = tuple[float, float, float, float]


def overlap(one: Box | None, other: Box | None) -> float:
    """Intersection over union of two boxes; 0 where one is not known."""
    if one is None or other is None:
        return 0.0
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    shared = max(wide, 0.0) * max(high, 0.0)
    whole = one[2] * one[3] + other[2] * other[3] - shared
    return shared / whole if whole > 0 else 0.0


async def _alike(
    events: Events, event: Event, where: EventFilter, embedder: Embedder | None
) -> list[Related]:
    """What has the same label, or shares the telling words, and whose description means the
    same."""
    said = sorted(set(searchable(event.description).split()), key=lambda word: (-len(word), word))
    found = await _around(events, event, replace(where, labels=(event.label,)), ALIKE)
    for word in said[:WORDS]:
        found += await _around(events, event, replace(where, words=((word,),)), ALIKE, SIDE // 3)
    others = list({each.id: each for each in found}.values())
    if not others:
        return []
    strengths = await _likeness(event, others, embedder)
    pairs = zip(others, strengths, strict=True)
    return [Related(each, "semantic", round(s, 4)) for each, s in pairs if s >= LEAST]


async def _likeness(
    event: Event, others: Sequence[Event], embedder: Embedder | None
) -> list[float]:
    """Cosine of what was said of them, 0 to 1; without a model the share of common words."""
    texts = [_text(each) for each in (event, *others)]
    if embedder is None:
        own = set(texts[0].split())
        return [len(own & set(t.split())) / max(1, len(own | set(t.split()))) for t in texts[1:]]
    unique = list(dict.fromkeys(texts))
    rows: Any = await embedder.embed(unique)
    cosines = dict(zip(unique, (rows @ rows[0]).tolist(), strict=True))
    return [min(1.0, max(0.0, float(cosines[text]))) for text in texts[1:]]


def _text(event: Event) -> str:
    words = f"{event.label} {event.sub_label or ''} {searchable(event.description)}"
    return " ".join(words.casefold().split())


_SIMILAR = re.compile(
    r"\W*(?:(?:find|show|list|are there|is there|any|anything|something|me|more|other|others|the|"
    r"events?|ones?|all|please|que|muestra|busca|encuentra|eventos?|otros|zeig|zeige|finde|mir|"
    r"gibt|es|andere|ereignisse|bul|göster|olay|olayları|olaylar|var|mı)\b\W*)*"
    r"(?:similar|alike|like (?:this|that|it)|related|parecid[oa]s?|similares|ähnliche[sn]?|"
    r"benzer(?:i|leri|lerini)?)"
    r"(?:\W+(?:to|this|that|it|one|ones|events?|eventos?|ereignisse|olay|olayları|olaylar|bul|"
    r"göster|var|mı|first|second|third|a|este|ese|eso|wie|dieses|das))*\W*",
    re.IGNORECASE,
)


def wants_similar(question: str) -> bool:
    """Whether a turn asks for what is like the event that was just spoken of, and nothing else."""
    return len(question) < 200 and _SIMILAR.fullmatch(question.strip()) is not None
