"""A name for a prompt that has none."""

from __future__ import annotations

from collections.abc import Sequence

from promptuary.domain.library import ChatTurn

WORDS = 6
CHARACTERS = 60


def first_words(text: str) -> str:
    """The first words of a text."""
    return " ".join(text.split(maxsplit=WORDS)[:WORDS])[:CHARACTERS].strip()


def first_words_of(turns: Sequence[ChatTurn]) -> str:
    """The first words of whoever speaks first, the user before all others."""
    spoken = sorted(turns, key=lambda turn: turn.role != "user")
    return next((words for turn in spoken if (words := first_words(turn.content))), "")
