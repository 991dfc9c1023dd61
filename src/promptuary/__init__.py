"""Promptuary finds the prompt templates in LLM traffic, and keeps them.

`await Promptuary.open("folder")` is the asynchronous face; `promptuary.blocking.Promptuary` is the
same one for everybody else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from promptuary.app import Promptuary
    from promptuary.domain.prompts import IncomingPrompt
    from promptuary.models import Embeddings
    from promptuary.sdk.asynchronous import AsyncRemoteClient
    from promptuary.sdk.blocking import RemoteClient

__all__ = [
    "AsyncRemoteClient",
    "Embeddings",
    "IncomingPrompt",
    "Promptuary",
    "RemoteClient",
    "__version__",
]
__version__ = "0.1.0"

_HOMES = {
    "AsyncRemoteClient": "promptuary.sdk.asynchronous",
    "Embeddings": "promptuary.models",
    "IncomingPrompt": "promptuary.domain.prompts",
    "Promptuary": "promptuary.app",
    "RemoteClient": "promptuary.sdk.blocking",
}


def __getattr__(name: str) -> object:
    """Import on first use, so that `import promptuary` costs nothing."""
    if name in _HOMES:
        found: object = getattr(import_module(_HOMES[name]), name)
        return found
    raise AttributeError(f"module 'promptuary' has no attribute {name!r}")
