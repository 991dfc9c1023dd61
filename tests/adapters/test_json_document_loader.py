from __future__ import annotations

import pytest

from promptuary.adapters.document_loaders.json import connect
from promptuary.domain.errors import InvalidInput
from promptuary.domain.loading import Limits, Loaded, RawFile, Unread
from promptuary.ports.document_loader import DocumentLoader
from promptuary.testing.document_loader import DocumentLoaderContract

SAMPLE = b"""[{"what": "bread", "price": {"eur": 3.5}}, {"what": "cake", "tags": ["a", "b"]}]"""
WORDS = ["bread", "3.5", "cake"]


class TestJson(DocumentLoaderContract):
    @pytest.fixture
    def loader(self) -> DocumentLoader:
        return connect("json:")

    @pytest.fixture
    def sample(self) -> RawFile:
        return RawFile("prices.json", SAMPLE)

    @pytest.fixture
    def words(self) -> list[str]:
        return WORDS


def blocks(text: str, name: str = "prices.json") -> list[tuple[str, str]]:
    """Kind and text of each block; headings with their level."""
    (read,) = connect("json:").load(RawFile(name, text.encode()), Limits())
    assert isinstance(read, Loaded)
    return [
        (f"{block.kind}{block.level or ''}", read.text[block.start : block.end])
        for block in read.blocks
    ]


def test_each_object_names_its_values_by_their_paths() -> None:
    assert blocks(SAMPLE.decode()) == [
        ("row", "what: bread; price.eur: 3.5"),
        ("row", "what: cake; tags: a, b"),
    ]


def test_members_of_one_object_are_rows() -> None:
    assert blocks("""{"a": 1, "b": [{"c": null}, {"d": true}]}""") == [
        ("row", "a: 1"),
        ("row", "b[1].d: True"),
    ]


def test_a_bad_line_of_json_lines_is_named_and_the_others_are_read() -> None:
    file = RawFile("a.jsonl", b"""{"a": 1}\nno json\n\n{"a": 2}\n""")
    bad, read = connect("json:").load(file, Limits())
    assert isinstance(bad, Unread)
    assert isinstance(read, Loaded)
    assert (bad.part, bad.code) == ("line 2", "INVALID_INPUT")
    assert [block.line for block in read.blocks] == [1, 4]


def test_json_nested_beyond_measure_is_refused() -> None:
    with pytest.raises(InvalidInput):
        list(connect("json:").load(RawFile("a.json", b"[" * 100_000), Limits()))
