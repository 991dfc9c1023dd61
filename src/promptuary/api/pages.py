"""The documentation that the server gives of itself: it needs nothing from the internet."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from promptuary.api.operations import Operation
from promptuary.api.problems import CODES

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code{background:#8882;padding:.1em .3em;border-radius:.2em}"
    "table{border-collapse:collapse}td,th{padding:.3rem .8rem .3rem 0;text-align:left;"
    "vertical-align:top;border-bottom:1px solid #8884}"
    ":root{color-scheme:light dark}"
)


async def openapi_document(request: Request) -> Response:
    """This API as an OpenAPI 3.1 document."""
    return Response(json.dumps(request.app.openapi()), media_type="application/json")


async def docs(request: Request) -> Response:
    """Every operation and every error code on one page."""
    described = request.app.openapi()
    operations = [
        _operation(method, path, entry)
        for path, methods in described["paths"].items()
        for method, entry in methods.items()
    ]
    codes = [
        f'<tr id="{code}"><td><code>{code}</code><td>{meaning.status}<td>{escape(meaning.title)}'
        for code, meaning in CODES.items()
    ]
    return HTMLResponse(
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Promptuary API</title>"
        f"<style>{_STYLE}</style><h1>Promptuary API {escape(described['info']['version'])}</h1>"
        f"<p>For tools: <a href=/openapi.json>openapi.json</a></p>"
        f"<h2>Operations</h2><table><tr><th>Call<th>Scope<th>What it does{''.join(operations)}"
        f"</table><h2>Error codes</h2><table><tr><th>Code<th>Status<th>Meaning{''.join(codes)}"
        f"</table></html>",
        headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
    )


def _operation(method: str, path: str, entry: dict[str, Any]) -> str:
    call = f"<code>{method.upper()} {escape(path)}</code>"
    told = escape(str(entry.get("description", "")).split("\n\n")[0])
    return f"<tr><td>{call}<td>{escape(str(entry['x-required-scope']))}<td>{told}"


OPERATIONS = (
    Operation(
        path="/openapi.json", call=openapi_document, needs="open", answers=None, listed=False
    ),
    Operation(path="/docs", call=docs, needs="open", answers=None, listed=False),
)
