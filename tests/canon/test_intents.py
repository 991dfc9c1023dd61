"""Prompts that ask the same are found without a template; what asks something else stays out."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.canon.families.centring import BACKGROUND, centred
from promptuary.canon.families.communities import communities
from promptuary.canon.families.intents import LEAST, cohesion, hashed_words, intents
from promptuary.canon.families.neighbours import nearest

CARDS = [
    "my card has not arrived yet",
    "when will the card I ordered arrive?",
    "still waiting for my new card to be delivered",
    "the card was ordered two weeks ago and has not come",
    "has my card been sent, it did not arrive",
    "how long until a new card arrives",
    "where is the card that I ordered",
]
SONGS = [
    "play some jazz music please",
    "put on some jazz music",
    "I want to hear jazz music now",
    "start playing quiet jazz music",
    "could you play jazz music for dinner",
    "please turn on some jazz music",
    "play slow jazz music tonight",
]
ODD = ["how tall is the mountain?", "a riddle about owls", "name three rivers", "sharpen a knife"]


async def meaning_of(texts):
    from promptuary.adapters.embedders import static

    embedder = static.connect("static:")
    return centred(await embedder.embed(texts), await embedder.embed(BACKGROUND))


@pytest.mark.anyio
async def test_what_asks_the_same_is_a_group_and_the_rest_is_in_none():
    texts = [*CARDS, *SONGS, *ODD]
    groups = intents(texts, await meaning_of(texts))
    assert len(groups) == 2
    assert {*groups[0]} <= {*range(7)}
    assert {*groups[1]} <= {*range(7, 14)}
    assert all(len(group) >= LEAST for group in groups)


@pytest.mark.anyio
async def test_the_same_texts_give_the_same_groups():
    texts = [*CARDS, *SONGS, *ODD]
    meaning = await meaning_of(texts)
    assert intents(texts, meaning) == intents(list(texts), meaning.copy())


@pytest.mark.parametrize("texts", [[], ["alone"], ["", "", ""], ["\ud800", "\x00", "x"]])
def test_a_handful_or_nothing_has_no_groups(texts):
    assert intents(texts, np.zeros((len(texts), 8), dtype=np.float32)) == []


@given(st.integers(2, 40), st.integers(1, 8), st.integers(0, 1_000))
def test_the_nearest_are_those_of_the_whole_table(size, count, seed):
    rows = np.random.default_rng(seed).normal(size=(size, 6)).astype(np.float32)
    found, similar = nearest(rows, count)
    whole = rows @ rows.T
    np.fill_diagonal(whole, -np.inf)
    best = -np.sort(-whole, axis=1)[:, : min(count, size - 1)]
    np.testing.assert_allclose(similar, best, rtol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(whole, found, axis=1), best, rtol=1e-5)


def cliques(count, size):
    """So many groups, all tied inside, each to the next by one tie."""
    graph = [{} for _ in range(count * size)]
    for at in range(count * size):
        for other in range(at // size * size, at // size * size + size):
            if other != at:
                graph[at][other] = 1.0
    for start in range(0, (count - 1) * size, size):
        graph[start][start + size] = graph[start + size][start] = 1.0
    return graph


@pytest.mark.parametrize("count", [2, 5, 40])
def test_communities_are_the_same_however_many_others_there_are(count):
    found = communities(cliques(count, 6), scale=60.0)
    assert found == [at // 6 for at in range(6 * count)]


def test_a_larger_scale_joins_more():
    assert len(set(communities(cliques(4, 6), scale=2_000.0))) < 4


def test_cohesion_is_the_mean_likeness_of_pairs():
    rows = np.random.default_rng(1).normal(size=(7, 5)).astype(np.float32)
    pairs = [float(rows[a] @ rows[b]) for a in range(7) for b in range(7) if a != b]
    assert cohesion(rows) == pytest.approx(np.mean(pairs), rel=1e-4)
    assert cohesion(rows[:1]) == 1.0


def test_hashed_words_keep_the_likeness_of_words():
    rng = random.Random(2)
    words = ["".join(rng.choices("abcdefgh", k=6)) for _ in range(400)]
    texts = [" ".join(rng.sample(words, 12)) for _ in range(40)]
    texts += [" ".join([*text.split()[:6], *rng.sample(words, 6)]) for text in texts]
    rows = hashed_words(texts)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-5)
    halves = [float(rows[at] @ rows[at + 40]) for at in range(40)]
    others = [float(rows[at] @ rows[at + 1]) for at in range(39)]
    assert np.mean(halves) > 0.35
    assert np.mean(others) < 0.15
