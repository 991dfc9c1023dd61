"""How likely words are template text."""

from __future__ import annotations

import numpy as np

from canon.traffic import ALONE, journeys, rewrites, verdicts
from promptuary.canon.discovery.corpus import lay_out
from promptuary.canon.discovery.evidence import (
    LogisticTrees,
    SymmetricTree,
    probability,
    static_text,
)
from promptuary.canon.discovery.ngrams import highest, lowest, passages, windows


def test_words_that_prompts_share_are_likelier_template_text_than_values() -> None:
    corpus = lay_out([*journeys(), *rewrites(), *verdicts(), *ALONE])

    belief = static_text(corpus)

    words = [corpus.words[n] for n in corpus.flat]
    fixed = [p for w, p in zip(words, belief, strict=True) if w in ("weekend", "rewrite", "gloomy")]
    value = [p for w, p in zip(words, belief, strict=True) if w in ("oslo", "quarry", "stamps")]
    assert min(fixed) > 0.5 > max(value)


def test_a_corpus_without_words_has_no_evidence() -> None:
    assert len(static_text(lay_out(["", "!"]))) == 0


def test_answers_are_the_bits_of_a_leaf_first_question_first() -> None:
    tree = SymmetricTree(("a", "b"), (0.5, 0.5), np.array([0.0, 1.0, 2.0, 3.0], dtype=np.float32))
    features = {
        "a": np.array([0, 1, 0, 1], dtype=np.float32),
        "b": np.array([0, 0, 1, 1], dtype=np.float32),
    }

    found = probability(LogisticTrees(0.0, (tree,)), features)

    assert np.allclose(found, 1 / (1 + np.exp(-np.arange(4.0))))


def test_ngram_frequency_counts_prompts_and_never_crosses_them() -> None:
    corpus = lay_out(["a b a b", "a b", "b a"])

    pairs = windows(corpus)[2]

    assert pairs.frequency.tolist() == [2, 2, 2, 0, 2, 0, 2, 0]
    assert pairs.times[pairs.number].tolist() == [3, 2, 3, 0, 3, 0, 2, 0]


def test_windows_built_up_directly_are_those_built_from_halves() -> None:
    corpus = lay_out(journeys())

    built, direct = windows(corpus)[4], passages(corpus, 4)

    assert built.frequency.tolist() == direct.frequency.tolist()


def test_extremes_are_taken_over_the_windows_that_cover_a_word() -> None:
    corpus = lay_out(["a b c", "a b d"])
    pairs = windows(corpus)[2]

    assert highest(pairs.frequency, pairs).tolist() == [2, 2, 1, 2, 2, 1]
    assert lowest(pairs.frequency, pairs).tolist() == [2, 1, 1, 2, 1, 1]
