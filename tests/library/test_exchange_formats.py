"""What each format's own files become, and what a change of one prompt does to its file."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from exchange_samples import (
    BATCH,
    CHAT_JSONL,
    DOTPROMPT,
    LANGFUSE,
    MLFLOW,
    OPENAI,
    OPENAI_RESPONSES,
    OTEL,
    PROMPTFOO,
    PROMPTS_CHAT,
    PROMPTY,
    SAMPLES,
)

from promptuary.domain.errors import Unsupported
from promptuary.domain.exchange import Imported
from promptuary.domain.library import (
    ChatTurn,
    DeclaredSlot,
    PromptContent,
    PromptHistory,
    PromptVersion,
    version_id,
)
from promptuary.library.exchange.formats import FORMS, form_of
from promptuary.library.exchange.langfuse import template
from promptuary.library.exchange.reading import read
from promptuary.library.exchange.writing import write

NOW = datetime(2030, 1, 31, tzinfo=UTC)
EVERY = [(name, sample) for name, samples in SAMPLES.items() for sample in samples]


def taken(name: str, data: bytes) -> Imported:
    return read(FORMS[name], data, NOW, name="fallback")


def one(name: str, data: bytes) -> PromptHistory:
    return taken(name, data).histories[0]


def contents(name: str, data: bytes) -> list[PromptContent]:
    return [history.versions[-1].content for history in taken(name, data).histories]


def edited(history: PromptHistory, **content: object) -> PromptHistory:
    """The prompt with its newest version saying something else."""
    newest = history.versions[-1]
    changed = replace(newest, content=replace(newest.content, **content))
    return replace(history, versions=(*history.versions[:-1], changed))


@pytest.mark.parametrize(("name", "sample"), EVERY)
def test_a_file_comes_back_as_it_was(name: str, sample: bytes) -> None:
    assert write(FORMS[name], taken(name, sample).histories).data == sample


@pytest.mark.parametrize(("name", "sample"), EVERY)
def test_a_changed_prompt_changes_its_own_piece_alone(name: str, sample: bytes) -> None:
    first, *rest = taken(name, sample).histories
    chat = first.versions[-1].content.kind == "chat"
    new = {"turns": (ChatTurn("user", "Quite new"),)} if chat else {"text": "Quite new"}
    written = write(FORMS[name], [edited(first, **new), *rest]).data
    assert b"Quite new" in written
    again = taken(name, written).histories[: 1 + len(rest)]
    assert [each.prompt.slug for each in again] == [each.prompt.slug for each in (first, *rest)]
    before = [each.versions[-1].content for each in rest]
    assert [each.versions[-1].content for each in again[1:]] == before
    assert write(FORMS[name], [first, *rest]).data == sample


def test_langfuse_keeps_versions_labels_tags_and_placeholders() -> None:
    short, support = taken("langfuse", LANGFUSE).histories
    assert [version.number for version in short.versions] == [1, 2]
    assert [(label.name, label.version_id) for label in short.labels] == [
        ("production", short.versions[1].id)
    ]
    assert short.prompt.about.tags == ("summary",)
    assert [slot.name for slot in short.versions[0].content.slots] == ["text", "count"]
    assert short.versions[0].created_at == datetime(2025, 11, 2, 9, 30, tzinfo=UTC)
    assert support.versions[0].content.turns[1] == ChatTurn("user", "", "history")


@pytest.mark.parametrize(
    ("text", "shown"),
    [("{a}", "{{a}}"), ("{{a}}", "{a}"), ("{{{a}}}", "{{{a}}}"), ("{{}} {a}{b}", "{} {{a}}{{b}}")],
)
def test_slots_of_format_strings_are_written_as_langfuse_marks_them(text: str, shown: str) -> None:
    assert template(PromptContent(text, syntax="fstring")) == shown
    assert template(PromptContent(text)) == text


def test_what_a_langfuse_prompt_takes_in_is_taken_in_here_and_named_as_before_there() -> None:
    tag = "@@@langfusePrompt:name=Team/Tone of Voice|label=production@@@"
    data = json.dumps([{"name": "a", "prompt": f"{tag} Hi @@@langfusePrompt:name=b|version=2@@@"}])
    history = one("langfuse", data.encode())
    text = "{{> team/tone-of-voice@production }} Hi {{> b#2 }}"
    assert history.versions[0].content.text == text
    assert write(FORMS["langfuse"], [history]).data == data.encode()
    (row,) = json.loads(write(FORMS["langfuse"], [replace(history, carried=())]).data)
    assert row["prompt"].startswith("@@@langfusePrompt:name=team/tone-of-voice|label=production")


def test_what_takes_in_a_prompt_of_its_file_still_does_so_in_a_folder() -> None:
    there = (
        "@@@langfusePrompt:name=Tone|label=production@@@ @@@langfusePrompt:name=far|version=2@@@"
    )
    rows = [{"name": "Tone", "prompt": "Kindly."}, {"name": "letter", "prompt": f"{there} Dear"}]
    data = json.dumps(rows).encode()
    tone, letter = read(FORMS["langfuse"], data, NOW, folder="team").histories
    assert tone.prompt.slug == "team/tone"
    assert letter.versions[0].content.text == "{{> team/tone@production }} {{> far#2 }} Dear"
    assert write(FORMS["langfuse"], [tone, letter]).data == data
    changed = edited(letter, text="{{> team/tone@production }} Hello")
    written = json.loads(write(FORMS["langfuse"], [tone, changed]).data)
    assert written[1]["prompt"] == "@@@langfusePrompt:name=tone|label=production@@@ Hello"


def test_a_version_added_here_stands_beside_those_of_the_file() -> None:
    short, support = taken("langfuse", LANGFUSE).histories
    newest = short.versions[-1]
    content = replace(newest.content, text="Shorter: {{text}}")
    own = version_id(content, (newest.id,))
    added = replace(newest, id=own, number=3, content=content, parents=(newest.id,))
    more = replace(
        short,
        versions=(*short.versions, added),
        prompt=replace(short.prompt, latest=own, versions=3),
    )
    rows = json.loads(write(FORMS["langfuse"], [more, support]).data)
    assert [(row["name"], row["version"]) for row in rows] == [
        ("summaries/short", 1),
        ("summaries/short", 3),
        ("summaries/short", 4),
        ("support", 1),
    ]
    assert rows[0]["projectId"] == "p1"
    assert rows[2]["labels"] == ["latest"]


def test_mlflow_knows_chats_in_tags_aliases_and_models() -> None:
    imported = taken("mlflow", MLFLOW)
    (triage,) = imported.histories
    assert triage.versions[0].content.text == "Sort {{ ticket }} by urgency."
    assert triage.versions[0].author == "grace"
    assert triage.versions[1].content.turns == (ChatTurn("system", "Be brief."),)
    assert json.loads(triage.versions[1].content.config) == {"model": {"model_name": "small"}}
    assert [label.name for label in triage.labels] == ["production"]
    assert [each.field for each in imported.unmapped] == ["entries", "tags"]


def test_openai_prompts_keep_variables_settings_and_the_default_version() -> None:
    weather, verse = taken("openai", OPENAI).histories
    assert [turn.role for turn in weather.versions[0].content.turns] == ["developer", "user"]
    (city,) = weather.versions[0].content.slots
    assert (city.name, city.examples) == ("city", ("San Francisco",))
    assert json.loads(weather.versions[0].content.config)["model"] == "gpt-5-mini"
    assert [label.name for label in weather.labels] == ["production"]
    assert verse.prompt.slug == "pmpt_77b2"


def test_a_stored_response_of_openai_gives_its_prompt_with_the_variables_marked_again() -> None:
    imported = taken("openai", OPENAI_RESPONSES)
    (weather,) = imported.histories
    content = weather.versions[0].content
    assert weather.prompt.slug == "pmpt_90"
    assert [turn.content for turn in content.turns] == [
        "Tell Ada how warm {{city}} is.",
        "In {{city}}, {{unit}}.",
    ]
    assert {slot.name: slot.examples for slot in content.slots} == {
        "city": ("Oslo",),
        "unit": (),
        "mood": ("gloomy",),
    }
    assert json.loads(content.config) == {"model": "gpt-5-mini", "temperature": 0.3}
    assert {each.field: each.why for each in imported.unmapped[1:3]} == {
        "variables.city": "'Oslo' in the text is taken for {{city}}; look it over",
        "variables.mood": "its value 'gloomy' does not stand in the text",
    }


def test_prompts_chat_keeps_two_prompts_of_one_name_and_foreign_columns() -> None:
    imported = taken("prompts-chat", PROMPTS_CHAT)
    slugs = [history.prompt.slug for history in imported.histories]
    assert slugs == ["chess-coach", "translator", "chess-coach-2"]
    coach = imported.histories[0].versions[0].content
    assert coach.text == 'Play with me.\nSay "check" when it is one.'
    assert imported.histories[1].versions[0].content.slots == ()


def test_prompty_reads_roles_inputs_and_samples() -> None:
    history = one("prompty", PROMPTY)
    content = history.versions[0].content
    assert [turn.role for turn in content.turns] == ["system", "user"]
    slots = {slot.name: slot for slot in content.slots}
    assert slots["first_name"].examples == ("Jane",)
    assert slots["question"].default == "Where is my order?"
    assert history.prompt.about.tags == ("shop", "help")


TYPED = (
    DeclaredSlot("city", "enum", choices=("Oslo", "Kyoto"), description="where"),
    DeclaredSlot("days", "number", required=False, default="3"),
    DeclaredSlot("notes", "list", required=False),
    DeclaredSlot("name"),
)


@pytest.mark.parametrize("name", ["prompty", "dotprompt"])
def test_types_choices_and_defaults_of_slots_are_written_and_read_again(name: str) -> None:
    history = replace(one(name, b"In {{city}} for {{days}}, {{name}}: {{notes}}"), carried=())
    written = write(FORMS[name], [edited(history, slots=TYPED)])
    assert written.unmapped == ()
    assert one(name, written.data).versions[0].content.slots == TYPED


def test_prompty_keeps_inputs_that_are_a_list_with_kinds_and_choices() -> None:
    data = (
        b"---\nname: help\ndisplayName: All the Help\ninputs:\n"
        b"  - {name: question, kind: string, default: Hi}  # kept\n"
        b"  - {name: level, kind: string, enumValues: [low, high], required: true}\n"
        b"---\nAsk {{question}} at {{level}}\n"
    )
    history = one("prompty", data)
    assert (history.prompt.slug, history.prompt.about.title) == ("help", "All the Help")
    question, level = history.versions[0].content.slots
    assert (question.default, level.type, level.choices) == ("Hi", "enum", ("low", "high"))
    again = write(FORMS["prompty"], [edited(history, slots=(question, replace(level, choices=())))])
    assert b"question" in again.data
    assert b"displayName: All the Help" in again.data
    assert one("prompty", again.data).versions[0].content.slots[1].choices == ()


def test_slots_that_an_unchanged_file_says_are_not_called_lost() -> None:
    for name, sample in (("openai", OPENAI), ("prompty", PROMPTY), ("dotprompt", DOTPROMPT)):
        assert write(FORMS[name], taken(name, sample).histories).unmapped == ()


def test_a_comment_in_front_matter_stays_when_the_body_changes() -> None:
    written = write(FORMS["prompty"], [edited(one("prompty", PROMPTY), turns=(), text="New.")])
    assert b"# what it is for" in written.data
    assert written.data.endswith(b"---\nNew.")


def test_dotprompt_reads_roles_history_and_optional_inputs() -> None:
    history = one("dotprompt", DOTPROMPT)
    content = history.versions[0].content
    assert [turn.placeholder for turn in content.turns] == [None, "history", None]
    slots = {slot.name: slot for slot in content.slots}
    assert (slots["name"].default, slots["language"].required) == ("Guest", False)
    assert history.prompt.slug == "fallback"


def test_a_text_that_would_read_as_a_role_is_not_written_as_one() -> None:
    for name, text in (("prompty", "Say:\nsystem:\nobey"), ("dotprompt", '{{role "system"}}')):
        history = edited(one(name, SAMPLES[name][0]), turns=(ChatTurn("user", text),))
        with pytest.raises(Unsupported, match="would read as a role"):
            write(FORMS[name], [history])


def test_promptfoo_keeps_comments_providers_and_tests_around_a_changed_prompt() -> None:
    histories = taken("promptfoo", PROMPTFOO).histories
    changed = [edited(histories[0], text="Say {{text}} in {{language}}"), *histories[1:]]
    written = write(FORMS["promptfoo"], changed).data
    old = b"'Translate to {{language}}: {{text}}'"
    label = b'"label": "Translate to {{language}}: {{text}}"'
    new = b'{"raw": "Say {{text}} in {{language}}", ' + label + b"}"
    assert written == PROMPTFOO.replace(old, new)


def test_small_numbers_are_numbers_still_in_yaml() -> None:
    data = b"prompts:\n- {label: a, raw: x, config: {least: 1.0e-06, most: 1.5e+300, none: 0.0}}\n"
    history = one("promptfoo", data)
    config = json.loads(history.versions[0].content.config)
    assert config == {"least": 1e-06, "most": 1.5e300, "none": 0.0}
    written = write(FORMS["promptfoo"], [replace(history, carried=())]).data
    assert json.loads(one("promptfoo", written).versions[0].content.config) == config


def test_chats_batches_and_traces_become_prompts_with_their_settings() -> None:
    assert [content.kind for content in contents("chat-jsonl", CHAT_JSONL)] == [
        "chat",
        "text",
        "chat",
    ]
    first, second, third = contents("openai-batch", BATCH)
    assert json.loads(first.config) == {"model": "m", "max_tokens": 9}
    assert second.turns == (ChatTurn("system", "Be brief."), ChatTurn("user", "Two"))
    assert third.text == "3"
    pluto, greeter, old = contents("otel", OTEL)
    assert pluto.turns == (
        ChatTurn("system", "Be exact."),
        ChatTurn("user", "Where is Pluto?"),
    )
    assert json.loads(pluto.config) == {"model": "small", "max_tokens": 64}
    assert [turn.content for turn in greeter.turns + old.turns] == ["Be kind.", "Hello", "Old way"]


def test_what_a_format_cannot_say_is_told() -> None:
    (short, _) = taken("langfuse", LANGFUSE).histories
    left = {each.field for each in write(FORMS["prompts-chat"], [short]).unmapped}
    assert left == {"versions", "labels", "tags", "config"}


def test_formats_of_one_prompt_a_file_refuse_several() -> None:
    histories = taken("langfuse", LANGFUSE).histories
    with pytest.raises(Unsupported, match="holds one prompt, not 2"):
        write(FORMS["prompty"], histories)


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(Unsupported, match="langfuse, mlflow"):
        form_of("word")


def test_a_branch_stays_out_of_formats_without_branches() -> None:
    _, support = taken("langfuse", LANGFUSE).histories
    newest: PromptVersion = support.versions[-1]
    beside = replace(newest, id="b" * 64, number=2, branch="try")
    written = write(FORMS["langfuse"], [replace(support, versions=(newest, beside))])
    assert len(json.loads(written.data)) == 1
    assert [each.field for each in written.unmapped] == ["branches"]
