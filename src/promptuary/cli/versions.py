"""`promptuary version`."""

from __future__ import annotations

from promptuary import __version__
from promptuary.cli.options import AsJson
from promptuary.cli.printing import console, write_json


def version(as_json: AsJson = False) -> None:
    """Print the version."""
    if as_json:
        write_json({"version": __version__})
    else:
        console().print(f"promptuary {__version__}")
