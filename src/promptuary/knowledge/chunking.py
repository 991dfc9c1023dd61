"""A document cut into passages along its structure, each with its exact place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from promptuary.domain.errors import InvalidInput
from promptuary.domain.loading import Block, Loaded

_LABEL = re.compile(r"\w")
_MARKS = re.compile(r"^[\s#=*_`~>\-]+|[\s#*_`:{]+$")
_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*")
"""What stands below the head of a table in Markdown."""
_ENDS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…。！？])[\"'»”)\]]*\s+|(?<=[。！？])"),
    re.compile(r"(?<=[;,:])\s+"),
    re.compile(r"\s+"),
)
"""Where a text may be cut, the best first."""
_LONGEST_LABEL = 200


@dataclass(frozen=True, slots=True)
class Chunking:
    """`size` is the longest passage and `overlap` how much of it the next one may repeat, both in
    characters; only blocks that are longer than a passage are repeated from. Raises InvalidInput
    for sizes that make no sense."""

    size: int = 1000
    overlap: int = 150

    def __post_init__(self) -> None:
        if self.size < 50 or not 0 <= self.overlap <= self.size // 2:
            wrong = f"{self.size} and {self.overlap}"
            message = (
                f"a passage holds at least 50 characters and overlaps by half at most: {wrong}"
            )
            raise InvalidInput(message, fields={"chunk_size": wrong})


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage before it has an id: `text[start:end]`, the headings above it, line and page. It
    has a line only if those of the source can be counted on from there in the text.

    One that begins within a table, behind its head, has that as its last heading.
    """

    start: int
    end: int
    headings: tuple[str, ...] = ()
    line: int | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class _Section:
    """Blocks in a row under the same headings and on the same page."""

    headings: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def start(self) -> int:
        return self.blocks[0].start

    @property
    def end(self) -> int:
        return self.blocks[-1].end


def pieces(document: Loaded, how: Chunking) -> list[Piece]:
    """The passages of a document in order; every character but white space is in one of them.

    A passage ends where a section or a page does. Small neighbours under the same headings share
    one; what is too long is cut between blocks, else between paragraphs, lines, sentences or words,
    and then the next passage repeats the end of this one.
    """
    found: list[Piece] = []
    for section in _joined(list(_sections(document)), how.size):
        found += _cut(document.text, section, how)
    return found


def label(heading: str) -> str:
    """A heading as a person would say it: without marks, its first line with a letter."""
    for line in heading.splitlines():
        if _LABEL.search(line):
            return _MARKS.sub("", line).strip()[:_LONGEST_LABEL] or line.strip()
    return heading.strip()[:_LONGEST_LABEL]


def _sections(document: Loaded) -> Iterator[_Section]:
    """A heading begins a section, and so does a page."""
    above: list[tuple[int, str]] = []
    blocks: list[Block] = []
    for block in document.blocks:
        begins = block.kind == "heading" and not _only_headings(blocks)
        if blocks and (begins or block.page != blocks[0].page):
            yield _section(above, blocks)
            blocks = []
        if block.kind == "heading":
            above = [each for each in above if each[0] < block.level]
            above.append((block.level, label(document.text[block.start : block.end])))
        blocks.append(block)
    if blocks:
        yield _section(above, blocks)


def _only_headings(blocks: Sequence[Block]) -> bool:
    """Headings that nothing followed yet go on with the next: a chapter and its first section."""
    return all(block.kind == "heading" for block in blocks)


def _section(above: Sequence[tuple[int, str]], blocks: Sequence[Block]) -> _Section:
    return _Section(tuple(name for _, name in above), tuple(blocks))


def _joined(sections: Sequence[_Section], size: int) -> Iterator[_Section]:
    """Neighbours of which one is small become one, as long as they stand on one page and fit."""
    small = size // 4
    held: _Section | None = None
    for section in sections:
        if held is not None and _fit(held, section, size, small):
            held = _Section(_shared(held.headings, section.headings), held.blocks + section.blocks)
            continue
        if held is not None:
            yield held
        held = section
    if held is not None:
        yield held


def _fit(a: _Section, b: _Section, size: int, small: int) -> bool:
    together = b.end - a.start <= size and a.blocks[0].page == b.blocks[0].page
    return together and min(a.end - a.start, b.end - b.start) <= small


