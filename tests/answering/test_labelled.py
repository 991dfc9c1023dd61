from pathlib import Path

import pytest

from promptuary.answering.evaluating.labelled import read_corpus, read_gold, read_questions
from promptuary.domain.errors import InvalidInput


def test_questions_truth_and_documents_are_read(tmp_path: Path) -> None:
    qa, corpus = tmp_path / "qa.jsonl", tmp_path / "corpus.jsonl"
    qa.write_text(
        '{"id": 1, "question": "When?", "answers": ["1934"], "gold_docs": ["a"],'
        ' "spans": [[2, 6]]}\n'
        '\n{"id": "2", "question": "Who?", "unanswerable": true}\n'
    )
    corpus.write_text('{"id": "a", "title": "T", "text": "In 1934"}\n{"id": "b", "text": ""}\n')
    first, second = read_gold(qa)
    assert read_questions(qa) == [("1", "When?"), ("2", "Who?")]
    assert (first.answers, first.documents, first.spans) == (("1934",), ("a",), ((2, 6),))
    assert second.unanswerable
    assert read_corpus(corpus) == [("a", "T", "In 1934"), ("b", "", "")]


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


def test_what_is_missing_empty_or_there_twice_is_said(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    with pytest.raises(InvalidInput, match="missing"):
        read_corpus(path)
    path.write_text("\n")
    with pytest.raises(InvalidInput, match="empty"):
        read_corpus(path)
    path.write_text('{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}\n')
    with pytest.raises(InvalidInput, match="line 2"):
        read_corpus(path)
