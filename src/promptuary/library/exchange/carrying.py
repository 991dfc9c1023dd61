"""What a prompt carries of the file it came from."""

from __future__ import annotations

import json
from dataclasses import dataclass

from promptuary.domain.library import Carried, PromptHistory
from promptuary.domain.plain import decode, encode
from promptuary.library.exchange.pieces import Kept


@dataclass(frozen=True, slots=True)
class Baggage:
    """The pieces of a prompt, and the name and slug it had when they were read."""

    name: str
    slug: str
    pieces: tuple[Kept, ...]


def pack(form: str, baggage: Baggage) -> Carried:
    """As it is kept with the prompt."""
    return Carried(form, encode(baggage).decode())


def unpack(history: PromptHistory, form: str) -> Baggage | None:
    """What the prompt carries of that format; None without any, or when it is not ours to read."""
    for each in history.carried:
        if each.format == form:
            try:
                return decode(Baggage, each.extras.encode())
            except (ValueError, json.JSONDecodeError):
                return None
    return None
