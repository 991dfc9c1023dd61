from __future__ import annotations

import json

import pytest

from promptuary.adapters.document_loaders.ipynb import connect
from promptuary.domain.errors import InvalidInput
from promptuary.domain.loading import Limits, Loaded, RawFile
from promptuary.ports.document_loader import DocumentLoader
from promptuary.testing.document_loader import DocumentLoaderContract

SAMPLE = json.dumps(
    {
        "cells": [
            {"cell_type": "markdown", "source": ["# Bread\n", "\n", "Flour and water.\n"]},
            {
                "cell_type": "code",
                "source": "print(500)",
                "outputs": [{"text": ["500 grams\n"]}, {"data": {"text/plain": "None so far"}}],
            },
        ]
    }
).encode()
WORDS = ["# Bread", "Flour", "print(500)", "500 grams", "None so far"]


class TestNotebook(DocumentLoaderContract):
    @pytest.fixture
    def loader(self) -> DocumentLoader:
        return connect("ipynb:")

    @pytest.fixture
    def sample(self) -> RawFile:
        return RawFile("recipe.ipynb", SAMPLE)

    @pytest.fixture
    def words(self) -> list[str]:
        return WORDS


def blocks(text: str, name: str = "recipe.ipynb") -> list[tuple[str, str]]:
    """Kind and text of each block; headings with their level."""
    (read,) = connect("ipynb:").load(RawFile(name, text.encode()), Limits())
    assert isinstance(read, Loaded)
    return [
        (f"{block.kind}{block.level or ''}", read.text[block.start : block.end])
        for block in read.blocks
    ]


def test_cells_are_pages() -> None:
    (read,) = connect("ipynb:").load(RawFile("a.ipynb", SAMPLE), Limits())
    assert [block.page for block in read.blocks] == [1, 1, 2, 2, 2]
    assert [
        kind for kind, _ in blocks(SAMPLE.decode())
    ] == "heading1 paragraph code code code".split()
    assert read.title == "Bread"


@pytest.mark.parametrize("text", ["{}", "[]", "3", '{"cells": 3}', "no json"])
def test_what_is_no_notebook_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="no notebook"):
        blocks(text)
