"""Templates in the syntaxes of other tools. Filled there, each gives the text that `fill` gives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Final

from promptuary.canon.templates.filling import Hole, Parts
from promptuary.canon.templates.slots import json_schema
from promptuary.domain.errors import Unsupported
from promptuary.domain.templates import Slot, Template

RESERVED: Final = frozenset({
    "and", "as", "block", "call", "do", "elif", "else", "endif", "endfor", "extends", "false",
    "filter", "for", "from", "if", "ignore", "import", "in", "include", "is", "loop", "macro",
    "none", "not", "or", "raw", "recursive", "self", "set", "true", "with", "without",
})  # fmt: skip
"""Words of Jinja that no variable can have for a name."""
_JINJA_MARK: Final = re.compile(r"\{[{%#]|[}%#]\}|\{\Z|\r\n?|\n\Z")
_BRACES: Final = str.maketrans({"{": "{{", "}": "}}"})
_DELIMITERS: Final = (("<%", "%>"), ("<<", ">>"), ("[[", "]]"), ("((", "))"), ("@{", "}@"))


def jinja_names(parts: Parts) -> dict[str, str]:
    """What slots are called in Jinja, where their name is a word of its own."""
    taken = {part.name for part in parts if isinstance(part, Hole)}
    names: dict[str, str] = {}
    for name in sorted(taken & RESERVED):
        free = name + "_"
        while free in taken:
            free += "_"
        taken.add(free)
        names[name] = free
    return names


def jinja(parts: Parts, names: Mapping[str, str]) -> str:
    """Jinja 2 with its own delimiters. Whatever would read as one, a line break that it would
    change, and the last one, which it would drop, stand in quotes."""
    return "".join(
        _JINJA_MARK.sub(_quoted, part)
        if isinstance(part, str)
        else f"{{{{ {names.get(part.name, part.name)} }}}}"
        for part in parts
    )


def _quoted(mark: re.Match[str]) -> str:
    said = mark[0].replace("\r", "\\r").replace("\n", "\\n")
    return f"{{{{ '{said}' }}}}"


def mustache(parts: Parts) -> str:
    """Mustache (1.4) that escapes nothing. Where its marks stand in the text, it sets others.

    Raises Unsupported where the text holds all of those too.
    """
    literals = [part for part in parts if isinstance(part, str)]
    if not any("{{" in each or each.endswith("{") for each in literals):
        return _marked(parts, "{{", "}}")
    for left, right in _DELIMITERS:
        if not any(left in each or each.endswith(left[0]) for each in literals):
            # A tag alone on its line takes the line with it, whatever the text begins with.
            return f"{{{{={left} {right}=}}}}\n" + _marked(parts, left, right)
    raise Unsupported("the template holds every mark that Mustache could be told to use")


def _marked(parts: Parts, left: str, right: str) -> str:
    return "".join(
        part if isinstance(part, str) else f"{left}& {part.name}{right}" for part in parts
    )


def fstring(parts: Parts) -> str:
    """For `str.format`."""
    return "".join(
        part.translate(_BRACES) if isinstance(part, str) else f"{{{part.name}}}" for part in parts
    )


def dotprompt(template: Template, name: str, parts: Parts) -> str:
    """A `.prompt` file: the slots as the schema of its input, then Handlebars.

    Raises Unsupported for text that Handlebars cannot say.
    """
    front = {
        "name": name,
        "description": f"version {template.version}: {template.reason}",
        "input": {"schema": _schema(template.slots)},
    }
    written = "".join(f"{key}: {json.dumps(value)}\n" for key, value in front.items())
    return f"---\n{written}---\n{''.join(_handlebars(parts))}"


def _schema(slots: Iterable[Slot]) -> dict[str, object]:
    return {name: value for name, value in json_schema(slots).items() if name != "$schema"}


def _handlebars(parts: Parts) -> Iterable[str]:
    """A backslash before a mark makes it text, two stand for one; a brace that would lengthen a
    mark is held off by white space that `~` takes away again."""
    for at, part in enumerate(parts):
        if isinstance(part, Hole):
            after = parts[at + 1] if at + 1 < len(parts) else ""
            before = parts[at - 1] if at else ""
            left = "{{~" if isinstance(before, str) and before.endswith("{") else "{{"
            right = "~}}" if isinstance(after, str) and after.startswith("}") else "}}"
            yield f"{left}{part.name}{right}"
            continue
        if "\\{{" in part or "{{{" in part:
            raise Unsupported("a backslash or brace before {{ cannot be said in a .prompt file")
        text = part.replace("{{", "\\{{")
        if at and text.startswith("}"):
            text = " " + text
        if at + 1 < len(parts):
            text += " " if text.endswith("{") else "\\" if text.endswith("\\") else ""
        yield text
