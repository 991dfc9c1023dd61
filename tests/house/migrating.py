"""Migrations that the release before lives through: expand now, contract a release later.

A revision may add tables, and columns that are empty or have a default. Whatever takes something
away from those who still run, or reads a whole table under a lock, is found here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from house.reading import Source

TAKES_AWAY = {
    *("drop_table", "drop_column", "drop_constraint", "rename_table", "alter_column"),
    *("drop_index", "create_unique_constraint", "create_check_constraint", "create_foreign_key"),
}
WORDS = ("DROP ", "RENAME ", "ALTER ", "TRUNCATE ")


def takes_away(sources: Sequence[Source]) -> list[str]:
    """What a revision's way up does to tables that the release before is using."""
    return [
        f"{source.path.name}:{call.lineno}: {found}"
        for source in sources
        for call in _way_up(source)
        for found in _faults(call, source)
    ]


def _way_up(source: Source) -> Iterator[ast.Call]:
    """Every call outside of `downgrade`."""
    for function in source.functions:
        if function.name != "downgrade":
            yield from (node for node in ast.walk(function) if isinstance(node, ast.Call))


def _faults(call: ast.Call, source: Source) -> Iterator[str]:
    name = _name(call.func)
    if name in TAKES_AWAY:
        yield f"`{name}` on the way up: do it a release after the last code that needs it"
    if name == "execute" and any(word in _text(call) for word in WORDS):
        yield "a statement that drops, renames or alters"
    if name == "add_column" and _refuses_old_rows(call):
        yield "a new column that may not be empty and has no default"
    if name == "create_index" and not _on_a_new_table(call, source):
        yield "an index on a table that has rows: `online.add_index`"
    if name == "add_index" and "create_table" in _names(source):
        yield "`add_index` is all that its revision does: it is outside of the transaction"


def _refuses_old_rows(call: ast.Call) -> bool:
    said = {
        keyword.arg: ast.unparse(keyword.value)
        for node in ast.walk(call)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
    }
    return said.get("nullable") == "False" and "server_default" not in said


def _on_a_new_table(call: ast.Call, source: Source) -> bool:
    """As the revision writes it: the same words name the table where it is made."""
    made = {
        ast.unparse(each.args[0]) for each in _way_up(source) if _name(each.func) == "create_table"
    }
    return len(call.args) > 1 and ast.unparse(call.args[1]) in made


def _names(source: Source) -> set[str]:
    return {_name(each.func) for each in _way_up(source)}


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else ast.unparse(function)


def _text(call: ast.Call) -> str:
    parts = [node.value for node in ast.walk(call) if isinstance(node, ast.Constant)]
    return " ".join(str(part) for part in parts).upper()
