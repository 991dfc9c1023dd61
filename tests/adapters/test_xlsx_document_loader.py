from __future__ import annotations

import pytest

from adapters.making import archive, xlsx
from promptuary.adapters.document_loaders.xlsx import connect
from promptuary.domain.errors import InvalidInput
from promptuary.domain.loading import Limits, Loaded, RawFile
from promptuary.ports.document_loader import DocumentLoader
from promptuary.testing.document_loader import DocumentLoaderContract

ROWS = """<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c></row>
<row r="3"><c r="A3" t="s"><v>2</v></c><c r="B3" t="inlineStr"><is><t>in line</t></is></c>
<c r="C3"><f>1+1</f><v>3.5</v></c></row>
<row r="7"><c r="A7" t="str"><v>said</v></c><c r="C7" s="1"><v>45292</v></c></row>"""
SAMPLE = xlsx(ROWS, hidden='<row><c t="str"><v>hidden</v></c></row>')
WORDS = ["Prices", "rye bread", "3.5", "2024-01-01"]


class TestSheets(DocumentLoaderContract):
    @pytest.fixture
    def loader(self) -> DocumentLoader:
        return connect("xlsx:")

    @pytest.fixture
    def sample(self) -> RawFile:
        return RawFile("prices.xlsx", SAMPLE)

    @pytest.fixture
    def words(self) -> list[str]:
        return WORDS


def read(data: bytes) -> Loaded:
    """The one document of a file."""
    (found,) = connect("xlsx:").load(RawFile("prices.xlsx", data), Limits())
    assert isinstance(found, Loaded)
    return found


def blocks(data: bytes) -> list[tuple[str, str]]:
    """Kind and text of each block."""
    found = read(data)
    return [(block.kind, found.text[block.start : block.end]) for block in found.blocks]


def test_rows_name_their_values_and_count_as_lines() -> None:
    assert blocks(SAMPLE) == [
        ("heading", "Prices"),
        ("row", "what; price"),
        ("row", "rye bread; in line; 3.5"),
        ("row", "said; 2024-01-01"),
    ]
    found = read(SAMPLE)
    assert [(block.page, block.line) for block in found.blocks] == [
        (1, None),
        (1, 2),
        (1, 3),
        (1, 7),
    ]


def test_a_first_row_without_gaps_names_the_columns() -> None:
    rows = '<row r="1"><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>'
    rows += '<row r="2"><c t="s"><v>2</v></c><c><v>3.50</v></c></row>'
    assert blocks(xlsx(rows))[2] == ("row", "what: rye bread; price: 3.5")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c s="2"><v>45292.5</v></c>', "2024-01-01 12:00"),
        ("<c><v>1E-3</v></c>", "0.001"),
        ('<c t="b"><v>1</v></c>', "yes"),
        ('<c t="s"><v>99</v></c>', ""),
        ('<c t="e"><v>#REF!</v></c>', ""),
        ('<c s="1"><v>1e300</v></c>', "1e300"),
    ],
)
def test_values_are_shown_as_a_person_would_see_them(cell: str, value: str) -> None:
    row = f'<row r="1">{cell}<c t="str"><v>x</v></c></row>'
    assert blocks(xlsx(row))[1][1] == (f"{value} | x" if value else "x")


def test_a_cell_beyond_every_column_is_passed_over() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="ZZZ1"><v>2</v></c></row>'
    assert blocks(xlsx(rows))[1] == ("row", "1")


def test_another_archive_is_no_workbook() -> None:
    with pytest.raises(InvalidInput, match="workbook"):
        read(archive({"a.txt": "text"}))
