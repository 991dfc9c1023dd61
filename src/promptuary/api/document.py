"""The OpenAPI 3.1 document: what FastAPI sees in the handlers, and what the operations declare."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from promptuary import __version__
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.problems import CODES, MEDIA_TYPE
from promptuary.api.schemas.basics import Problem

REFERENCE: Final = "#/components/schemas/{model}"
GUARDED: Final = (401, 403, 429)
ALWAYS: Final = (500, 503)
IDEMPOTENT: Final = frozenset({
    f"{PREFIX}/prompts", f"{PREFIX}/prompts/batch", f"{PREFIX}/documents",
    f"{PREFIX}/library/prompts",
    f"{PREFIX}/library/import",
})  # fmt: skip
_SECURITY: Final = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "Bearer": {"type": "http", "scheme": "bearer"},
}
_KEY_HEADER: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "However often it is sent with the same payload, the request happens once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
DESCRIPTION: Final = """\
Prompts in; families, canonical templates with typed slots, versions and search out.

Errors are RFC 9457 problems (`application/problem+json`) with a stable `code`.
Lists come in pages: pass `next_cursor` on as `cursor`.
Every GET has an `ETag`; send it back as `If-None-Match` and get 304 when nothing changed.
Every answer has `X-Request-ID`; quote it when you ask for help."""


def document(app: FastAPI, operations: Iterable[Operation]) -> dict[str, Any]:
    """The whole document, ready to be sent."""
    listed = [operation for operation in operations if operation.listed]
    built = get_openapi(
        title="Promptuary",
        version=__version__,
        openapi_version="3.1.0",
        summary="Finds the prompt templates in your LLM traffic.",
        description=DESCRIPTION,
        routes=app.routes,
    )
    components = built.setdefault("components", {})
    components["securitySchemes"] = _SECURITY
    schemas = components.setdefault("schemas", {})
    schemas.update(_schemas(listed))
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for operation in listed:
        _complete(built["paths"][operation.shown][operation.method.lower()], operation)
    return built


def _schemas(operations: Iterable[Operation]) -> dict[str, Any]:
    taken = {model for each in operations for model in (each.takes, each.lines) if model}
    wanted = [(model, "validation") for model in sorted(taken, key=lambda model: model.__name__)]
    _, found = models_json_schema(
        [*wanted, (Problem, "serialization")],  # type: ignore[list-item]  # a literal, widened
        ref_template=REFERENCE,
    )
    definitions: dict[str, Any] = found["$defs"]
    return definitions


def _complete(entry: dict[str, Any], operation: Operation) -> None:
    responses = entry["responses"]
    responses.pop("422", None)
    guarded = operation.needs != "open"
    entry["security"] = [{"ApiKey": []}, {"Bearer": []}] if guarded else []
    entry["x-required-scope"] = " or ".join((operation.needs, *operation.instead))
    _describe_answer(responses, operation)
    for status in sorted({*operation.problems, *(GUARDED if guarded else ()), *ALWAYS}):
        responses.setdefault(str(status), _problem(status))
    if operation.path.startswith(PREFIX) and operation.method == "GET":
        responses["304"] = {"description": "Nothing changed since the ETag sent."}
    if operation.takes:
        entry["requestBody"] = _body(operation)
    if operation.takes_file:
        file = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        entry["requestBody"] = {"required": True, "content": file}
    if operation.method == "POST" and operation.path in IDEMPOTENT:
        entry.setdefault("parameters", []).append(_KEY_HEADER)


def _event_of(operation: Operation) -> dict[str, Any]:
    name = {"enum": list(operation.events)} if operation.events else {"type": "string"}
    return {
        "type": "object",
        "properties": {"event": name, "data": {"type": "string"}},
        "required": ["event", "data"],
    }


def _describe_answer(responses: dict[str, Any], operation: Operation) -> None:
    good = responses[str(operation.status)]
    if operation.media_type != "application/json":
        good["content"] = {operation.media_type: {"schema": {"type": "string"}}}
    if operation.streams:
        good["content"]["text/event-stream"] = {"schema": _event_of(operation)}
    for status, meaning in operation.also:
        responses[str(status)] = {**good, "description": meaning}


def _body(operation: Operation) -> dict[str, Any]:
    content = {"application/json": {"schema": _reference(operation.takes)}}
    if operation.lines:
        content["application/x-ndjson"] = {"schema": {"type": "string"}}
    return {"required": True, "content": content}


def _reference(model: type | None) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=model.__name__ if model else "")}


def _problem(status: int) -> dict[str, Any]:
    codes = [code for code, meaning in CODES.items() if meaning.status == status]
    return {
        "description": " or ".join(f"`{code}`" for code in codes),
        "content": {MEDIA_TYPE: {"schema": _reference(Problem)}},
    }
