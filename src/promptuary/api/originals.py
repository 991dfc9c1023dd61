"""The files that documents were read from, as they were."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import quote

from anyio import to_thread
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from promptuary.api.etags import names
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.serving import Here, known_form
from promptuary.domain.documents import Original

A_FILE: Final = "application/octet-stream"
A_PDF: Final = "application/pdf"
A_TEXT: Final = "text/plain; charset=utf-8"
PIECE = 1024 * 1024


async def get_original(request: Request, here: Here, document_id: str) -> Response:
    """The file that a source or a document was read from, byte for byte; `Range` is understood.

    A PDF is shown by a browser (`#page=3` opens a citation), and so is whatever is text, as text;
    everything else is downloaded. Of a member of an archive it is the archive.
    """
    folder = await to_thread.run_sync(partial(tempfile.mkdtemp, prefix="promptuary-"))
    away = partial(shutil.rmtree, folder, ignore_errors=True)
    try:
        path = Path(folder, "original")
        original = await here.promptuary.original(known_form("original", document_id), path)
        kind = await to_thread.run_sync(_kind, path)
    except BaseException:
        away()
        raise
    headers = _headers(original)
    if names(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers, background=BackgroundTask(away))
    return FileResponse(
        path,
        headers={**headers, **({"Content-Security-Policy": "sandbox"} if kind == A_TEXT else {})},
        media_type=kind,
        filename=PurePosixPath(original.source.rstrip("/")).name or "original",
        content_disposition_type="attachment" if kind == A_FILE else "inline",
        background=BackgroundTask(away),
    )


def _headers(original: Original) -> dict[str, str]:
    return {
        "ETag": f'"{original.digest}"',
        "Cache-Control": "private, no-cache",
        "X-Source-Name": quote(original.source.encode("utf-8", "replace")),
    }


def _kind(path: Path) -> str:
    """As what a browser may take it: nothing in it is ever run."""
    with path.open("rb") as file:
        if file.read(5) == b"%PDF-":
            return A_PDF
    try:
        with path.open(encoding="utf-8", newline="") as text:
            while piece := text.read(PIECE):
                if "\0" in piece:
                    return A_FILE
    except UnicodeDecodeError:
        return A_FILE
    return A_TEXT


OPERATIONS = (
    Operation(
        path=f"{PREFIX}/documents/{{document_id}}/original",
        call=get_original,
        needs="documents:read",
        answers=None,
        media_type=A_FILE,
        problems=(404,),
        tag="documents",
    ),
)
