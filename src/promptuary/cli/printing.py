"""What goes to standard output: JSON for programs; tables, colours and safe text for people."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import TypeVar

from rich.console import Console
from rich.text import Text

from promptuary.domain.pages import Page
from promptuary.domain.templates import Slot

T = TypeVar("T")
VALUES_SHOWN = 4
_SLOT = re.compile(r"\{\{[a-z_][a-z0-9_]*\}\}")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def console() -> Console:
    """Standard output, as wide as the terminal; without colours where it is no terminal."""
    return Console(highlight=False, markup=False, soft_wrap=not sys.stdout.isatty())


def write_json(value: object) -> None:
    """One JSON object on one line."""
    plain = as_plain(value)
    try:
        text = json.dumps(plain, ensure_ascii=False)
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate: JSON can say it, UTF-8 cannot
        text = json.dumps(plain)
    sys.stdout.write(text + "\n")


def as_plain(value: object) -> object:
    """Dataclasses, times and tuples as what JSON knows."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: as_plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): as_plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [as_plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value


def page_json(page: Page[T], items: Iterable[object] | None = None) -> None:
    """A page as one JSON object."""
    shown = list(page.items if items is None else items)
    write_json({"items": shown, "next_cursor": page.next_cursor, "total": page.total})


def safe(text: str) -> str:
    """Text that cannot drive the terminal: control and direction characters become visible."""
    return _CONTROL.sub(lambda hit: _visible(ord(hit[0])), text.replace("\r\n", "\n"))


def one_line(text: str, width: int) -> str:
    """The beginning of a text on one line."""
    flat = safe(" ".join(text[: 4 * width].split()))
    return flat if len(flat) <= width else flat[: width - 1] + "…"


def templated(text: str, width: int | None = None) -> Text:
    """A template's text with its slots highlighted."""
    shown = Text(one_line(text, width) if width else safe(text))
    shown.highlight_regex(_SLOT, "bold cyan")
    return shown


def values_of(slot: Slot) -> str:
    """The most frequent values of a slot with their counts."""
    shown = [f"{one_line(v.value, 28)} ({v.count})" for v in slot.examples[:VALUES_SHOWN]]
    rest = len(slot.examples) - VALUES_SHOWN
    return ", ".join(shown) + (f", … {rest} more" if rest > 0 else "")


def plural(count: int, noun: str) -> str:
    """`1 prompt`, `2 prompts`, `3 families`."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1] + 'ies' if noun.endswith('y') else noun + 's'}"


def foot(out: Console, page: Page[T], noun: str) -> None:
    """How much of the whole was shown, and how to see the rest."""
    shown = len(page.items)
    of = "" if shown == page.total else f" of {page.total:,}"
    out.print(Text(f"{plural(shown, noun)}{of}", "dim"))
    if page.next_cursor:
        out.print(Text(f"next page: --cursor {page.next_cursor}", "dim"))


def _visible(code: int) -> str:
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"\\u{code:04x}"
