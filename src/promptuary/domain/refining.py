"""Refining: what is asked for, and a prompt that was put in order, with reasons for all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from promptuary.domain.library import DeclaredSlot, Domain, Expertise, Origin, OutputFormat

Engine: TypeAlias = Literal["rules", "model"]
Section: TypeAlias = Literal[
    "role", "context", "task", "inputs", "constraints", "output", "examples", "check"
]
SpanKind: TypeAlias = Literal["code", "url", "email", "slot", "quoted", "number", "name"]
Severity: TypeAlias = Literal["error", "warning", "hint"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """For whom a prompt is, and what shall come of it."""

    domain: Domain = "general"
    expertise_level: Expertise = "intermediate"
    output_format: OutputFormat = "detailed"
    best_practices: bool = True
    examples: bool = True


USUAL = Wishes()


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A kept prompt that is like the one to be refined.

    `origin` names its version, `likeness` is between 0 and 1, `rating` between 1 and 5 or None.
    """

    origin: Origin
    title: str
    text: str
    likeness: float
    rating: float | None = None
    ratings: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text that may not get lost: `text[start:end]`, and what it is."""

    kind: SpanKind
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a prompt that will make its answers worse. `code` is stable; `quote` is the
    place in the prompt, empty where the prompt as a whole is meant."""

    code: str
    severity: Severity
    reason: str
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """What a prompt is about, why that is thought, and where one reads on."""

    name: str
    detail: str
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Borrowed:
    """Words that were taken over from another prompt, and from where."""

    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What other prompts say and this one does not: for its author to take or leave."""

    section: Section
    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Lost:
    """What a rewritten text no longer says, or says though nobody gave it (`invented`)."""

    kind: SpanKind
    text: str
    invented: bool = False


@dataclass(frozen=True, slots=True)
class Refined:
    """A prompt in order: role, context, task, inputs, constraints, output, examples, self-check.

    `engine` is who worded it, `rules` or the name of a model; `fell_back_because` says why a model
    that was asked did not word it. `slots` are in order of their first place in `text`.
    """

    text: str
    lazy_text: str
    wishes: Wishes
    engine: str
    title: str
    intent: str
    topics: tuple[Topic, ...]
    slots: tuple[DeclaredSlot, ...]
    questions: tuple[str, ...]
    findings: tuple[Finding, ...]
    borrowed: tuple[Borrowed, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    fell_back_because: str = ""

    @property
    def changed(self) -> bool:
        """False for a prompt that was in order already."""
        return self.text != self.lazy_text
