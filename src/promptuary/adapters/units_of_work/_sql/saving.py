"""What adding a batch of prompts changes, worked out before anything is written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from promptuary.domain.errors import Conflict
from promptuary.domain.prompts import NewPrompt, Saved, Verdict, content_hash

LATER = frozenset({"masked", "unasked"})
"""What of a verdict is written only where there is any: the rest always was."""


class Saving:
    """A batch on its way into one collection, whose counters it carries forward.

    `owners` maps the known keys of the batch to their prompts, `known` holds the known prompts.
    """

    def __init__(self, collection_id: str, last_seq: int, arrivals: int, rejected: int) -> None:
        self.last_seq = last_seq
        self.arrivals = arrivals
        self.rejected = rejected
        self.owners: dict[str, str] = {}
        self.known: set[str] = set()
        self.fresh: dict[str, dict[str, Any]] = {}
        self.arrived: list[dict[str, Any]] = []
        self._collection_id = collection_id
        self._again: dict[str, tuple[int, datetime]] = {}

    @property
    def changed(self) -> bool:
        """Whether there is anything to write; every change comes with an occurrence."""
        return bool(self.arrived)

    def take(self, prompt: NewPrompt) -> Saved:
        """Add one prompt; raises Conflict when its key is known with another text."""
        owner = self.owners.get(prompt.key)
        if owner is not None:
            if owner != prompt.id:
                raise Conflict(f"the occurrence {prompt.key!r} is known with another text")
            return Saved(prompt.id, new_text=False, new_occurrence=False)
        self.owners[prompt.key] = prompt.id
        new = prompt.id not in self.known
        if new:
            self._add(prompt)
        else:
            self._repeat(prompt)
        self._arrive(prompt)
        return Saved(prompt.id, new_text=new, new_occurrence=True)

    def seen_again(self) -> list[dict[str, Any]]:
        """How much the counts of older prompts rise, and when they were last seen."""
        return [
            {"prompt": prompt, "more": more, "latest": latest}
            for prompt, (more, latest) in self._again.items()
        ]

    def _add(self, prompt: NewPrompt) -> None:
        self.known.add(prompt.id)
        self.last_seq += 1
        self.rejected += not prompt.verdict.allowed
        self.fresh[prompt.id] = {
            "id": prompt.id,
            "collection_id": self._collection_id,
            "seq": self.last_seq,
            "content": prompt.text,
            "content_hash": content_hash(prompt.text),
            "moderation_status": "safe" if prompt.verdict.allowed else "rejected",
            "verdict": _stored(prompt.verdict),
            "count": 1,
            "source": prompt.source,
            "metadata": dict(prompt.metadata),
            "created_at": prompt.created_at,
            "updated_at": prompt.created_at,
        }

    def _repeat(self, prompt: NewPrompt) -> None:
        if row := self.fresh.get(prompt.id):
            row["count"] += 1
            row["updated_at"] = max(row["updated_at"], prompt.created_at)
        else:
            more, latest = self._again.get(prompt.id, (0, prompt.created_at))
            self._again[prompt.id] = (more + 1, max(latest, prompt.created_at))

    def _arrive(self, prompt: NewPrompt) -> None:
        self.arrivals += 1
        self.arrived.append(
            {
                "collection_id": self._collection_id,
                "key": prompt.key,
                "position": self.arrivals,
                "prompt_id": prompt.id,
                "created_at": prompt.created_at,
            }
        )


def _stored(verdict: Verdict) -> dict[str, Any]:
    if verdict == Verdict(allowed=True):
        return {}
    stored = {
        "allowed": verdict.allowed,
        "scores": dict(verdict.scores),
        "reason": verdict.reason,
        "masked": dict(verdict.masked),
        "unasked": list(verdict.unasked),
    }
    return {name: each for name, each in stored.items() if each or name not in LATER}
