"""Prompts into groups of one template."""

from __future__ import annotations

import numpy as np

from promptuary.canon.discovery.alignment import Pattern
from promptuary.canon.discovery.consensus import consensus, shared_signature
from promptuary.canon.discovery.corpus import Corpus, lay_out
from promptuary.canon.discovery.grouping import seeds
from promptuary.canon.discovery.maximising import group
from promptuary.canon.discovery.weighing import Weighed, doubt, weigh


def _corpus(*texts: str) -> tuple[Corpus, list[Weighed]]:
    """Prompts whose capitalised words are values, and whose others are template text."""
    corpus = lay_out(texts)
    raw = [t[a:b] for t, spans in zip(texts, corpus.spans, strict=True) for a, b in spans]
    belief = np.array([0.02 if word[0].isupper() else 0.97 for word in raw], dtype=np.float32)
    return corpus, weigh(corpus, belief)


def _words(corpus: Corpus, pattern: Pattern) -> str:
    return " ".join(corpus.words[n] for n in pattern.columns)


def test_prompts_with_the_same_likely_template_text_are_a_seed() -> None:
    corpus, prompts = _corpus("tell me about A", "tell me about B C", "sing D now")

    found = seeds(prompts)

    assert found.members == ((0, 1), (2,))
    assert _words(corpus, found.patterns[0]) == "tell me about"
    assert found.patterns[0].slots == (False, False, False, True)


def test_a_prompt_with_a_word_too_many_joins_the_template_it_nearly_fits() -> None:
    texts = [f"write one short poem about {x} in plain words" for x in "ABCDEF"]
    corpus, prompts = _corpus(*texts, "write one very short poem about G in plain words")

    _, found = group(prompts, vocabulary=len(corpus.words))

    assert found.members == ((0, 1, 2, 3, 4, 5, 6),)
    assert _words(corpus, found.patterns[0]) == "write one short poem about in plain words"


def test_templates_with_enough_members_stay_apart() -> None:
    poems = [f"write one short poem about {x} in plain words" for x in "ABCDEF"]
    lists = [f"list every country that borders {x} by its size" for x in "ABCDEF"]
    corpus, prompts = _corpus(*poems, *lists)

    _, found = group(prompts, vocabulary=len(corpus.words))

    assert sorted(found.members) == [tuple(range(6)), tuple(range(6, 12))]


def test_consensus_is_what_most_members_share_in_order() -> None:
    corpus, prompts = _corpus("give me X good news", "give me Y good news", "give us Z good news")

    agreed = consensus(prompts, prompts[:1])

    assert agreed is not None
    assert _words(corpus, agreed) == "give good news"


def test_consensus_of_one_prompt_is_its_signature() -> None:
    _, prompts = _corpus("give me X good news")

    assert consensus(prompts, prompts) == shared_signature(prompts)


def test_a_doubted_word_no_longer_belongs_to_the_signature() -> None:
    _, (prompt,) = _corpus("give me good news")

    assert doubt(prompt, {1, 2}, -1.5).signature == prompt.signature[:1] + prompt.signature[3:]


def test_no_prompts_give_no_groups() -> None:
    _, found = group([], vocabulary=0)

    assert found.patterns == ()
