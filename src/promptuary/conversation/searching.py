"""The path of a search for what descriptions say: filter first, then words and meaning.

What the text names for certain (cameras, a stretch of time, and then labels too) is a condition on
all events. Of those that hold any of its telling words the best few hundred are read and ordered by
words and by what they mean; the best of them are looked at once more, with what their camera saw
within a minute, which is then found as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import log
from zoneinfo import ZoneInfo

import numpy as np

from promptuary.conversation.fitting import Fitting, Scores, Weighing
from promptuary.conversation.planning.alike import parts_of
from promptuary.conversation.planning.hearing import Said, hear
from promptuary.conversation.planning.lexicon import lexicon
from promptuary.conversation.planning.names import variants
from promptuary.conversation.planning.plan import american
from promptuary.conversation.planning.windows import windows_of
from promptuary.conversation.scenes import scenes
from promptuary.domain.errors import InvalidInput
from promptuary.domain.events import Event, EventFilter, Site, Window
from promptuary.ports._conversations import Events
from promptuary.ports.embedder import Embedder
from promptuary.retrieval.function_words import FUNCTION_WORDS, content_words
from promptuary.retrieval.stems import stem
from promptuary.retrieval.words import terms

LONGEST = 4_000
MOST_WORDS = 32
COMMON = 5_000
"""A word that stands in so many descriptions tells little, unless there is no other."""
CANDIDATES = 300
"""So many of those that hold the words are ordered by what they mean as well."""
BEST = 60
"""So many of these are looked at with what stands around them."""
ALONE = Weighing(words=1.0, meaning=2.0, usual=12)
"""Of a description: a sentence."""
AROUND = Weighing(words=2.0, meaning=3.0, usual=48)
"""Of a scene: some sentences. Chosen with the cameras left out in turn."""
SCALE = 3 / 8
"""So that the scores of both together are as wide as those of one."""


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """An event, and how well it fits, 0 to 1: it orders the hits of one search."""

    event: Event
    score: float


@dataclass(frozen=True, slots=True)
class Looking:
    """Who looks: what they may see, where their clock stands, and the model that knows meanings;
    how rare a word is counts `within` what they may see, so that no order tells of the rest."""

    site: Site
    zone: ZoneInfo
    now: datetime
    embedder: Embedder | None = None
    within: EventFilter = EventFilter()  # noqa: RUF009 - it is frozen


async def search(
    events: Events, text: str, where: EventFilter, looking: Looking, *, limit: int = 10
) -> list[FoundEvent]:
    """The events that a text describes, best first. One that only names cameras, times and labels
    finds those, the newest first. Raises InvalidInput for a text that is empty or too long."""
    if not text.strip() or len(text) > LONGEST:
        raise InvalidInput(f"a text of 1 to {LONGEST:,} characters is looked for")
    where, words = read(text, where, looking)
    rarity = await events.frequencies(words, looking.within, most=COMMON)
    candidates = await _candidates(events, words, rarity, where, max(limit, CANDIDATES))
    if not candidates:
        plain = await events.find(where, order="last", limit=limit) if not words else []
        return [FoundEvent(each, 1.0) for each in plain]
    weights = {stem(word): log(1 + 4 * COMMON / (rarity[word] + 0.5)) for word in words}
    fitting = Fitting(text, weights, looking.embedder)
    return (await _ordered(events, fitting, candidates, where))[:limit]


async def _ordered(
    events: Events, fitting: Fitting, candidates: Sequence[Event], where: EventFilter
) -> list[FoundEvent]:
    """The best with what stands around them, and after these the others."""
    alone = await fitting.scores([_told(each) for each in candidates], ALONE)
    plain = _found(candidates, alone)
    looked_at = await scenes(events, [each.event for each in plain[:BEST]], where)
    scores = await fitting.scores([_told(each.event) for each in looked_at], ALONE)
    scores += await fitting.scores([_told(*each.around) for each in looked_at], AROUND)
    best = _found([each.event for each in looked_at], SCALE * scores)
    known, least = {each.event.id for each in best}, min((e.score for e in best), default=1.0)
    rest = (each for each in plain if each.event.id not in known)
    return [*best, *(replace(each, score=round(each.score * least, 6)) for each in rest)]


def _told(*events: Event) -> list[str]:
    return [each.description or each.label for each in events]


def _found(events: Sequence[Event], scores: Scores) -> list[FoundEvent]:
    """The best first; a score is in (0, 1)."""
    order = sorted(range(len(events)), key=lambda at: (-scores[at], events[at].id))
    shares = np.clip(1 / (1 + np.exp(-scores)), 0.0001, 0.9999)
    return [FoundEvent(events[at], round(float(shares[at]), 4)) for at in order]


def read(text: str, where: EventFilter, looking: Looking) -> tuple[EventFilter, list[str]]:
    """The conditions that the text names, within those given, and its telling words.

    A label alone is a word like any other: a sentence about a scene is full of things.
    """
    clock = looking.now.astimezone(looking.zone).replace(tzinfo=None)
    said = hear(text, looking.site, clock, american=american(looking.zone))
    words = list(dict.fromkeys(content_words(terms(text))))[:MOST_WORDS]
    time = said.time.said if said.time is not None and not said.time.said.vague else None
    labels = tuple(each for each in said.slots.labels if each in looking.site.labels)
    named, given = _whole(said, looking.site), where.cameras
    if not named and time is None:
        return where, words
    found = replace(where, labels=where.labels or labels)
    if named:
        cameras = tuple(each for each in named if given is None or each in given)
        found = replace(found, cameras=cameras)
    if time is not None and not where.windows:
        windows = windows_of(time, looking.zone, looking.now)
        found = replace(found, windows=windows or (Window(looking.now, looking.now),))
    return found, _left(said, labels)


def _whole(said: Said, site: Site) -> list[str]:
    """The cameras that are called by their whole name: `the door` of a scene is no Front Door."""
    known = lexicon(said.language)
    named = {parts_of(each.text): each.meaning for each in said.noticed if each.slot == "camera"}
    cameras = [site.camera(each) for each in said.named.cameras]
    return [
        each.id
        for each in cameras
        if each and any(named.get(name) == each.id for name in variants(each, known))
    ]


def _left(said: Said, labels: Sequence[str]) -> list[str]:
    """The telling words that no condition was made of."""
    taken = [(each.start, each.end) for each in said.noticed if each.slot in _CONDITIONS]
    kept = list(said.question)
    for start, end in taken:
        kept[start:end] = " " * (end - start)
    known = {stem(word) for each in labels for word in terms(each)} | _ASKING
    words = (w for w in terms("".join(kept)) if w not in FUNCTION_WORDS and stem(w) not in known)
    return list(dict.fromkeys(words))[:MOST_WORDS]


_CONDITIONS = frozenset({"camera", "time", "label"})
_ASKING = frozenset(
    stem(word)
    for word in (
        *("what", "which", "show", "find", "list", "see", "seen", "record", "recorded", "footage"),
        *("recording", "video", "clip", "event", "camera", "detection", "detected", "happened"),
    )
)
"""Words that ask for events and describe none."""


async def _candidates(
    events: Events,
    words: Sequence[str],
    rarity: Mapping[str, int],
    where: EventFilter,
    limit: int,
) -> list[Event]:
    """Those that hold any of the rarer words; where all are common, those that hold all of them,
    and of these the newest."""
    rare = [word for word in words if 0 < rarity[word] < COMMON]
    if rare:
        return await events.search(rare, where, limit=limit)
    common = tuple((word,) for word in words if rarity[word])
    if not common:
        return []
    return await events.find(replace(where, words=common), order="last", limit=limit)
