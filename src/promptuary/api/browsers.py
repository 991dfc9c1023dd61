"""Pages of other sites in a browser: which of them may ask the server, and what they may read.

A browser asks first (a preflight) before it sends what a form could not; that is answered here,
without a key and before anything else. Keys travel in headers, which no browser adds by itself.
"""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from promptuary.settings import Settings

READABLE: Final = (
    *("X-Request-ID", "X-Correlation-ID", "X-Response-Time", "Retry-After", "RateLimit"),
    *("RateLimit-Policy", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"),
    *("X-RateLimit-Window-Seconds", "ETag", "Link", "X-Total-Count", "Idempotency-Replayed"),
)
"""Headers of an answer that a page may read besides those that every page may."""


def let_pages_ask(app: FastAPI, settings: Settings) -> None:
    """The outermost layer, so that a page can read what went wrong too; none without origins.

    Credentials are for pages that are named, never for all of them.
    """
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=settings.cors_methods,
            allow_headers=settings.cors_headers,
            allow_credentials="*" not in settings.cors_origins,
            expose_headers=READABLE,
        )
