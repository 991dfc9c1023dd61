import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.ports.embedder import LocalEmbedder
from promptuary.ports.index import KnownWord
from promptuary.retrieval import readings
from promptuary.retrieval import thesaurus as thesaurus_module
from promptuary.retrieval.features import Candidate, features
from promptuary.retrieval.questions import Question, read_question
from promptuary.retrieval.thesaurus import GATE, NEAREST, STRENGTH, Thesaurus

from .pairs import Pairs

WORDS = ("refund", "refunds", "order", "card", "late", "visa")
MIXED = (*WORDS, "of", "退")


def asked(text: str) -> Question:
    forms = {"refund": {"refund": 1.0, "refunds": 1.0}}
    known = [KnownWord(word, forms.get(word, {word: 1.0}), 5) for word in text.split()]
    return read_question(text, known, 100)


def test_more_of_the_question_and_rarer_company_rank_higher() -> None:
    both, one, none = (Candidate("", text) for text in ("refund the card", "a card", "a house"))
    found = features(asked("refund card"), [none, both, one])
    for name in ("exact", "soft", "passage", "coverage"):
        low, high, middle = found[name]
        assert low < middle < high, name
        assert low == 0


def test_what_stands_beside_a_candidate_changes_no_bit_of_it() -> None:
    question = asked("visa refund order card late")
    texts = [
        f"{'order ' * (n % 7)} late {'card ' * (n % 5)} word {'visa ' * (n % 3)}" for n in range(90)
    ]
    found = features(question, [Candidate(text[: n % 20], text) for n, text in enumerate(texts)])
    for n, text in enumerate(texts):
        alone = features(question, [Candidate(text[: n % 20], text)])
        assert {name: values[0] for name, values in alone.items()} == {
            name: values[n] for name, values in found.items()
        }


def test_a_title_weighs_more_than_a_body() -> None:
    titled, told = Candidate("visa", "words of it"), Candidate("words of it", "visa")
    found = features(asked("visa"), [titled, told])
    assert found["exact"][0] > found["exact"][1]
    assert found["title"][0] == pytest.approx(1)


def test_forms_count_as_the_word_itself() -> None:
    plain, plural = features(asked("refund"), [Candidate("", "refund"), Candidate("", "refunds")])[
        "exact"
    ]
    assert plain == plural > 0


def test_neighbours_of_the_question_are_neighbours_in_the_text() -> None:
    near = Candidate("", "the visa card was late")
    far = Candidate("", "the visa " + "word " * 9 + "card")
    assert list(features(asked("visa card"), [near, far])["near"]) == [1, 0]
    across = [Candidate("visa", "card"), Candidate("", "visa"), Candidate("", "card")]
    assert not features(asked("visa card"), across)["near"].any()


def test_words_that_stand_together_beat_words_that_stand_apart() -> None:
    together = Candidate("", "word " * 60 + "visa order card" + " word" * 200)
    apart = Candidate("", "visa" + " word" * 90 + " order" + " word" * 90 + " card")
    passage = features(asked("visa order card"), [together, apart])["passage"]
    assert passage[0] == pytest.approx(1)
    assert passage[1] < 0.5


def test_a_title_that_goes_on_from_what_was_typed() -> None:
    found = features(asked("visa ca"), [Candidate("Visa cards", ""), Candidate("Cards", "")])
    assert found["start"][0] == pytest.approx(0.7 + 0.3 * 7 / 10)
    assert found["start"][1] == 0


def test_a_word_of_nearly_the_same_meaning_counts_a_part() -> None:
    thesaurus = Thesaurus(Pairs(("refund", "reimbursement")))
    texts = ("refund", "reimbursement", "house")
    exact, like, other = (Candidate("", text) for text in texts)
    found = features(asked("refund"), [exact, like, other], thesaurus)
    assert found["soft"][0] > found["soft"][1] > found["soft"][2] == 0
    assert found["coverage"][1] == pytest.approx(STRENGTH * (0.8 - GATE) / (1 - GATE), abs=1e-3)
    assert found["exact"][1] == 0


def test_only_the_nearest_words_stand_for_a_word() -> None:
    model = Pairs(("one", "two"))
    shares = Thesaurus(model).shares(["one"], [f"two{at}" for at in range(99)] + ["two"])
    assert shares[-1, 0] > 0
    assert np.count_nonzero(shares) <= NEAREST


def test_a_word_is_embedded_once() -> None:
    model = Pairs(("one", "two"))
    thesaurus = Thesaurus(model)
    first = thesaurus.shares(["one"], ["two", "six"])
    calls = model.calls
    assert isinstance(model, LocalEmbedder)
    np.testing.assert_array_equal(thesaurus.shares(["one"], ["two", "six"]), first)
    assert model.calls == calls


@given(
    question=st.lists(st.sampled_from(WORDS), max_size=5),
    texts=st.lists(
        st.tuples(
            st.lists(st.sampled_from(WORDS), max_size=4),
            st.lists(st.sampled_from(WORDS), max_size=90),
        ),
        max_size=5,
    ),
)
def test_features_are_shares_and_do_not_depend_on_the_company(
    question: list[str], texts: list[tuple[list[str], list[str]]]
) -> None:
    candidates = [Candidate(" ".join(title), " ".join(body)) for title, body in texts]
    words = asked(" ".join(question))
    together = features(words, candidates)
    for at, candidate in enumerate(candidates):
        alone = features(words, [candidate])
        for name, values in together.items():
            assert -1e-6 <= values[at] <= 1 + 1e-6
            assert alone[name][0] == pytest.approx(values[at], abs=1e-6)


def test_words_keep_their_vectors_when_others_take_their_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(thesaurus_module, "REMEMBERED", 4)
    model, words = Pairs(("refund", "order")), ["order", "late"]
    known = Thesaurus(model)
    for typed, some in (("refund", [0, 1]), ("visa", [1]), ("refund", [0])):
        expected = Thesaurus(model).shares([typed], [words[one] for one in some])
        np.testing.assert_array_equal(known.shares_of([typed], words, np.array(some)), expected)


@given(
    asks=st.lists(
        st.tuples(
            st.lists(st.sampled_from(MIXED), min_size=1, max_size=3),
            st.lists(st.lists(st.sampled_from(MIXED), max_size=6), min_size=1, max_size=3),
        ),
        min_size=1,
        max_size=6,
    ),
    room=st.integers(1, 12),
    running=st.integers(1, 40),
)
def test_what_was_asked_and_read_before_changes_no_feature(
    asks: list[tuple[list[str], list[list[str]]]], room: int, running: int
) -> None:
    model = Pairs(("refund", "order"), ("card", "of"))
    known = Thesaurus(model)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(thesaurus_module, "REMEMBERED", room)
        patch.setattr(readings, "RUNNING", running)
        for question, bodies in asks:
            words = asked(" ".join(question))
            candidates = [Candidate(body[0] if body else "", " ".join(body)) for body in bodies]
            found = features(words, candidates, known)
            for name, values in features(words, candidates, Thesaurus(model)).items():
                np.testing.assert_allclose(found[name], values, atol=1e-6, err_msg=name)
            shares = Thesaurus(model).shares(question, bodies[0])
            np.testing.assert_allclose(known.shares(question, bodies[0]), shares, atol=1e-6)
