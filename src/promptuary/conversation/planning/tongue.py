"""How a language says times: its words, and its phrasings as expressions with named holes.

A phrasing such as `{num} {unit} ago` is filled with the words of the language. All phrasings of a
kind become one expression, in which each group carries the number of its phrasing after `__`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Tongue:
    """How a language says times."""

    patterns: Mapping[str, re.Pattern[str]]
    joints: Mapping[str, str]
    numbers: Mapping[str, float]
    units: Mapping[str, str]
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    days: Mapping[str, int]
    parts: Mapping[str, tuple[int, int]]
    clocks: Mapping[str, int]


@cache
def tongue(language: str) -> Tongue:
    """The words of time of that language."""
    text = files(__package__).joinpath("words").joinpath(f"{language}.toml").read_text("utf-8")
    raw = tomllib.loads(text)["time"]
    months = {word: n for n, said in enumerate(raw["months"], 1) for word in said.split()}
    weekdays = {word: n for n, said in enumerate(raw["weekdays"]) for word in said.split()}
    units = {word: unit for unit, said in raw["units"].items() for word in said.split()}
    joints = {
        w: _CODES[name]
        for name, said in raw["joints"].items()
        if name in _CODES
        for w in said.replace(",", " ").split()
    }
    parts = {name: (hours[0], hours[1]) for name, hours in raw["parts"].items()}
    found = Tongue(
        {}, joints, raw["numbers"], units, months, weekdays, raw["days"], parts, raw["clocks"]
    )
    macros = _macros(found)
    patterns = {
        name: re.compile(_filled("|".join(f"(?:{each})" for each in _distinct(written)), macros))
        for name, written in raw["patterns"].items()
    }
    return replace(found, patterns=patterns)


_CODES = {
    "glue": "o",
    "and": "&",
    "from": "f",
    "between": "b",
    "until": "u",
    "since": "s",
    "after": "a",
    "before": "<",
    "to": "t",
}
_GROUP = re.compile(r"\(\?P<(\w+)>")


def _distinct(patterns: list[str]) -> Iterator[str]:
    """A group may have its name once in an expression: later ones get a number."""
    seen: dict[str, int] = {}

    def numbered(match: re.Match[str]) -> str:
        name = match.group(1)
        seen[name] = seen.get(name, 0) + 1
        return f"(?P<{name}__{seen[name]}>"

    counter = [0]
    for pattern in patterns:
        counter[0] += 1
        yield re.sub(r"\{([a-z]+\d?)\}", rf"{{\1__{counter[0]}}}", _GROUP.sub(numbered, pattern))


def _macros(words: Tongue) -> Mapping[str, str]:
    def any_of(names: Mapping[str, object]) -> str:
        return "|".join(re.escape(n) for n in sorted(names, key=len, reverse=True))

    periods = {
        w: u for w, u in words.units.items() if u in {"week", "month", "year"} and len(w) > 2
    }
    hours = {w: n for w, n in words.numbers.items() if n in range(1, 13) and w.isalpha()}
    hours = {w: n for w, n in hours.items() if len(w) > 2}
    return {
        "num": rf"(?P<num>\d+(?:[.,]\d+)?|{any_of(words.numbers)})",
        "unit": rf"(?P<unit>{any_of(words.units)})",
        "period": rf"(?P<period>{any_of(periods)})",
        "month": rf"(?P<month>{any_of(words.months)})\.?",
        "weekday": rf"(?P<weekday>{any_of(words.weekdays)})",
        "day": r"(?P<day>[0-3]?\d)(?!\d)",
        "day2": r"(?P<day2>[0-3]?\d)(?!\d)",
        "year": r"(?P<year>[12]\d{3})",
        "hour": r"(?P<hour>[01]?\d|2[0-4])",
        "hour4": r"(?P<hour4>(?:[01]\d|2[0-3])[0-5]\d)",
        "minute": r"(?P<minute>[0-5]\d)",
        "second": r"(?P<second>[0-5]\d)",
        "ampm": r"(?P<ampm>[ap]\.?m\b\.?)",
        "hourword": rf"(?P<hourword>\d{{1,2}}|{any_of(hours)})",
        "clocks": any_of(words.clocks),
        "parts": any_of(words.parts),
        "dayword": any_of(words.days),
    }


def _filled(pattern: str, macros: Mapping[str, str]) -> str:
    def named(match: re.Match[str]) -> str:
        name, number = match.group(1), match.group(2)
        return macros[name].replace(f"(?P<{name}>", f"(?P<{name}__{number}>")

    written = re.sub(r"\{([a-z]+\d?)__(\d+)\}", named, pattern)
    return rf"(?<![^\W_])(?:{written})(?![^\W_])"
