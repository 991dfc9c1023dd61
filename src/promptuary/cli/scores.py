"""Figures of an evaluation as tables."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from promptuary.canon.evaluating.scoring import Figures

WHOLE = frozenset({"n", "found", "true"})


def print_figures(out: Console, title: str, figures: Figures) -> None:
    """The figures, then those of each part under its name."""
    if figures.values:
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False, title_justify="left")
        table.title = title or None
        for name, value in figures.values.items():
            whole = name in WHOLE or name.startswith("clusters_")
            table.add_row(name, f"{value:,.0f}" if whole else f"{value:.4f}")
        out.print(table)
    for name, part in figures.parts.items():
        print_figures(out, f"{title} {name}".strip(), part)
