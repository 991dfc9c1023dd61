"""YAML read as JSON: no objects, no dates, nothing endless, and the places where things stand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Final

import yaml
from yaml.nodes import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
)

from promptuary.domain.plain import Json

__all__ = (
    "MappingNode",
    "Node",
    "ScalarNode",
    "SequenceNode",
    "composed",
    "dumps",
    "flow",
    "loads",
    "value_of",
)

MOST_BYTES: Final = 1024 * 1024
"""Of a file that is read as YAML, which takes about a second for each 100,000 bytes."""
MOST_NODES: Final = 200_000
_PREFIX: Final = "tag:yaml.org,2002:"
_FLOAT: Final = re.compile(r"[-+]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?")


def composed(text: str) -> Node | None:
    """The document's tree; None when it is empty. Raises ValueError."""
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        raise ValueError(f"it is not YAML: {said[:200]}") from error


def loads(text: str) -> Json:
    """The value; dates, binaries and tags that JSON does not know stay text.

    Raises ValueError, also for what contains itself or grows beyond all bounds by aliases.
    """
    node = composed(text)
    return None if node is None else value_of(node)


def value_of(node: Node) -> Json:
    """The value of a tree. Raises ValueError."""
    budget = [MOST_NODES]
    return _value(node, (), budget)


def _value(node: Node, above: tuple[int, ...], budget: list[int]) -> Json:
    budget[0] -= 1
    if budget[0] < 0:
        raise ValueError("its aliases make it too large")
    if id(node) in above:
        raise ValueError("it contains itself")
    if isinstance(node, ScalarNode):
        return _scalar(node)
    above = (*above, id(node))
    if isinstance(node, SequenceNode):
        return [_value(each, above, budget) for each in node.value]
    assert isinstance(node, MappingNode)  # noqa: S101 - there are three kinds
    return {_key(key, above, budget): _value(each, above, budget) for key, each in node.value}


def _key(node: Node, above: tuple[int, ...], budget: list[int]) -> str:
    key = _value(node, above, budget)
    if isinstance(key, dict | list):
        raise ValueError("a key is a list or a mapping")
    return key if isinstance(key, str) else json.dumps(key)


def _scalar(node: ScalarNode) -> Json:
    read = _READ.get(node.tag.removeprefix(_PREFIX))
    if read is None:
        return node.value
    try:
        return read(node.value)
    except ValueError:
        return node.value


def _integer(text: str) -> int:
    if len(text) > 300:
        raise ValueError("too long")
    return int(text.replace("_", ""), 0)


def _float(text: str) -> float:
    if not _FLOAT.fullmatch(text) or (value := float(text.replace("_", ""))) in (
        float("inf"),
        float("-inf"),
    ):
        raise ValueError("no number of JSON")
    return value


_READ: Final[Mapping[str, Callable[[str], Json]]] = {
    "null": lambda _: None,
    "bool": lambda text: text.lower() in ("yes", "true", "on"),
    "int": _integer,
    "float": _float,
}


def dumps(value: Json) -> str:
    """YAML in blocks, in the order given, with a line break at the end."""
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=10**6)
    return text


def flow(value: Json) -> str:
    """JSON that YAML reads as the same: a number with an exponent needs a point there."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    said = json.dumps(value, ensure_ascii=False)
    return said.replace("e", ".0e") if isinstance(value, float) and "." not in said else said
