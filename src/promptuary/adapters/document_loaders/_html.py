"""The blocks of an HTML page: what a reader sees, in order. Nothing it refers to is fetched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from promptuary.adapters.document_loaders._text import Writing
from promptuary.domain.loading import BlockKind

_WORD = re.compile(r"[\w.]+")
_UNSEEN = frozenset(
    _WORD.findall(
        "script style noscript template svg math head iframe object canvas audio video select "
        "button nav dialog"
    )
)
_BLOCKS = frozenset(
    _WORD.findall(
        "address article aside blockquote body caption dd details div dl dt fieldset figcaption "
        "figure footer form header hr html main ol p section summary table tbody tfoot thead ul"
    )
)
_VOID = frozenset(_WORD.findall("area base br col embed hr img input link meta source track wbr"))
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]{1,40})""", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_MOST_TAGS = 2_000
"""How deep tags are followed; real pages stay below a hundred."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block before it is known whether the page has a main part."""

    kind: BlockKind
    text: str
    level: int
    line: int
    main: bool


def charset(data: bytes) -> str | None:
    """What the page says of its encoding, in its first kilobyte."""
    found = _CHARSET.search(data[:1024])
    return found[1].decode("ascii") if found else None


def read_html(text: str, writing: Writing, *, page: int | None = None, lines: bool = True) -> str:
    """Write what a reader sees; returns the title of the page, or nothing."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.end()
    within = [piece for piece in reader.pieces if piece.main] or reader.pieces
    for piece in within:
        line = piece.line if lines else None
        writing.add(piece.kind, piece.text, level=piece.level, line=line, page=page)
    return _SPACE.sub(" ", reader.title).strip()


class _Reader(HTMLParser):
    """Takes tags and text as they come; a tag that nobody closes ends with its parent."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[_Piece] = []
        self.title = ""
        self._open: list[str] = []
        self._unseen = 0
        self._main = 0
        self._in_title = False
        self._kind: BlockKind = "paragraph"
        self._level = 0
        self._text: list[str] = []
        self._line = 1
        self._cells: list[str] | None = None
        self._in_cell = False
        self._heads = 0
        self._names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag begins."""
        if tag == "title":
            self._in_title = not self.title
        if tag not in _VOID and len(self._open) < _MOST_TAGS:
            unseen = tag in _UNSEEN or any(name == "hidden" for name, _ in attrs)
            self._open.append(f"!{tag}" if unseen else tag)
            self._unseen += unseen
            self._main += tag == "main"
        if not self._unseen:
            self._begin(tag)

    def handle_endtag(self, tag: str) -> None:
        """A tag ends, and with it all that was begun in it and never ended."""
        if tag == "title":
            self._in_title = False
        if tag not in self._open and f"!{tag}" not in self._open:
            return
        if not self._unseen:
            self._finish(tag)
        while self._open:
            closed = self._open.pop()
            self._unseen -= closed.startswith("!")
            self._main -= closed.lstrip("!") == "main"
            if closed.lstrip("!") == tag:
                return

    def handle_data(self, data: str) -> None:
        """Text between tags."""
        if self._in_title:
            self.title += data
        elif not self._unseen:
            if not "".join(self._text[-1:]).strip() and data.strip() and len(self._text) < 2:
                self._line = self.getpos()[0]
            self._text.append(data)

    def end(self) -> None:
        """The page ends."""
        self._end_row()

    def _begin(self, tag: str) -> None:
        if tag == "table":
            self._names = []
        if tag == "br":
            self._text.append("\n" if self._kind == "code" else " ")
        elif tag == "tr":
            self._end_row()
            self._cells = []
        elif tag in {"td", "th"}:
            self._end_cell()
            self._cells = self._cells or []
            self._in_cell = True
            self._heads += tag == "th"
        elif tag in _BLOCKS and self._cells is None and self._kind != "list":
            self._flush()
        elif kind := _kind_of(tag):
            self._flush()
            self._kind = kind
            self._level = int(tag[1]) if kind == "heading" else 0

    def _finish(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._end_cell()
        elif tag in {"tr", "table", "tbody", "thead"}:
            self._end_row()
            if tag == "table":
                self._names = []
        elif self._cells is None and (_kind_of(tag) or tag in _BLOCKS - {"p", "div"}):
            self._flush()
        elif tag in {"p", "div"} and self._cells is None:
            self._text.append("\n") if self._kind == "list" else self._flush()

    def _end_cell(self) -> None:
        """The cell at hand ends, whether its tag does or the next one begins."""
        if self._cells is not None and ((cell := _plain(self._text)) or self._in_cell):
            self._cells.append(cell)
            self._text = []
        self._in_cell = False

    def _end_row(self) -> None:
        self._end_cell()
        row, self._cells = self._cells, None
        heads, self._heads = self._heads, 0
        if row and any(row):
            self._text, self._kind = [self._row(row)], "row"
            if 1 < len(row) == heads == len(set(filter(None, row))):
                self._names = row
        self._flush()

    def _row(self, cells: list[str]) -> str:
        """`name: value; name: value` below a row of heads, so that each can be read by itself."""
        if len(cells) != len(self._names):
            return " | ".join(filter(None, cells))
        named = zip(self._names, cells, strict=True)
        return "; ".join(f"{name}: {cell}" for name, cell in named if cell)

    def _flush(self) -> None:
        raw = "".join(self._text)
        text = raw.strip("\n").rstrip() if self._kind == "code" else _plain(self._text)
        if self._kind == "list" and text:
            text = f"- {text}"
        if text.strip():
            main = self._main > 0
            self.pieces.append(_Piece(self._kind, text, self._level, self._line, main))
        self._text, self._kind, self._level = [], "paragraph", 0


def _kind_of(tag: str) -> BlockKind | None:
    if re.fullmatch("h[1-6]", tag):
        return "heading"
    kinds: dict[str, BlockKind] = {"pre": "code", "li": "list"}
    return kinds.get(tag)


def _plain(pieces: list[str]) -> str:
    return _SPACE.sub(" ", "".join(pieces)).strip()