def _shared(a: Sequence[str], b: Sequence[str]) -> tuple[str, ...]:
    """The headings above both; a section's own stands in its text."""
    same: list[str] = []
    for one, other in zip(a, b, strict=False):
        if one != other:
            break
        same.append(one)
    return tuple(same)


def _cut(text: str, section: _Section, how: Chunking) -> Iterator[Piece]:
    """Whole blocks as long as they fit; a block that does not fit by itself is cut."""
    heads = dict(zip(section.blocks, _heads(text, section.blocks), strict=True))
    run: list[Block] = []
    for block in section.blocks:
        if run and block.end - run[0].start > how.size and not _stays(run, block, how.size):
            yield from _within(text, section.headings, heads, run, how)
            run = []
        run.append(block)
    if run:
        yield from _within(text, section.headings, heads, run, how)


def _stays(run: Sequence[Block], block: Block, size: int) -> bool:
    """A heading is never left alone at the end of a passage."""
    return _only_headings(run) and block.end - block.start > size


def _within(
    text: str,
    headings: tuple[str, ...],
    heads: Mapping[Block, str],
    run: Sequence[Block],
    how: Chunking,
) -> Iterator[Piece]:
    start, end = run[0].start, run[-1].end
    for first, last in _ranges(text, start, end, how):
        at = bisect_right(run, first, key=lambda each: each.start) - 1
        block = run[at]
        above = (*headings, heads[block]) if heads[block] else headings
        yield Piece(first, last, above, _line(text, run[at:], first, last), run[0].page)


def _line(text: str, run: Sequence[Block], first: int, last: int) -> int | None:
    """The line of the source in which the passage begins. None where lines that are counted on from
    there would be wrong, as those of the source are not those of the text."""
    begins = run[0].line
    if begins is None:
        return None
    begins += text.count("\n", run[0].start, first)
    line, at = begins, first
    for block in run[1:]:
        if block.start >= last:
            break
        line, at = line + text.count("\n", at, block.start), block.start
        if block.line != line:
            return None
    return begins


def _heads(text: str, blocks: Sequence[Block]) -> list[str]:
    """For each block the head of the table it goes on with, as `| name | size |`; else nothing."""
    found: list[str] = []
    table: list[Block] = []
    head = ""
    for block in blocks:
        goes_on = table and block.kind == "row" and "\n\n" not in text[table[-1].end : block.start]
        if not goes_on:
            table, head = [], ""
        elif len(table) == 1 and _RULE.fullmatch(text, block.start, block.end):
            head = _cells(text[table[0].start : table[0].end])
        found.append(head)
        table = [*table[:1], block] if block.kind == "row" else []
    return found


def _cells(row: str) -> str:
    cells = [cell.strip() for cell in row.strip().strip("|").split("|")]
    return f"| {' | '.join(cells)[:_LONGEST_LABEL]} |"


def _ranges(text: str, start: int, end: int, how: Chunking) -> Iterator[tuple[int, int]]:
    """Ranges no longer than a passage, cut at the best place in the second half of each."""
    while end - start > how.size:
        cut = _best_end(text, start + how.size // 2, start + how.size)
        yield start, _stripped_end(text, start, cut)
        start = _next_start(text, start, cut, how.overlap)
    if start < end:
        yield start, end


def _best_end(text: str, low: int, high: int) -> int:
    """The last good place to cut, at most `high`; there, when a word is longer than all that."""
    for ending in _ENDS:
        last = 0
        for found in ending.finditer(text, low, high):
            last = found.end()
        if last > low:
            return last
    return high


def _next_start(text: str, start: int, cut: int, overlap: int) -> int:
    """The beginning of a sentence, line or word in the last characters before the cut; else the
    cut. Always behind `start`, and never white space."""
    low = max(start + 1, cut - overlap)
    for ending in _ENDS[1:]:
        for found in ending.finditer(text, low, cut) if overlap else ():
            if found.end() < cut:
                return _stripped_start(text, found.end())
    return _stripped_start(text, cut)


def _stripped_end(text: str, start: int, end: int) -> int:
    while end > start + 1 and text[end - 1].isspace():
        end -= 1
    return end


def _stripped_start(text: str, start: int) -> int:
    while start < len(text) and text[start].isspace():
        start += 1
    return start
