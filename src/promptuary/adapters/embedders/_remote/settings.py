"""Keys and hosts of endpoints, from the environment: a key never stands in a URL."""

from __future__ import annotations

import os


def variable(name: str, default: str = "") -> str:
    """The value of a variable; `default` where it is missing or empty."""
    return os.environ.get(name, "") or default
