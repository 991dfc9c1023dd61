"""Files that are broken, huge or hostile: refused whole with what is wrong, or kept as text."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from exchange_samples import LANGFUSE, SAMPLES

from promptuary.domain.errors import InvalidInput, TooLarge
from promptuary.domain.library import Carried
from promptuary.library.exchange.formats import FORMS, from_file, to_file
from promptuary.library.exchange.forms import Form
from promptuary.library.exchange.reading import read
from promptuary.library.exchange.writing import write

NOW = datetime(2030, 1, 31, tzinfo=UTC)
HOSTILE = "{{ ''.__class__.__mro__[1].__subclasses__() }}{% import os %}"
NAMES = ["../../x", "/etc/passwd", "🚀🚀", "..", "a\\..\\b", "CON", "x" * 5000, "a\u202eb", "\0"]
JSON_FORMS = ["langfuse", "mlflow", "langsmith", "openai", "otel", "chat-jsonl", "openai-batch"]


@pytest.fixture(params=FORMS.values(), ids=lambda form: form.name)
def form(request: pytest.FixtureRequest) -> Form:
    found: Form = request.param
    return found


def langfuse(*rows: dict[str, object]) -> bytes:
    return json.dumps(list(rows)).encode()


def test_a_file_over_the_limit_is_too_large(form: Form) -> None:
    with pytest.raises(TooLarge, match="more than"):
        read(form, bytes(100_000_001), NOW)


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_file_in_another_encoding_says_so(form: Form, encoding: str) -> None:
    with pytest.raises(InvalidInput, match="not UTF-8"):
        read(form, "act,prompt\nÄpfel,Zähle {{Äpfel}}\n".encode(encoding), NOW)


@pytest.mark.parametrize("name", [*SAMPLES, "langsmith"])
def test_a_truncated_file_is_refused_or_holds_no_more_than_it_says(name: str) -> None:
    sample = SAMPLES.get(name, (b'{"repo": "a", "manifest": {"lc": 1}}',))[0]
    whole = len(read(FORMS[name], sample, NOW).histories)
    for length in range(0, len(sample) - 1, max(1, len(sample) // 40)):
        try:
            found = read(FORMS[name], sample[:length], NOW)
        except InvalidInput:
            continue
        assert len(found.histories) <= whole
        if found.histories:
            assert write(FORMS[name], found.histories).data == sample[:length]


@pytest.mark.parametrize("junk", [b"", b"\x00\x01\x02", b"[" * 400, b"{}", b"[1, 2]", b'"x"'])
def test_what_is_no_file_of_the_format_is_refused_or_has_no_prompts(
    form: Form, junk: bytes
) -> None:
    try:
        found = read(form, junk, NOW).histories
    except InvalidInput:
        return
    assert not found or write(form, found).data == junk


@pytest.mark.parametrize("name", JSON_FORMS)
@pytest.mark.parametrize(
    "junk", [b"[" * 100_000, b"[NaN]", b'[{"a": 1e999}]', b"[1" + b"0" * 5000 + b"]"]
)
def test_json_that_is_endless_or_has_odd_numbers_is_refused(name: str, junk: bytes) -> None:
    with pytest.raises(InvalidInput):
        read(FORMS[name], junk, NOW)


@pytest.mark.parametrize(
    "row",
    [
        {"name": 1, "prompt": "x"},
        {"name": "a", "prompt": 5},
        {"name": "a", "prompt": [1]},
        {"name": "a", "prompt": [{"content": "no role"}]},
        {"name": "a", "prompt": "x", "labels": "production"},
        {"name": "a", "prompt": "x", "version": -1},
        {"name": "a", "prompt": "x", "version": "²"},
        {"name": "a", "prompt": "x", "version": 0},
    ],
)
def test_a_member_of_the_wrong_kind_names_its_place(row: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="entry 2 is not of Langfuse prompts") as refused:
        read(FORMS["langfuse"], langfuse({"name": "good", "prompt": "x"}, row), NOW)
    assert list(refused.value.fields) == ["2"]


def test_the_same_version_twice_is_refused() -> None:
    twice = langfuse(
        {"name": "a", "prompt": "one", "version": 2}, {"name": "a", "prompt": "two", "version": 2}
    )
    with pytest.raises(InvalidInput, match="version 2 of 'a' stands in the file more than once"):
        read(FORMS["langfuse"], twice, NOW)


@pytest.mark.parametrize("name", NAMES)
def test_no_name_leads_out_of_the_library(name: str) -> None:
    data = langfuse({"name": name, "prompt": "x"})
    (history,) = read(FORMS["langfuse"], data, NOW).histories
    parts = history.prompt.slug.split("/")
    assert all(part not in ("", ".", "..") for part in parts)
    assert "\\" not in history.prompt.slug
    assert len(history.prompt.slug) <= 200
    assert write(FORMS["langfuse"], [history]).data == data


def test_names_that_become_one_slug_are_kept_apart() -> None:
    data = langfuse({"name": "A b", "prompt": "1"}, {"name": "a-b", "prompt": "2"})
    imported = read(FORMS["langfuse"], data, NOW)
    assert [history.prompt.slug for history in imported.histories] == ["a-b", "a-b-2"]
    assert [(note.where, note.field) for note in imported.unmapped] == [("a-b-2", "name")]


@pytest.mark.parametrize("name", ["langfuse", "promptfoo", "prompty"])
def test_hostile_templates_stay_text(name: str) -> None:
    files = {
        "langfuse": langfuse({"name": "a", "prompt": HOSTILE}),
        "promptfoo": json.dumps({"prompts": [HOSTILE]}).encode(),
        "prompty": HOSTILE.encode(),
    }
    (history,) = read(FORMS[name], files[name], NOW).histories
    assert history.versions[0].content.text == HOSTILE
    assert history.versions[0].content.slots == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prompts: &a [*a]\n", "contains itself"),
        ("a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n"
            for i in range(8)
        ) + "prompts: [x]\n", "too large"),
        ("base: &x hello\nprompts:\n  - *x\n", "alias"),
        ("prompts:\n  - !!python/object/apply:os.system ['true']\n", ""),
        ("prompts: {a: 1}\n", "no list of prompts"),
        ("prompts: [unclosed\n", "not YAML"),
        ("just text", "no mapping"),
    ],
)  # fmt: skip
def test_yaml_that_is_endless_or_commands_something_is_refused_or_inert(
    text: str, said: str
) -> None:
    if not said:
        assert read(FORMS["promptfoo"], text.encode(), NOW).histories == ()
        return
    with pytest.raises(InvalidInput, match=said):
        read(FORMS["promptfoo"], text.encode(), NOW)


def test_dates_and_odd_values_of_yaml_stay_what_they_say() -> None:
    page = b"---\nname: a\nmodel: {when: 2025-01-01, b: !!binary aGk=, n: .nan}\n---\nText."
    (history,) = read(FORMS["prompty"], page, NOW).histories
    assert json.loads(history.versions[0].content.config)["model"] == {
        "when": "2025-01-01",
        "b": "aGk=",
        "n": ".nan",
    }


def test_prompts_that_say_nothing_stay_out_and_stay_in_their_file() -> None:
    data = langfuse({"name": "empty", "prompt": " "}, {"name": "good", "prompt": "x"})
    imported = read(FORMS["langfuse"], data, NOW)
    assert [history.prompt.slug for history in imported.histories] == ["good"]
    assert imported.unmapped[0].why == "1 of 2 left out: 1 without a prompt"
    assert write(FORMS["langfuse"], imported.histories).data == data


@pytest.mark.parametrize(
    ("format", "listing"),
    [
        ("langfuse", {"data": [{"name": "a", "versions": [1], "labels": []}], "meta": {}}),
        ("mlflow", [{"name": "a", "tags": {"mlflow.prompt.is_prompt": "true"}}]),
        ("mlflow", {"registered_models": [{"name": "a", "tags": []}]}),
    ],
)
def test_a_list_of_names_without_texts_says_what_to_fetch(format: str, listing: object) -> None:
    with pytest.raises(InvalidInput, match="without their texts; fetch"):
        read(FORMS[format], json.dumps(listing).encode(), NOW)


def test_a_file_of_another_format_says_that_nothing_in_it_is_a_prompt() -> None:
    imported = read(FORMS["openai"], langfuse({"name": "a", "text": "x"}), NOW)
    (left_out,) = imported.unmapped
    assert left_out.why == "none of the 1 reads as a prompt of openai; is that its format?"


@pytest.mark.parametrize(
    "extras", ["{}", "not JSON", '{"name":"a","slug":"a","pieces":[]}', '[["x"]]']
)
def test_what_a_prompt_carries_is_not_trusted(extras: str) -> None:
    first, _ = read(FORMS["langfuse"], LANGFUSE, NOW).histories

    odd = replace(first, carried=(Carried("langfuse", extras),))
    rows = json.loads(write(FORMS["langfuse"], [odd]).data)
    assert [row["version"] for row in rows] == [1, 2]


def test_an_export_of_nothing_is_an_empty_file() -> None:
    assert from_file("langfuse", to_file("langfuse", []).data, NOW).histories == ()
    assert from_file("bundle", to_file("bundle", []).data, NOW).histories == ()
