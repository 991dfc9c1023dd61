"""Code inside prompts as one value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.canon.discovery.blocks import code_blocks, fold_code
from promptuary.canon.discovery.corpus import Corpus, lay_out
from promptuary.canon.discovery.discover import discover

PYTHON = "def {0}({1}):\n    if {1}:\n        {0}.run({1})\n    return {1}"
SCRIPT = "function {0}({1}) {{\n  {0}.run({1});\n  return {1};\n}}"
GO = "func {0}({1} int) error {{\n\tif {1} > 3 {{\n\t\treturn err\n\t}}\n\treturn nil\n}}"
NAMES = ("load", "save", "merge", "sort", "count", "drop")


def _folded(texts: list[str]) -> Corpus:
    corpus = lay_out(texts)
    return fold_code(corpus, np.full(len(corpus.flat), 0.9, dtype=np.float32))[0]


def _found(text: str) -> list[str]:
    return [text[lines[0][0] : lines[-1][1]].rstrip("\n") for lines in code_blocks(text)]


def test_prompts_with_code_in_several_languages_are_of_one_template() -> None:
    code = [kind.format(name, f"a{name}") for name in NAMES for kind in (PYTHON, SCRIPT, GO)]
    texts = [f"Find the mistake in this function and correct it:\n\n{one}" for one in code]

    (template,) = discover(texts)

    assert template.text == "Find the mistake in this function and correct it:\n\n{s0}"
    assert [dict(member.values) for member in template.members] == [{"s0": one} for one in code]


@pytest.mark.parametrize("code", [PYTHON, SCRIPT, GO])
def test_lines_that_look_like_code_are_a_block_without_fences(code: str) -> None:
    block = code.format("f", "x")

    assert _found(f"Look at this, please.\n\n{block}\n\nWhat does it do (in short)?") == [block]


def test_a_block_begins_behind_the_words_that_lead_to_it() -> None:
    block = PYTHON.format("f", "x")

    assert _found(f"Say what comes next: {block}\nThat is all.") == [block]


def test_prose_is_no_code_even_between_fences() -> None:
    prose = "Dear Ms Ito,\nwe met (twice) in May: you wore a hat.\n\n- one\n- two\nYours, Al"

    assert not _found(prose)
    assert not _found(f"Answer this:\n```\n{prose}\n```\nIn one line.")


def test_lines_that_recur_behind_the_same_words_stay_words() -> None:
    shape = (
        'Fill this in:\n```\n{{\n  "name": "{0}",\n  "kind": null,\n  "why is it so": []\n}}\n```'
    )
    texts = [shape.format(name) for name in NAMES]

    assert _folded(texts).sequences == lay_out(texts).sequences


def test_a_prompt_that_is_nothing_but_code_stays_words() -> None:
    texts = [PYTHON.format(name, "x") for name in NAMES]

    assert _folded(texts).sequences == lay_out(texts).sequences


LINES = st.sampled_from(
    ("```", "f(x) = 1;", "  y = {", "}", "Say: z = g(1)", "plain words", "", "é")
)


@given(st.lists(st.lists(LINES, max_size=12).map("\n".join), min_size=1, max_size=4))
def test_folding_keeps_words_in_order_and_apart(texts: list[str]) -> None:
    before = lay_out(texts)
    corpus, belief = fold_code(before, np.ones(len(before.flat), dtype=np.float32))

    assert len(belief) == len(corpus.flat) == corpus.starts[-1]
    for d, spans in enumerate(corpus.spans):
        assert len(spans) == corpus.lengths[d] > 0 or not before.spans[d]
        edges = [edge for span in spans for edge in span]
        assert edges == sorted(edges)
