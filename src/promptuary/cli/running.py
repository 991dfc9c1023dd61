"""From arguments to an exit code: 0 ok, 1 rejected, 2 usage, 3 unavailable, 4 misconfigured."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import typer

from promptuary.cli.lazy import root
from promptuary.cli.older import meant
from promptuary.cli.progress import QUIET
from promptuary.domain.errors import (
    GuardRefused,
    InvalidInput,
    Misconfigured,
    PromptuaryError,
    Unavailable,
)

OK, REJECTED, USAGE, UNAVAILABLE, MISCONFIGURED, INTERRUPTED = 0, 1, 2, 3, 4, 130


@runtime_checkable
class UsageProblem(Protocol):
    """What click raises for arguments it does not understand; typer hides the class."""

    def format_message(self) -> str:
        """What is wrong, in words."""
        ...


def run(arguments: Sequence[str]) -> int:
    """Run one command. Errors become one line on standard error (one JSON object with `--json`)."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # text streams can
    asked = meant(arguments)
    as_json = "--json" in asked.arguments
    told = QUIET.set(asked.quiet)
    try:
        code = root().main(list(asked.arguments), prog_name="promptuary", standalone_mode=False)
        sys.stdout.flush()
    except PromptuaryError as error:
        if asked.verbose:
            traceback.print_exc()
        return _report(error.code, str(error), exit_code_of(error), as_json, _fields(error))
    except KeyboardInterrupt:
        return _interrupted(as_json)
    except (BrokenPipeError, SystemExit):  # click turns the one into the other
        _silence()
        return OK
    except typer.Abort:
        return _interrupted(as_json)
    except Exception as error:
        if not isinstance(error, UsageProblem):
            raise
        return _report("USAGE", _usage(error), USAGE, as_json)
    finally:
        QUIET.reset(told)
    if code == INTERRUPTED:  # click turns Ctrl-C into this code
        return _interrupted(as_json)
    return code if isinstance(code, int) else OK


def _report(
    code: str, message: str, exit_code: int, as_json: bool, fields: dict[str, str] | None = None
) -> int:
    if as_json:
        import json  # noqa: PLC0415 - not needed for help

        shown = {"code": code, "message": message, "fields": fields or {}}
        sys.stderr.write(json.dumps({"error": shown}) + "\n")
    else:
        sys.stderr.write(f"promptuary: {message} [{code}]\n")
    return exit_code


def _interrupted(as_json: bool) -> int:
    return _report("INTERRUPTED", "stopped; what was saved is safe", INTERRUPTED, as_json)


def exit_code_of(error: PromptuaryError) -> int:
    """What the branch of an error means for whoever called the command."""
    if isinstance(error, Misconfigured):
        return MISCONFIGURED
    return UNAVAILABLE if isinstance(error, Unavailable | GuardRefused) else REJECTED


def _fields(error: PromptuaryError) -> dict[str, str]:
    return dict(error.fields) if isinstance(error, InvalidInput) else {}


def _usage(error: UsageProblem) -> str:
    context = getattr(error, "ctx", None)
    where = f"; see `{context.command_path} --help`" if context else ""
    return f"{error.format_message().rstrip('.')}{where}"


def _silence() -> None:
    """Nobody reads any more (`| head`): let the interpreter's last flush go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
