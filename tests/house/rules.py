"""One function a rule. Each returns its findings, so an empty list means that the rule holds."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping, Sequence

from house.reading import Source, lines

JUNK = re.compile(r"^_?(utils?|helpers?|common|misc|managers?|services?|factory|factories)$")
CODED = re.compile(r"type: ignore\[[\w, -]+\]\s*#\s*\w+|noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*\s+\W*\w+")
CHANGES = re.compile(r"#\s*changes:\s*\w+")
SUPPRESSION = re.compile(r"#\s*(type:\s*ignore|noqa\b|mypy:|ruff:|pragma:|pyright:)")


def circles(sources: Sequence[Source]) -> list[str]:
    """Import circles between modules, function-local and type-checking imports included.

    The package itself is left out: it is a front door that imports on first use.
    """
    modules = {source.module for source in sources if source.room}
    graph = {s.module: _targets(s, modules) for s in sources if s.room}
    return [" -> ".join(circle) for circle in _strongly_connected(graph)]


def _targets(source: Source, modules: set[str]) -> set[str]:
    found = set()
    for module, name in source.imports:
        full = f"{module}.{name}"
        found.add(full if full in modules else module)
    return (found & modules) - {source.module}


def _strongly_connected(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Components of more than one module, each in alphabetical order."""
    left = _peeled(graph)
    reach = {module: _reachable(left, module) for module in left}
    circles = {tuple(sorted(b for b in reach[a] if a in reach[b])) for a in left if a in reach[a]}
    return [list(circle) for circle in sorted(circles)]


def _peeled(graph: Mapping[str, set[str]]) -> Mapping[str, set[str]]:
    """Without the modules that import nothing, again and again: in no circle is one of them."""
    left = set(graph)
    while done := {module for module in left if left.isdisjoint(graph[module])}:
        left -= done
    return {module: graph[module] & left for module in left}


def _reachable(graph: Mapping[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    frontier = set(graph[start])
    while frontier:
        found |= frontier
        frontier = {after for module in frontier for after in graph[module]} - found
    return found


def vendors(sources: Sequence[Source], allowed: Mapping[str, set[str]]) -> list[str]:
    """Third-party packages imported where they may not be known; adapters may know all.

    `allowed` is by room, or for a single module by its full name.
    """
    own = {source.module.split(".")[0] for source in sources}
    return [
        f"{source.module} imports {package}"
        for source in sources
        if source.room != "adapters"
        for package in sorted({module.split(".")[0] for module, _ in source.imports})
        if package
        not in sys.stdlib_module_names
        | own
        | allowed.get(source.module, allowed.get(source.room, set()))
    ]


def junk_drawers(sources: Sequence[Source]) -> list[str]:
    """Modules and packages whose name says nothing."""
    return [s.module for s in sources if any(JUNK.match(part) for part in s.module.split("."))]


def long_files(sources: Sequence[Source], most: int) -> list[str]:
    """Files of more lines than `most`."""
    return [f"{s.path}: {n} lines" for s in sources if (n := len(s.text.splitlines())) > most]


def long_functions(sources: Sequence[Source], most: int) -> list[str]:
    """Functions of more lines than `most`, their docstrings aside."""
    return [
        source.at(function, f"{function.name} has {lines(function)} lines")
        for source in sources
        for function in source.functions
        if lines(function) > most
    ]


def documented(sources: Sequence[Source]) -> Iterator[tuple[str, bool]]:
    """Each public module, class, function and method, and whether it has a docstring."""
    for source in sources:
        yield source.module, ast.get_docstring(source.tree) is not None or not source.tree.body
        yield from _documented(source, source.tree, source.module)


def _documented(
    source: Source, parent: ast.Module | ast.ClassDef, name: str
) -> Iterator[tuple[str, bool]]:
    for node in parent.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith(("_", "test_")):
                continue
            yield f"{name}.{node.name}", ast.get_docstring(node) is not None
            if isinstance(node, ast.ClassDef):
                yield from _documented(source, node, f"{name}.{node.name}")


def changeable_dataclasses(sources: Sequence[Source]) -> list[str]:
    """Dataclasses that are not frozen and slotted, unless `# changes: why` stands beside them."""
    return [
        source.at(node, f"dataclass {node.name} is not frozen and slotted")
        for source in sources
        for node in source.nodes
        if isinstance(node, ast.ClassDef)
        for decorator in node.decorator_list
        if "dataclass" in (words := ast.unparse(decorator)).partition("(")[0]
        and not ("frozen=True" in words and "slots=True" in words)
        and not CHANGES.search(source.text.splitlines()[decorator.lineno - 1])
    ]


def prints(sources: Sequence[Source]) -> list[str]:
    """Calls of `print`."""
    return [
        source.at(node, "print")
        for source in sources
        for node in source.nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
    ]


def environment_readers(sources: Sequence[Source]) -> list[str]:
    """Uses of the process environment outside settings: the room, and modules of that name."""
    found = []
    for source in sources:
        if source.module.endswith(".settings") or source.room == "settings":
            continue
        found += [
            f"{source.module} imports os.{n}" for m, n in source.imports if m == "os" and n in _ENV
        ]
        found += [
            source.at(node, ast.unparse(node))
            for node in source.nodes
            if isinstance(node, ast.Attribute) and ast.unparse(node) in {f"os.{n}" for n in _ENV}
        ]
    return found


_ENV = {"environ", "environb", "getenv", "getenvb", "putenv"}


def bare_suppressions(sources: Sequence[Source]) -> list[str]:
    """Comments that silence a tool without naming what they silence and why."""
    return [
        f"{source.path}:{line}: {comment}"
        for source in sources
        if SUPPRESSION.search(source.text)
        for line, comment in source.comments()
        if SUPPRESSION.search(comment) and not CODED.search(comment)
    ]


def mocks(sources: Sequence[Source]) -> list[str]:
    """Tests that replace a part by a mock."""
    return [
        f"{source.path} imports {module}"
        for source in sources
        if "mock" in source.text.lower()
        for module, name in source.imports
        if "mock" in module.split(".") or name in {"mock", "Mock", "MagicMock", "AsyncMock"}
    ]


def module_state(sources: Sequence[Source]) -> list[str]:
    """Functions that change a module's variables."""
    return [
        source.at(node, f"global {', '.join(node.names)}")
        for source in sources
        for node in source.nodes
        if isinstance(node, ast.Global)
    ]
