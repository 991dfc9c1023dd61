"""What restricts a question beside names and times: confidence, labels, words of descriptions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from promptuary.conversation.planning.alike import parts_of
from promptuary.conversation.planning.lexicon import Lexicon
from promptuary.conversation.planning.lexicon import lexicon as lexicon_of
from promptuary.conversation.planning.names import windows
from promptuary.conversation.planning.sheet import Sheet, Word, fold
from promptuary.domain.events import Site

_NUMBER = r"(?P<n{0}>\d{{1,3}}(?:[.,]\d+)?|[.,]\d+)"
_CARRIED = frozenset(
    {"with", "wearing", "carrying", "holding", "pushing", "riding", "in", "wears", "carries", "has",
     "dragging", "pulling", "walking", "having", "con", "mit", "ile", "whose"}
)  # fmt: skip


class Slots:
    """What was found; `anything` when events of every kind are asked for."""

    def __init__(self) -> None:
        self.labels: list[str] = []
        self.anything = False
        self.rest: list[str] = []
        self.above: float | None = None
        self.at_least: float | None = None


@cache
def _confidence(words: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    w = dict(words)
    after = rf"\s?(?P<pct{{0}}>{w['percent']})?(?P<more{{0}}>\s?(?:{w['more']}))?"
    noun, above, least = w["noun"], w["above"], w["least"]
    forms = (
        rf"{noun}\s*(?:(?P<a0>{above})|(?P<l0>{least}))?\s*{_NUMBER}{after}",
        rf"(?:(?P<a1>{above})|(?P<l1>{least}))?\s*{_NUMBER}{after}\s*{noun}",
        rf"(?:(?P<a2>{above})|(?P<l2>{least}))\s*(?P<n2>0?[.,]\d+){after}",
    )
    written = "|".join(form.replace("{{0}}", "{0}").format(i) for i, form in enumerate(forms))
    return re.compile(rf"(?<![^\W_])(?:{written})(?![^\W_])")


def find_confidence(sheet: Sheet, lexicon: Lexicon, slots: Slots) -> None:
    """`with a confidence above 0.85`: strictly above; `at least 85 %`: that or more."""
    for match in _confidence(tuple(lexicon.confidence.items())).finditer(sheet.left):
        form = next(i for i in range(3) if match.group(f"n{i}"))
        value = float(match.group(f"n{form}").replace(",", "."))
        if match.group(f"pct{form}") or value > 1:
            value /= 100
        if value > 1:
            continue
        if match.group(f"a{form}") and not match.group(f"more{form}"):
            slots.above = value
        else:
            slots.at_least = value
        sheet.take(match.start(), match.end(), "confidence", f"{value:g}")
        return


@cache
def _labels_of(language: str, site: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """What may be said for each label: the site's own words first, then those of the language."""
    lexicon, here = lexicon_of(language), set(site)
    own: dict[str, tuple[str, ...]] = {}
    for said, meant in lexicon.named.items():
        known = tuple(each for each in meant if each in here)
        own[said] = known or _like(meant, lexicon, here) or meant
    for label in site:
        name = " ".join(parts_of(label))
        for form in (
            name,
            f"{name}s",
            f"{name}es",
            f"{name[:-1]}ies" if name[-1:] == "y" else name,
            name.removesuffix("s"),
            name.replace(" ", ""),
        ):
            own[form] = (label,)
    return own


def _meant(said: str, known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    """The labels of some words, which may be written together in the label or in the question."""
    joined = said.replace(" ", "")
    return known.get(said) or known.get(said.removesuffix("'s")) or known.get(joined)


def _like(meant: tuple[str, ...], lexicon: Lexicon, here: set[str]) -> tuple[str, ...]:
    """Labels of the site that the language holds for the same as those meant."""
    return tuple(
        sorted(each for each in here if set(lexicon.named.get(each, ())).intersection(meant))
    )


def find_labels(sheet: Sheet, site: Site, lexicon: Lexicon, slots: Slots) -> None:
    """What is asked for; what somebody carries or wears is left to descriptions."""
    known = _labels_of(lexicon.language, site.labels)
    for size in (3, 2, 1):
        for _, run in windows(sheet.words(), sheet.left, size):
            if any(sheet.left[word.start] == "\0" for word in run):
                continue
            said = " ".join(word.text for word in run)
            labels = _meant(said, known)
            if labels is None:
                continue
            if slots.labels and _carried(sheet, run, lexicon):
                _rest(sheet, run, slots, said)
                continue
            sheet.take(run[0].start, run[-1].end, "label", " ".join(labels))
            slots.labels += [each for each in labels if each not in slots.labels]
    _find_described(sheet, lexicon, slots)
    _narrow(sheet, lexicon, slots)
    if not slots.labels:
        slots.labels += {
            lexicon.implied[w.text] for w in sheet.words() if w.text in lexicon.implied
        }
        slots.anything = any(word.text in lexicon.anything for word in sheet.words())


def _find_described(sheet: Sheet, lexicon: Lexicon, slots: Slots) -> None:
    """Women and children are people whom only descriptions tell apart."""
    for word in sheet.words():
        said = lexicon.described.get(word.text)
        if said is None:
            continue
        sheet.take(word.start, word.end, "label", "person")
        slots.labels += ["person"] if "person" not in slots.labels else []
        slots.rest += [said] if said not in slots.rest else []


def _narrow(sheet: Sheet, lexicon: Lexicon, slots: Slots) -> None:
    """`did anyone leave a package` asks for packages; `anyone or a package` for both."""
    marks = sheet.marks("label")
    if len(slots.labels) < 2 or not marks or fold(marks[0].text) not in lexicon.anybody:
        return
    between = sheet.folded[marks[0].end : marks[1].start].split()
    people = [each for each in marks[1:] if each.meaning == "person"]
    if not people and not _JOINT.intersection(between):
        slots.labels.remove("person")


_JOINT = frozenset({"or", "and", "oder", "und", "o", "y", "u", "ve", "veya", "ya"})


def find_rest(sheet: Sheet, lexicon: Lexicon, slots: Slots) -> None:
    """Colours, and what somebody wears or carries: words that descriptions may hold."""
    before = ""
    for word in sheet.words():
        bare = word.text
        following = sheet.left[word.end : word.end + 1]
        worn = bare in lexicon.clothes and (slots.rest or before in _CARRIED)
        tethered = bare in lexicon.tethers and before == "on"
        if worn or tethered or (bare in lexicon.colours and following != "_"):
            _rest(sheet, (word,), slots, bare)
        before = bare if bare not in lexicon.articles else before


def _carried(sheet: Sheet, run: tuple[Word, ...], lexicon: Lexicon) -> bool:
    words = [word.text for word in sheet.words() if word.end <= run[0].start]
    while words and words[-1] in lexicon.articles | lexicon.colours:
        words.pop()
    return bool(words) and words[-1] in _CARRIED - {"in"}


def _rest(sheet: Sheet, run: tuple[Word, ...], slots: Slots, said: str) -> None:
    sheet.take(run[0].start, run[-1].end, "rest", said)
    if said not in slots.rest:
        slots.rest.append(said)
