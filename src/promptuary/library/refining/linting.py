"""What about a prompt will make its answers worse, each with a stable code and a reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

from promptuary.domain.refining import Finding, Severity
from promptuary.library.refining.arranging import Arranged
from promptuary.library.refining.blocks import fenced
from promptuary.library.refining.intents import intent
from promptuary.library.refining.slots import SLOT
from promptuary.library.refining.wording import told
from promptuary.retrieval.words import terms

READ = 50_000
"""So many characters are looked at."""
FEW_WORDS, MANY_CHARACTERS, QUOTED = 4, 12_000, 60
_MOST_OF_A_KIND = 3
_SENTENCE = re.compile(r"[^.!?\n。！？]{12,400}")
_VERB_STARTS = re.compile(r"(?:^|[.!?\n]\s*|\b(?:and|then|also) )(\w+)")
_CAPITALS = re.compile(r"\b[A-Z]{3,}(?:[ ,]+[A-Z]{2,}){2,}")


def findings(text: str, arranged: Arranged) -> tuple[Finding, ...]:
    """Errors first, then warnings, then hints. `arranged` is the same text in sections."""
    prose = "\n".join(line for line, code in fenced(text[:READ]) if not code)
    found = [each for check in CHECKS for each in check(prose, arranged)]
    if len(text) > MANY_CHARACTERS:
        found.append(_found("very_long"))
    order: tuple[Severity, ...] = ("error", "warning", "hint")
    return tuple(sorted(found, key=lambda each: order.index(each.severity)))


def codes() -> tuple[str, ...]:
    """Every code there is."""
    return tuple(told("lint")["findings"])


def _found(code: str, quote: str = "") -> Finding:
    severity, reason = told("lint")["findings"][code]
    return Finding(code, severity, reason, quote[:QUOTED])


def _task(prose: str, arranged: Arranged) -> Iterator[Finding]:
    said = terms(arranged.body("task") or prose)
    known = intent(arranged.body("task")) != "other"
    cased = any(letter.isascii() and letter.isalpha() for letter in prose)
    if not said or (cased and not known and len(said) < FEW_WORDS):
        yield _found("no_task")
    if len(terms(prose)) < FEW_WORDS:
        yield _found("too_short")


def _missing_input(prose: str, arranged: Arranged) -> Iterator[Finding]:
    hit = _pattern("points_at_input").search(prose)
    carried = arranged.body("inputs") or SLOT.search(prose) or _nameless(prose)
    if hit and not carried and len(prose) < 4 * (hit.end() + 60):
        after = prose[hit.end() :].lstrip(" .:\n")
        if len(after) < 40:
            yield _found("missing_input", hit[0])


def _secret(prose: str, _: Arranged) -> Iterator[Finding]:
    for hit in _some("secret", prose):
        yield _found("secret", f"{hit[:6]}…")


def _override(prose: str, _: Arranged) -> Iterator[Finding]:
    yield from (_found("override", hit) for hit in _some("override", prose))


def _nameless_slots(prose: str, _: Arranged) -> Iterator[Finding]:
    yield from (_found("nameless_slot", hit) for hit in _some("nameless", prose))


def _vague(prose: str, _: Arranged) -> Iterator[Finding]:
    found = dict.fromkeys(hit[0].casefold() for hit in _vague_words().finditer(prose))
    yield from (_found("vague", each) for each in list(found)[:_MOST_OF_A_KIND])


def _contradictions(prose: str, _: Arranged) -> Iterator[Finding]:
    for one, other in _opposites():
        first = one.search(prose)
        if first and (second := other.search(prose)):
            yield _found("contradiction", f"{first[0]} / {second[0]}")


def _unclosed(prose: str, _: Arranged) -> Iterator[Finding]:
    for opening, closing in ("()", "[]", "{}", "“”", "«»", "「」"):
        if prose.count(opening) > prose.count(closing):
            at = prose.rfind(opening)
            yield _found("unclosed", prose[at : at + 20])
    if prose.count('"') % 2:
        yield _found("unclosed", prose[prose.rfind('"') :][:20])


def _audience(prose: str, _: Arranged) -> Iterator[Finding]:
    if not _pattern("audience").search(prose):
        yield _found("no_audience")


def _format(prose: str, arranged: Arranged) -> Iterator[Finding]:
    if not arranged.body("output") and not _pattern("format").search(prose):
        yield _found("no_format")


def _context(_: str, arranged: Arranged) -> Iterator[Finding]:
    if not arranged.body("context") and not arranged.body("inputs"):
        yield _found("no_context")


def _only_negative(_: str, arranged: Arranged) -> Iterator[Finding]:
    lines = [line for line in arranged.body("constraints").split("\n") if line.strip()]
    against = ("don't", "do not", "never", "avoid", "no ", "without")
    if lines and all(line.lstrip("-* ").casefold().startswith(against) for line in lines):
        yield _found("only_negative", lines[0])


def _many_tasks(_: str, arranged: Arranged) -> Iterator[Finding]:
    task = arranged.body("task")[:2_000]
    starts = {hit[1].casefold() for hit in _VERB_STARTS.finditer(task)}
    intents = {intent(word) for word in starts} - {"other", "answer"}
    if len(intents) >= 3:
        yield _found("many_tasks")


def _repeated(prose: str, _: Arranged) -> Iterator[Finding]:
    seen: set[str] = set()
    for hit in _SENTENCE.finditer(prose):
        said = " ".join(hit[0].split()).casefold()
        if said in seen:
            yield _found("repeated", hit[0].strip())
            return
        seen.add(said)


def _shouting(prose: str, _: Arranged) -> Iterator[Finding]:
    hit = _CAPITALS.search(prose)
    if hit:
        yield _found("shouting", hit[0])


CHECKS: Final[tuple[Callable[[str, Arranged], Iterator[Finding]], ...]] = (
    _task,
    _missing_input,
    _secret,
    _unclosed,
    _override,
    _contradictions,
    _nameless_slots,
    _vague,
    _format,
    _audience,
    _context,
    _only_negative,
    _many_tasks,
    _repeated,
    _shouting,
)


def _nameless(prose: str) -> bool:
    return _pattern("nameless").search(prose) is not None


def _some(name: str, prose: str) -> list[str]:
    """The first few places that a pattern of the data file finds."""
    found = []
    for hit in _pattern(name).finditer(prose):
        found.append(hit[0])
        if len(found) == _MOST_OF_A_KIND:
            break
    return found


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(told("lint")[name], re.IGNORECASE)


@cache
def _vague_words() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(told('lint')['vague'])})\b", re.IGNORECASE)


@cache
def _opposites() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    def whole(words: str) -> re.Pattern[str]:
        return re.compile(rf"\b(?:{words})\b", re.IGNORECASE)

    return tuple((whole(one), whole(other)) for one, other in told("lint")["contradictions"])
