"""What goes to a server: prompts as lines, filters as JSON, and what it makes of them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO
from urllib.parse import quote
from uuid import UUID, uuid4

from promptuary.domain.errors import NotFound, Unsupported
from promptuary.domain.filters import (
    AllOf,
    AnyOf,
    Between,
    Eq,
    Exists,
    Filter,
    Not,
    OneOf,
)
from promptuary.domain.prompts import IncomingPrompt
from promptuary.domain.reports import IngestReport, RejectedItem
from promptuary.sdk.line import PREFIX, Sent

IN_MEMORY = 1024 * 1024
NDJSON = "application/x-ndjson"
SOMEBODY = "somebody"


def check_unsaid(by: str) -> None:
    """Raise Unsupported where somebody is named: on a server the key says who decides."""
    if by != SOMEBODY:
        raise Unsupported("who decides on a server is the key that asks: leave `by` out")


def new_key() -> str:
    """An idempotency key that nobody else has."""
    return str(uuid4())


def members(prompt: IncomingPrompt) -> Mapping[str, object]:
    """A prompt as the server takes it."""
    at = prompt.created_at
    told = {
        "content": prompt.text,
        "id": prompt.id,
        "created_at": at.isoformat() if at else None,
        "source": prompt.source,
        "metadata": dict(prompt.metadata),
    }
    return {name: value for name, value in told.items() if value is not None}


@contextmanager
def as_lines(prompts: Iterable[IncomingPrompt | str]) -> Iterator[tuple[IO[bytes], int]]:
    """The prompts as NDJSON, on disk where they are many, and how many they are."""
    count = 0
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        for prompt in prompts:
            line = prompt if isinstance(prompt, str) else members(prompt)
            file.write(json.dumps(line).encode() + b"\n")
            count += 1
        yield file, count


def batch(file: IO[bytes], collection: str, batch_id: str | None) -> Sent:
    """The request that takes them in."""
    query = {"collection": collection, "batch_id": batch_id}
    path = f"{PREFIX}/prompts/batch"
    return Sent("POST", path, query, file, media_type=NDJSON, key=new_key())


def report(told: Mapping[str, object], collection: str) -> IngestReport:
    """What the server says that it did. Raises KeyError or TypeError for what is no such answer.

    Placing is the work of the server's worker, so nothing is counted as placed.
    """
    rejected = told["rejected"]
    if not isinstance(rejected, list):
        raise TypeError("`rejected` is no list")
    return IngestReport(
        batch_id=str(told["batch_id"]),
        collection=collection,
        accepted=_whole(told["accepted"]),
        duplicates=_whole(told["duplicates"]),
        rejected_count=_whole(told["rejected_count"]),
        rejected=tuple(_item(each) for each in rejected),
        placed=0,
        alone=0,
        job_id=str(told["job_id"]) if told.get("job_id") else None,
        masked=_whole(told.get("masked", 0)),
    )


def conditions(where: Filter | None) -> object:
    """A filter in the JSON form of the server."""
    match where:
        case None:
            return None
        case AllOf(parts):
            return {"op": "all_of", "parts": [conditions(part) for part in parts]}
        case AnyOf(parts):
            return {"op": "any_of", "parts": [conditions(part) for part in parts]}
        case Not(part):
            return {"op": "not", "part": conditions(part)}
        case Eq(field, value):
            return {"op": "eq", "field": field, "value": value}
        case OneOf(field, values):
            return {"op": "one_of", "field": field, "values": list(values)}
        case Between(field, low, high):
            bounds = {"low": _real(low), "high": _real(high)}
            return {"op": "between", "field": field, **bounds}
        case Exists(field):
            return {"op": "exists", "field": field}


def page_number(offset: int, limit: int) -> int | None:
    """The numbered page that begins there; None for the first. Raises Unsupported for an offset
    at which none begins."""
    if offset % limit:
        raise Unsupported("a server's pages begin at multiples of `limit`; go on with the cursor")
    return offset // limit + 1 if offset else None


def prompt_path(slug: str) -> str:
    """Where a kept prompt is, within the library."""
    return f"prompts/{quote(slug, safe='/')}"


def posted(path: str, told: Mapping[str, object], *, key: str | None = None) -> Sent:
    """A request with that JSON; under a `key` it happens once."""
    return Sent("POST", f"{PREFIX}/{path}", body=json.dumps(told).encode(), key=key)


def question(
    text: str,
    collection: str | None,
    where: Filter | None,
    passages: int | None,
    min_confidence: float | None,
    tenant: str,
) -> Mapping[str, object]:
    """A question as the server takes it. Raises Unsupported for a tenant."""
    if tenant:
        raise Unsupported("to a server the tenant is whoever holds the API key")
    return {
        "question": text,
        "collection": collection,
        "where": conditions(where),
        "max_chunks": passages,
        "min_confidence": min_confidence,
    }


def known(what: str, id: str) -> str:
    """The id in its usual form, as a part of a path. An id that is no UUID cannot exist, on no
    server: raises NotFound at once."""
    try:
        return str(UUID(id))
    except ValueError:
        raise NotFound(what, id) from None


def _item(told: Mapping[str, object]) -> RejectedItem:
    categories = told["categories"]
    return RejectedItem(
        position=_whole(told["position"]),
        code=str(told["code"]),
        reason=str(told["reason"]),
        categories=tuple(map(str, categories)) if isinstance(categories, list) else (),
        prompt_id=str(told["prompt_id"]) if told["prompt_id"] else None,
    )


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no count")
    return value


def _real(value: float | None) -> float | None:
    return None if value is None else float(value)
