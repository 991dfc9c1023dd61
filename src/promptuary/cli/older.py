"""Spellings that scripts of the older question service use, as this command line has them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = frozenset({"search", "ask", "status", "metrics", "ping", "crawl", "sync", "index"})
"""Verbs that may say `--output json` for `--json`; `export` has an `--output` of its own."""
COUNTS = frozenset({"-l", "-c", "--count"})
OUTPUTS = {"json": ["--json"], "table": []}


@dataclass(frozen=True, slots=True)
class Meant:
    """Arguments as we read them, and what was said before the command."""

    arguments: tuple[str, ...]
    quiet: bool = False
    verbose: bool = False


def meant(arguments: Sequence[str]) -> Meant:
    """What the arguments mean. What is not an older spelling stays as it is."""
    left = list(arguments)
    quiet = verbose = False
    while left and left[0] in {"-q", "--quiet", "-v", "--verbose"}:
        said = left.pop(0)
        quiet, verbose = quiet or "q" in said, verbose or "v" in said
    if left[:1] == ["config"] and (len(left) == 1 or left[1] in {"--home", "--json"}):
        left.insert(1, "show")
    if not left or left[0] not in SHOWN:
        return Meant(tuple(left), quiet, verbose)
    verb, read = left[0], [left[0]]
    rest = iter(left[1:])
    for each in rest:
        name, equals, value = each.partition("=")
        if each == "--":
            read += [each, *rest]
        elif _known(verb, name) and (given := value if equals else next(rest, None)) is not None:
            read += _translated(verb, name, given)
        else:
            read.append(each)
    return Meant(tuple(read), quiet, verbose)


def _known(verb: str, name: str) -> bool:
    return (
        name == "--output"
        or (verb == "search" and name in COUNTS)
        or (verb in {"search", "ask"} and name == "--domains")
        or (verb == "ask" and name == "--confidence")
    )


def _translated(verb: str, name: str, given: str) -> list[str]:
    if name == "--output":
        return OUTPUTS.get(given, ["--output", given])
    if name == "--confidence":
        return ["--min-confidence", given]
    if name in COUNTS:
        return ["--limit", given]
    kinds = ["--kind", "passage"] if verb == "search" else []
    return ["--where", _within(given), *kinds]


def _within(domains: str) -> str:
    """A filter that keeps to these hosts, folders or collections."""
    names = [each.strip() for each in domains.split(",") if each.strip()]
    places = [place for n in names for place in (n, f"https://{n}", f"http://{n}")]
    folders = [f"folders = {json.dumps(each)}" for each in places]
    collections = [f"collection = {json.dumps(each)}" for each in names]
    return " or ".join([*folders, *collections])
