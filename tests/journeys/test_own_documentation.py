"""Promptuary's own documentation answers a question about itself, with the right line."""

from pathlib import Path

import pytest

from promptuary.app import Promptuary
from promptuary.domain.answers import Answer, Refusal
from promptuary.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "how-to" / "move-to-postgresql.md"


async def test_the_documentation_says_how_to_move_to_postgresql(tmp_path: Path) -> None:
    async with await Promptuary.open(settings=Settings(home=tmp_path)) as promptuary:
        await promptuary.sync(DOCS)
        said = await promptuary.ask("how do I move to PostgreSQL?")
        no = await promptuary.ask("how do I bake sourdough bread?")
    assert isinstance(said, Answer)
    first = said.citations[0]
    lines = PAGE.read_text().splitlines()
    assert first.source == "docs/how-to/move-to-postgresql.md"
    assert first.line is not None
    assert lines[first.line - 1] == "To move to PostgreSQL, take these four steps:"
    assert "promptuary migrate record" in first.quote
    assert said.confidence > 0.5
    assert isinstance(no, Refusal)
    assert "sourdough" in no.missing
