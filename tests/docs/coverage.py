"""What there is to document, taken from the code itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from house import kit, reading
from promptuary.api.problems import CODES
from promptuary.api.server import operations
from promptuary.app import Promptuary
from promptuary.cli.running import root
from promptuary.domain.errors import PromptuaryError
from promptuary.settings import Settings
from promptuary.settings.sources import PREFIX

NAME_ENDS = r"(?![\w-])"
PACKAGE = Path(__file__).parents[2] / "src" / "promptuary"


def undocumented(what: Iterable[str], code: str) -> list[str]:
    """Those that do not stand in what a page shows as code; `edge:` stands in `edge:PATH`."""
    return [
        name
        for name in what
        if not re.search(
            rf"(?<![\w-]){re.escape(name)}{'' if name[-1] == ':' else NAME_ENDS}", code
        )
    ]


def verbs_and_options() -> list[str]:
    """`promptuary ingest`, `promptuary keys create` and so on, and every long option."""
    names: list[str] = []
    for path, command in _commands("promptuary", root()):
        options = [o for p in command.params for o in p.opts if o.startswith("--")]
        names += [path, *(f"{path} {option}" for option in options if option != "--help")]
    return names


def _commands(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    if hasattr(command, "list_commands"):
        for name in command.list_commands(None):
            yield from _commands(f"{path} {name}", command.get_command(None, name))
    else:
        yield path, command


def adapters() -> list[str]:
    """`edge:`, `sqlite:` and so on."""
    return [f"{path.stem}:" for path in kit.adapters(PACKAGE) if kit.opens(path)]


def ports() -> list[str]:
    """Names of protocols, and of the files with their specification, contract and fake."""
    stems = [path.stem for path in sorted((PACKAGE / "ports").glob("[!_]*.py"))]
    rooms = ("ports", "testing", "testing/fakes")
    return [name for s in stems for name in (kit.camel(s), *(f"{room}/{s}.py" for room in rooms))]


def rooms() -> list[str]:
    """The rooms of the house."""
    return sorted({source.room for source in reading.read(PACKAGE)} - {""})


def settings() -> list[str]:
    """Environment names."""
    return [f"{PREFIX}{name}".upper() for name in Settings.model_fields]


def codes() -> list[str]:
    """Stable codes of errors and problems."""
    return sorted({*CODES, *(error.code for error in _family(PromptuaryError))})


def _family(error: type[Any]) -> Iterator[type[Any]]:
    yield error
    for child in error.__subclasses__():
        yield from _family(child)


def methods() -> list[str]:
    """What the library's face can do."""
    return [name for name in vars(Promptuary) if not name.startswith("_")]


def routes() -> list[str]:
    """`GET /livez` and so on."""
    return [f"{operation.method} {operation.shown}" for operation in operations(Settings())]
