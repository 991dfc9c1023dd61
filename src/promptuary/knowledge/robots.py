"""What a site asks of robots (RFC 9309)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

MOST_BYTES = 512 * 1024
"""A longer file is read up to here."""
_SAFE = "/?=&;:@+$,!*'()~%"


@dataclass(frozen=True, slots=True)
class Rule:
    """Whether paths that match the pattern may be fetched; in it `*` stands for anything, and `$`
    at its end for the end of the path."""

    allow: bool
    pattern: str

    def matches(self, path: str) -> bool:
        """Looks for the pieces between the stars one after the other: never slow."""
        anchored = self.pattern.endswith("$")
        first, *rest = self.pattern.removesuffix("$").split("*")
        if not path.startswith(first):
            return False
        at = len(first)
        if anchored and not rest:
            return at == len(path)
        if anchored:
            *rest, last = rest
            if not path.endswith(last) or len(path) - len(last) < at:
                return False
            path = path[: len(path) - len(last)]
        for piece in rest:
            found = path.find(piece, at)
            if found < 0:
                return False
            at = found + len(piece)
        return True


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules for one robot, and how many seconds it should wait between requests."""

    rules: tuple[Rule, ...] = ()
    delay: float = 0.0

    def allow(self, url: str) -> bool:
        """The longest rule that matches decides; of two as long, the one that allows."""
        parts = urlsplit(url)
        path = _plain((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        matching = [rule for rule in self.rules if rule.pattern and rule.matches(path)]
        best = max(matching, key=lambda rule: (len(rule.pattern), rule.allow), default=None)
        return best is None or best.allow


NOBODY = Robots((Rule(allow=False, pattern="/"),))
"""A site that does not answer is left alone."""


def read_robots(data: bytes, agent: str) -> Robots:
    """The rules of the groups for this agent, else of those for everybody."""
    lines = list(_lines(data[:MOST_BYTES].decode("utf-8", "replace")))
    named = list(_group(lines, agent.lower()))
    chosen = named or list(_group(lines, "*"))
    delays = [value for key, value in chosen if key == "crawl-delay"]
    rules = tuple(
        Rule(key == "allow", _plain(value)) for key, value in chosen if key in {"allow", "disallow"}
    )
    return Robots(rules, _seconds(delays))


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield key.strip().lower(), value.strip()


def _group(lines: Iterable[tuple[str, str]], agent: str) -> Iterator[tuple[str, str]]:
    """What stands below the lines that name the agent; several of them may name a group."""
    inside = naming = False
    for key, value in lines:
        if key == "user-agent":
            inside = (inside and naming) or value.lower() == agent
            naming = True
            continue
        naming = False
        if inside:
            yield key, value


def _seconds(values: Sequence[str]) -> float:
    for value in values:
        try:
            return min(max(float(value), 0.0), 30.0)
        except ValueError:
            continue
    return 0.0


def _plain(path: str) -> str:
    """One way to write a path, however it is escaped."""
    return quote(unquote(path), safe=_SAFE)
