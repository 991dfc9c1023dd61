"""Every form of a template opens in its own tool, and gives the text that `fill` gives."""

import asyncio
import json
import re
import time
from datetime import UTC, datetime

import chevron
import jinja2
import jsonschema
import pytest
import re2
from dotpromptz.dotprompt import Dotprompt
from hypothesis import given
from hypothesis import strategies as st

from promptuary.canon.exporting import caching, patterns, syntaxes
from promptuary.canon.templates import filling, residual
from promptuary.canon.templates.filling import Hole
from promptuary.canon.templates.slots import describe, json_schema, tally
from promptuary.domain.errors import Unsupported
from promptuary.domain.exporting import Member
from promptuary.domain.templates import SlotTally, Template

LITERAL = st.text(st.sampled_from("ab {}%#\\\r\n'\"<&[(@é~"), max_size=8)
PARTS = st.lists(st.one_of(LITERAL, st.sampled_from(["topic", "not", "x_1"]).map(Hole)), max_size=6)
VALUES = st.fixed_dictionaries(
    dict.fromkeys(("topic", "not", "x_1"), st.text("v{}<&\n", max_size=5))
)


def joined(parts):
    return filling.parse(filling.format(parts))


def template(text, **slots):
    tallies = {name: tally(SlotTally(), values) for name, values in slots.items()}
    described = describe(text, tallies)
    return Template("t-1", "c-1", "1.2.0", described.text, described.slots, 0.9, "found", NOW)


NOW = datetime(2026, 1, 5, tzinfo=UTC)


@given(PARTS, VALUES)
def test_jinja_gives_the_same_text(parts, values):
    parts = joined(parts)
    names = syntaxes.jinja_names(parts)
    renamed = {names.get(name, name): value for name, value in values.items()}
    opened = jinja2.Environment(undefined=jinja2.StrictUndefined)
    said = opened.from_string(syntaxes.jinja(parts, names)).render(renamed)
    assert said == filling.fill(filling.format(parts), values)


@given(PARTS, VALUES)
def test_mustache_gives_the_same_text(parts, values):
    parts = joined(parts)
    try:
        written = syntaxes.mustache(parts)
    except Unsupported:
        return
    assert chevron.render(written, values) == filling.fill(filling.format(parts), values)


@given(PARTS, VALUES)
def test_a_format_string_gives_the_same_text(parts, values):
    parts = joined(parts)
    assert syntaxes.fstring(parts).format(**values) == filling.fill(filling.format(parts), values)


@pytest.mark.parametrize(
    "text",
    [
        "Translate to {{language}}: {{text}}",
        'Reply as {"mood": "{{mood}}"} only.\n',
        "a brace {\\{{x}}} b",
        "C:\\{{folder}}\\{{file}}!",
        "Write \\{{name}} where {{thing}} stands.",
        "{ {{a}}} and {{{a}} end",
    ],
)
def test_a_dotprompt_file_gives_the_same_text(text):
    own = template(text)
    parts = filling.parse(own.text)
    values = {name: f"<{name}> & {{more}}" for name in filling.holes(own.text)}
    try:
        file = syntaxes.dotprompt(own, "own name", parts)
    except Unsupported:
        assert "{\\{{" in text
        return

    async def opened():
        prompt = Dotprompt()
        read = prompt.parse(file)
        from dotpromptz.typing import DataArgument

        return read, await prompt.render(file, DataArgument(input=values))

    read, rendered = asyncio.run(opened())
    assert read.input.model_dump()["schema"]["properties"].keys() == set(values)
    (message,) = rendered.messages
    said = "".join(part.text for part in message.content)
    assert said.strip() == filling.fill(own.text, values).strip()


def test_the_schema_of_the_slots_takes_their_values_and_nothing_else():
    own = template("Greet {{s1}} in {{s2}}.", s1=["Ann", "Bo", "Cy"], s2=["Welsh", "", "Thai"])
    schema = json_schema(own.slots)
    jsonschema.Draft202012Validator.check_schema(schema)
    first, second = (slot.name for slot in own.slots)
    jsonschema.validate({first: "Ann"}, schema)
    for wrong in ({second: "Thai"}, {first: 3}, {first: "Ann", "other": "x"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def member(text, original, **slots):
    return Member(original, slots, residual.between(filling.fill(text, slots), original))


REST = "words, please.\nKeep (all) names."
TEXT = "Summarise {{topic}} in {{count}} " + REST
MEMBERS = [
    member(TEXT, f"Summarise tides in 20 {REST}", topic="tides", count="20"),
    member(TEXT, f"Hi! Summarise a in 3 {REST}", topic="a", count="3"),
    member(TEXT, "Summarise in in 9 words, plaese.\nKeep (all) names. Bye", topic="in", count="9"),
]


@pytest.mark.parametrize(("form", "engine"), [(patterns.python, re), (patterns.re2, re2)])
def test_a_pattern_matches_every_prompt_and_fills_the_slots(form, engine):
    tried = form(TEXT, MEMBERS)
    compiled = engine.compile(tried.pattern)
    assert tried.members == 3
    for each in MEMBERS:
        assert compiled.search(each.text).groupdict() == each.slots
    assert compiled.search("Summarise tides in 20 words, please.") is None


def test_a_template_without_residuals_has_a_pattern_of_fixed_text_and_slots_alone():
    tried = patterns.python(TEXT, MEMBERS[:1])
    assert (tried.members, tried.filled) == (1, 1)
    assert re.search(tried.pattern, MEMBERS[1].text) is None


@given(PARTS, st.lists(st.tuples(VALUES, LITERAL, LITERAL), max_size=4))
def test_what_a_pattern_claims_holds(parts, seen):
    text = filling.format(joined(parts))
    members = []
    for values, before, after in seen:
        slots = {name: values[name] for name in filling.holes(text)}
        members.append(member(text, before + filling.fill(text, slots) + after, **slots))
    try:
        tried = patterns.python(text, members)
    except Unsupported:
        return
    assert tried.members == len(members)
    assert all(re.search(tried.pattern, each.text) for each in members)


def test_a_text_that_does_not_match_takes_time_in_proportion_to_its_length():
    text = "a {{one}} b {{two}} c {{three}} d {{four}} e {{five}} f"
    values = dict.fromkeys(("one", "two", "three", "four", "five"), "x")
    compiled = re.compile(
        patterns.python(text, [member(text, filling.fill(text, values), **values)]).pattern
    )

    def seconds(count):
        hostile = "a " + " b c d e" * count
        begin = time.process_time()
        for _ in range(5):
            assert compiled.search(hostile) is None
        return time.process_time() - begin

    seconds(100)
    assert seconds(40_000) < 60 * max(seconds(4_000), 0.0005)


def test_hints_name_the_stable_beginning_and_what_could_be_gained():
    long = "Follow these rules of the house. " * 200
    own = template(long + "Question: {{s1}}", s1=["a", "b"])
    hints = json.loads(caching.hints(own))
    assert hints["stable_prefix"].startswith(long)
    assert hints["cacheable_tokens"] % caching.STEP_TOKENS == 0
    assert 0 < hints["cacheable_tokens"] <= hints["prefix_tokens"]
    assert hints["messages"][0]["content"] + hints["messages"][1]["content"] == own.text
    late = json.loads(caching.hints(template("{{s1}}\n" + long, s1=["a", "b"])))
    assert late["cacheable_tokens"] == 0
    assert "before the slot" in late["advice"]
