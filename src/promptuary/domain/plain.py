"""Dataclasses of the domain as JSON and back, so that nothing is lost on the way to a client.

A mapping whose keys are not all texts becomes a list of pairs; times are ISO 8601, bytes Base64.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, time
from functools import cache
from types import NoneType, UnionType
from typing import (
    Any,
    Literal,
    TypeAlias,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

T = TypeVar("T")
Hint: TypeAlias = Any
"""A type as annotations name it."""
Json: TypeAlias = Any
"""What JSON can say, or what became of it."""
MEDIA_TYPE = "application/vnd.promptuary+json"
"""Answers of the HTTP API in this form, for a client that accepts it."""


def encode(value: object) -> bytes:
    """JSON in ASCII: a lone surrogate is escaped, and so comes back."""
    return json.dumps(_plain(value), separators=(",", ":"), default=float).encode()


def decode(kind: type[T], data: bytes) -> T:
    """The value of that type, such as `Page[Family]`. Raises ValueError for what is none."""
    try:
        return cast("T", _value(kind, json.loads(data)))
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"not what was expected: {error!r}") from error


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value):
            return {key: _plain(each) for key, each in value.items()}
        return [[key, _plain(each)] for key, each in value.items()]
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.isoformat() if isinstance(value, date | time) else value


def _value(kind: Hint, found: Json) -> Json:
    """What was found, as that type."""
    origin, arguments = _origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _value(_arm(arguments, found), found)
    if origin is Literal:
        return _known(found, arguments)
    if is_dataclass(origin or kind):
        return _filled(origin or kind, arguments, found)
    if origin is tuple:
        return _members(arguments, found)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        pairs = found if isinstance(found, list) else found.items()
        return {_value(arguments[0], k): _value(arguments[1], each) for k, each in pairs}
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return [_value(arguments[0], each) for each in _known_list(found)]
    return _scalar(kind, found)


def _origin(kind: Hint) -> Hint:
    return get_origin(kind)


_MOMENTS = (datetime, date, time)


def _scalar(kind: Hint, found: Json) -> Json:
    if kind in _MOMENTS:
        return kind.fromisoformat(found)
    if kind is bytes:
        return b64decode(found, validate=True)
    if kind is float and type(found) is int:
        return float(found)
    if type(found) is not kind:
        raise TypeError(f"{kind.__name__} expected, not {type(found).__name__}")
    return found


def _arm(arms: tuple[Hint, ...], found: Json) -> Hint:
    """The member of a union that this can be."""
    for arm in arms:
        origin = _origin(arm) or arm
        if origin is Literal:
            fits = found in get_args(arm)
        elif is_dataclass(origin):
            fits = isinstance(found, dict) and found.keys() >= _needed(_origin(arm) or arm)
        elif origin in (tuple, list):
            fits = isinstance(found, list)
        else:
            fits = isinstance(found, str) if origin in _MOMENTS else type(found) is origin
        if fits or (arm is NoneType and found is None):
            return arm
    if float in arms and type(found) is int:
        return float
    raise TypeError(f"none of {arms} fits {type(found).__name__}")


def _filled(kind: Hint, arguments: tuple[Any, ...], found: Json) -> Json:
    """A dataclass; members that this version does not know are left out."""
    members = _members_of(kind)
    own = dict(zip(getattr(kind, "__parameters__", ()), arguments, strict=False))
    return kind(**{
        name: _value(_bound(hint, own), found[name])
        for name, hint in members.items()
        if name in found
    })  # fmt: skip


def _bound(hint: Hint, own: Mapping[Hint, Hint]) -> Hint:
    """The hint with type variables replaced: `tuple[T, ...]` of a page of families."""
    if hint in own:
        return own[hint]
    if own and (inner := getattr(hint, "__parameters__", ())):
        return hint[tuple(own[each] for each in inner)]
    return hint


@cache
def _needed(kind: Hint) -> frozenset[str]:
    """Members without a default: what makes a dataclass what it is."""
    bare = (e.default is MISSING and e.default_factory is MISSING for e in fields(kind))
    return frozenset(e.name for e, needed in zip(fields(kind), bare, strict=True) if needed)


@cache
def _members_of(kind: Hint) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(kind)}


def _members(kinds: tuple[Any, ...], found: Json) -> tuple[Any, ...]:
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_value(kinds[0], each) for each in _known_list(found))
    return tuple(_value(kind, each) for kind, each in zip(kinds, _known_list(found), strict=True))


def _known(found: Json, among: tuple[Any, ...]) -> Json:
    if found not in among:
        raise TypeError(f"{found!r} is none of {among}")
    return found


def _known_list(found: Json) -> list[Any]:
    if not isinstance(found, list):
        raise TypeError(f"a list expected, not {type(found).__name__}")
    return found
