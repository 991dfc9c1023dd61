"""Names of cameras, zones and people in a question, and names that nobody knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

from rapidfuzz import process
from rapidfuzz.distance import OSA

from promptuary.conversation.planning.alike import alike, parts_of, same_name
from promptuary.conversation.planning.lexicon import Lexicon
from promptuary.conversation.planning.sheet import MASK, Sheet, Word
from promptuary.domain.events import Camera, Site

LONGEST = 5
"""Words in a name that are looked for at once."""
_GAP = re.compile(rf"[\s_\-'\"“”.,/{MASK}]*")
_TIGHT = re.compile(r"[\s_\-'\"/.&]{0,3}")


class Named:
    """What was found: ids of cameras, zones and people, and names that several cameras share."""

    def __init__(self) -> None:
        self.cameras: list[str] = []
        self.zones: list[str] = []
        self.people: list[str] = []
        self.vague: list[tuple[str, tuple[str, ...]]] = []


def windows(words: Sequence[Word], text: str, size: int) -> Iterator[tuple[int, tuple[Word, ...]]]:
    """Every run of so many words with nothing but spaces and joints between them."""
    for at in range(len(words) - size + 1):
        run = tuple(words[at : at + size])
        gaps = (text[a.end : b.start] for a, b in pairwise(run))
        if all(_TIGHT.fullmatch(gap) for gap in gaps):
            yield at, run


def variants(camera: Camera, lexicon: Lexicon) -> frozenset[tuple[str, ...]]:
    """The names of a camera: its id and its title, and those without the word camera; one that is
    only numbered is called `camera 7` in any word for it."""
    return _variants(camera.id, camera.title, lexicon.camera_words)


@lru_cache(4096)
def _variants(key: str, title: str, camera_words: frozenset[str]) -> frozenset[tuple[str, ...]]:
    out: set[tuple[str, ...]] = set()
    for name in (key, title):
        parts = parts_of(name)
        out.add(parts)
        bare = tuple(part for part in parts if part not in camera_words)
        if bare and not all(part.isdigit() or len(part) == 1 for part in bare):
            out.add(bare)
        elif bare:
            out |= {(word, *bare) for word in camera_words}
    return frozenset(each for each in out if each)


@lru_cache(64)
def _names_of(cameras: tuple[Camera, ...], camera_words: frozenset[str]) -> Wanted:
    """The names of every camera: a site is asked about more often than it changes."""
    return tuple((c.id, name) for c in cameras for name in _variants(c.id, c.title, camera_words))


@lru_cache(64)
def _owners(cameras: tuple[Camera, ...], camera_words: frozenset[str]) -> Mapping[str, list[str]]:
    """The cameras in whose names a word stands that may be said for all of the name."""
    owners: dict[str, list[str]] = {}
    for key, part in dict.fromkeys((k, p) for k, n in _names_of(cameras, camera_words) for p in n):
        if len(part) > 2 and not part.isdigit() and part not in camera_words:
            owners.setdefault(part, []).append(key)
    return owners


def parts_in(site: Site, lexicon: Lexicon) -> frozenset[str]:
    """Every word of the name of a camera."""
    return _sought(_names_of(site.cameras, lexicon.camera_words))[0]


def find_endings(sheet: Sheet, site: Site, lexicon: Lexicon) -> None:
    """Take the endings of a place off the words of names: `bahçede`, `garajdaki`, `lobiden`."""
    if not lexicon.endings:
        return
    known = parts_in(site, lexicon) | {
        part for each in site.cameras for zone in each.zones for part in parts_of(zone)
    }
    for word in sheet.words():
        if word.text not in known and not lexicon.knows(word.text):
            stems = ((word.text.removesuffix(each), each) for each in lexicon.endings)
            named = (each for each in stems if each[0] in known and each[0] != word.text)
            stem, ending = next(named, ("", ""))
            if len(stem) > 2:
                sheet.bare(word, ending)


def find_cameras(sheet: Sheet, site: Site, lexicon: Lexicon, named: Named) -> None:
    """Whole names, longest first; they are taken from the sheet."""
    wanted = _names_of(site.cameras, lexicon.camera_words)
    _find(sheet, wanted, lexicon, lambda run, key: _took_camera(sheet, run, key, named))


def _took_camera(sheet: Sheet, run: tuple[Word, ...], key: str, named: Named) -> None:
    sheet.take(run[0].start, run[-1].end, "camera", key)
    if key not in named.cameras:
        named.cameras.append(key)


Wanted: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""Ids with one name each; an id may come with several."""
Took: TypeAlias = Callable[[tuple[Word, ...], str], None]


