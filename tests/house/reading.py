"""Source files as the rules see them: names, syntax trees, comments."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file. `module` is its dotted name below `root`'s parent."""

    path: Path
    root: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def module(self) -> str:
        parts = self.path.relative_to(self.root.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def room(self) -> str:
        """The first name below the package: `adapters`, `app`; empty for the package itself."""
        return [*self.module.split("."), ""][1]

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the tree; the rules walk it again and again."""
        return list(ast.walk(self.tree))

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in self.nodes if isinstance(node, Function)]

    @cached_property
    def imports(self) -> list[tuple[str, str]]:
        """(module, name or nothing) of each import, function-local ones too."""
        found = []
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found += [(alias.name, "") for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                found += [(node.module, alias.name) for alias in node.names]
        return found

    def comments(self) -> Iterator[tuple[int, str]]:
        """(line, comment)."""
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string

    def at(self, node: ast.stmt | ast.expr, what: str) -> str:
        """A finding that a person can click on."""
        return f"{self.path}:{node.lineno}: {what}"


def read(root: Path) -> list[Source]:
    """Every Python file below `root`, which is a package's folder."""
    return [Source(path, root) for path in sorted(root.rglob("*.py"))]


def lines(function: Function) -> int:
    """Lines from `def` to the last statement, without decorators and docstring."""
    first = function.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring
