"""Jinja with what a prompt needs: values, conditions, loops, and filters that only reshape text.

Two walls. The text is read as a tree first, and what is not known to be harmless is refused by
name: calls, macros, imports, blocks, attributes of objects. What is left runs in Jinja's own
immutable sandbox, where every loop, filter and joint counts against a budget.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from jinja2 import (
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
    nodes,
    pass_context,
)
from jinja2.filters import FILTERS
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS

from promptuary.domain.errors import InvalidInput
from promptuary.library.syntaxes.compiled import LARGEST, Budget, Value, joined

KNOWN: Final[tuple[type[nodes.Node], ...]] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If,
    nodes.For, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
    nodes.Filter, nodes.Test, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Assign,
    nodes.Concat, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod,
    nodes.Neg, nodes.Pos, nodes.Tuple, nodes.List, nodes.Dict, nodes.Pair, nodes.Keyword,
)  # fmt: skip
PLAIN: Final = (
    "abs", "batch", "capitalize", "count", "d", "default", "dictsort", "first", "float", "int",
    "items", "last", "length", "list", "lower", "max", "min", "reverse", "round", "slice", "sort",
    "string", "sum", "title", "trim", "truncate", "unique", "upper", "wordcount",
)  # fmt: skip
"""Jinja's own filters of which nothing is larger than what went in."""
ASKING: Final = (
    "defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "mapping",
    "iterable", "sequence", "true", "false", "odd", "even", "divisibleby", "in", "eq", "equalto",
    "==", "ne", "!=", "lt", "lessthan", "<", "le", "<=", "gt", "greaterthan", ">", "ge", ">=",
    "lower", "upper",
)  # fmt: skip
LOOP: Final = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length"})
DEEPEST: Final = 60
WIDEST: Final = 200
BUDGET: Final = "_budget"


@dataclass(frozen=True, slots=True)
class Jinja:
    """A compiled template."""

    template: Template
    names: tuple[str, ...]

    def fill(self, values: Mapping[str, Value], budget: Budget) -> str:
        """The text; what goes wrong in it (a number compared with a word) raises InvalidInput."""
        try:
            return joined(
                _hurrying(self.template.generate({**values, BUDGET: budget}), budget), budget
            )
        except (TemplateError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
            raise _wrong(type(error).__name__ if _tells(error) else str(error)) from None


def environment() -> ImmutableSandboxedEnvironment:
    """The sandbox: one serves every template."""
    made = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True, cache_size=0
    )
    own: Mapping[str, Callable[..., Any]] = {
        "indent": _indent, "join": _join, "replace": _replace, "tojson": _tojson,
        "_turns": _turns, "_joint": _joint,
    }  # fmt: skip
    made.filters = {**{name: _counted(FILTERS[name]) for name in PLAIN}, **own}
    made.tests = {name: TESTS[name] for name in ASKING}
    made.globals = {}
    made.intercepted_binops = frozenset({"+", "*", "%"})
    made.call_binop = _binop  # type: ignore[method-assign]  # Jinja asks the instance
    made.getattr = _member  # type: ignore[method-assign]  # data has items, no attributes
    made.getitem = _item  # type: ignore[method-assign]  # the same for items
    return made


def compiled(text: str, within: ImmutableSandboxedEnvironment) -> Jinja:
    """Raises InvalidInput for what is no Jinja, and for what a prompt may not do."""
    try:
        tree = within.parse(text)
        _check(tree, 0)
        names = find_undeclared_variables(tree)
        ordered = [e.name for e in tree.find_all(nodes.Name) if e.name in names]
        _bound(tree)
        tree.set_environment(within)
        code = within.compile(tree)
        made = Template.from_code(within, code, within.make_globals(None))
    except TemplateSyntaxError as error:
        raise _wrong(f"line {error.lineno}: {error.message}") from None
    except (TemplateError, RecursionError, MemoryError, ValueError, SyntaxError) as error:
        raise _wrong(type(error).__name__) from None
    return Jinja(made, tuple(dict.fromkeys(ordered)))


def _check(node: nodes.Node, depth: int) -> None:
    """Raise for a node that a prompt has no need of."""
    if depth > DEEPEST:
        raise _wrong(f"it is nested more than {DEEPEST} deep")
    if isinstance(node, nodes.Call):
        raise _refused(node, "calls")
    if not isinstance(node, KNOWN):
        raise _refused(node, f"`{type(node).__name__.lower()}`")
    if isinstance(node, nodes.For) and node.recursive:
        raise _refused(node, "recursive loops")
    if isinstance(node, nodes.Name) and node.name in {"self", "caller", "varargs", "kwargs"}:
        raise _refused(node, f"`{node.name}`")
    name = getattr(node, "attr", None) or getattr(node, "name", None)
    if isinstance(name, str) and name.startswith("_"):
        raise _refused(node, f"names that begin with `_` ({name[:40]})")
    for each in node.iter_child_nodes():
        _check(each, depth + 1)


