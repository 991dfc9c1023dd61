"""The function of AWS Lambda: API Gateway's own events through the real adapter."""

from __future__ import annotations

import base64
import importlib.util
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from promptuary import blocking
from promptuary.adapters.clocks.system import SystemClock
from promptuary.api.serverless import Serverless, figures
from promptuary.backups import backup
from promptuary.domain.documents import GivenText
from promptuary.domain.errors import Misconfigured
from promptuary.settings import Settings

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
KEY = "key-of-the-function"
HOST = "abc123.execute-api.eu-west-1.amazonaws.com"
HEADERS = {"Host": HOST, "X-API-Key": KEY, "X-Forwarded-Proto": "https"}
KEPT = {"question": "How long are parcels kept?"}


def rest(method: str, path: str, body: bytes | None = None, *, kind="application/json", **query):
    """An event of a REST API (payload version 1.0)."""
    headers = {**HEADERS, "Content-Type": kind}
    text = base64.b64encode(body).decode() if body and kind != "application/json" else body
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {n: [v] for n, v in query.items()} or None,
        "pathParameters": {"proxy": path.lstrip("/")},
        "stageVariables": None,
        "requestContext": {
            "resourceId": "a1",
            "resourcePath": "/{proxy+}",
            "httpMethod": method,
            "path": f"/prod{path}",
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": "prod",
            "requestId": "c6af9ac6",
            "identity": {"sourceIp": "203.0.113.7", "userAgent": "curl/8"},
            "apiId": "abc123",
        },
        "body": text.decode() if isinstance(text, bytes) else text,
        "isBase64Encoded": kind != "application/json",
    }


def http(method: str, path: str, body: bytes | None = None, *, stage="$default", key=KEY):
    """An event of an HTTP API (payload version 2.0)."""
    own = {"host": HOST, "x-forwarded-proto": "https", "content-type": "application/json"}
    shown = path if stage == "$default" else f"/{stage}{path}"
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": shown,
        "rawQueryString": "",
        "headers": {**own, "x-api-key": key} if key else own,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc123",
            "http": {
                "method": method,
                "path": shown,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "curl/8",
            },
            "requestId": "c6af9ac6",
            "stage": stage,
            "timeEpoch": 1767323045000,
        },
        "body": body.decode() if body else None,
        "isBase64Encoded": False,
    }


def said(answer: Any) -> Any:
    assert answer["isBase64Encoded"] is False
    return json.loads(answer["body"])


@pytest.fixture
def function(tmp_path: Path) -> Iterator[Serverless]:
    opened = Serverless(Settings(home=tmp_path / "home", api_key=KEY))
    yield opened
    opened.close()


def test_a_file_is_sent_and_a_question_is_answered_through_a_rest_api(function, capsys):
    text = b"The office opens at nine. Parcels are kept for ten days."
    kind = "application/octet-stream"
    sent = function(rest("POST", "/api/v1/documents", text, kind=kind, name="office.md"), None)
    assert (sent["statusCode"], said(sent)["status"]) == (201, "read")
    answer = function(rest("POST", "/api/v1/ask", json.dumps(KEPT).encode()), None)
    assert answer["statusCode"] == 200
    assert "ten days" in said(answer)["answer"]
    assert answer["headers"]["x-request-id"]
    (line,) = [row for row in capsys.readouterr().out.splitlines() if "_aws" in row]
    counted = json.loads(line)
    assert (counted["QuerySuccess"], counted["QueryLatency"] > 0) == (1, True)


@pytest.mark.parametrize("stage", ["$default", "prod"])
def test_the_stage_of_an_http_api_is_no_part_of_the_path(function, stage):
    answer = function(http("GET", "/api/v1/index/stats", stage=stage), None)
    assert (answer["statusCode"], said(answer)["total_chunks"]) == (200, 0)
    root = function(http("GET", "/", stage=stage), None)
    assert said(root)["service"] == "promptuary"


def test_problems_come_as_text_and_nobody_is_let_in_for_where_he_comes_from(function):
    refused = function(http("GET", "/api/v1/families", key=None), None)
    assert (refused["statusCode"], said(refused)["code"]) == (401, "MISSING_API_KEY")
    assert refused["headers"]["content-type"] == "application/problem+json"
    assert function(http("GET", "/livez", key=None), None)["statusCode"] == 200


def test_everything_is_opened_once_and_kept(function):
    function(http("GET", "/livez"), None)
    first, loop = function._promptuary, function._loop
    for _ in range(3):
        assert function(http("GET", "/readyz"), None)["statusCode"] == 200
    assert (function._promptuary, function._loop) == (first, loop)


def test_a_function_that_nobody_has_a_key_for_does_not_start(tmp_path):
    opened = Serverless(Settings(home=tmp_path / "home"))
    with pytest.raises(Misconfigured, match="API key"):
        opened(http("GET", "/livez"), None)
    with pytest.raises(Misconfigured, match="API key"):  # and says so every time
        opened(http("GET", "/livez"), None)


def test_a_new_environment_begins_with_a_backup(tmp_path):
    home = tmp_path / "home"
    with blocking.Promptuary.open(home) as promptuary:
        promptuary.add_documents([GivenText("office", "Parcels are kept for ten days.")])
    import anyio

    file = tmp_path / "b.zip"
    anyio.run(backup, Settings(home=home), SystemClock(), file)
    function = Serverless(Settings(home=tmp_path / "new", api_key=KEY, restore_from=str(file)))
    answer = function(rest("POST", "/query", json.dumps(KEPT).encode()), None)
    assert "ten days" in said(answer)["answer"]
    function.close()


def test_what_cannot_be_looked_up_counts_as_a_failure_of_its_kind():
    line = figures("Space", {"statusCode": 503}, 0.0125)
    overall, by_type = line["_aws"]["CloudWatchMetrics"]
    assert (overall["Namespace"], overall["Dimensions"]) == ("Space", [[]])
    assert by_type["Dimensions"] == [["ErrorType"]]
    assert (line["QueryFailure"], line["ErrorType"], line["QueryLatency"]) == (1, "503", 12.5)
    assert "QueryFailure" not in figures("Space", {"statusCode": 422}, 0.1)


def test_the_template_is_sound_and_names_an_entry_point_that_exists():
    template = ROOT / "deploy" / "lambda" / "template.yaml"
    done = subprocess.run(["cfn-lint", str(template)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    text = template.read_text()
    assert "Handler: lambda_function.handler" in text
    assert "AWS_REGION:" not in text
    file = template.with_name("lambda_function.py")
    spec = importlib.util.spec_from_file_location("lambda_function", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert isinstance(module.handler, Serverless)
