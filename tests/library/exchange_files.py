"""Files of each format as hypothesis makes them up: unknown members, odd spacing, odd texts."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import yaml
from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]

FRAGMENTS = st.sampled_from(
    [
        *("{{name}}", "{{ ''.__class__ }}", "{% if x %}", "{place}", '"quoted"', "it's", "\n"),
        *("\r\n", "\n\n", "---", "- ", "# ", "user", "é🚀", "\t", " ", ": ", "\\n", "@@@", "B"),
    ]
)
CHARACTERS = st.characters(exclude_categories=("Cs", "Cc"))
TEXTS = st.lists(FRAGMENTS | st.text(CHARACTERS, max_size=8), max_size=6).map("".join)
NAMES = st.sampled_from(["a", "A b", "folder/x", "../../x", "🚀", "naïve", "x", "a b"])
SCALARS = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXTS
SCALARS |= st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.sampled_from(["model", "zeta", "K", "ü"]), VALUES, max_size=3)
ODD = st.dictionaries(st.sampled_from(["x-own", "meta", "Zusatz", "id_"]), VALUES, max_size=2)
ROLES = st.sampled_from(["system", "user", "assistant", "developer", "tool"])
MESSAGES = st.lists(
    st.builds(lambda r, c, odd: {"role": r, "content": c, **odd}, ROLES, TEXTS, ODD),
    min_size=1,
    max_size=3,
)
PROPERTIES = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "number", "array", "object", "boolean", "", 3]),
        "kind": st.sampled_from(["integer", "string"]),
        "format": st.sampled_from(["email", "date", "uri", "odd"]),
        "enum": st.lists(TEXTS, max_size=3),
        "default": SCALARS,
        "description": TEXTS,
        "minimum": st.integers(-9, 9),
        "required": st.booleans(),
        "sample": SCALARS,
    },
)
"""What JSON Schema, or nearly, tells of an input."""
LABELS = st.lists(st.sampled_from(["production", "staging", "Blue Team"]), max_size=2, unique=True)


def spelt(draw: Draw, value: Any) -> str:
    """JSON in one of its spellings."""
    spelling = draw(
        st.sampled_from(
            [{}, {"indent": 2}, {"indent": "\t"}, {"separators": (",", ":")}, {"sort_keys": True}]
        )
    )
    return json.dumps(value, ensure_ascii=draw(st.booleans()), **spelling)


def numbered(draw: Draw, records: list[dict[str, Any]], as_text: bool = False) -> None:
    """Give each a version that no other of its name has, in any order, or none at all."""
    if draw(st.booleans()):
        for version, record in enumerate(draw(st.permutations(records)), 2):
            record["version"] = str(version) if as_text else version


def file_of(draw: Draw, records: list[Any], *keys: str) -> bytes:
    """A list, bare or under a key, with white space and perhaps a byte order mark around it."""
    value = records
    if keys and draw(st.booleans()):
        value = {"before": 1, draw(st.sampled_from(keys)): records, "after": [{}]}
    text = draw(st.sampled_from(["", "\ufeff", "\n "])) + spelt(draw, value)
    return (text + draw(st.sampled_from(["", "\n", "\r\n\r\n"]))).encode()


@st.composite
def langfuse(draw: Draw) -> bytes:
    records = [
        {
            "name": draw(NAMES),
            "prompt": draw(TEXTS | MESSAGES),
            "labels": draw(LABELS),
            "tags": draw(st.lists(TEXTS, max_size=2)),
            "config": draw(OBJECTS | st.none() | st.just([1])),
            "commitMessage": draw(st.none() | TEXTS),
            "createdAt": draw(st.sampled_from([None, "2025-11-02T09:30:00.123Z", "soon"])),
            **draw(ODD),
        }
        for _ in range(draw(st.integers(0, 4)))
    ]
    numbered(draw, records)
    return file_of(draw, records, "data")


@st.composite
def mlflow(draw: Draw) -> bytes:
    records: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(0, 4))):
        body = draw(TEXTS | MESSAGES)
        about = {"name": draw(NAMES), "aliases": draw(LABELS), **draw(ODD)}
        if draw(st.booleans()):
            records.append(about | {"template": body, "tags": draw(st.just({}) | ODD)})
            continue
        kind = "text" if isinstance(body, str) else "chat"
        said = body if isinstance(body, str) else json.dumps(body)
        tags = {"mlflow.prompt.text": said, "_mlflow_prompt_type": kind, "own": "1"}
        pairs = [{"key": key, "value": value} for key, value in tags.items()]
        records.append(about | {"tags": pairs, "creation_timestamp": 1_762_076_000_123})
    numbered(draw, records, as_text=True)
    return file_of(draw, records, "model_versions")


def node(kind: str, **kwargs: Any) -> dict[str, Any]:
    return {"lc": 1, "type": "constructor", "id": ["langchain", "prompts", kind], "kwargs": kwargs}


@st.composite
def langsmith(draw: Draw) -> bytes:
    form = draw(st.sampled_from(["f-string", "mustache", "jinja2"]))

    def template() -> dict[str, Any]:
        return node("PromptTemplate", template=draw(TEXTS), template_format=form, **draw(ODD))

    def message() -> dict[str, Any]:
        kinds = ["SystemMessagePromptTemplate", "HumanMessagePromptTemplate", "MessagesPlaceholder"]
        kind = draw(st.sampled_from(kinds))
        if kind == "MessagesPlaceholder":
            return node(kind, variable_name="history", optional=True)
        return node(kind, prompt=template())

    def manifest() -> dict[str, Any]:
        if draw(st.booleans()):
            return template()
        messages = [message() for _ in range(draw(st.integers(1, 3)))]
        chat = node("ChatPromptTemplate", messages=messages, input_variables=[])
        return node("RunnableSequence", first=chat, last={}) if draw(st.booleans()) else chat

    def commit() -> dict[str, Any]:
        names = {"owner": draw(st.sampled_from(["-", "ada"])), "repo": draw(NAMES)}
        return {**names, "commit_hash": "c0ffee", "manifest": manifest(), "examples": []}

    if draw(st.booleans()):
        return spelt(draw, manifest()).encode()
    return file_of(draw, [commit() for _ in range(draw(st.integers(0, 3)))], "commits")


@st.composite
def openai(draw: Draw) -> bytes:
    records = [
        {
            "id": f"pmpt_{place}",
            **draw(st.just({}) | NAMES.map(lambda name: {"name": name})),
            draw(st.sampled_from(["messages", "instructions", "input"])): draw(TEXTS | MESSAGES),
            "variables": draw(
                st.sampled_from([None, {"a": "1", "b": ""}, ["a"], [{"name": "b"}], {}])
            ),
            "temperature": draw(st.floats(0, 2)),
            "is_default": draw(st.booleans()),
            **draw(ODD),
        }
        for place in range(draw(st.integers(0, 3)))
    ]
    numbered(draw, records, as_text=True)
    return file_of(draw, records, "data")


@st.composite
def prompts_chat(draw: Draw) -> bytes:
    columns = draw(st.permutations(["act", "prompt", "for_devs", "type"]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    out = io.StringIO(newline="")
    quoting = draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
    writer = csv.writer(out, quoting=quoting, lineterminator=end)
    writer.writerow(columns)
    for _ in range(draw(st.integers(0, 3))):
        row = {"act": draw(NAMES), "prompt": draw(TEXTS), "for_devs": "TRUE", "type": draw(TEXTS)}
        writer.writerow([row[column] for column in columns])
    return (draw(st.sampled_from(["", "\ufeff"])) + out.getvalue()).encode()


def fronted(draw: Draw, front: dict[str, Any], body: str) -> bytes:
    flow = draw(st.sampled_from([None, True, False]))
    dumped = yaml.safe_dump(front, default_flow_style=flow, allow_unicode=draw(st.booleans()))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    head = f"---\n# kept\n{dumped}---\n".replace("\n", end) if front else ""
    return (head + body).encode()


@st.composite
def prompty(draw: Draw) -> bytes:
    front = {"name": draw(NAMES), "model": draw(OBJECTS), "tags": ["t"], **draw(ODD)}
    inputs = {"name": {"type": "string", "default": draw(TEXTS)}, "other": draw(PROPERTIES)}
    listed = [{"name": name, **about} for name, about in inputs.items()]
    front |= {"inputs": draw(st.sampled_from([inputs, listed])), "sample": {"other": draw(TEXTS)}}
    said = draw(st.lists(st.tuples(ROLES, TEXTS), max_size=3))
    body = "".join(f"{role}:\n{text}\n\n" for role, text in said) or "A " + draw(TEXTS)
    return fronted(draw, front if draw(st.booleans()) or not body.strip() else {}, body)


@st.composite
def dotprompt(draw: Draw) -> bytes:
    front = {"model": "a/b", "config": draw(OBJECTS), **draw(ODD)}
    name = draw(st.sampled_from(["name", "name?", "name(enum)", "name?(array, some)", "odd-name"]))
    pico = {name: draw(TEXTS | st.lists(TEXTS, max_size=2)), "count": "integer, of, them"}
    schema = {"type": "object", "properties": {"name": draw(PROPERTIES)}, "required": ["name"]}
    given = {"schema": draw(st.sampled_from([pico, schema, "Named"]))}
    front |= {"input": given | draw(st.just({}) | st.just({"default": {"name": "1"}}))}
    said = draw(st.lists(st.tuples(ROLES, TEXTS), max_size=3))
    body = "".join(f'{{{{role "{role}"}}}}{text}\n' for role, text in said) or "A " + draw(TEXTS)
    return fronted(draw, front, body)


@st.composite
def promptfoo(draw: Draw) -> bytes:
    def item() -> Any:
        text = draw(TEXTS) or "x"
        if draw(st.booleans()):
            return text
        raw = draw(st.just(text) | MESSAGES.map(json.dumps))
        return {"label": draw(NAMES), "raw": raw, "config": draw(OBJECTS), **draw(ODD)}

    prompts = [item() for _ in range(draw(st.integers(0, 3)))]
    value = {"description": draw(TEXTS), "prompts": prompts, "providers": ["x"], "tests": [{}]}
    style = draw(st.sampled_from([None, "|", '"', "'", ">"]))
    text = yaml.safe_dump(
        value,
        sort_keys=draw(st.booleans()),
        default_style=style,
        default_flow_style=draw(st.sampled_from([None, True, False])),
        allow_unicode=draw(st.booleans()),
        indent=draw(st.sampled_from([2, 4])),
    )
    return f"# kept\n{text}# end\n".encode()


def lines_of(draw: Draw, records: list[Any]) -> bytes:
    end = draw(st.sampled_from(["\n", "\r\n", "\n\n"]))
    said = [json.dumps(each, ensure_ascii=draw(st.booleans())) for each in records]
    return (end.join(said) + draw(st.sampled_from(["", end]))).encode()


@st.composite
def chat_jsonl(draw: Draw) -> bytes:
    chats = MESSAGES.map(lambda messages: {"messages": messages})
    plain = TEXTS.map(lambda text: {"prompt": text, "completion": "c"})
    records = draw(st.lists(st.tuples(chats | plain, ODD), max_size=4))
    bare = draw(st.lists(MESSAGES, max_size=2))
    return lines_of(draw, [*({**record, **odd} for record, odd in records), *bare])


@st.composite
def openai_batch(draw: Draw) -> bytes:
    chats = MESSAGES.map(lambda messages: {"messages": messages})
    asked = st.builds(lambda i, t: {"instructions": i, "input": t}, TEXTS, TEXTS)
    plain = TEXTS.map(lambda text: {"prompt": text})
    bodies = draw(st.lists(st.tuples(chats | asked | plain, OBJECTS), max_size=4))
    head = {"method": "POST", "url": "/v1/chat/completions"}
    return lines_of(
        draw, [{"custom_id": draw(NAMES), **head, "body": {**o, **b}} for b, o in bodies]
    )


@st.composite
def otel(draw: Draw) -> bytes:
    def attribute(key: str, value: str) -> dict[str, Any]:
        return {"key": key, "value": {"stringValue": value}}

    def span() -> dict[str, Any]:
        parts = [{"role": "user", "parts": [{"type": "text", "content": draw(TEXTS)}]}]
        attributes = [attribute("own", draw(TEXTS))]
        if draw(st.booleans()):
            attributes.append(attribute("gen_ai.input.messages", json.dumps(parts)))
        if draw(st.booleans()):
            attributes.append(attribute("gen_ai.prompt.name", draw(NAMES)))
        return {"name": "s", "attributes": attributes, **draw(ODD)}

    spans = [span() for _ in range(draw(st.integers(0, 4)))]
    value = {"resourceSpans": [{"scopeSpans": [{"scope": {}, "spans": spans}]}]}
    return "\n".join(spelt(draw, value) for _ in range(draw(st.integers(1, 2)))).encode()


FILES: dict[str, st.SearchStrategy[bytes]] = {
    "langfuse": langfuse(),
    "mlflow": mlflow(),
    "langsmith": langsmith(),
    "openai": openai(),
    "prompts-chat": prompts_chat(),
    "prompty": prompty(),
    "dotprompt": dotprompt(),
    "promptfoo": promptfoo(),
    "chat-jsonl": chat_jsonl(),
    "openai-batch": openai_batch(),
    "otel": otel(),
}
