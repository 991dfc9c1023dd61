"""The command line. Nothing but the table of verbs is imported before the verb is known."""

from __future__ import annotations

import gc
import sys

THRESHOLDS = 50_000, 10, 10
"""Of the garbage collector: with the usual 700 a tenth of a start went into looking through what
was just imported, all of which stays."""


def main() -> None:
    """Run `promptuary` with the process's arguments and end with its exit code."""
    if sys.argv[1:] in ([], ["-h"], ["--help"]):
        from promptuary.cli.verbs import help_text  # noqa: PLC0415 - loads nothing else

        sys.stdout.write(help_text())
        sys.exit(0)
    if sys.argv[1:] == ["--version"]:
        from promptuary import __version__  # noqa: PLC0415 - loads nothing else

        sys.stdout.write(f"promptuary {__version__}\n")
        sys.exit(0)
    gc.set_threshold(*THRESHOLDS)
    from promptuary.cli.running import run  # noqa: PLC0415 - typer takes its time

    sys.exit(run(sys.argv[1:]))
