"""How answers about events are scored."""

from __future__ import annotations

from promptuary.conversation.evaluating import AnswerRow, Gold, score

GOLD = {"a": Gold("count", "count", 2), "b": Gold("count", "count", 0)}


def said(key: str, recorded: set[str], opened: set[str]) -> AnswerRow:
    return AnswerRow(
        key, 2, "", refused=False, recorded=frozenset(recorded), opened=frozenset(opened)
    )


def test_a_link_that_is_missing_or_opens_something_else_is_not_valid() -> None:
    rows = [said("a", {"e1", "e2", "e3"}, {"e1", "e2", "e9"}), said("b", {"e4"}, set())]
    assert score(GOLD, rows)["clip_links_valid"] == 0.5


def test_without_recordings_nothing_is_said_of_links() -> None:
    assert "clip_links_valid" not in score(GOLD, [said("a", set(), set())])
