"""Crawling over HTTP: public addresses only, as everywhere."""

from __future__ import annotations

import time
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import read
from promptuary.api.etags import answer
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.older import CrawlIn, CrawlOut
from promptuary.api.serving import Here


async def crawl(request: Request, here: Here) -> Response:
    """Bring in pages of the web and what they link to; only what changed is read again.

    Follows robots.txt and fetches from public addresses only; a page that cannot be read is named.
    """
    asked = await read(request, CrawlIn)
    began = time.monotonic()
    crawling = partial(
        here.promptuary.crawl,
        collection=asked.collection,
        depth=asked.depth,
        pages=asked.max_pages,
        same_site=asked.same_domain,
        force=asked.force,
    )
    reports = [await crawling(url) for url in dict.fromkeys(asked.urls)]
    done = CrawlOut.crawled(asked, reports, time.monotonic() - began)
    return answer(request, done, exact=reports)


OPERATIONS = tuple(
    Operation(
        method="POST",
        path=path,
        call=crawl,
        needs="documents:write",
        takes=CrawlIn,
        answers=CrawlOut,
        problems=(413, 415, 422),
        tag="documents",
        listed=listed,
    )
    for path, listed in ((f"{PREFIX}/crawl", True), (f"{PREFIX}/batch/crawl", False))
)
