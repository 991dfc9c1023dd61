"""RESULTS.md: the newest figures beside their goal, their peer and the run before."""

from __future__ import annotations

import json
from pathlib import Path

MARK = "<!-- figures -->"


def write(page: Path, results: Path) -> None:
    """Put the newest results of each kind between the marks of the page."""
    text = page.read_text("utf-8") if page.exists() else f"# Results\n\n{MARK}\n{MARK}\n"
    head, _, rest = text.partition(MARK)
    tail = rest.partition(MARK)[2]
    kinds = sorted({file.stem.split("-")[-1] for file in results.glob("*.json")})
    tables = "\n".join(_table(kind, sorted(results.glob(f"*-{kind}.json"))) for kind in kinds)
    page.write_text(f"{head}{MARK}\n{tables}{MARK}{tail}", "utf-8")


def _table(kind: str, files: list[Path]) -> str:
    newest = json.loads(files[-1].read_text("utf-8"))
    before = json.loads(files[-2].read_text("utf-8")) if len(files) > 1 else []
    last = {row["what"]: row["now"] for row in before}
    lines = [
        f"\n## {kind.capitalize()}, {files[-1].stem.rpartition('-')[0]}\n",
        "| what | goal | now | last | peer |",
        "|---|---|---|---|---|",
    ]
    for row in newest:
        peer = f"{row['peer']}: {row['peer_now']}" if row["peer_now"] is not None else ""
        unit = f" {row['unit']}" if row["unit"] else ""
        lines.append(
            f"| {row['what']} | {row['goal']} | {row['now']}{unit} | {last.get(row['what'], '')} "
            f"| {peer} |"
        )
    return "\n".join(lines) + "\n"
