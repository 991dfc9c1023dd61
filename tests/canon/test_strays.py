"""A second chance for prompts, with the finished templates."""

from __future__ import annotations

import numpy as np

from canon.laying import tables_of
from canon.traffic import DEEDS, PLACES
from promptuary.canon.discovery.strays import take_in

SHORT = "name the town"
LONG = "name the town and say in which year the old harbour was closed"


def _sizes(stray: str, own: str) -> list[int]:
    texts = {
        SHORT: [f"{SHORT} {place}" for place in PLACES],
        LONG: [f"{LONG} {deed}" for deed in DEEDS],
        "": [],
    }
    texts[own].append(stray)
    return _taken_in(texts)


def _taken_in(texts: dict[str, list[str]]) -> list[int]:
    corpus, tables = tables_of(texts)
    fixed = {corpus.words.index(word) for word in LONG.split()}
    belief = np.array([0.97 if n in fixed else 0.02 for n in corpus.flat], dtype=np.float32)

    return [len(table.rows) for table in take_in(corpus, belief, tables)]


def test_a_prompt_alone_joins_the_template_it_fits_but_for_a_slip() -> None:
    assert _sizes(f"{LONG.replace('closed', 'cloesd')} Rome", "") == [10, 9]


def test_a_prompt_whose_template_leaves_much_over_moves_to_one_that_does_not() -> None:
    assert _sizes(f"{LONG.replace('closed', 'cloesd')} Rome", SHORT) == [10, 9]


def test_a_prompt_that_its_template_explains_stays() -> None:
    assert _sizes(f"{SHORT} Rome", SHORT) == [11, 8]


def test_a_template_whose_prompts_all_fit_another_better_is_gone() -> None:
    slips = [f"{LONG.replace('closed', 'cloesd')} {place}" for place in PLACES[:3]]
    assert _taken_in({SHORT: slips, LONG: [f"{LONG} {deed}" for deed in DEEDS]}) == [11]
