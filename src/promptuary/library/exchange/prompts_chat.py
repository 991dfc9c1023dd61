"""prompts.chat: `prompts.csv`, a title (`act`) and a text (`prompt`) a row, and columns of its own
that stay with the format."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from promptuary.domain.library import PromptContent
from promptuary.library.exchange.forms import Draft, Form, Old
from promptuary.library.exchange.names import shown_name
from promptuary.library.exchange.pieces import Cut

HEADER = '"act","prompt"'


def _cut(text: str) -> Cut:
    spans = list(_rows(text))
    if not spans:
        raise ValueError("it is empty; its first row names the columns act and prompt")
    header = text[slice(*spans[0])].removeprefix("\ufeff")
    if not {"act", "prompt"} <= set(_fields(header)):
        raise ValueError("its first row does not name the columns act and prompt")
    return Cut.at(text, spans[1:], header)


def _rows(text: str) -> Iterator[tuple[int, int]]:
    """Where rows that are not empty stand, without what ends them; a quoted field may hold lines.
    Raises ValueError for a quote that is never closed."""
    start = at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        at = end + 1
        if text.count('"', start, end) % 2:
            continue  # the line ends inside quotes
        if text[start:end].strip("\r"):
            yield start, end - (text[start:end].endswith("\r"))
        start = at
    if start < len(text):
        raise ValueError("a quote is opened and never closed")


def _fields(row: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(row, newline="")), [])
    except csv.Error as error:
        raise ValueError(str(error)) from error


def _record(row: str, header: str) -> dict[str, str]:
    return dict(zip(_fields(header), _fields(row), strict=False))


def _understand(piece: str, context: str) -> Draft | None:
    row = _record(piece, context)
    if "prompt" not in row:
        raise ValueError("a row has fewer columns than the header")
    odd = sorted(set(row) - {"act", "prompt"})
    return Draft(
        name=row["act"],
        content=PromptContent(text=row["prompt"], syntax="plain"),
        title=row["act"],
        notes=(("columns", f"{', '.join(odd)} stay with the format alone"),) if odd else (),
    )


def _say(draft: Draft, old: Old | None, changed: frozenset[str]) -> str:
    header = old.context if old else HEADER
    row = _record(old.raw, header) if old else {}
    if changed & {"title", "name"}:
        row["act"] = shown_name(draft.name, draft.title)
    if changed & {"text", "turns"}:
        turns = (f"{turn.role}: {turn.content}" for turn in draft.content.turns)
        row["prompt"] = draft.content.text or "\n\n".join(turns)
    return _line(row.get(column, "") for column in _fields(header))


def _line(fields: Iterator[str]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="").writerow(fields)
    return out.getvalue()


def _join(pieces: Sequence[str], context: str) -> str:
    return "".join(f"{row}\n" for row in (context, *pieces))


FORM = Form(
    name="prompts-chat",
    title="prompts.chat",
    suffix=".csv",
    says=frozenset({"text", "title"}),
    cut=_cut,
    understand=_understand,
    say=_say,
    join=_join,
    context=HEADER,
)
