"""Discovered templates are recognised as old, changed or new."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from promptuary.canon.reconcile import (
    COMMON,
    Decision,
    KnownLineage,
    Proposal,
    reconcile,
    sharing,
)
from promptuary.canon.templates.filling import fill

OLD = "Translate the following customer message into {{language}} and keep the tone:\n{{text}}"
MEMBERS = tuple(
    fill(OLD, {"language": language, "text": text})
    for language, text in (("French", "Hello"), ("German", "My order"), ("Dutch", "It broke"))
)


def lineage(text=OLD, key="old", examples=MEMBERS, last_seq=50):
    return KnownLineage(key, text, examples, last_seq)


def decide(known, *texts, first_seq=100):
    return reconcile(known, [Proposal(text, first_seq) for text in texts])


def test_the_same_fixed_words_are_the_same_template():
    renamed = OLD.replace("{{text}}", "{{s1}}").replace("keep the", "Keep the")
    assert decide([lineage()], renamed) == [Decision("same", "old", 1.0)]


def test_fixed_words_that_vary_now_make_a_more_general_version():
    french = OLD.replace("{{language}}", "French")
    members = tuple(fill(french, {"text": text}) for text in ("Hello", "My order", "It broke"))
    [decision] = decide([lineage(french, examples=members, last_seq=500)], OLD)
    assert (decision.verdict, decision.key) == ("generalises", "old")


def test_new_wording_after_the_old_one_stopped_renews():
    [decision] = decide([lineage()], OLD.replace("the following", "this"))
    assert (decision.verdict, decision.key) == ("renews", "old")


def test_new_wording_beside_the_old_one_is_a_new_template():
    [decision] = decide([lineage(last_seq=150)], OLD.replace("the following", "this"))
    assert (decision.verdict, decision.key) == ("new", None)


def test_other_words_are_a_new_template():
    [decision] = decide([lineage()], "Write a poem about {{text}} in {{language}}")
    assert decision == Decision("new", None, 0.0)


def test_a_lineage_is_claimed_once_by_the_most_alike():
    near = OLD.replace("the following", "this")
    nearer = OLD.replace("following", "below")
    decisions = decide([lineage()], near, nearer)
    assert [decision.key for decision in decisions] == [None, "old"]


def test_without_lineages_everything_is_new():
    assert decide([], OLD) == [Decision("new", None, 0.0)]


WORDS = st.frozensets(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), max_size=12)


@given(WORDS, st.lists(WORDS, max_size=20))
def test_all_that_share_enough_words_are_found_and_no_others(mine, words):
    every = frozenset[str]().union(*words)
    having = {word: [at for at, some in enumerate(words) if word in some] for word in every}
    least = COMMON * len(mine)
    enough = [at for at, some in enumerate(words) if mine and len(mine & some) >= least]
    assert sharing(mine, words, having) == enough


class Everywhere(Sequence):
    """The lineages of a word that a million have: nobody should go through them."""

    def __len__(self):
        return 1_000_000

    def __getitem__(self, at):
        raise AssertionError("looked up")


def test_the_commonest_words_are_not_looked_up():
    words = [frozenset({"the", f"rare{n}"}) for n in range(9)]
    having = {"the": Everywhere(), "rare7": [7]}
    assert sharing(frozenset({"the", "rare7", "a", "odd"}), words, having) == [7]
