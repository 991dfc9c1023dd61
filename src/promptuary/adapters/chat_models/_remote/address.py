"""A URL of a chat model, taken apart: `scheme:model`."""

from __future__ import annotations

from urllib.parse import parse_qsl

from promptuary.domain.errors import Misconfigured


def model_of(url: str) -> str:
    """What follows the colon. Raises Misconfigured for nothing, or for options after a `?`."""
    scheme, _, rest = url.partition(":")
    name, asked, query = rest.partition("?")
    if asked:
        known = ", ".join(dict(parse_qsl(query, keep_blank_values=True))) or "?"
        raise Misconfigured(f"{scheme}: takes no options, not {known}")
    if not name:
        raise Misconfigured(f"{scheme}: is followed by the name of a model")
    return name


def needed(scheme: str, key: str, name: str) -> str:
    """The key. Raises Misconfigured where there is none."""
    if not key:
        raise Misconfigured(f"{scheme}: needs {name} in the environment, or {name}_FILE")
    return key
