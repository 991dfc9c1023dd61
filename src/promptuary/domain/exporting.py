"""A template as other tools read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

TemplateForm: TypeAlias = Literal[
    "jinja", "mustache", "fstring", "dotprompt", "json-schema", "regex", "re2", "caching"
]
FORMS: tuple[TemplateForm, ...] = get_args(TemplateForm)


@dataclass(frozen=True, slots=True)
class TemplateExport:
    """A template in one form. `names` maps slots to what they are called in it, where that differs.

    `members` and `matched` are set for patterns: with how many prompts of the template the pattern
    was tried, and how many it matches; `filled` is how many of those gave every slot its value.
    """

    form: TemplateForm
    text: str
    media_type: str
    suffix: str
    names: Mapping[str, str] = field(default_factory=dict)
    members: int = 0
    matched: int = 0
    filled: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """A prompt of a template: its text, and the values that its placement gave the slots."""

    text: str
    slots: Mapping[str, str]
    residual: str
