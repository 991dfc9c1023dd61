"""OpenAI: a stored response (`GET /v1/responses/{id}`) as the prompt object that it was made with.

A response shows in `instructions` the messages of the prompt it used, with values in the place of
variables, and in `prompt` its id, its version and those values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from promptuary.domain.plain import Json

RESPONSE: Final = "response"
OUTCOME: Final = frozenset(
    {"id", "object", "created_at", "completed_at", "status", "error", "incomplete_details"}
    | {"output", "output_text", "usage", "tool_usage", "instructions", "prompt", "metadata"}
    | {"previous_response_id", "conversation", "background", "store", "billing", "user"}
    | {"safety_identifier", "prompt_cache_key", "prompt_cache_retention", "moderation"}
    | {"prompt_cache_options", "prompt_cache_diagnostics", "input_transformations"}
    | {"access_programs", "service_tier"}
)
"""Members that are no setting of the prompt."""


def prompt_of(response: dict[str, Json]) -> tuple[dict[str, Json], tuple[tuple[str, str], ...]]:
    """The prompt object behind a response, and what is not sure of it; an empty one when the
    response names no prompt or says nothing of it."""
    used = response.get("prompt")
    if not isinstance(used, dict) or response.get("instructions") is None:
        return {}, ()
    variables = used.get("variables")
    given = variables if isinstance(variables, dict) else {}
    values = {name: said for name, value in given.items() if (said := _said(value).strip())}
    settings = {key: each for key, each in response.items() if key not in OUTCOME}
    prompt: dict[str, Json] = {
        **settings,
        "id": used.get("id"),
        "version": used.get("version"),
        "created_at": response.get("created_at"),
        "instructions": marked_again(response["instructions"], values),
        "variables": {
            name: "" if value == f"{{{{{name}}}}}" else value for name, value in values.items()
        },
    }
    return prompt, _doubts(response["instructions"], values)


def _said(value: Json) -> str:
    """A variable's value where it is text."""
    if isinstance(value, dict):
        value = value.get("text")
    return value if isinstance(value, str) else ""


def marked_again(body: Json, values: Mapping[str, str]) -> Json:
    """Texts with `{{name}}` where a value stands as words of its own, the longest value first."""
    named = {value: name for name, value in values.items()}
    if not named:
        return body
    longest = sorted(named, key=len, reverse=True)
    found = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)")
    return _texts(body, lambda text: found.sub(lambda at: f"{{{{{named[at[0]]}}}}}", text))


def _texts(body: Json, changed: Callable[[str], str]) -> Json:
    """The messages with the texts of their contents changed."""
    if isinstance(body, str):
        return changed(body)
    if isinstance(body, list):
        return [_texts(each, changed) if isinstance(each, dict) else each for each in body]
    if isinstance(body, dict):
        parts = {key: _texts(body[key], changed) for key in ("content", "text") if key in body}
        return body | parts
    return body


def _doubts(body: Json, values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What a reader should look over: values that stood in the text, and values that did not."""
    doubts = []
    for name, value in values.items():
        if value == f"{{{{{name}}}}}":
            continue
        there = marked_again(body, {name: value}) != body
        said = f"{value[:40]!r} in the text is taken for {{{{{name}}}}}; look it over"
        gone = f"its value {value[:40]!r} does not stand in the text"
        doubts.append((f"variables.{name}", said if there else gone))
    return tuple(doubts)