def _bound(tree: nodes.Template) -> None:
    """Have every loop and every joint of texts count."""
    for loop in list(tree.find_all(nodes.For)):
        loop.iter = nodes.Filter(loop.iter, "_turns", [], [], None, None, lineno=loop.lineno)
    for node in [tree, *tree.find_all(nodes.Node)]:
        for field, value in node.iter_fields():
            if isinstance(value, nodes.Concat):
                setattr(node, field, _as_joint(value))
            elif isinstance(value, list):
                value[:] = [_as_joint(e) if isinstance(e, nodes.Concat) else e for e in value]


def _as_joint(node: nodes.Concat) -> nodes.Filter:
    held = nodes.List(node.nodes, lineno=node.lineno)
    return nodes.Filter(held, "_joint", [], [], None, None, lineno=node.lineno)


def _hurrying(pieces: Iterable[str], budget: Budget) -> Iterator[str]:
    for piece in pieces:
        budget.hurry()
        yield piece


def _counted(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, which hurries and does not blow up what it is given."""
    passes = getattr(filter_, "jinja_pass_arg", None)

    @pass_context
    def counting(context: Context, value: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever a template has
        _budget(context).hurry()
        if any(
            isinstance(each, int) and abs(each) > LARGEST for each in chain(args, kwargs.values())
        ):
            raise ValueError("a number is too large here")
        first = (
            ()
            if passes is None
            else (context if passes.name == "context" else _first(context, passes.name),)
        )
        return filter_(*first, value, *args, **kwargs)

    return counting


def _first(context: Context, passes: str) -> Any:  # noqa: ANN401 - Jinja's
    return context.eval_ctx if passes == "eval_context" else context.environment


@pass_context
def _turns(context: Context, items: Any) -> Iterator[Any]:  # noqa: ANN401 - whatever a template has
    budget = _budget(context)
    for each in items:
        budget.spend()
        yield each


@pass_context
def _joint(context: Context, parts: Iterable[Any]) -> str:
    return joined(map(str, parts), _budget(context))


@pass_context
def _join(context: Context, items: Iterable[Any], by: str = "") -> str:
    budget = _budget(context)
    pieces = [str(each) for each in items]
    budget.fits(len(by) * len(pieces) + sum(map(len, pieces)))
    return str(by).join(pieces)


@pass_context
def _replace(context: Context, text: str, old: str, new: str) -> str:
    text, old, new = str(text), str(old), str(new)
    _budget(context).fits(len(text) + (text.count(old) * len(new)))
    return text.replace(old, new)


@pass_context
def _indent(context: Context, text: str, width: int = 4, first: bool = False) -> str:
    if not 0 <= int(width) <= WIDEST:
        raise ValueError(f"an indent is at most {WIDEST} wide")
    lines = str(text).split("\n")
    _budget(context).fits(len(text) + len(lines) * int(width))
    begins = " " * int(width)
    whole = f"\n{begins}".join(lines)
    return begins + whole if first else whole


@pass_context
def _tojson(context: Context, value: Any, indent: int | None = None) -> str:  # noqa: ANN401 - any value
    _budget(context).hurry()
    if indent is not None and not 0 <= indent <= 16:
        raise ValueError("an indent is at most 16 wide")
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    _budget(context).fits(len(text))
    return text


def _binop(context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401 - any value
    _budget(context).hurry()
    if operator == "+":
        if isinstance(left, str | list) and isinstance(right, str | list):
            Budget.fits(len(left) + len(right))
        return left + right
    if not (isinstance(left, int | float) and isinstance(right, int | float)):
        raise TypeError("only numbers are multiplied and divided")
    if abs(left) > 1e15 or abs(right) > 1e15:
        raise ValueError("a number is too large here")
    return left * right if operator == "*" else left % right


def _member(obj: Any, attribute: str) -> Any:  # noqa: ANN401 - any value
    if isinstance(obj, LoopContext) and attribute in LOOP:
        return getattr(obj, attribute)
    return _item(obj, attribute)


def _item(obj: Any, argument: Any) -> Any:  # noqa: ANN401 - any value
    try:
        if isinstance(obj, dict | list | str | tuple):
            return obj[argument]
    except (LookupError, TypeError):
        pass
    return StrictUndefined("there is no such item")


def _budget(context: Context) -> Budget:
    found = context.resolve(BUDGET)
    assert isinstance(found, Budget)  # noqa: S101 - `fill` puts it there
    return found


def _tells(error: Exception) -> bool:
    """Whether its message may hold a value; those of Jinja and of this module hold none."""
    return not isinstance(error, TemplateError)


def _refused(node: nodes.Node, what: str) -> InvalidInput:
    return _wrong(f"line {node.lineno}: a prompt knows no {what}")


def _wrong(what: str) -> InvalidInput:
    return InvalidInput(f"not a template of ours: {what}"[:300], fields={"text": what[:300]})
