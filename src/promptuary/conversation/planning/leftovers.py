"""What is left of a question when everything known has been taken: names of things that are not
there, details that only descriptions hold, and words that went unused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from promptuary.conversation.planning.lexicon import Lexicon
from promptuary.conversation.planning.names import parts_in
from promptuary.conversation.planning.sheet import MASK, Sheet, Word
from promptuary.domain.events import Site

_NAME_LIKE = re.compile(r"[^\W_]+(?:[_-][^\W_]+)+|[^\W\d_]+\d+")
_JOINING = frozenset(["or", "and", "vs", "versus", "than", "oder", "und", "o", "y", "ve", "veya"])
_BEARING = frozenset(["wearing", "carrying", "holding", "pushing", "riding"])
_VERBAL = ("ed", "ing", "ly", "ened")


@dataclass(frozen=True, slots=True)
class Leftovers:
    """`places` and `people` look like names that nobody knows; `details` narrow what is asked for;
    `unused` are words that were left aside."""

    places: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


def sort_out(sheet: Sheet, site: Site, lexicon: Lexicon) -> Leftovers:
    """What is left, by what it may be; nothing of it is silently dropped. Words of a camera's name
    that did not make up that name are the name of another."""
    parts = parts_in(site, lexicon)
    places: list[str] = []
    people: list[str] = []
    details: list[str] = []
    unused: list[str] = []
    for run in _runs(sheet, lexicon):
        text = sheet.question[run[0].start : run[-1].end]
        named = any(word.text in parts for word in run)
        if named or _is_place(sheet, run, lexicon):
            places.append(text)
        elif _is_detail(sheet, run, lexicon):
            details += [word.text for word in run]
        elif _is_person(sheet, run):
            people.append(text)
        else:
            unused += [word.text for word in run]
            continue
        sheet.take(run[0].start, run[-1].end, "unknown", text)
    return Leftovers(tuple(places), tuple(people), tuple(details), tuple(unused))


def _runs(sheet: Sheet, lexicon: Lexicon) -> list[list[Word]]:
    """Runs of words that nobody knows; what is joined to them by an underscore belongs to them."""
    spans = [m.span() for m in _NAME_LIKE.finditer(sheet.left)]
    runs: list[list[Word]] = []
    for word in sheet.words():
        compound = any(start <= word.start < end for start, end in spans)
        if word.text in _BEARING or (lexicon.knows(word.text.removesuffix("'s")) and not compound):
            continue
        if word.text.isdigit() and not compound and not _after_camera(sheet, word, lexicon):
            continue
        if runs and re.fullmatch(r"[\s_\-]{1,2}", sheet.left[runs[-1][-1].end : word.start]):
            runs[-1].append(word)
        else:
            runs.append([word])
    return [_widened(sheet, run) for run in runs]


def _after_camera(sheet: Sheet, number: Word, lexicon: Lexicon) -> bool:
    """`camera 99` is a name."""
    before = [w for w in sheet.words() if w.end <= number.start]
    return bool(before) and before[-1].text in lexicon.camera_words


def _widened(sheet: Sheet, run: list[Word]) -> list[Word]:
    """With the number that follows it (`camera 99` is not: that word is known)."""
    after = [w for w in sheet.words() if w.start >= run[-1].end]
    if after and after[0].text.isdigit() and sheet.left[run[-1].end : after[0].start] in " _-":
        return [*run, after[0]]
    return run


def _neighbours(sheet: Sheet, run: Sequence[Word], lexicon: Lexicon) -> tuple[str, str, bool]:
    """The word before (articles and colours skipped), the word after, and whether something that
    was recognised follows at once."""
    words = [w for w in sheet.words() if w.end <= run[0].start]
    while words and words[-1].text in lexicon.articles:
        words.pop()
    gap = sheet.left[words[-1].end : run[0].start] if words else sheet.left[: run[0].start]
    before = words[-1].text if words and MASK not in gap else ""
    rest = sheet.left[run[-1].end :]
    adjoining = rest.lstrip(" ").startswith(MASK)
    after = next((w.text for w in sheet.words() if w.start >= run[-1].end), "")
    return before, "" if adjoining else after, adjoining


def _is_place(sheet: Sheet, run: Sequence[Word], lexicon: Lexicon) -> bool:
    before, after, adjoining = _neighbours(sheet, run, lexicon)
    text = sheet.folded[run[0].start : run[-1].end]
    if "_" in text or (_NAME_LIKE.fullmatch(text) and any(c.isdigit() for c in text)):
        return True
    if after in lexicon.camera_words or before in lexicon.camera_words:
        return True
    if after in lexicon.zone_words and not _verbal(run):
        return True
    if adjoining and _marked(sheet, run[-1].end) == "camera":
        return True
    follows = before in lexicon.place_words
    if follows and adjoining and _marked(sheet, run[-1].end) in {"label", "person"}:
        return False
    if before in _JOINING and any(m.slot == "camera" for m in sheet.noticed):
        return not _verbal(run) and _marked_next(sheet, run, adjoining) not in {"label", "person"}
    return follows and not _verbal(run)


def _marked_next(sheet: Sheet, run: Sequence[Word], adjoining: bool) -> str:
    return _marked(sheet, run[-1].end) if adjoining else ""


def _verbal(run: Sequence[Word]) -> bool:
    return all(word.text.endswith(_VERBAL) and len(word.text) > 4 for word in run)


def _marked(sheet: Sheet, start: int) -> str:
    """What was taken at the next place."""
    coming = [m for m in sheet.noticed if m.start >= start]
    return min(coming, key=lambda m: m.start).slot if coming else ""


def _is_detail(sheet: Sheet, run: Sequence[Word], lexicon: Lexicon) -> bool:
    """Whether it qualifies a label: `tall people`, `a person with a ladder`."""
    before, _, adjoining = _neighbours(sheet, run, lexicon)
    if adjoining and _marked(sheet, run[-1].end) == "label" and not _verbal(run):
        return True
    return before in _BEARING or before in {"with", "in"}


def _is_person(sheet: Sheet, run: Sequence[Word]) -> bool:
    """A capital letter inside a sentence, or before what happened to somebody."""
    first = sheet.question[run[0].start]
    shouted = sheet.question.isupper() or sheet.question.islower()
    opening = not sheet.question[: run[0].start].strip(" \"'¿¡(")
    return first.isupper() and not shouted and not opening
