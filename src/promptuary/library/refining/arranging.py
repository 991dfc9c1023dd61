"""Every statement of an author in the section it belongs to, word for word, and read back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import cast, get_args

from promptuary.domain.refining import Section
from promptuary.library.refining.blocks import Block, blocks, fenced, sentences
from promptuary.library.refining.wording import heading, ours, told

SECTIONS: tuple[Section, ...] = get_args(Section)
GENERATED: tuple[Section, ...] = ("constraints", "output", "check")
"""Where lines of ours always stand below those of the author."""
_ALWAYS = frozenset({"role", "task", *GENERATED})
_BLANK_HEAD = re.compile(r"\A(?:[^\S\n]*\n)+")
_WHOLE_BLOCK_FROM = 1200
"""A paragraph so long is no quick note: it stays in one piece."""


@dataclass(frozen=True, slots=True)
class Arranged:
    """What an author wrote, by section; sections without a word are left out.

    `ordered` says that the text was in order already.
    """

    bodies: Mapping[Section, str] = field(default_factory=dict)
    ordered: bool = False

    def body(self, section: Section) -> str:
        """What stands there, perhaps nothing."""
        return self.bodies.get(section, "")

    @property
    def written(self) -> str:
        """All that the author wrote, apart from the role."""
        return "\n\n".join(text for name, text in self.bodies.items() if name != "role")


def arrange(text: str) -> Arranged:
    """Sort the statements of a prompt; of one that is in order, take off the lines of ours."""
    found = read_back(text)
    if found is not None:
        return found
    parts: dict[Section, list[str]] = {}
    for section, piece in _statements(text):
        parts.setdefault(section, []).append(piece)
    if "task" not in parts:
        parts = _task_found(parts)
    return Arranged({name: trim("".join(parts[name])) for name in SECTIONS if name in parts})


def verbatim(text: str) -> Arranged:
    """The whole text as the task: what is left to do where sorting would lose something.

    A heading that is like one of ours goes one level down, and a block of code is closed, so that
    the task ends where it ends.
    """
    names = {heading(name) for name in SECTIONS}
    lines = list(fenced(text))
    kept = [f"#{line}" if line in names and not code else line for line, code in lines]
    *_, last = blocks(text)
    end = last.text.rpartition("\n")[2] if last.kind == "code" else ""
    open_ended = end and kept[-1].strip() != end.strip() and lines[-1][1]
    return Arranged({"task": trim("\n".join([*kept, end] if open_ended else kept))})


def written(bodies: Mapping[Section, str], added: Mapping[Section, Iterable[str]]) -> str:
    """The whole prompt: in each section what the author wrote, below it the lines of ours."""
    parts = []
    for name in SECTIONS:
        lines = "\n".join(f"- {line}" for line in added.get(name, ()))
        body = "\n\n".join(piece for piece in (bodies.get(name, ""), lines) if piece)
        if body:
            parts.append(f"{heading(name)}\n{body}")
    return "\n\n".join(parts)


def trim(text: str) -> str:
    """Without blank lines at its beginning and blanks at its end."""
    return _BLANK_HEAD.sub("", text).rstrip()


def read_back(text: str) -> Arranged | None:
    """The sections of a text that is in order, without the lines of ours; None for any other."""
    names = {heading(name): name for name in SECTIONS}
    order: list[Section] = []
    held: dict[Section, list[str]] = {}
    for line, code in fenced(text):
        if not code and line in names:
            order.append(names[line])
            held.setdefault(order[-1], [])
        elif not order:
            return None
        else:
            held[order[-1]].append(line)
    if not set(order) >= _ALWAYS or order != [name for name in SECTIONS if name in held]:
        return None
    if len(order) != len(held):
        return None
    bodies = {name: _own(name, trim("\n".join(held[name]))) for name in order}
    return Arranged({name: body for name, body in bodies.items() if body}, ordered=True)


def _own(section: Section, body: str) -> str:
    """What stands there without the lines of ours at its end."""
    if section not in GENERATED:
        return body
    before, _, last = body.rpartition("\n\n")
    kept = "\n".join(line for line in last.split("\n") if line not in ours())
    return trim(f"{before}\n\n{kept}") if kept else trim(before)


def _statements(text: str) -> Iterator[tuple[Section, str]]:
    """Each with the white space that keeps it apart from the one before in its section."""
    told_by_heading: Section | None = None
    opaque = announcing = False
    last: Section = "task"
    for block in blocks(text):
        if block.kind == "heading":
            named = _section_named(block.text)
            if named:
                told_by_heading, opaque = named, False
                continue
            opaque = told_by_heading is None or opaque
        if told_by_heading or opaque:
            last = told_by_heading or "task"
            yield last, ("\n\n" if block.apart else "\n") + block.text
            continue
        for section, piece in _sorted(block, last, announced=announcing):
            yield section, piece
            last, announcing = section, piece.rstrip().endswith((":", "："))


def _sorted(block: Block, last: Section, *, announced: bool) -> Iterator[tuple[Section, str]]:
    """The statements of one block; lists and code follow what announces them."""
    start = "\n\n" if block.apart else "\n"
    if block.kind == "code":
        yield (last if announced or last == "examples" else "inputs"), start + block.text
        return
    if block.kind == "list" or len(block.text) > _WHOLE_BLOCK_FROM:
        yield last, start + block.text
        return
    before: Section | None = None
    for sentence in sentences(block.text):
        labelled = _labelled(sentence)
        section = labelled[0] if labelled else _section_of(sentence, before)
        said = labelled[1] if labelled else sentence
        if said:
            yield section, (" " if section == before else start) + said
        before = section


def _section_of(sentence: str, before: Section | None) -> Section:
    """By how it begins; what points back stays with the sentence before."""
    start = sentence.lstrip(" \t\"'“*_-").casefold()
    if before and _points_back().match(start) and not start.startswith(("it should", "it must")):
        return before
    for section, pattern in _starts():
        if pattern.match(start):
            return section
    return "task"


def _labelled(sentence: str) -> tuple[Section, str] | None:
    """`Context: we sell tea` says itself where it belongs."""
    label, mark, said = sentence.partition(":")
    if not mark or len(label) > 20 or label.strip().casefold() not in told("cues")["labels"]:
        return None
    named = _section_named(label)
    return (named, said.lstrip(" \t")) if named else None


def _section_named(said: str) -> Section | None:
    name = said.strip().strip("#*").strip().rstrip(":").strip().casefold()
    for section, names in told("cues")["synonyms"].items():
        if name in names:
            return cast("Section", section)
    return None


def _task_found(parts: dict[Section, list[str]]) -> dict[Section, list[str]]:
    """Nothing looked like a task: then what is not a role is the task, or else all of it."""
    rest = [name for name in SECTIONS if name in parts and name not in {"role", "inputs"}]
    chosen = rest or [name for name in SECTIONS if name in parts]
    task = [piece for name in chosen for piece in parts[name]]
    kept = {name: said for name, said in parts.items() if name not in chosen}
    return {**kept, "task": task}


@cache
def _starts() -> tuple[tuple[Section, re.Pattern[str]], ...]:
    cues = told("cues")
    return tuple(
        (name, re.compile("(?:please )?(?:" + "|".join(cues["starts"][name]) + ")"))
        for name in cues["order"]
    )


@cache
def _points_back() -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(told("cues")["anaphora"]) + r")\b")
