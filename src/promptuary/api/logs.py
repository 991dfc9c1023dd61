"""Log lines as JSON, one a line; never a key, never a prompt."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from pathlib import Path
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

from promptuary.settings import Settings

HIDDEN: Final = "[hidden]"
PRIVATE: Final = frozenset(
    {
        "api_key",
        "authorization",
        "body",
        "content",
        "cookie",
        "password",
        "prompt",
        "q",
        "query",
        "secret",
        "text",
        "token",
        "x-api-key",
    }
)
"""Members of a log line that are never shown, whatever is in them."""
_SECRET = re.compile(r"\bpk_[0-9a-f]{4,}_[\w\-]+|(?i:\bbearer\s+)\S+|(?<=://)[^/\s@]*@")
LONGEST: Final = 500


def logger_for(settings: Settings, stream: TextIO | None = None) -> FilteringBoundLogger:
    """A logger of its own (nothing global is changed), to standard error unless told otherwise."""
    logger: FilteringBoundLogger = structlog.wrap_logger(
        structlog.WriteLogger(stream or sys.stderr),
        processors=[*_steps(), structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelName(settings.log_level)
        ),
        service=settings.service_name,
    )
    return logger


def server_log_config(settings: Settings) -> dict[str, Any]:
    """How uvicorn's own lines are written: in the same form."""
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _steps(),
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    }
    handler = {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {"stderr": handler},
        "loggers": {
            "uvicorn.error": {
                "handlers": ["stderr"],
                "level": max(settings.log_level, "WARNING", key=logging.getLevelName),
                "propagate": False,
            }
        },
    }


def frames_of(error: BaseException) -> list[str]:
    """Where an error came from, innermost last: files, lines, functions.

    Not what it says: messages of databases and validators repeat the values they choke on.
    """
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames]


def redact(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """A structlog step: hides private members and whatever looks like a secret."""
    return {name: HIDDEN if name in PRIVATE else _shown(value) for name, value in line.items()}


def _steps() -> list[Any]:
    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]


def _shown(value: object) -> object:
    if isinstance(value, str):
        return _SECRET.sub(HIDDEN, value[:LONGEST])
    if isinstance(value, list | tuple):
        return [_shown(each) for each in value]
    return value
