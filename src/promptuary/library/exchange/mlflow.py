"""MLflow: prompt versions as its registry's REST API lists them (`model_versions`, the text in a
tag), or as `PromptVersion` objects show themselves (`template`, `commit_message`)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from promptuary.domain.library import PromptContent
from promptuary.domain.plain import Json
from promptuary.library.exchange import json_text
from promptuary.library.exchange.forms import Draft, Form, Old
from promptuary.library.exchange.messages import notes_on, said, turns_of
from promptuary.library.exchange.times import from_unix
from promptuary.library.exchange.values import names, number, text

TEXT: Final = "mlflow.prompt.text"
IS_PROMPT: Final = "mlflow.prompt.is_prompt"
TYPE: Final = "_mlflow_prompt_type"
MODEL: Final = "_mlflow_prompt_model_config"
RESPONSE: Final = "_mlflow_prompt_response_format"
NO_TEXTS: Final = (
    "this list names prompts without their texts; fetch their versions with "
    "GET /api/2.0/mlflow/model-versions/search"
)
RESERVED: Final = frozenset({TEXT, IS_PROMPT, TYPE, MODEL, RESPONSE})


def _understand(piece: str, _context: str) -> Draft | None:
    value = json_text.record(piece)
    tags = _tags(value)
    template = value.get("template", tags.get(TEXT))
    if "name" not in value or template is None:
        if "registered_models" in value or (IS_PROMPT in tags and "version" not in value):
            raise ValueError(NO_TEXTS)
        return None
    config = {"model": _parsed(value.get("model_config", tags.get(MODEL)))}
    config["response_format"] = _parsed(value.get("response_format", tags.get(RESPONSE)))
    settled = json_text.dumps({key: each for key, each in config.items() if each is not None})
    messages = _messages(template, tags.get(TYPE))
    notes = notes_on(messages)
    if set(tags) - RESERVED:
        notes += (("tags", "tags of a version, with values, stay with the format alone"),)
    if messages is not None:
        content = PromptContent(turns=turns_of(messages), config=settled)
    else:
        content = PromptContent(text=text(template, "template"), config=settled)
    return Draft(
        name=text(value["name"], "name"),
        content=content,
        number=number(value.get("version")),
        labels=names(_aliases(value), "aliases"),
        message=text(value.get("commit_message", value.get("description")), "description"),
        author=text(value.get("user_id"), "user_id"),
        created_at=_created(value.get("creation_timestamp")),
        notes=notes,
    )


def _tags(value: dict[str, Json]) -> dict[str, Json]:
    """Tags by key, in either shape. Raises ValueError."""
    tags = value.get("tags") or {}
    if isinstance(tags, dict):
        return tags
    if not isinstance(tags, list) or not all(isinstance(t, dict) and "key" in t for t in tags):
        raise ValueError("tags are neither an object nor a list of keys and values")
    return {str(tag["key"]): tag.get("value") for tag in tags}


def _aliases(value: dict[str, Json]) -> Json:
    aliases = value.get("aliases")
    if isinstance(aliases, list):
        return [each.get("alias") if isinstance(each, dict) else each for each in aliases]
    return aliases


def _messages(template: Json, kind: Json) -> Json:
    """The messages of a chat prompt, whose text is JSON; None for a text prompt."""
    if isinstance(template, list):
        return template
    return json_text.loads(text(template, "template")) if kind == "chat" else None


def _parsed(value: Json) -> Json:
    if not isinstance(value, str):
        return value
    try:
        return json_text.loads(value)
    except ValueError:
        return value


def _created(value: Json) -> datetime | None:
    """A time in milliseconds, which the REST API may write as digits."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    return from_unix(value, milliseconds=True)


def _say(draft: Draft, old: Old | None, changed: frozenset[str]) -> str:
    value = json_text.before(old)
    content, tags = draft.content, _tags(value)
    if "name" in changed:
        value["name"] = draft.name
    if old is None:
        value["version"] = str(draft.number)
    if "message" in changed:
        value["commit_message" if "commit_message" in value else "description"] = draft.message
    if "author" in changed and draft.author:
        value["user_id"] = draft.author
    if "created_at" in changed and draft.created_at:
        value["creation_timestamp"] = int(draft.created_at.timestamp() * 1000)
    if "labels" in changed:
        value["aliases"] = list(draft.labels)
    if changed & {"text", "turns"}:
        _say_body(content, value, tags)
    if "config" in changed:
        _say_config(json_text.record(content.config), value, tags)
    if "template" not in value or "tags" in value:
        pairs = [{"key": key, "value": each} for key, each in tags.items()]
        value["tags"] = tags if isinstance(value.get("tags"), dict) else pairs
    return json_text.dumps(value, indent=2)


def _say_body(content: PromptContent, value: dict[str, Json], tags: dict[str, Json]) -> None:
    """The template where this shape has it."""
    chat = content.kind == "chat"
    was = value.get("template", tags.get(TEXT))
    body = said(content.turns, _messages(was, tags.get(TYPE)) if was else None)
    if "template" in value:
        value["template"] = body if chat else content.text
    else:
        tags[TEXT] = json_text.dumps(body) if chat else content.text
        tags |= {IS_PROMPT: "true", TYPE: "chat" if chat else "text"}


def _say_config(config: dict[str, Json], value: dict[str, Json], tags: dict[str, Json]) -> None:
    """Model and response format where this shape has them; a config of another shape is the
    model's."""
    if not config.keys() <= {"model", "response_format"}:
        config = {"model": config}
    for key, member, tag in (
        ("model", "model_config", MODEL),
        ("response_format", "response_format", RESPONSE),
    ):
        if "template" in value:
            value[member] = config.get(key)
        elif key in config:
            tags[tag] = json_text.dumps(config[key])
        else:
            tags.pop(tag, None)


FORM = Form(
    name="mlflow",
    title="the MLflow prompt registry",
    suffix=".json",
    says=frozenset({"text", "turns", "config", "labels", "message", "author", "created_at"}),
    cut=lambda text: json_text.listed(text, "model_versions", "prompt_versions", "prompts"),
    understand=_understand,
    say=_say,
    join=json_text.joined_list,
    versioned=True,
)
