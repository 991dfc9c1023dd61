import random

from bench.library_duplicates import SEED, edited, score, written
from hypothesis import given
from hypothesis import strategies as st

from promptuary.library.duplicates import features, groups, jaccard, near_duplicates
from promptuary.testing.trying import trying

WORDS = st.lists(
    st.sampled_from("salt tea rope mast sail tide crew dock bell".split()), max_size=12
)


def test_lightly_edited_copies_are_found_and_hardly_anything_else() -> None:
    assert score(written(150, random.Random(SEED)), SEED)["f1"] >= 0.95


def test_prompts_that_differ_in_a_number_are_uses_of_a_template() -> None:
    ticket = "Summarise ticket {} in one short sentence for the night shift, please."
    assert near_duplicates([ticket.format(4100), ticket.format(4101)]) == []
    assert near_duplicates([ticket.format(4100), ticket.format(4100).upper()])


def test_a_million_equal_texts_make_one_group_and_no_crowd_of_pairs() -> None:
    pairs = near_duplicates(["Say it  again"] * 500 + ["say it again"])
    assert len(pairs) == 500
    assert groups(pairs) == [list(range(501))]


def test_texts_without_words_are_nobodys_duplicates() -> None:
    assert near_duplicates(["", " ", "!!!", "…"]) == []


@trying(50)
@given(st.lists(WORDS.map(" ".join), max_size=12))
def test_every_pair_that_is_reported_shares_enough_and_is_reported_once(texts: list[str]) -> None:
    pairs = near_duplicates(texts)
    assert len({(pair.first, pair.second) for pair in pairs}) == len(pairs)
    for pair in pairs:
        assert pair.first < pair.second
        assert jaccard(features(texts[pair.first]), features(texts[pair.second])) >= 0.6


def test_edits_of_the_measure_change_a_text() -> None:
    text = "Write a long letter to the keeper of the lighthouse about the broken lamp"
    assert edited(text, 0.5, random.Random(1)) != text
