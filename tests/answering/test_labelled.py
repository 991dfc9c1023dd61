from pathlib import Path

import pytest

from promptuary.answering.evaluating.labelled import read_gold, read_questions
from promptuary.domain.errors import InvalidInput


def test_questions_and_their_truth_are_read(tmp_path: Path) -> None:
    qa = tmp_path / "qa.jsonl"
    qa.write_text(
        '{"id": 1, "question": "When?", "answers": ["1934"], "gold_docs": ["a"],'
        ' "spans": [[2, 6]]}\n'
        '\n{"id": "2", "question": "Who?", "unanswerable": true}\n'
    )
    first, second = read_gold(qa)
    assert read_questions(qa) == [("1", "When?"), ("2", "Who?")]
    assert (first.answers, first.documents, first.spans) == (("1934",), ("a",), ((2, 6),))
    assert second.unanswerable


@pytest.mark.parametrize(
    "row",
    [
        "{",
        "[]",
        '{"question": "no id"}',
        '{"id": "x"}',
        '{"id": "x", "question": "q", "answers": "a"}',
        '{"id": "x", "question": "q", "spans": [[3, 1]]}',
        '{"id": "x", "question": "q", "spans": [[1, "2"]]}',
        '{"id": true, "question": "q"}',
    ],
)
def test_a_bad_row_is_named_by_file_and_line(tmp_path: Path, row: str) -> None:
    path = tmp_path / "qa.jsonl"
    path.write_text('{"id": "ok", "question": "q"}\n' + row + "\n")
    with pytest.raises(InvalidInput, match=r"qa\.jsonl, line 2"):
        read_gold(path)


def test_what_is_missing_or_empty_is_said(tmp_path: Path) -> None:
    path = tmp_path / "qa.jsonl"
    with pytest.raises(InvalidInput, match="missing"):
        read_questions(path)
    path.write_text("\n")
    with pytest.raises(InvalidInput, match="empty"):
        read_questions(path)
