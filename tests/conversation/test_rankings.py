"""Figures of rankings, computed by hand."""

from __future__ import annotations

from math import log2
from pathlib import Path

import pytest

from promptuary.conversation.rankings import Judged, by_group, figures, ndcg, read_queries
from promptuary.domain.errors import InvalidInput


def test_a_grade_of_two_counts_three_times_one_of_one() -> None:
    judged = Judged(["x", "b", "a"], {"a": 2, "b": 1})
    assert ndcg(judged, 10) == pytest.approx((1 / log2(3) + 3 / 2) / (3 + 1 / log2(3)))
    assert ndcg(judged, 1) == 0.0


def test_what_comes_twice_counts_once_and_what_has_no_ranking_counts_nothing() -> None:
    twice = Judged(["a", "a", "b"], {"a": 1, "b": 1}, "g")
    assert ndcg(twice, 10) == pytest.approx((1 + 0.5) / (1 + 1 / log2(3)))
    found = figures([twice, Judged([], {"a": 1})])
    assert (found["n"], found["recall5"], found["mrr10"]) == (2, 0.5, 0.5)
    assert by_group([twice])["g"]["recall1"] == 0.5
    assert figures([]) == {}


def test_a_malformed_row_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "queries.jsonl"
    for bad in ('{"qid": "a"}', "[]", "{"):
        file.write_text('{"qid": "a", "query": "b"}\n' + bad)
        with pytest.raises(InvalidInput, match=":2"):
            read_queries(file)
    with pytest.raises(InvalidInput):
        read_queries(tmp_path / "none")
