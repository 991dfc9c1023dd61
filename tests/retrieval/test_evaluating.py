from math import log2
from pathlib import Path

import pytest

from promptuary.domain.errors import InvalidInput
from promptuary.retrieval.evaluating.collections import (
    read_corpus,
    read_qrels,
    read_queries,
    write_run,
)
from promptuary.retrieval.evaluating.scoring import score, score_groups


def test_figures_are_those_of_the_definitions() -> None:
    qrels = {"q": {"a": 2, "b": 1, "c": 0}}
    figures = score(qrels, {"q": {"x": 9.0, "a": 8.0, "c": 7.0, "b": 6.0}})
    assert figures is not None
    assert figures.ndcg10 == pytest.approx((2 / log2(3) + 1 / log2(5)) / (2 + 1 / log2(3)))
    assert (figures.mrr, figures.hit1, figures.hit5) == (0.5, 0, 1)
    assert (figures.recall5, figures.recall100, figures.n) == (1, 1, 1)


def test_a_query_without_results_counts_and_one_without_judgements_does_not() -> None:
    figures = score({"q": {"a": 1}, "silent": {"a": 1}}, {"q": {"a": 1.0}, "other": {"a": 1.0}})
    assert figures is not None
    assert (figures.ndcg10, figures.n) == (0.5, 2)
    assert score({}, {"q": {"a": 1.0}}) is None


def test_equal_scores_are_ordered_by_falling_id() -> None:
    figures = score({"q": {"b": 1}}, {"q": {"a": 1.0, "b": 1.0}})
    assert figures is not None
    assert figures.hit1 == 1


def test_groups_have_figures_of_their_own() -> None:
    qrels = {"q1": {"a": 1}, "q2": {"a": 1}}
    groups = score_groups(qrels, {"q1": {"a": 1.0}}, {"q1": "typo", "q2": "title", "q3": ""})
    assert {name: part.hit1 for name, part in groups.items()} == {"title": 0, "typo": 1}


def test_a_collection_is_read_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text(
        '{"id": "1", "text": "one", "title": "First", "tags": ["a", "b"]}\n\n'
        '{"id": 2, "text": ""}\n'
    )
    (tmp_path / "queries.jsonl").write_text('{"id": "q", "text": "one?", "lang": "en"}\n')
    (tmp_path / "qrels.tsv").write_text("q\t1\t2\nq\t2\t0\n")
    first, second = read_corpus(tmp_path)
    assert (first.title, first.tags, second.id, second.title) == ("First", ("a", "b"), "2", "")
    assert [(each.text, each.group) for each in read_queries(tmp_path)] == [("one?", "en")]
    assert read_qrels(tmp_path) == {"q": {"1": 2, "2": 0}}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("nothing", "line 1: no JSON"),
        ("[]", "line 1: no JSON object"),
        ('{"id": "1", "text": "x"}\n{"text": "x"}', "line 2: the row has no id"),
        ('{"id": "1"}', "line 1: the row has no text"),
        ('{"id": "1", "text": "x", "title": 3}', "line 1: the row has no title"),
        ('{"id": "1", "text": "x"}\n{"id": 1, "text": "x"}', "'1' stands there twice"),
        ("", "is empty"),
    ],
)
def test_a_wrong_row_is_named_with_file_and_line(tmp_path: Path, rows: str, told: str) -> None:
    (tmp_path / "corpus.jsonl").write_text(rows)
    with pytest.raises(InvalidInput, match=r"corpus\.jsonl") as raised:
        read_corpus(tmp_path)
    assert told in str(raised.value)


@pytest.mark.parametrize("line", ["q 1 2", "q\t1", "q\t1\tmuch"])
def test_a_wrong_judgement_is_named_with_file_and_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "qrels.tsv").write_text(f"q\t1\t1\n{line}\n")
    with pytest.raises(InvalidInput, match=r"qrels\.tsv, line 2"):
        read_qrels(tmp_path)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"queries\.jsonl is not there"):
        read_queries(tmp_path)


def test_a_run_is_written_best_first(tmp_path: Path) -> None:
    write_run(tmp_path / "run.tsv", {"q": {"a": 0.25, "b": 0.5}, "r": {}})
    assert (tmp_path / "run.tsv").read_text() == "q\tb\t0.5\nq\ta\t0.25\n"