@lru_cache(8192)
def _near(word: str, vocabulary: frozenset[str]) -> bool:
    """Whether it may be a word, the beginning or the end of a name."""
    return any(
        alike(word, each) or each.startswith(word) or each.endswith(word) or word.startswith(each)
        for each in vocabulary
    )


@lru_cache(256)
def _sought(wanted: Wanted) -> tuple[frozenset[str], tuple[int, ...]]:
    """The words of the names, and how many may be said together, the most first."""
    sizes = {len(name) for _, name in wanted} | {len(name) + 1 for _, name in wanted} | {1}
    fitting = sorted((size for size in sizes if size <= LONGEST), reverse=True)
    return frozenset(part for _, name in wanted for part in name), tuple(fitting)


def _find(sheet: Sheet, wanted: Wanted, lexicon: Lexicon, took: Took) -> None:
    """Look for the longest first; what is found is given to `took`, which may take it."""
    vocabulary, sizes = _sought(wanted)
    for size in sizes:
        best: list[tuple[int, int, tuple[Word, ...], str]] = []
        words = sheet.words()
        for at, run in windows(words, sheet.left, size):
            said = tuple(word.text for word in run)
            if not all(_near(word, vocabulary) for word in said):
                continue
            scored = [
                (same_name(said, name, lexicon), -len(name), key)
                for key, name in wanted
                if abs(len(name) - size) <= 1 or min(len(name), size) == 1
            ]
            score, _, key = max(scored, default=(0, 0, ""))
            ties = {each for s, _, each in scored if s == score}
            if score and (score == 3 or len(ties) == 1):
                best.append((score, at, run, key))
        used: set[int] = set()
        for _, at, run, key in sorted(best, key=lambda each: (-each[0], each[1])):
            if used.isdisjoint(range(at, at + size)):
                used.update(range(at, at + size))
                took(run, key)


def find_people(sheet: Sheet, site: Site, lexicon: Lexicon, named: Named) -> None:
    """Names of people and other sub-labels."""

    def took(run: tuple[Word, ...], key: str) -> None:
        sheet.take(run[0].start, run[-1].end, "person", key)
        if key not in named.people:
            named.people.append(key)

    people = tuple((name, parts_of(name)) for name in site.people if parts_of(name))
    _find(sheet, people, lexicon, took)


def find_zones(sheet: Sheet, site: Site, lexicon: Lexicon, named: Named) -> None:
    """Zones: with the word zone, with their camera, or at a place. A zone brings its cameras."""
    zones = dict.fromkeys(zone for each in site.cameras for zone in each.zones)
    homes = {zone: [each.id for each in site.cameras if zone in each.zones] for zone in zones}
    here = set(named.cameras)

    def fits(run: tuple[Word, ...], zone: str) -> bool:
        if not lexicon.zone_words.isdisjoint(_around(sheet, run)):
            return True
        if _foreign(sheet, run, lexicon):
            return False
        return bool(here & set(homes[zone])) if here else _placed(sheet, run, lexicon)

    def took(run: tuple[Word, ...], zone: str) -> None:
        if not fits(run, zone):
            return
        sheet.take(run[0].start, run[-1].end, "zone", zone)
        if zone not in named.zones:
            named.zones.append(zone)

    wanted = tuple((zone, parts_of(zone)) for zone in homes)
    _find(sheet, tuple(e for e in wanted if here & set(homes[e[0]])), lexicon, took)
    _find(sheet, wanted, lexicon, took)
    if not here:
        named.cameras += [c.id for c in site.cameras if set(c.zones).intersection(named.zones)]


def _around(sheet: Sheet, run: tuple[Word, ...]) -> tuple[str, str]:
    """The words just before and after."""
    words = sheet.words()
    before = [w.text for w in words if w.end <= run[0].start]
    after = [w.text for w in words if w.start >= run[-1].end]
    left = sheet.left[: run[0].start].rstrip(" '\"“(")
    right = sheet.left[run[-1].end :].lstrip(" '\"”)")
    return (
        before[-1] if before and not left.endswith(MASK) else "",
        after[0] if after and not right.startswith(MASK) else "",
    )


