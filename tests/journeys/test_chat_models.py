"""From a folder of documents to an answer that a model words, and what is left when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chats.keys import all_known
from promptuary import Promptuary
from promptuary.domain.answers import Answer
from promptuary.settings import Settings
from promptuary.testing.fakes.chat_upstream import FakeChatUpstream

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
QUESTION = "Which day does the harbour office close early?"
WORDED = "The harbour office closes early on Thursdays [1]."


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeChatUpstream]:
    with FakeChatUpstream() as fake:
        all_known(monkeypatch, fake.address)
        yield fake


async def asked(tmp_path: Path, **settings: object) -> list[Answer]:
    """Two answers to the same question over one small folder."""
    folder = tmp_path / "docs"
    folder.mkdir(exist_ok=True)
    (folder / "office.md").write_text(
        "# Harbour office\n\nThe harbour office closes early on Thursdays, at two o'clock.\n"
    )
    (folder / "boats.md").write_text("# Boats\n\nEvery boat has a number on its bow.\n")
    wanted = Settings(home=tmp_path / "home", chat_models=("openai:gpt-4o-mini",), **settings)
    answers = []
    async with await Promptuary.open(settings=wanted) as opened:
        await opened.sync(folder)
        for _ in range(2):
            answer = await opened.ask(QUESTION, min_confidence=0.0)
            assert isinstance(answer, Answer), answer
            answers.append(answer)
    return answers


async def test_a_model_words_the_answer_and_its_cost_is_told(
    upstream: FakeChatUpstream, tmp_path: Path
) -> None:
    upstream.replies.extend([WORDED, WORDED])
    first, _ = await asked(tmp_path)
    assert first.model == "openai/gpt-4o-mini"
    assert "Thursdays" in first.text
    assert first.citations[0].source == "docs/office.md"
    assert first.usage
    assert first.usage.cost
    assert first.usage.cost > 0


async def test_what_the_documents_do_not_say_is_not_repeated(
    upstream: FakeChatUpstream, tmp_path: Path
) -> None:
    upstream.replies.extend(["The harbour office closes early on Mondays at 4711 [1]."] * 2)
    for answer in await asked(tmp_path):
        assert answer.model == "extractive"
        assert "Monday" not in answer.text


async def test_the_documents_are_quoted_while_the_model_is_away_or_the_budget_is_spent(
    upstream: FakeChatUpstream, tmp_path: Path
) -> None:
    upstream.faults.append("503")
    upstream.replies.append(WORDED)
    away, spent = await asked(tmp_path, chat_attempts=1, chat_daily_requests=1)
    assert (away.model, spent.model) == ("extractive", "extractive")
    assert "Thursdays" in spent.text
    assert len(upstream.received) == 1
