"""Pretended machines for tests: variables, folders, models that are only names."""

from __future__ import annotations

from pathlib import Path

from promptuary.embeddings.folders import NEEDED
from promptuary.embeddings.policy import Policy
from promptuary.embeddings.settings import Wishes, wishes

STRICT = Policy("never", "this is a test", threads=1, texts_at_once=256)


def wanted(home: Path, **variables: str) -> Wishes:
    """What an environment with nothing but a home and these variables asks for."""
    return wishes({"HOME": str(home), **variables})


def empty_model(folder: Path) -> Path:
    """A folder that looks whole from outside."""
    folder.mkdir(parents=True)
    for name in NEEDED:
        (folder / name).write_text("{}")
    return folder
