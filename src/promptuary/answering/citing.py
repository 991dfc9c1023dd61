"""Which pieces are cited, and how they are worded: the source's own characters, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from promptuary.answering.cues import numbered
from promptuary.answering.evidence import Evidence
from promptuary.answering.pieces import Kind, Piece, pieces
from promptuary.answering.question import Question
from promptuary.domain.answers import Citation
from promptuary.domain.documents import Passage

AT_MOST = 8
"""Items of a list, or rows behind a sentence, that are quoted together."""
NEAR = 0.05
"""A second sentence is cited when it is at least that share as likely to answer as the first."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A stretch of a passage that is cited, from the first to the last of `parts`."""

    passage: Passage
    parts: tuple[Piece, ...]

    @property
    def span(self) -> tuple[int, int]:
        """Where it stands in the passage."""
        return self.parts[0].start, self.parts[-1].end

    @property
    def kind(self) -> Kind:
        """Of its last part, which says most."""
        return self.parts[-1].kind


def choose(question: Question, evidence: Sequence[Evidence], sentences: int = 2) -> list[Quoted]:
    """What is cited for these pieces, best first: at most so many `sentences`, never one twice.

    A sentence that introduces a list or code brings it along, an item the whole of its list where
    a list is asked for, a heading what stands below it.
    """
    chosen: list[Quoted] = []
    for each in evidence:
        if len(chosen) == sentences or (chosen and each.score < NEAR * evidence[0].score):
            break
        quoted = _grown(question, each)
        if quoted and not any(_repeats(quoted, other) for other in chosen):
            chosen.append(quoted)
    return chosen


def cite(chosen: Sequence[Quoted]) -> tuple[Citation, ...]:
    """Citations in the order given, ranked from 1."""
    return tuple(_citation(rank, each) for rank, each in enumerate(chosen, start=1))


def worded(chosen: Sequence[Quoted]) -> str:
    """The quotes as one reply. Rows, items and code stand below the heading they belong to.

    Quotes of one passage keep its order.
    """
    first = {each.passage.id: at for at, each in reversed(list(enumerate(chosen)))}
    ordered = sorted(chosen, key=lambda each: (first[each.passage.id], each.span))
    texts: list[str] = []
    above = ""
    for each in ordered:
        heading = _heading(each)
        texts.append(f"{heading}: {_said(each)}" if heading and heading != above else _said(each))
        above = heading
    plain = all(each.kind == "sentence" for each in ordered)
    return (" " if plain else "\n").join(texts)


def _grown(question: Question, evidence: Evidence) -> Quoted | None:
    passage, piece = evidence.retrieved.passage, evidence.piece
    every = pieces(passage.text)
    at = every.index(piece)
    if piece.kind == "heading":
        below = every[at + 1 : at + 2]
        if not below or below[0].kind == "heading":
            return None
        at, piece = at + 1, below[0]
    first = last = at
    steps = question.asks == "steps" and numbered(evidence.quote)
    if piece.kind == "item" and (question.wants_list or steps):
        while first and every[first - 1].kind == "item" and every[first - 1].lead == piece.lead:
            first -= 1
        last = _last(every, first, piece.lead)
        if piece.lead and first and every[first - 1].start == piece.lead[0]:
            first -= 1
    elif piece.kind == "sentence":
        last = _last(every, at, (piece.start, piece.end))
    return Quoted(passage, tuple(every[first : last + 1]))


def _last(every: Sequence[Piece], at: int, lead: tuple[int, int] | None) -> int:
    """The last of the pieces from there on that have this lead."""
    last = at
    while last + 1 < len(every) and last - at < AT_MOST and every[last + 1].lead == lead:
        if lead is None and every[last + 1].kind != every[at].kind:
            break
        last += 1
    return last


def _repeats(quoted: Quoted, other: Quoted) -> bool:
    if quoted.passage.document_id == other.passage.document_id:
        mine, its = _place(quoted), _place(other)
        if mine[0] < its[1] and its[0] < mine[1]:
            return True
    return _plain(quoted) == _plain(other)


def _place(quoted: Quoted) -> tuple[int, int]:
    start, end = quoted.span
    return quoted.passage.start + start, quoted.passage.start + end


def _plain(quoted: Quoted) -> str:
    start, end = quoted.span
    return " ".join(quoted.passage.text[start:end].casefold().split())


def _citation(rank: int, quoted: Quoted) -> Citation:
    passage = quoted.passage
    start, end = quoted.span
    line = None if passage.line is None else passage.line + passage.text.count("\n", 0, start)
    return Citation(
        rank=rank,
        passage_id=passage.id,
        document_id=passage.document_id,
        source=passage.source,
        title=passage.title,
        quote=passage.text[start:end],
        start=passage.start + start,
        end=passage.start + end,
        line=line,
        page=passage.page,
    )


def _heading(quoted: Quoted) -> str:
    """What a row, an item or code would not be understood without."""
    if quoted.parts[0].kind == "sentence":
        return ""
    return quoted.passage.section


def _said(quoted: Quoted) -> str:
    text = quoted.passage.text
    if len(quoted.parts) == 1:
        return _piece(text, quoted.parts[0], quoted.passage.columns)
    start, end = quoted.span
    return text[start:end]


def _piece(text: str, piece: Piece, columns: Sequence[str]) -> str:
    """A row with the names of its columns, a sentence on one line, the rest as it stands."""
    own = text[piece.start : piece.end]
    if piece.kind == "row":
        header = _cells(text[slice(*piece.lead)]) if piece.lead else columns
        cells = _cells(own)
        if len(header) == len(cells):
            return "; ".join(
                f"{n}: {c}" if n else c for n, c in zip(header, cells, strict=True) if c
            )
        return "; ".join(cell for cell in cells if cell)
    return " ".join(own.split()) if piece.kind == "sentence" else own


def _cells(row: str) -> list[str]:
    inner = row.strip().strip("|") if "|" in row else row
    return [cell.strip() for cell in inner.split("|" if "|" in row else "\t")]
