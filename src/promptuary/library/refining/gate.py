"""The gate: a rewritten prompt says every number, name, address, quotation, slot and line of code
that the first one says, and invents none. The same for rules and for a model."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from promptuary.domain.refining import Lost, Span, SpanKind
from promptuary.library.refining.slots import SLOT
from promptuary.library.refining.spans import spans

MOST_LOOKED_FOR = 500
"""So many things that are not found at once are looked for by their letters; more of them are
lost."""
_FENCE = re.compile(r"\A[ \t]*(?:`{3,}|~{3,})[^\n]*\n?|\n?[ \t]*(?:`{3,}|~{3,})[ \t]*\Z")
_NUMBERING = re.compile(r"^\s{0,8}\(?\d{1,3}[.)]\s", re.MULTILINE)
_ANY = 10**9
_INVENTIBLE: frozenset[SpanKind] = frozenset({"number", "url", "email", "quoted", "slot"})


def lost(before: str, after: str, *, inventing: bool = True) -> tuple[Lost, ...]:
    """What `after` lacks of `before`; with `inventing`, also what it says and `before` does not.

    Numbers, code, addresses and quotations count as often as they stand there; names and slots
    once. How a list is numbered says nothing. Open places of `before` are slots already.
    """
    missing = _missing(_counted(before), _counted(after), after)
    gone = [Lost(kind, text) for kind, text in missing]
    if inventing:
        was, now = _counted(_unnumbered(before)), _counted(_unnumbered(after))
        new = Counter({what: n for what, n in now.items() if what[0] in _INVENTIBLE})
        known = Counter(dict.fromkeys(was, _ANY))
        gone += [Lost(kind, text, True) for kind, text in _missing(new, known, before)]
    return tuple(gone)


def _missing(
    wanted: Counter[tuple[SpanKind, str]], there: Counter[tuple[SpanKind, str]], text: str
) -> Iterator[tuple[SpanKind, str]]:
    looked = 0
    for (kind, said), times in wanted.items():
        if there[kind, said] >= times:
            continue
        looked += 1
        if looked > MOST_LOOKED_FOR or _times(said, text) < times:
            yield kind, said


def _counted(text: str) -> Counter[tuple[SpanKind, str]]:
    counts: Counter[tuple[SpanKind, str]] = Counter()
    for span in spans(text):
        counts[span.kind, _known_as(span)] += 1
    for name in SLOT.findall(text):
        counts["slot", f"{{{{{name}}}}}"] = 1
    for kind, said in counts:
        if kind in {"name", "slot"}:
            counts[kind, said] = 1
    return counts


def _known_as(span: Span) -> str:
    match span.kind:
        case "code":
            return _FENCE.sub("", span.text).strip()
        case "slot":
            return "".join(span.text.split())
        case "number":
            return span.text.rstrip("-+#_@")
        case "url":
            return span.text.rstrip(".,;:!?)]")
        case _:
            return span.text


def _times(said: str, text: str) -> int:
    """How often it stands there as a word of its own."""
    start = r"(?<!\w)" if said[:1].isalnum() else ""
    end = r"(?!\w)" if said[-1:].isalnum() else ""
    return sum(1 for _ in re.finditer(f"{start}{re.escape(said)}{end}", text))


def _unnumbered(text: str) -> str:
    return _NUMBERING.sub("", text)
