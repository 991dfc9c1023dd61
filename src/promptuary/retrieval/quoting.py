"""Queries in quotation marks."""

from __future__ import annotations

from typing import Final

from promptuary.retrieval.words import terms

_CLOSING: Final = {'"': '"', "“": "”", "„": "“”", "«": "»"}
_MARKS: Final = frozenset('"“”„«»')


def quoted(text: str) -> str | None:
    """What stands between the quotation marks of a text that is quoted whole, else None."""
    said = text.strip()
    if len(said) < 3 or said[-1] not in _CLOSING.get(said[0], ""):
        return None
    inside = said[1:-1]
    return inside if _MARKS.isdisjoint(inside) and terms(inside) else None
