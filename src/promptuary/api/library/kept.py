"""What the routes of the library share: slugs in paths, revisions in headers, and answers."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from pydantic import StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.etags import answer, wants_exact
from promptuary.api.gate import caller_of
from promptuary.api.keys import Caller
from promptuary.api.operations import PREFIX
from promptuary.api.problems import ProblemRaised, invalid
from promptuary.api.schemas.kept import KeptOut
from promptuary.domain.library import KeptPrompt
from promptuary.retrieval.kept import text_of

PROMPTS: Final = f"{PREFIX}/library/prompts"
ONE: Final = f"{PROMPTS}/{{slug:path}}"
Slug: TypeAlias = Annotated[str, StringConstraints(max_length=255)]
WRITING: Final = (404, 409, 412, 413, 415, 422)


def may_protect(caller: Caller) -> bool:
    """Whether the caller may move protected labels."""
    return bool({"library:protect", "admin"} & set(caller.scopes))


def author_of(request: Request, said: str = "") -> str:
    """Who writes, as the audit trail keeps it: the caller, and whom they say they write for."""
    own = caller_of(request).id
    return f"{said} ({own})" if said else own


def expected(request: Request) -> int | None:
    """The revision that the caller saw: from `If-Match`, an ETag of ours or a bare revision in
    quotes; `If-None-Match: *` says that there is none yet."""
    if request.headers.get("if-none-match", "").strip() == "*":
        return 0
    given = request.headers.get("if-match", "").strip()
    if given in {"", "*"}:
        return None
    number = given.removeprefix("W/").strip('"').partition(".")[0]
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise ProblemRaised(invalid({"If-Match": "is no ETag of a prompt"}))
    return int(number)


def told(request: Request, kept: KeptPrompt, *, status: int = 200) -> Response:
    """A kept prompt with its version. Its tag changes with the prompt's revision and the version
    given, not with its counts, which nobody need fetch it again for."""
    form = "x" if wants_exact(request) else "j"
    tag = f'"{kept.prompt.revision}.{kept.version.id[:16]}{form}"'
    shown = KeptOut.kept(kept, text_of(kept.version.content))
    headers = {"ETag": tag}
    return answer(request, shown, exact=kept, status=status, headers=headers, etag=tag)
