from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.adapters.document_loaders.markdown import connect
from promptuary.domain.errors import InvalidInput
from promptuary.domain.loading import Block, BlockKind, Limits, Loaded, RawFile
from promptuary.knowledge.chunking import Chunking, Piece, label, pieces

SMALL = Chunking(100, 20)
KINDS: list[BlockKind] = ["heading", "paragraph", "list", "row", "code"]
WORDS = st.text(st.sampled_from("ab .,!\nü。👍\t"), min_size=1, max_size=400)


@st.composite
def documents(draw: st.DrawFn) -> Loaded:
    """Any sound document."""
    text = draw(st.sampled_from(["", "\n", " \t"]))
    blocks = []
    page = draw(st.sampled_from([None, 1]))
    for _ in range(draw(st.integers(0, 12))):
        inner = draw(WORDS).strip() or "x"
        kind = draw(st.sampled_from(KINDS))
        level = draw(st.integers(1, 4)) if kind == "heading" else 0
        page = page + draw(st.integers(0, 1)) if page else None
        start = len(text)
        line = 1 + text.count("\n")
        blocks.append(Block(kind, start, start + len(inner), level, line, page))
        text += inner + draw(st.sampled_from(["\n", "\n\n", " ", "\n\n\n "]))
    return Loaded(text, tuple(blocks))


HOW = st.sampled_from([SMALL, Chunking(50, 0), Chunking(64, 32), Chunking(1000, 150)])


@given(document=documents(), how=HOW)
def test_no_character_but_white_space_is_lost(document: Loaded, how: Chunking) -> None:
    covered = {at for piece in pieces(document, how) for at in range(piece.start, piece.end)}
    inked = {at for at, each in enumerate(document.text) if not each.isspace()}
    assert inked <= covered


@given(document=documents(), how=HOW)
def test_passages_are_in_order_and_within_their_size(document: Loaded, how: Chunking) -> None:
    found = pieces(document, how)
    for piece in found:
        inner = document.text[piece.start : piece.end]
        assert 0 < len(inner) <= how.size
        assert inner == inner.strip()
    for a, b in pairwise(found):
        assert a.start < b.start
        assert a.end < b.end
        assert b.start >= a.end - how.overlap


@given(document=documents(), how=HOW)
def test_line_and_page_are_those_of_the_first_character(document: Loaded, how: Chunking) -> None:
    for piece in pieces(document, how):
        assert piece.line == 1 + document.text.count("\n", 0, piece.start)
        inside = [b for b in document.blocks if b.start < piece.end and piece.start < b.end]
        assert {block.page for block in inside} == {piece.page}


def chunks(text: str, how: Chunking = SMALL) -> list[tuple[tuple[str, ...], str]]:
    """Headings and text of each passage of a Markdown document."""
    (read,) = connect("markdown:").load(RawFile("a.md", text.encode()), Limits())
    assert isinstance(read, Loaded)
    return [(piece.headings, read.text[piece.start : piece.end]) for piece in pieces(read, how)]


def test_a_long_section_ends_where_the_next_begins() -> None:
    text = f"# One\n\n{'a ' * 40}\n\n## Two\n\n{'b ' * 40}\n\n# Three\n\n{'c ' * 40}\n"
    assert [headings for headings, _ in chunks(text)] == [("One",), ("One", "Two"), ("Three",)]


def test_small_neighbours_share_a_passage_and_the_headings_above_both() -> None:
    assert chunks("# All\n\nintro\n\n## A\n\none\n\n## B\n\ntwo\n") == [
        (("All",), "# All\n\nintro\n\n## A\n\none\n\n## B\n\ntwo")
    ]


def test_a_heading_stays_with_what_follows_it() -> None:
    found = chunks(f"# All\n\n## A\n\n{'word ' * 60}")
    assert found[0][1].startswith("# All\n\n## A\n\nword")
    assert all(headings == ("All", "A") for headings, _ in found)


