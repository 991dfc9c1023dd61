"""The environment variables that embeddings look at, read without loading every other setting.

`Embeddings.open()` must be quick; `promptuary.settings` knows the first three as settings too.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias, cast

from promptuary.domain.errors import Misconfigured

Downloads: TypeAlias = Literal["never", "ask", "allow"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the environment asks for: the model (`auto` when nothing is said), the folder of fetched
    models, whether models may be fetched (empty: decided by where this runs), hub and its cache.
    """

    embedder: str
    models_folder: Path
    downloads: Downloads | Literal[""]
    hub_cache: Path
    hub: str
    offline: bool
    token: str = field(default="", repr=False)


def environment() -> Mapping[str, str]:
    """The variables of this process."""
    return os.environ


def wishes(variables: Mapping[str, str]) -> Wishes:
    """What they ask for. Raises Misconfigured for a download policy that does not exist."""
    home = Path(variables.get("HOME") or "~").expanduser()
    own = Path(variables.get("PROMPTUARY_HOME") or home / ".promptuary").expanduser()
    hub_home = Path(variables.get("HF_HOME") or home / ".cache" / "huggingface").expanduser()
    return Wishes(
        embedder=variables.get("PROMPTUARY_EMBEDDER", "") or "auto",
        models_folder=Path(
            variables.get("PROMPTUARY_MODELS_FOLDER") or own / "models"
        ).expanduser(),
        downloads=downloads(variables.get("PROMPTUARY_MODEL_DOWNLOADS", "")),
        hub_cache=Path(variables.get("HF_HUB_CACHE") or hub_home / "hub").expanduser(),
        hub=variables.get("HF_ENDPOINT", "") or "https://huggingface.co",
        offline=variables.get("HF_HUB_OFFLINE", "0").lower() in {"1", "true", "yes", "on"},
        token=variables.get("HF_TOKEN", ""),
    )


def downloads(text: str) -> Downloads | Literal[""]:
    """`never`, `ask`, `allow`, or empty. Raises Misconfigured."""
    plain = text.strip().lower()
    if plain not in {"", "never", "ask", "allow"}:
        raise Misconfigured(f"PROMPTUARY_MODEL_DOWNLOADS is never, ask or allow, not {text!r}")
    return cast("Downloads | Literal['']", plain)
