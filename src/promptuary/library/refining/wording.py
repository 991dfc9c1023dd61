"""All words that refining writes, asks or looks for: data beside this file, not code."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any, Final

LANGUAGE: Final = "en"


@cache
def told(name: str) -> Any:  # noqa: ANN401  (what JSON holds)
    """The data file of that name, `en` or `cues`, parsed once."""
    return json.loads(files(__package__).joinpath("data", f"{name}.json").read_text("utf-8"))


def words() -> Any:  # noqa: ANN401  (what JSON holds)
    """What is written into a prompt."""
    return told(LANGUAGE)


def heading(section: str) -> str:
    """The line above that section."""
    written: str = words()["headings"][section]
    return written


@cache
def ours() -> frozenset[str]:
    """Every line that refining adds below what an author wrote, so that it is known again."""
    said = words()
    lines = [*said["practice"], said["own_language"], said["output_example"]]
    for group in (said["constraints"], said["domain"], said["check"]):
        lines += [line for some in group.values() for line in some]
    lines += [*said["output"].values(), *said["output_open"].values()]
    return frozenset(f"- {line}" for line in lines)
