"""Discovered templates are recognised as old, changed or new."""

from promptuary.canon.reconcile import Decision, KnownLineage, Proposal, reconcile
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
