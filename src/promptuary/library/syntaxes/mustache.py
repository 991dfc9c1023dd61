"""Mustache without surprises: variables, sections, inverted sections and comments.

`{{name}}`, `{{{name}}}` and `{{& name}}` all give the value as it is: a prompt is no HTML. There
are no lambdas, no other delimiters and no dotted names. A tag of a section or comment that stands
alone on its line takes the line with it, as the specification of Mustache (1.4) says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from promptuary.domain.errors import InvalidInput
from promptuary.library.syntaxes.compiled import Budget, Value, joined, shown

_TAG = re.compile(
    r"\{\{(?:\{\s*(?P<raw>[^{}]*?)\s*\}\}\}|(?P<sign>[#^/!&=>]?)(?P<name>[^{}]*?)\}\})", re.DOTALL
)
_ALONE = frozenset("#^/!")
DEEPEST = 50


@dataclass(frozen=True, slots=True)
class _Variable:
    name: str


@dataclass(frozen=True, slots=True)
class _Section:
    name: str
    inverted: bool
    inside: tuple[_Node, ...]


_Node: TypeAlias = "str | _Variable | _Section"


@dataclass(frozen=True, slots=True)
class Mustache:
    """What stands in a text, in order."""

    nodes: tuple[_Node, ...]
    names: tuple[str, ...]

    def fill(self, values: Mapping[str, Value], budget: Budget) -> str:
        """The text with the values; a section is repeated for a list."""
        return joined(_pieces(self.nodes, (values,), budget), budget)


def compiled(text: str) -> Mustache:
    """Raises InvalidInput for sections that do not match, and for what this does not know."""
    stack: list[tuple[str, bool, list[_Node]]] = [("", False, [])]
    for found in _tokens(text):
        if isinstance(found, str | _Variable):
            stack[-1][2].append(found)
        elif found[0] in "#^":
            stack.append((found[1], found[0] == "^", []))
            if len(stack) > DEEPEST:
                raise _wrong(f"sections stand at most {DEEPEST} deep")
        else:
            name, inverted, inside = stack.pop()
            if not stack or name != found[1]:
                raise _wrong(f"{{{{/{found[1][:40]}}}}} closes no section")
            stack[-1][2].append(_Section(name, inverted, tuple(inside)))
    if len(stack) > 1:
        raise _wrong(f"the section {{{{#{stack[-1][0]}}}}} is not closed")
    nodes = tuple(stack[0][2])
    return Mustache(nodes, tuple(dict.fromkeys(_names(nodes))))


def _tokens(text: str) -> Iterator[str | _Variable | tuple[str, str]]:
    done = 0
    for tag in _TAG.finditer(text):
        sign = tag["sign"] or ""
        begins, ends = tag.span()
        if sign in _ALONE and sign:
            begins, ends = _line(text, begins, ends, done)
        if begins > done:
            yield text[done:begins]
        done = ends
        if sign == "!":
            continue
        name = (tag["raw"] if tag["raw"] is not None else tag["name"]).strip()
        if sign in {"=", ">"}:
            raise _wrong("other delimiters and partials are not known here")
        if name != "." and not name.isidentifier():
            raise _wrong(f"a slot is a plain name, not {name[:40]!r}")
        yield (sign, name) if sign in _ALONE and sign else _Variable(name)
    if rest := text[done:]:
        yield rest


def _line(text: str, begins: int, ends: int, done: int) -> tuple[int, int]:
    """The whole line where the tag stands alone on it, else the tag."""
    start = text.rfind("\n", done, begins) + 1 or (
        done if done == 0 or text[done - 1] == "\n" else -1
    )
    stop = text.find("\n", ends)
    stop = len(text) if stop < 0 else stop + 1
    alone = start >= 0 and not text[start:begins].strip() and not text[ends:stop].strip()
    return (start, stop) if alone else (begins, ends)


def _pieces(
    nodes: tuple[_Node, ...], scopes: tuple[Mapping[str, Value], ...], budget: Budget
) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
            continue
        value = next((scope[node.name] for scope in reversed(scopes) if node.name in scope), None)
        if isinstance(node, _Variable):
            yield shown(value)
        elif node.inverted:
            if not value:
                yield from _pieces(node.inside, scopes, budget)
        else:
            for each in _turns(value):
                budget.spend()
                yield from _pieces(node.inside, (*scopes, each), budget)


def _turns(value: Value) -> Iterator[Mapping[str, Value]]:
    """What a section is repeated with: once for what holds, once for each of a list."""
    for each in value if isinstance(value, list) else [value] if value else []:
        yield {".": each, **each} if isinstance(each, dict) else {".": each}


def _names(nodes: tuple[_Node, ...]) -> Iterator[str]:
    """Names outside of sections; inside, a name may be a member of what is repeated."""
    for node in nodes:
        if not isinstance(node, str) and node.name != ".":
            yield node.name


def _wrong(what: str) -> InvalidInput:
    return InvalidInput(f"not a mustache template: {what}", fields={"text": what})
