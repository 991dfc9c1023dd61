"""Every refusal is one body that all readers understand."""

from __future__ import annotations

import inspect
from datetime import datetime

import pytest

from promptuary.api.problems import CODES, problem_of
from promptuary.domain import errors

pytestmark = pytest.mark.anyio
MEMBERS = {
    "type", "title", "status", "detail", "instance", "code", "error_code", "error", "message",
    "details", "timestamp", "request_id", "field_errors", "path", "correlation_id", "error_type",
}  # fmt: skip
KINDS = [
    each
    for _, each in inspect.getmembers(errors, inspect.isclass)
    if issubclass(each, errors.PromptuaryError)
]
UNUSUAL = {
    errors.NotFound: lambda: errors.NotFound("lineage", "an-id"),
    errors.RateLimited: lambda: errors.RateLimited("slowly", retry_after=2.1),
    errors.MissingExtra: lambda: errors.MissingExtra("redis:", "redis"),
}
STATUSES = {400, 401, 402, 403, 404, 405, 409, 412, 413, 415, 422, 429, 500, 503}


def made(kind: type[errors.PromptuaryError]) -> errors.PromptuaryError:
    return UNUSUAL.get(kind, lambda: kind("what happened"))()


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_a_code_a_status_and_a_title(kind):
    problem = problem_of(made(kind))
    assert problem.code == kind.code
    assert problem.status in STATUSES
    assert CODES[problem.code].title


@pytest.mark.parametrize("kind", KINDS)
def test_the_branch_decides_what_the_client_may_do(kind):
    problem = problem_of(made(kind))
    if issubclass(kind, errors.Rejected):
        assert 400 <= problem.status < 500
    elif issubclass(kind, errors.Unavailable):
        assert problem.status in (429, 503)
        assert int(problem.headers["Retry-After"]) >= 1
    else:
        assert problem.status == 500
        assert "what happened" not in problem.detail


async def test_all_members_are_there_for_every_reader(shared_site):
    answer = await shared_site.client.get("/api/v1/prompts/nothing?secret=1")
    body = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert body.keys() >= MEMBERS
    assert body["status"] == answer.status_code == 404
    assert body["error"] == body["message"] == body["detail"]
    assert body["error_code"] == body["code"] == "NOT_FOUND"
    assert body["instance"] == body["path"] == "/api/v1/prompts/nothing"
    assert body["request_id"] == answer.headers["X-Request-ID"]
    assert body["details"] == {"prompt_id": "nothing"}
    assert datetime.fromisoformat(body["timestamp"]).tzinfo


async def test_every_wrong_field_is_named(shared_site):
    answer = await shared_site.client.post(
        "/api/v1/prompts", json={"content": 7, "created_at": "soon", "wait": "perhaps"}
    )
    assert answer.json()["error_type"] == "validation_error"
    assert answer.json()["field_errors"].keys() == {"content", "created_at", "wait"}


async def test_an_unknown_route_and_method_are_problems_too(shared_site):
    assert (await shared_site.client.get("/api/v1/nothing")).json()["code"] == "ROUTE_NOT_FOUND"
    answer = await shared_site.client.delete("/api/v1/families")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")


async def test_what_nobody_foresaw_is_a_problem_without_a_trace(site, monkeypatch):
    async def broken(**_):
        raise RuntimeError("the text of a prompt")

    monkeypatch.setattr(site.promptuary, "families", broken)
    answer = await site.client.get("/api/v1/families")
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL_ERROR")
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
    assert "Traceback" not in answer.text
    assert "the text of a prompt" not in answer.text
    (line,) = [each for each in site.lines() if each["event"] == "unexpected_error"]
    assert line["error"] == "RuntimeError"
    assert line["frames"][-1].endswith("broken")
    assert "the text of a prompt" not in site.written.getvalue()
