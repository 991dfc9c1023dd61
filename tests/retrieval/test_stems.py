import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.retrieval.stems import forms, stem

KIN = (
    ("order", "orders", "ordered", "ordering"),
    ("query", "queries", "queried", "querying"),
    ("close", "closes", "closed", "closing"),
    ("plan", "plans", "planned", "planning"),
    ("class", "classes"),
    ("quick", "quickly"),
)


@pytest.mark.parametrize("kin", KIN)
def test_forms_of_a_word_share_a_stem_and_name_each_other(kin: tuple[str, ...]) -> None:
    assert len({stem(word) for word in kin}) == 1
    assert all(set(kin) - {word} <= set(forms(word)) for word in kin)


@pytest.mark.parametrize("term", ["bus", "gas", "is", "was", "red", "sing", "h2o2s", "übers", "退"])
def test_short_words_codes_and_other_scripts_are_their_own_stem(term: str) -> None:
    assert stem(term) in (term, term.removesuffix("e"))


@given(term=st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1, max_size=12))
def test_every_form_has_the_stem_of_its_word(term: str) -> None:
    assert {stem(form) for form in forms(term)} <= {stem(term)}
    assert term not in forms(term)
