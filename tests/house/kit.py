"""What belongs to a port (specification, contract, fake, adapters) and to an adapter (a test)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from house.reading import Source

PLURALS = {
    "blob_store": "blob_stores",
    "cache": "caches",
    "chat_model": "chat_models",
    "clip_store": "clip_stores",
    "clock": "clocks",
    "document_loader": "document_loaders",
    "embedder": "embedders",
    "event_source": "event_sources",
    "index": "indexes",
    "insight_sink": "insight_sinks",
    "job_queue": "units_of_work",  # a part of the record, in its transactions
    "mirror": "mirrors",
    "moderator": "moderators",
    "prompt_archive": "prompt_archives",
    "reranker": "rerankers",
    "thread_archive": "thread_archives",
    "unit_of_work": "units_of_work",
}
ALONE = {"moderators", "clocks", "prompt_archives", "thread_archives"}
"""Ports that one adapter serves today; the others stand on two."""


def adapters(package: Path) -> list[Path]:
    """Every module or package that a URL's scheme can name, and the clocks."""
    rooms = [package / "adapters" / plural for plural in sorted(set(PLURALS.values()))]
    return [path for room in rooms for path in schemes(room)]


def schemes(room: Path) -> list[Path]:
    """Modules and packages of a room whose name does not begin with an underscore."""
    found = [*room.glob("[!_]*.py"), *(init.parent for init in room.glob("[!_]*/__init__.py"))]
    return sorted(found)


def missing_for_port(port: Path, package: Path) -> list[str]:
    """What a port still needs."""
    name = camel(port.stem)
    plural = PLURALS.get(port.stem, "")
    have = len(schemes(package / "adapters" / plural)) if plural else 0
    contract = package / "testing" / port.name
    wanted = {f"{name} has no specification: {what}": False for what in unspecified(port, name)} | {
        f"ports/{port.name} has no plural in house/kit.py": bool(plural),
        f"testing/{port.name} has no {name}Contract": f"class {name}Contract" in text(contract),
        f"testing/fakes/{port.name} has no fake": "\nclass "
        in text(package / "testing" / "fakes" / port.name),
        f"adapters/{plural} has {have}": have >= (1 if plural in ALONE else 2),
    }
    return [what for what, has in wanted.items() if not has]


def unspecified(port: Path, name: str) -> list[str]:
    """The protocol and its methods that lack a docstring; everything when there is no protocol."""
    tree = Source(port, port.parent).tree
    protocols = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name]
    if not protocols or "Protocol" not in [ast.unparse(base) for base in protocols[0].bases]:
        return ["no protocol of that name"]
    methods = [
        n for n in protocols[0].body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return [node.name for node in [protocols[0], *methods] if not ast.get_docstring(node)]


def missing_for_adapter(adapter: Path, tests: Path) -> list[str]:
    """What an adapter still needs."""
    if not opens(adapter):
        return ["it has no connect(url), yet its name reads as a scheme; begin it with _"]
    kept = "".join(text(test) for test in tests.glob(f"test_{adapter.stem}_*.py"))
    return [
        f"no test_{adapter.stem}_*.py puts it under {camel(port)}Contract"
        for port, plural in PLURALS.items()
        if plural == adapter.parent.name
        and not re.search(rf"^class Test.*\b{camel(port)}Contract\b", kept, re.MULTILINE)
    ]


def opens(adapter: Path) -> bool:
    """Whether it has a `connect`; a clock needs none."""
    shown = text(adapter) + text(adapter / "__init__.py")
    return adapter.parent.name == "clocks" or bool(re.search(r"(def|import|,) connect\b", shown))


def text(path: Path) -> str:
    """What stands in a file; nothing when there is none."""
    return path.read_text() if path.is_file() else ""


def camel(snake: str) -> str:
    """`unit_of_work` -> `UnitOfWork`."""
    return "".join(word.capitalize() for word in snake.split("_"))
