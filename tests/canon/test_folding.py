"""Templates that are others with a value where those have a slot."""

from __future__ import annotations

import numpy as np

from canon.laying import tables_of
from canon.traffic import DEEDS, PLACES
from promptuary.canon.discovery.context import separators
from promptuary.canon.discovery.folding import fold
from promptuary.canon.discovery.ngrams import passages

ASKED = "Read the report and answer. Report: {report}\nQuestion: {question}"
FIXED = "read the report and answer report question"


def _folded(templates: dict[str, list[str]]) -> list[int]:
    corpus, tables = tables_of(templates)
    belief = np.full(len(corpus.flat), 0.9, dtype=np.float32)
    folded = fold(corpus, belief, tables, separators(corpus), passages(corpus, 3))
    return [len(table.rows) for table in folded]


def _reports(report: str, questions: tuple[str, ...]) -> list[str]:
    return [ASKED.format(report=report, question=question) for question in questions]


def test_a_document_asked_about_again_and_again_is_a_value() -> None:
    various = [ASKED.format(report=d, question=p) for d, p in zip(DEEDS, PLACES, strict=False)]
    again = _reports("nine tall masts", ("why", "when", "how", "who", "where"))

    sizes = _folded({FIXED: various, f"{FIXED[:-9]} nine tall masts question": again})

    assert sizes == [13]


def test_words_that_some_values_begin_with_are_no_template() -> None:
    various = [f"Write a birthday card to {place} with a joke" for place in PLACES]
    again = [f"Write a birthday card to old {place} with a joke" for place in PLACES[:5]]
    fixed = "write a birthday card to {} with a joke"

    sizes = _folded({fixed.replace("{} ", ""): various, fixed.format("old"): again})

    assert sizes == [15]


def test_a_template_that_says_more_around_its_slot_stays() -> None:
    short = [f"Summarise the text below: {deed}" for deed in DEEDS]
    longer = [f"Summarise the text below: {deed}\nSummary:" for deed in DEEDS]

    sizes = _folded(
        {"summarise the text below": short, "summarise the text below summary": longer[:5]}
    )

    assert sizes == [8, 5]


def _answers(frame: str, texts: tuple[str, ...]) -> list[str]:
    return [f"Answer this letter in a kind way. {frame.format(text)}" for text in texts]


WAITED = "they made us wait and wait for {}"


def test_a_phrase_that_values_of_other_templates_have_too_makes_no_template() -> None:
    fixed, phrase = "answer this letter in a kind way", WAITED.removesuffix(" {}")
    various, again = _answers("{}", DEEDS), _answers(WAITED, PLACES[:4])
    other = [f"Say it in one word: {WAITED.format(place)}" for place in PLACES[4:8]]

    assert _folded({fixed: various, f"{fixed} {phrase}": again, "say it in one word": other}) == [
        12,
        4,
    ]


def test_a_phrase_that_stands_nowhere_else_makes_a_template() -> None:
    fixed, phrase = "answer this letter in a kind way", WAITED.removesuffix(" {}")
    various, again = _answers("{}", DEEDS), _answers(WAITED, PLACES[:4])

    assert _folded({fixed: various, f"{fixed} {phrase}": again}) == [8, 4]
