"""The words of a language, read from `words/`: what names what, and how operations are phrased.

A pattern is a regular expression over the words that are left of a question, with ` .. ` for up to
eight words, and `[the]` for a word that may be missing.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "es", "de", "tr")
GAP = 8


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrasing, compiled."""

    pattern: re.Pattern[str]

    def find(self, skeleton: str) -> re.Match[str] | None:
        """Where it stands."""
        return self.pattern.search(skeleton)


@dataclass(frozen=True, slots=True)
class Cues:
    """A group of questions that events cannot answer, and what they ask for."""

    says: str
    phrase: Phrase


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language. `named` maps what is said (words folded, several with a space) to labels;
    `described` maps words for people to the one that a description would use; `anybody` are those
    that leave open who it was; `endings` say that something was at a place, the longest first."""

    language: str
    cues: frozenset[str]
    named: Mapping[str, tuple[str, ...]]
    described: Mapping[str, str]
    anybody: frozenset[str]
    implied: Mapping[str, str]
    anything: frozenset[str]
    everywhere: re.Pattern[str]
    confidence: Mapping[str, str]
    zone_words: frozenset[str]
    zone_at: frozenset[str]
    camera_words: frozenset[str]
    place_words: frozenset[str]
    articles: frozenset[str]
    endings: tuple[str, ...]
    colours: frozenset[str]
    clothes: frozenset[str]
    tethers: frozenset[str]
    fillers: frozenset[str]
    operations: Mapping[str, Phrase]
    turns: Mapping[str, Phrase]
    unanswerable: Mapping[str, Cues]
    rewrites: Mapping[str, str]
    content: frozenset[str]

    def rewritten(self, skeleton: str) -> str:
        """With longer ways to say something in the place of shorter ones, and the like."""
        for said, meant in self.rewrites.items():
            skeleton = skeleton.replace(said, meant)
        return skeleton

    def knows(self, word: str) -> bool:
        """Whether the word has some meaning here, so that it is no name by itself."""
        return word in self.content or word in self.fillers


@cache
def lexicon(language: str) -> Lexicon:
    """The words of that language, one of LANGUAGES."""
    text = files(__package__).joinpath("words").joinpath(f"{language}.toml").read_text("utf-8")
    raw = tomllib.loads(text)
    named = _named(raw)
    spoken = " ".join(
        each for kind in ("operations", "turns") for e in raw[kind].values() for each in e
    )
    fillers = frozenset((*_small(raw), *re.findall(r"[a-z']{2,}", spoken)))
    operations = {name: phrase(each) for name, each in raw["operations"].items()}
    refused = raw.get("unanswerable", {})
    return Lexicon(
        language=language,
        cues=frozenset(raw["cues"].split()),
        named=named,
        described=_turned(raw["described"]),
        anybody=_words(raw["anybody"]["words"]),
        implied=_turned(raw.get("implied", {})),
        anything=_words(raw["anything"]["words"]),
        everywhere=re.compile(_bounded(raw["all"]["phrases"], letters=True)),
        confidence={name: each.strip() for name, each in raw["confidence"].items()},
        zone_words=_words(raw["zone"]["words"]),
        zone_at=_words(raw["zone"]["at"]),
        camera_words=_words(raw["camera"]["words"]),
        place_words=_words(raw["camera"]["place"]),
        articles=_words(raw["camera"]["articles"]),
        endings=tuple(raw.get("endings", {}).get("place", "").split()),
        colours=_words(raw["colours"]["words"]),
        clothes=_words(raw["colours"]["clothes"]),
        tethers=_words(raw["colours"].get("tethers", "")),
        fillers=fillers,
        operations=operations,
        turns={name: phrase(each) for name, each in raw["turns"].items()},
        unanswerable={k: Cues(v["says"], phrase(v["cues"])) for k, v in refused.items()},
        rewrites=raw.get("rewrites", {}),
        content=frozenset(
            word for said in (*named, *_turned(raw["described"])) for word in said.split()
        ),
    )


def phrase(patterns: Iterable[str]) -> Phrase:
    """One expression that finds any of them, whole words only."""
    return Phrase(re.compile(_bounded(map(_expanded, patterns))))


def _bounded(patterns: Iterable[str], *, letters: bool = False) -> str:
    before, after = (r"(?<![^\W_])", r"(?![^\W_])") if letters else (r"(?<!\S)", r"(?!\S)")
    return f"{before}(?:{'|'.join(f'(?:{each})' for each in patterns)}){after}"


def _expanded(pattern: str) -> str:
    pattern = re.sub(r"\((?!\?)", "(?:", pattern)
    pattern = re.sub(r" \[([^\]]*)\]", r"(?: (?:\1))?", pattern)
    pattern = re.sub(r"^\[([^\]]*)\] ", r"(?:(?:\1) )?", pattern)
    return pattern.replace(" .. ", rf"(?: \S+){{0,{GAP}}}?(?: |$)")


def _turned(table: Mapping[str, str]) -> Mapping[str, str]:
    """What each word means, of a table of the words for each meaning."""
    return {word: meaning for meaning, said in table.items() for word in said.split()}


def _named(raw: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    named: dict[str, tuple[str, ...]] = {}
    for label, said in raw["labels"].items():
        named |= dict.fromkeys(shlex.split(said), (label,))
    for group in raw.get("groups", {}).values():
        named |= dict.fromkeys(shlex.split(group["words"]), tuple(group["labels"].split()))
    return {said.replace("-", " "): labels for said, labels in named.items()}


def _small(raw: Mapping[str, Any]) -> list[str]:
    """Words that have a place in the grammar and are no names."""
    said = (raw["fillers"]["words"], *raw["zone"].values(), *raw["camera"].values())
    time = raw["time"]
    times = (*time["months"], *time["weekdays"], *time["units"].values(), *time["joints"].values())
    named = (*time["days"], *time["parts"], *time["clocks"], *time["numbers"])
    return " ".join((*said, raw["anything"]["words"], *times, *named)).split()


def _words(text: str) -> frozenset[str]:
    return frozenset(shlex.split(text))


def language_of(folded: str, likely: str = "en") -> str:
    """The language whose small words it holds most of; `likely` when that does not decide."""
    words = set(re.findall(r"[^\W\d_]+", folded))
    scores = {name: len(words & lexicon(name).cues) for name in LANGUAGES}
    best = max(scores.values())
    if best == 0 or scores[likely] == best:
        return likely
    return max(LANGUAGES, key=lambda name: scores[name])
