"""Where a value begins and ends: cutting the text between two runs of fixed words.

Separators are punctuation and white space. Where the prompt has exactly the template's, the value
is exactly what lies between; otherwise each mark is looked for in turn, so that a lost colon or a
doubled space does not end up in the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptuary.canon.templates.filling import Hole, Parts

Piece = tuple[str | Hole, str]  # a part of the template, and the text that stands for it

_ATOM = re.compile(r"\s+|\w+|[^\w\s]")
_BLANK = re.compile(r"[^\S\n]*")
_SPACE = re.compile(r"\s*")
_QUOTES = frozenset("\"'`\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d")
_MARKS = frozenset(":-.,;!?\u2013\u2014\uff0c\uff1a\uff1b\u3001\u3002")
_REACH = 200  # characters of a value that are looked through for separators


def cut(gap: Parts, text: str) -> list[Piece]:
    """Share `text` out to the parts of a gap, in order; joined, the shares are `text`.

    White space at the end of a value is none of it. Where the separator between two neighbouring
    holes is not found, the first hole takes it all.
    """
    holes = [at for at, part in enumerate(gap) if isinstance(part, Hole)]
    if not holes:
        return [*((part, "") for part in gap[:-1]), (gap[-1] if gap else "", text)]
    head = "".join(part for part in gap[: holes[0]] if isinstance(part, str))
    tail = "".join(part for part in gap[holes[-1] + 1 :] if isinstance(part, str))
    start = _left(head, text)
    end = len(text) - _right(tail, text[start:])
    inner = gap[holes[0] : holes[-1] + 1]
    return [(head, text[:start]), *_share(inner, text[start:end]), (tail, text[end:])]


def _share(inner: Parts, text: str) -> Iterator[Piece]:
    """Split at each separator between holes, leftmost first."""
    hole, *rest = inner
    while rest:
        separator = "".join(_strings(rest))
        following = rest[len(_strings(rest)) :]
        found = _search(separator, text)
        yield hole, text[: found[0]]
        yield separator, text[found[0] : found[1]]
        text = text[found[1] :]
        hole, *rest = following
    yield hole, text


def _strings(parts: list[str | Hole]) -> list[str]:
    strings: list[str] = []
    for part in parts:
        if isinstance(part, Hole):
            break
        strings.append(part)
    return strings


def _search(separator: str, text: str) -> tuple[int, int]:
    """Where the separator stands in the text, strictly or with other white space."""
    at = text.find(separator)
    if at >= 0:
        return at, at + len(separator)
    if max(len(separator), len(text) // 1_000) > _REACH:
        return len(text), len(text)
    tries = (re.search(one, text, re.IGNORECASE) for one in _looser(separator))
    found = next(filter(None, tries), None)
    if not found:
        return len(text), len(text)
    return len(text[: found.start()].rstrip()), _over(_SPACE, text, found.end())


def _looser(separator: str) -> Iterator[str]:
    """Expressions for a separator, from its marks with any white space down to its line break."""
    atoms = [atom for atom in _ATOM.findall(separator) if not atom.isspace()]
    if atoms:
        yield r"\s*".join(_loosely(atom) for atom in atoms)
    if "\n" in separator:
        yield r"\n"
    if not atoms:
        yield r"$" if "\n" in separator else r"\s"
    elif all(atom in _MARKS for atom in atoms):
        yield rf"[{re.escape(''.join(sorted(_MARKS)))}](?=\s)"


def _loosely(atom: str) -> str:
    return f"[{re.escape(''.join(sorted(_QUOTES)))}]" if atom in _QUOTES else re.escape(atom)


def _left(separator: str, text: str) -> int:
    """How many characters at the beginning of the text are the separator."""
    if text.startswith(separator):
        at = len(separator)
    else:
        at = 0
        for atom in _ATOM.findall(separator):
            at = _step(atom, text, at)
    line_start = at == 0 or text[at - 1] == "\n"
    return at if line_start else _blank(text, at)


def _right(separator: str, text: str) -> int:
    """How many characters at the end of the text are the separator."""
    if text.endswith(separator):
        kept = len(text) - len(separator)
        return len(text) - len(text[:kept].rstrip(" \t" if separator else None))
    near = text[-_REACH - len(separator) :]
    at = 0
    backwards = near[::-1]
    for atom in reversed(_ATOM.findall(separator)):
        at = _step(atom[::-1], backwards, at)
    return _blank(backwards, at)


def _step(atom: str, text: str, at: int) -> int:
    """Position after `atom` at `at`, or `at` itself where it is missing."""
    if atom.isspace():
        return _over_space(atom.count("\n"), text, at)
    if text[at : at + len(atom)].casefold() == atom.casefold():
        return at + len(atom)
    near = _blank(text, at)
    seen = text[near : near + 1]
    alike = seen == atom or (seen in _QUOTES and atom in _QUOTES)
    replaced = seen in _MARKS and atom in _MARKS and text[near + 1 : near + 2].isspace()
    return near + 1 if seen and (alike or replaced) else at


def _over_space(breaks: int, text: str, at: int) -> int:
    """Past blanks and at most `breaks` line breaks; the indentation behind them is kept."""
    end = _blank(text, at)
    if text[end : end + 1] != "\n":
        return end
    for _ in range(max(1, breaks)):
        if text[end : end + 1] != "\n":
            break
        at = end + 1
        end = _blank(text, at)
    return at


def _blank(text: str, at: int) -> int:
    return _over(_BLANK, text, at)


def _over(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
