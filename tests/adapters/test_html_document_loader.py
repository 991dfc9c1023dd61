from __future__ import annotations

import pytest

from promptuary.adapters.document_loaders.html import connect
from promptuary.domain.loading import Limits, Loaded, RawFile
from promptuary.ports.document_loader import DocumentLoader
from promptuary.testing.document_loader import DocumentLoaderContract

SAMPLE = b"""<!doctype html><html><head><title>Bread &amp; more</title><style>p{}</style>
</head><body><nav>menu</nav><h1>Bread</h1><p>Flour <b>and</b> water.</p>
<ul><li>salt<li>yeast</ul><table><tr><th>what<th>how much<tr><td>flour<td>500 g</table>
<pre>a
  b</pre><script>alert(1)</script>"""
WORDS = ["Bread", "Flour and water.", "salt", "500 g", "a\n  b"]


class TestHtml(DocumentLoaderContract):
    @pytest.fixture
    def loader(self) -> DocumentLoader:
        return connect("html:")

    @pytest.fixture
    def sample(self) -> RawFile:
        return RawFile("page.html", SAMPLE)

    @pytest.fixture
    def words(self) -> list[str]:
        return WORDS


def blocks(text: str, name: str = "page.html") -> list[tuple[str, str]]:
    """Kind and text of each block; headings with their level."""
    (read,) = connect("html:").load(RawFile(name, text.encode()), Limits())
    assert isinstance(read, Loaded)
    return [
        (f"{block.kind}{block.level or ''}", read.text[block.start : block.end])
        for block in read.blocks
    ]


def test_what_a_reader_sees_is_read() -> None:
    assert blocks(SAMPLE.decode()) == [
        ("heading1", "Bread"),
        ("paragraph", "Flour and water."),
        ("list", "- salt"),
        ("list", "- yeast"),
        ("row", "what | how much"),
        ("row", "what: flour; how much: 500 g"),
        ("code", "a\n  b"),
    ]


def test_with_a_main_part_only_that_counts() -> None:
    text = "<header>top</header><main><p>body</p></main><footer>bottom</footer>"
    assert blocks(text) == [("paragraph", "body")]


def test_the_title_and_the_lines_are_kept() -> None:
    (read,) = connect("html:").load(RawFile("a.html", SAMPLE), Limits())
    assert read.title == "Bread & more"
    assert [block.line for block in read.blocks][:3] == [2, 2, 3]


def test_what_is_hidden_is_not_read() -> None:
    assert blocks("<p hidden>a</p><div hidden><p>b</p></div><p>c</p>") == [("paragraph", "c")]


def test_the_encoding_that_a_page_names_is_used() -> None:
    data = '<meta charset="windows-1251"><p>Хлеб</p>'.encode("windows-1251")
    (read,) = connect("html:").load(RawFile("a.html", data), Limits())
    assert read.text == "Хлеб"


def test_a_row_below_heads_names_its_columns_and_another_does_not() -> None:
    heads = "<tr><th>part<th>bin<th>weight"
    page = (
        f"<table>{heads}<tr><td>bolt<td><td>5 kg<tr><td>nut<td>B7<tr><th>sum<td>2<td>7 kg</table>"
        "<table><tr><td>home<td>about<tr><td>one<td>two</table>"
        "<table><tr><th>only<td>value</table>"
    )
    assert [text for kind, text in blocks(page) if kind == "row"] == [
        "part | bin | weight",
        "part: bolt; weight: 5 kg",
        "nut | B7",
        "part: sum; bin: 2; weight: 7 kg",
        "home | about",
        "one | two",
        "only | value",
    ]