def _placed(sheet: Sheet, run: tuple[Word, ...], lexicon: Lexicon) -> bool:
    """Whether it follows a preposition of place, or has an ending of place."""
    if run[-1].start in sheet.located:
        return True
    words = [w.text for w in sheet.words() if w.end <= run[0].start]
    while words and words[-1] in lexicon.articles | lexicon.zone_words:
        words.pop()
    return bool(words) and words[-1] in lexicon.zone_at | lexicon.place_words


def _foreign(sheet: Sheet, run: tuple[Word, ...], lexicon: Lexicon) -> bool:
    """Whether a word that nobody knows qualifies it: `side entrance` is not the entrance."""
    before, after = _around(sheet, run)
    return any(
        word
        and not lexicon.knows(word)
        and word not in lexicon.articles | lexicon.place_words
        and word not in lexicon.zone_words | lexicon.camera_words | lexicon.colours
        and not word.endswith(("ed", "ing"))
        for word in (before, after)
    )


def find_partial(sheet: Sheet, site: Site, lexicon: Lexicon, named: Named) -> None:
    """A camera by a part of its name, where nothing next to it says that another one is meant."""
    owners = _owners(site.cameras, lexicon.camera_words)
    for size in (2, 1):
        words = sheet.words()
        for _, run in windows(words, sheet.left, size):
            said = [word.text for word in run]
            _, after = _around(sheet, run)
            headed = after in lexicon.camera_words | lexicon.zone_words
            if any(lexicon.knows(word) for word in said) and not headed:
                continue
            if any(w in lexicon.colours and w not in owners for w in said) or (
                set(said) <= lexicon.colours and not headed and not _placed(sheet, run, lexicon)
            ):
                continue  # `black` is no slip of Back Yard, a `red car` nothing of Red Gate
            held = [_owned(word, owners) for word in said]
            ids = [key for key in held[0] if all(key in each for each in held)]
            compound = _compound(sheet, run)
            if (
                ids
                and not compound
                and not _foreign(sheet, run, lexicon)
                and _heads(sheet, run, site, lexicon)
            ):
                _take_partial(sheet, run, ids, named)


def _compound(sheet: Sheet, run: tuple[Word, ...]) -> bool:
    """Whether it is a piece of an id, such as `east` in `east_wing`."""
    before, after = sheet.folded[: run[0].start][-1:], sheet.folded[run[-1].end :][:1]
    return (before in {"_", "-"} and before != "") or (after in {"_", "-"} and after != "")


def _owned(word: str, owners: Mapping[str, list[str]]) -> list[str]:
    exact = owners.get(word)
    if exact:
        return exact
    near = [
        key
        for part, ids in owners.items()
        if word[0] == part[0] and alike(word, part)
        for key in ids
    ]
    return list(dict.fromkeys(near))


def _heads(sheet: Sheet, run: tuple[Word, ...], site: Site, lexicon: Lexicon) -> bool:
    """Whether the part stands for a camera: where a place is named or the word camera follows."""
    _, after = _around(sheet, run)
    return (
        after in lexicon.camera_words
        or after in lexicon.zone_words
        or _placed(sheet, run, lexicon)
        or len(sheet.words()) <= 4
        or run[-1].text in {name[-1] for c in site.cameras for name in variants(c, lexicon)}
    )


def _take_partial(sheet: Sheet, run: tuple[Word, ...], ids: list[str], named: Named) -> None:
    mark = sheet.take(run[0].start, run[-1].end, "camera", " ".join(ids))
    named.cameras += [key for key in ids if key not in named.cameras]
    if len(ids) > 1:
        named.vague.append((mark.text, tuple(ids)))


def closest(word: str, names: Mapping[str, str], count: int = 3) -> tuple[str, ...]:
    """The titles most like the word, best first; `names` are folded names and their titles."""
    found = process.extract(
        word, list(names), scorer=OSA.normalized_similarity, limit=count, score_cutoff=0.4
    )
    return tuple(dict.fromkeys(names[name] for name, _, _ in found))
