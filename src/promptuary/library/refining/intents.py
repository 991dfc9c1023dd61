"""What a task asks for, by its first verb that says so."""

from __future__ import annotations

from functools import cache

from promptuary.library.refining.wording import words
from promptuary.retrieval.words import terms

READ = 1_000


def intent(task: str) -> str:
    """`translate`, `review` and so on; `answer` for a question, `other` where no verb is known."""
    known = _known()
    said = terms(task[:READ])
    for term in said:
        named = known.get(term)
        if named and named != "answer":
            return named
    asks = said and known.get(said[0]) == "answer"
    return "answer" if asks or task.rstrip().endswith(("?", "？", "؟")) else "other"


@cache
def _known() -> dict[str, str]:
    return {word: name for name, said in words()["intents"].items() for word in said["words"]}