def test_blocks_that_fit_are_not_cut() -> None:
    rows = [f"| {n} | {'x' * 30} |" for n in range(9)]
    text = "\n".join(["| n | x |", "|---|---|", *rows])
    for _, chunk in chunks(text):
        assert all(line.startswith("| ") or line == "|---|---|" for line in chunk.split("\n"))
        assert all(line.endswith("|") for line in chunk.split("\n"))


TABLE = "\n".join(["| name | size |", "|:--|--:|", *(f"| part {n} | {n} cm |" for n in range(30))])


def test_later_passages_of_a_table_have_its_head_as_their_last_heading() -> None:
    first, *later = chunks(f"# Parts\n\n{TABLE}\n\nAll are made of wood.")
    assert first[0] == ("Parts",)
    assert len(later) > 3
    assert all(headings == ("Parts", "| name | size |") for headings, _ in later)
    assert all("name" not in chunk for _, chunk in later), "a passage is its source's characters"


def test_what_follows_a_table_does_not_have_its_head() -> None:
    text = f"{TABLE}\n\n{'Wood is light. ' * 20}\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    found = chunks(text)
    assert any(headings for headings, _ in found)
    assert all(not headings for headings, chunk in found if chunk.startswith(("Wood", "| a")))


def test_rows_without_a_head_bring_none_along() -> None:
    rows = "\n".join(f"part {n}: {n} cm; wood: oak" for n in range(30))
    blocks, start = [], 0
    for row in rows.split("\n"):
        blocks.append(Block("row", start, start + len(row)))
        start += len(row) + 1
    assert all(not each.headings for each in pieces(Loaded(rows, tuple(blocks)), SMALL))


def test_a_long_paragraph_is_cut_between_sentences_and_the_next_repeats_the_last() -> None:
    text = " ".join(f"Sentence {n} ends here." for n in range(12))
    found = [chunk for _, chunk in chunks(text, Chunking(100, 30))]
    assert all(chunk.startswith("Sentence") and chunk.endswith("here.") for chunk in found)
    assert found[1].split(".")[0] == found[0].split(".")[-2].strip()


def test_a_word_longer_than_a_passage_is_cut_anywhere() -> None:
    assert "".join(chunk for _, chunk in chunks("x" * 250, Chunking(100, 0))) == "x" * 250


def test_pages_are_never_mixed() -> None:
    blocks = (Block("paragraph", 0, 3, page=1), Block("paragraph", 4, 7, page=2))
    assert pieces(Loaded("one two", blocks), SMALL) == [Piece(0, 3, page=1), Piece(4, 7, page=2)]


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("## Moving to **PostgreSQL** ##", "Moving to **PostgreSQL"),
        ("=====\nTitle\n=====", "Title"),
        ("class Oven:", "class Oven"),
        ("***", "***"),
        ("`sync`", "sync"),
    ],
)
def test_a_heading_is_called_as_a_person_would(heading: str, said: str) -> None:
    assert label(heading) == said


@pytest.mark.parametrize(("size", "overlap"), [(10, 0), (100, 60), (100, -1)])
def test_sizes_that_make_no_sense_are_refused(size: int, overlap: int) -> None:
    with pytest.raises(InvalidInput):
        Chunking(size, overlap)


def test_a_passage_has_a_line_only_where_lines_can_be_counted_on_from_it() -> None:
    def lines(*of: int | None) -> list[int | None]:
        text = "\n\n".join(f"Paragraph {n}." for n in range(len(of)))
        blocks = tuple(
            Block("paragraph", 14 * n, 14 * n + 12, line=line) for n, line in enumerate(of)
        )
        return [piece.line for piece in pieces(Loaded(text, blocks), Chunking(1_000, 0))]

    assert lines(4, 6, 8) == [4]
    assert lines(4) == [4]
    assert lines(4, 4, 4) == lines(4, 6, 9) == lines(None, 6) == lines(4, None) == [None]
