"""Families of prompts that belong by themselves: by what they ask, not by their template.

These are the prompts that stand alone, and those under an *open* template: one whose slots make one
sentence with its fixed words, and whose prompts ask all sorts of things ("How do I ...").
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import fmean

import anyio.to_thread
from numpy.linalg import norm

from promptuary.canon.families.centring import BACKGROUND, Floats, centred
from promptuary.canon.families.intents import COHESION, cohesion, intents
from promptuary.canon.families.naming import keep_identity, shared_words
from promptuary.canon.mining import Outcome, Window
from promptuary.canon.templates.filling import Hole, parse
from promptuary.canon.tokens import tokenise
from promptuary.domain.prompts import Prompt
from promptuary.domain.templates import Family, Intent, Lineage
from promptuary.ports.embedder import Embedder

MARKED = 0.36  # of a template's slots' sides carry a mark or a line break, else it is one sentence
SENTENCE = 25  # words at most of a prompt that is one sentence
MOSTLY = 0.8
LONGEST = 2_000
"""Characters of a prompt that say what it asks."""
NAMED_BY = 50

_ENDS = re.compile(r"[^\w\s]\s*$|\n\s*$")
_STARTS = re.compile(r"\s*[^\w\s]|\s*\n")
_CLOSE = " \t.?!…。？！؟।"


@dataclass(frozen=True, slots=True)
class Asked:
    """`telling` lineages, by id, say what their prompts ask; `open` ones have just turned out not
    to. `homes` are prompts whose family changed; `families` changed, `dead` have no member. `held`
    are prompts that join one of the `intents`, which are as they are then."""

    telling: Mapping[str, Lineage]
    open: tuple[Lineage, ...]
    homes: Mapping[str, str | None]
    families: tuple[Family, ...]
    dead: tuple[str, ...]
    intents: tuple[Intent, ...] = ()
    held: Mapping[str, str] = field(default_factory=dict)


async def ask(embedder: Embedder, window: Window, outcome: Outcome) -> Asked:
    """Which prompts of the window ask the same though no template says so, and since when."""
    now = {line.id: line for line in (*window.lineages, *outcome.lineages)}
    living = {key: line for key, line in now.items() if line.merged_into is None}
    place = _places(window, outcome)
    prompts = _prompts(window)
    doubtful = _doubtful(window, outcome, living) - window.ruling.bound
    standing = {line.id for line in living.values() if line.family_id is None} - doubtful
    standing -= window.ruling.bound
    standing &= {line.id for line in window.lineages}
    candidates = [
        prompt
        for prompt in prompts.values()
        if (home := place.get(prompt.id)) is None or home in standing or home in doubtful
    ]
    texts = [prompt.text[:LONGEST] for prompt in candidates]
    meaning = centred(await embedder.embed(texts), await embedder.embed(BACKGROUND))
    groups = await anyio.to_thread.run_sync(intents, texts, meaning)
    unsaid = vague(doubtful, [place.get(prompt.id) for prompt in candidates], meaning, groups)
    members = [
        [own.id for at in group if place.get((own := candidates[at]).id) not in doubtful - unsaid]
        for group in groups
    ]
    rows = {prompt.id: meaning[at] for at, prompt in enumerate(candidates)}
    held, rest = taken_in(members, window.held, _families(window, prompts), rows)
    asked = _asked(window, living, standing | unsaid, prompts, rest)
    return replace(asked, held=held, intents=_grown(window.intents, held, prompts))


def taken_in(
    groups: Iterable[Sequence[str]],
    held: Mapping[str, str],
    old: Mapping[str, str],
    rows: Mapping[str, Floats],
) -> tuple[dict[str, str], list[list[str]]]:
    """Which prompts without a family join which intent, and what is left of the groups.

    They join where at least as many of their group are `held` by intents as are of any one family
    of `old`; of several intents in the group the one that is nearest on average.
    """
    joins: dict[str, str] = {}
    rest = []
    for group in groups:
        members: Mapping[str, list[str]] = defaultdict(list)
        for key in group:
            if key in held:
                members[held[key]].append(key)
        known = Counter(old[key] for key in group if key in old)
        if members and sum(map(len, members.values())) >= max(known.values(), default=0):
            means = {own: sum(rows[key] for key in keys) for own, keys in members.items()}
            centres = {own: mean / max(1e-9, float(norm(mean))) for own, mean in means.items()}
            for key in group:
                if key not in held and key not in old:
                    near = {own: float(centre @ rows[key]) for own, centre in centres.items()}
                    joins[key] = max(sorted(near), key=near.__getitem__)
        rest.append([key for key in group if key not in held and key not in joins])
    return joins, [group for group in rest if group]


def _families(window: Window, prompts: Mapping[str, Prompt]) -> Mapping[str, str]:
    """The families of prompts that people had no say in."""
    own = ((key, prompt.family_id) for key, prompt in prompts.items() if key not in window.held)
    return {key: family for key, family in own if family is not None}


def _grown(
    intents: Sequence[Intent], held: Mapping[str, str], prompts: Mapping[str, Prompt]
) -> tuple[Intent, ...]:
    """The intents with what joined them."""
    joined: Mapping[str, list[datetime]] = defaultdict(list)
    for key, own in held.items():
        joined[own].append(prompts[key].created_at)
    return tuple(
        replace(
            each,
            size=each.size + len(joined[each.id]),
            updated_at=max([each.updated_at, *joined[each.id]]),
        )
        if each.id in joined
        else each
        for each in intents
    )


def vague(
    doubtful: set[str],
    homes: Sequence[str | None],
    meaning: Floats,
    groups: Sequence[Sequence[int]],
) -> set[str]:
    """Templates that do not say what their prompts ask: these have little in common, or most of
    them ask the same as prompts outside.

    How many groups a template's own prompts fall into says nothing: whoever asks for all sorts of
    products asks for one thing.
    """
    rows: Mapping[str, list[int]] = defaultdict(list)
    for at, home in enumerate(homes):
        if home in doubtful:
            rows[home].append(at)
    group_of = {at: number for number, group in enumerate(groups) for at in group}
    shares = {home: Counter(group_of.get(at, -1) for at in own) for home, own in rows.items()}
    whole: Counter[int] = Counter()  # prompts of a group whose templates are nearly all in it
    for home, share in shares.items():
        whole.update({group: n for group, n in share.items() if n >= MOSTLY * len(rows[home])})
    found = set()
    for home, own in rows.items():
        share = shares[home]
        stray = share[-1] > len(own) / 2
        apart = sum(
            count
            for group, count in share.items()
            if group >= 0
            and whole[group] + (count if count < MOSTLY * len(own) else 0)
            >= MOSTLY * len(groups[group])
        )
        alike = cohesion(meaning[own]) >= COHESION
        if not alike or not (stray or apart >= MOSTLY * len(own)):
            found.add(home)
    return found


def _prompts(window: Window) -> dict[str, Prompt]:
    """All prompts at hand, by id, in order of arrival."""
    young = (prompt for prompt, _ in window.young)
    every = {p.id: p for p in (*window.kindred, *window.pool, *young, *window.prompts)}
    return {p.id: p for p in sorted(every.values(), key=lambda p: p.seq)}


def _places(window: Window, outcome: Outcome) -> Mapping[str, str]:
    """Under which lineage each prompt stands after the window."""
    before = {p.prompt_id: p.lineage_id for _, p in window.young}
    after = {p.prompt_id: p.lineage_id for p in outcome.placements}
    return {key: line for key, line in (before | after).items() if key not in outcome.displaced}


def _doubtful(window: Window, outcome: Outcome, living: Mapping[str, Lineage]) -> set[str]:
    """Lineages that are new or reworded and make one sentence with their values."""
    known = {line.id for line in window.lineages}
    changed = {version.lineage_id for version in outcome.versions}
    fresh = [line for key, line in living.items() if key not in known or key in changed]
    return {line.id for line in fresh if one_sentence(line)}


def one_sentence(line: Lineage) -> bool:
    """Whether a template's values are parts of its sentence: no marks set them off, and prompts
    are short."""
    parts = parse(line.template.text.rstrip(_CLOSE))
    sides = [
        bool(pattern.search(part) if pattern is _ENDS else pattern.match(part))
        for at, hole in enumerate(parts)
        if isinstance(hole, Hole)
        for part, pattern in (
            (parts[at - 1] if at else None, _ENDS),
            (parts[at + 1] if at + 1 < len(parts) else None, _STARTS),
        )
        if isinstance(part, str)
    ]
    if not sides or fmean(sides) >= MARKED:
        return False
    return fmean(len(tokenise(text).words) for text in line.examples or ("",)) <= SENTENCE


def _asked(
    window: Window,
    living: Mapping[str, Lineage],
    open_ids: set[str],
    prompts: Mapping[str, Prompt],
    groups: Sequence[Sequence[str]],
) -> Asked:
    old = _families(window, prompts)
    now = keep_identity(old, groups)
    homes = {key: now.get(key) for key in prompts if old.get(key) != now.get(key)}
    said = {intent.family_id for intent in window.intents}
    own = [family for family in window.families if not family.templates]
    known = {family.id: family for family in own if family.id not in said}
    sizes = Counter({family.id: family.size for family in known.values()})
    sizes.subtract(old.values())
    sizes.update(now.values())
    members: Mapping[str, list[Prompt]] = defaultdict(list)
    for key, family in now.items():
        members[family].append(prompts[key])
    saved = [
        _family(key, sizes[key], members[key], known.get(key))
        for key in (*known, *(key for key in members if key not in known))
        if sizes[key] > 0
    ]
    return Asked(
        telling={key: line for key, line in living.items() if key not in open_ids},
        open=tuple(
            replace(line, family_id=None)
            for key, line in living.items()
            if key in open_ids and line.family_id is not None
        ),
        homes=homes,
        families=tuple(family for family in saved if family != known.get(family.id)),
        dead=tuple(sorted(key for key in known if sizes[key] <= 0)),
    )


def _family(key: str, size: int, members: Sequence[Prompt], old: Family | None) -> Family:
    if old is not None:
        latest = max([old.updated_at, *(prompt.created_at for prompt in members)])
        return replace(old, size=size, updated_at=latest)
    times = [prompt.created_at for prompt in members]
    name = shared_words([prompt.text for prompt in members[:NAMED_BY]])
    return Family(
        id=key,
        collection=members[0].collection,
        name=name or members[0].text.strip()[:24],
        size=size,
        templates=0,
        created_at=min(times),
        updated_at=max(times),
    )
