"""A picture of what engines do beside one another: one bar an engine, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, NAMES, LINE, GAP = 260, 110, 20, 70
STYLE = "text{font:12px sans-serif;fill:#333}.bar{fill:#2563eb}"

Chart = tuple[str, Mapping[str, float]]
"""A title, and the value of each bar by its name."""


def drawn(charts: Sequence[Chart]) -> str:
    """The charts side by side, each with its own scale; every bar says its value."""
    lines = max((len(bars) for _, bars in charts), default=0)
    width, height = len(charts) * (NAMES + WIDTH + GAP), (lines + 2) * LINE
    box = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
    parts = "".join(_chart(at, *chart) for at, chart in enumerate(charts))
    return f"<svg {box}>\n<style>{STYLE}</style>\n{parts}</svg>\n"


def _chart(number: int, title: str, bars: Mapping[str, float]) -> str:
    left = number * (NAMES + WIDTH + GAP) + NAMES
    most = max(bars.values(), default=1.0)
    parts = [f'<text x="{left}" y="{LINE * 0.7}">{escape(title)}</text>']
    for at, (name, value) in enumerate(bars.items(), start=1):
        top, long = at * LINE, max(1.0, WIDTH * value / most)
        middle = top + LINE * 0.7
        parts += [
            f'<text x="{left - 6}" y="{middle}" text-anchor="end">{escape(name)}</text>',
            f'<rect class="bar" x="{left}" y="{top + 3}" width="{long:.1f}" height="{LINE - 6}"/>',
            f'<text x="{left + long + 6:.1f}" y="{middle}">{value:,.4g}</text>',
        ]
    return "\n".join(parts) + "\n"
