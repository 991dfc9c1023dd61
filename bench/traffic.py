"""As many prompts as a measurement needs, made by the generator of the demo."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

GENERATOR = Path(__file__).parents[1] / "examples" / "generate_prompts.py"


def rows(count: int) -> Iterator[dict[str, Any]]:
    """`count` labelled rows in order of time: one seed after the other, eight weeks each."""
    generator = _generator()
    number = 0
    for seed in range(1_000_000):
        for row in generator.generate(seed):
            number += 1
            row_json = json.loads(generator.as_json(row, number, labelled=True))
            row_json["id"] = f"b-{number}"
            row_json["created_at"] = (row.at + timedelta(weeks=8 * seed)).isoformat()
            yield row_json
            if number == count:
                return


def write(path: Path, count: int) -> None:
    """`count` rows as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for row in rows(count):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _generator() -> Any:
    spec = importlib.util.spec_from_file_location("generate_prompts", GENERATOR)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(GENERATOR)
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
