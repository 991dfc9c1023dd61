"""What stands before the keys in a Redis that is shared with others."""

from __future__ import annotations

from urllib.parse import unquote


def prefix_of(url: str, usual: str) -> tuple[str, str]:
    """The URL without its option `prefix`, and what that says (it may be empty), else the usual."""
    place, mark, query = url.partition("?")
    options = [each for each in query.split("&") if each]
    left = [each for each in options if not each.startswith("prefix=")]
    said = [each.partition("=")[2] for each in options if each.startswith("prefix=")]
    shorter = f"{place}{mark if left else ''}{'&'.join(left)}"
    return shorter, unquote(said[-1]) if said else usual
