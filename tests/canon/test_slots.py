"""Slots get a kind, a name and their examples from what was seen."""

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.canon.templates.filling import holes
from promptuary.canon.templates.slots import KEPT, describe, json_schema, tally
from promptuary.domain.templates import SlotTally

NOTHING = SlotTally()
SAMPLES = {
    "email": ["ada@example.org", "bob.b+x@mail.example.com", "c@d.io"],
    "url": ["https://example.org/a?b=1", "www.example.com/x", "http://a.b"],
    "path": ["/usr/lib/a.so", "./src/main.py", "C:\\temp\\x.txt", "docs/index.md"],
    "date": ["2026-01-05", "5 March 2024", "Jan 3, 2025", "03/04/2021", "2024年5月1日"],
    "number": ["12", "3.5", "-7", "1,000", "15%", "$40"],
    "json": ['{"a": 1}', '[{"b": [2]}]', "{}"],
    "code": [
        "def f(x):\n    return x + 1",
        "```js\nlet a = 1;\n```",
        "for (int i = 0; i < n; i++) {\n  sum += i;\n}",
        "SELECT name FROM users WHERE id = 3;\nSELECT 1;",
    ],
    "list": ["- a\n- b\n- c", "1. first\n2. second", "red, green, blue"],
    "question": ["What is it?", "how do I reset my password", "¿Dónde está?", "这是什么？"],
    "language": ["French", "de", "Japanese", "Python", "español"],
    "enum": ["high", "low"] * 6,
    "name": ["Ada Lovelace", "Bob", "Ludwig van Beethoven", "Zoë"],
    "text": ["The sea was calm that day.", "i like it", "My order never arrived, sorry."],
}


def described(text, **values):
    return describe(text, {name: tally(NOTHING, seen) for name, seen in values.items()})


@pytest.mark.parametrize("kind", SAMPLES)
def test_each_kind_is_recognised_by_its_values(kind):
    [slot] = described("{{s0}}", s0=SAMPLES[kind]).slots
    assert slot.type == kind


def test_one_odd_value_among_many_changes_no_kind():
    [slot] = described("{{s0}}", s0=[*SAMPLES["email"] * 3, "none"]).slots
    assert slot.type == "email"


def test_a_slot_often_left_out_may_be_an_enumeration():
    [slot] = described("{{s0}}", s0=SAMPLES["enum"] + [""] * 20).slots
    assert slot.type == "enum"


def test_many_different_values_are_no_enumeration():
    [slot] = described("{{s0}}", s0=[f"value {n % 40}" for n in range(400)]).slots
    assert slot.type == "text"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Language: {{s0}}\nGo", "language"),
        ("Target language: {{s0}}", "target_language"),
        ("Rate the {{s0}} review.", "review"),
        ("Answer the following question about our new product:\n{{s0}}", "product"),
        ("<document>{{s0}}</document>", "document"),
        ("Does the word {{s0}} fit?", "word"),
        ("总结：{{s0}}", "text"),
        ("{{s0}}", "text"),
        ("Write: {{s0}}", "write"),
        ("Это {{s0}}", "text"),
    ],
)
def test_a_slot_is_named_by_the_words_around_it(text, name):
    found = described(text, s0=SAMPLES["text"])
    assert found.names == {"s0": name}
    assert holes(found.text) == (name,)


def test_names_are_unique_and_given_names_are_kept():
    found = described("{{s0}}\n{{s1}}\n{{text_2}} {{s2}}", s0=["a b"], s1=["c d"], s2=["e f"])
    assert holes(found.text) == ("text", "text_3", "text_2", "text_4")


@given(st.text(max_size=30), st.text(max_size=10))
def test_any_surroundings_and_values_give_a_valid_slot(around, value):
    text = around.replace("{{", "") + ": {{s0}} " + around.replace("{{", "")
    found = described(text, s0=[value])
    assert len(found.slots) == 1
    assert holes(found.text) == (found.slots[0].name,)


def test_a_slot_left_out_once_is_not_required():
    assert described("{{s0}}", s0=["a", "b"]).slots[0].required
    assert not described("{{s0}}", s0=["a", ""]).slots[0].required
    assert not describe("{{s0}}", {}).slots[0].required


def test_examples_come_most_frequent_first_with_counts():
    [slot] = described("{{s0}}", s0=["a", "b", "b", "", "c", "b", "c"]).slots
    assert [(e.value, e.count) for e in slot.examples] == [("b", 3), ("c", 2), ("a", 1)]


def test_a_tally_is_bounded_and_keeps_what_is_frequent():
    seen = NOTHING
    for part in range(50):
        values = [f"{part}:{n}" * 1_000 for n in range(20)] * 2 + [
            "often",
            *([""] if not part else []),
        ]
        seen = tally(seen, values)
    assert seen.seen == 50 * 41 + 1
    assert len(seen.counts) <= KEPT
    assert (seen.counts["often"], seen.counts[""]) == (50, 1)
    assert sum(map(len, seen.counts)) < 300_000


@given(st.lists(st.sampled_from("abc "), max_size=30), st.integers(0, 30))
def test_tallies_do_not_depend_on_batches(values, cut):
    at_once = tally(NOTHING, values)
    assert tally(tally(NOTHING, values[:cut]), values[cut:]) == at_once


def test_the_order_inside_a_batch_changes_nothing():
    values = [str(n) for n in range(500)] + ["often"] * 3
    shuffled = Random(1).sample(values, len(values))
    assert tally(NOTHING, shuffled) == tally(NOTHING, values)


def test_the_json_schema_names_types_and_requires():
    found = described("Write to {{s0}} about: {{s1}}", s0=SAMPLES["email"], s1=["a", ""])
    schema = json_schema(found.slots)
    assert schema["required"] == ["email"]
    assert schema["properties"]["email"]["format"] == "email"
    assert list(schema["properties"]) == ["email", "text"]
    json.dumps(schema)
