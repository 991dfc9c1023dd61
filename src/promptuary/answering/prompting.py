"""What a chat model is given: the passages that fit into the budget, and the question."""

from __future__ import annotations

from collections.abc import Sequence

from promptuary.answering import wording
from promptuary.answering.evidence import Evidence
from promptuary.domain.chats import Message
from promptuary.retrieval.passages import Retrieved

CHARACTERS_A_TOKEN = 3
"""A cautious rule of thumb: English has about four, other languages fewer."""


def messages(question: str, passages: Sequence[str]) -> list[Message]:
    """The instructions, and the passages numbered from 1 with the question below them."""
    return [
        Message("system", wording.SYSTEM),
        Message("user", wording.asked(question, passages)),
    ]


def packed(
    question: str,
    found: Sequence[Retrieved],
    evidence: Sequence[Evidence],
    tokens: int,
    characters: int | None = None,
) -> list[str]:
    """The passages in order, as many as fit: all messages together take at most `tokens`, and each
    passage at most so many `characters`.

    Of a passage that is too long for the room that is left, the stretch around its best piece is
    taken, if there is room for that; what follows is left out. The best passage is always there.
    """
    frame = sum(len(message.content) for message in messages(question, []))
    room = tokens * CHARACTERS_A_TOKEN - frame
    texts: list[str] = []
    for rank, each in enumerate(found):
        room -= len(wording.asked("", [""]))
        text = each.passage.text
        wanted = min(len(text), characters or len(text))
        if wanted < len(text) or wanted > room:
            best = next((one for one in evidence if one.rank == rank), None)
            text = _stretch(text, best, min(wanted, room))
        if text or not texts:
            texts.append(text)
        if wanted > room:
            break
        room -= len(texts[-1])
    return texts


def _stretch(text: str, best: Evidence | None, room: int) -> str:
    """At most `room` characters around the best piece, the whole piece if it fits."""
    if room <= 0:
        return ""
    start, end = (best.piece.start, best.piece.end) if best else (0, 0)
    spare = max(0, room - (end - start)) // 2
    first = max(0, min(start - spare, len(text) - room))
    return text[first : first + room].strip()
