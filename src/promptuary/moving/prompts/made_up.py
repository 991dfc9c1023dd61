"""A made-up store of the older prompt service, in exactly its layout and with its known dirt, for
rehearsals and tests."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from promptuary.domain.older_prompts import OlderList, OlderPrompt

DOMAINS: Final = ("architecture", "development", "infrastructure", "security", "general")
TOPICS: Final = (
    "kubernetes", "docker", "terraform", "postgres", "caching", "oauth", "logging", "testing",
    "refactoring", "pipelines", "encryption", "queues", "graphql", "monitoring", "backups",
)  # fmt: skip
_VERBS: Final = ("secure", "explain", "design", "review", "automate", "measure", "document")
_THINGS: Final = ("a cluster", "the gateway", "our builds", "a schema", "the service", "a login")
EVERY: Final = {
    "numbered topic": 6, "spelt domain": 7, "duplicate": 40, "orphan": 50, "unlisted": 60,
    "unreadable": 90,
}  # fmt: skip
"""One in so many prompts has that dirt."""


@dataclass(frozen=True, slots=True)
class MadeUp:
    """What is to be laid, and what has to be found in it: prompts that can be read, and dirt."""

    prompts: tuple[OlderPrompt, ...]
    lists: tuple[OlderList, ...]
    readable: int
    dirt: Mapping[str, int]


class _Making:
    """A store that grows."""

    def __init__(self, seed: int) -> None:
        self.drawn = random.Random(seed)  # noqa: S311 - no secret hangs on it
        self.prompts: dict[str, bytes] = {}
        self.lists: dict[tuple[str, str], list[str]] = {}
        self.dirt: dict[str, int] = {}

    def fresh_id(self) -> str:
        """Unlike any other."""
        while (drawn := str(self.drawn.randrange(1, 10**12))) in self.prompts:
            pass
        return drawn

    def note(self, dirt: str) -> None:
        self.dirt[dirt] = self.dirt.get(dirt, 0) + 1

    def listed(self, number: str, found: Mapping[str, Any], *, unlisted: bool = False) -> None:
        """In the lists that the service writes."""
        for topic in found["response"]["detected_topics"]:
            self.lists.setdefault(("topic", topic.lower()), []).append(number)
        domain = found["request"]["domain"].rpartition(".")[2].lower()
        for name in () if unlisted else (domain, f"DomainType.{domain.upper()}"):
            self.lists.setdefault(("domain", name), []).append(number)


def made_up(count: int, seed: int = 11) -> MadeUp:
    """So many prompts, the same ones for the same seed."""
    making = _Making(seed)
    for at in range(count):
        number, found = making.fresh_id(), _prompt(making, at)
        if _has("unreadable", at):
            making.prompts[number] = making.drawn.choice([b"{not json", b"[1]", b"\xff\xfe", b"{}"])
            making.note("unreadable")
            continue
        making.prompts[number] = json.dumps(found).encode()
        unlisted = _has("unlisted", at)
        making.listed(number, found, unlisted=unlisted)
        if unlisted:
            making.note("unlisted")
        if _has("duplicate", at):
            twin = making.fresh_id()
            making.prompts[twin] = making.prompts[number]
            making.listed(twin, found)
            for dirt in ("duplicate", *_dirt_of(at)):
                making.note(dirt)
        if _has("orphan", at):
            making.lists.setdefault(("topic", "orphans"), []).append(making.fresh_id())
            making.note("orphan")
    laid = tuple(OlderPrompt(number, raw) for number, raw in making.prompts.items())
    lists = tuple(
        OlderList(name, "topic" if of == "topic" else "domain", tuple(ids))
        for (of, name), ids in making.lists.items()
    )
    readable = len(laid) - making.dirt.get("unreadable", 0)
    return MadeUp(laid, lists, readable, making.dirt)


def _prompt(making: _Making, at: int) -> dict[str, Any]:
    drawn = making.drawn
    topics = drawn.sample(TOPICS, 2)
    domain = drawn.choice(DOMAINS)
    if not _has("unreadable", at):
        for dirt in _dirt_of(at):
            making.note(dirt)
    lazy = f"{drawn.choice(_VERBS)} {drawn.choice(_THINGS)} number {at} with {topics[0]}"
    names = [f"{n}. {topic}" for n, topic in enumerate(topics, 1)]
    shown = names if _has("numbered topic", at) else topics
    return {
        "response": {
            "refined_prompt": f"You are an expert in {topics[0]}.\n\nTask: {lazy}.\n\nAsk first.",
            "detected_topics": shown,
            "recommended_references": [f"{topics[1]} handbook"] if at % 3 else None,
            "cached": False,
            "topic_details": {name: f"What to know of {name}." for name in shown},
            "prompt_file_content": f"# {lazy}\n\n## Overview\n\n## Key Topics\n",
        },
        "request": {
            "lazy_prompt": lazy,
            "domain": f"DomainType.{domain.upper()}" if _has("spelt domain", at) else domain,
            "expertise_level": drawn.choice(["beginner", "intermediate", "expert"]),
            "output_format": drawn.choice(["simple", "detailed", "tutorial", "checklist"]),
            "include_best_practices": bool(at % 5),
            "include_examples": bool(at % 4),
        },
    }


def _dirt_of(at: int) -> list[str]:
    return [dirt for dirt in ("numbered topic", "spelt domain") if _has(dirt, at)]


def _has(dirt: str, at: int) -> bool:
    return at % EVERY[dirt] == EVERY[dirt] - 1
