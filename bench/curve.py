"""A picture of how ingest grows: CPU seconds and peak memory over the number of prompts, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

WIDTH, HEIGHT, EDGE, GAP = 340, 220, 56, 40
LABELLED = 6
"""Of more points only the last says its values."""
STYLE = (
    "text{font:12px sans-serif;fill:#333}.axis{stroke:#999}.ideal{stroke:#bbb;stroke-dasharray:4}"
    ".line{stroke:#2563eb;stroke-width:2;fill:none}.dot{fill:#2563eb}"
)


def drawn(sizes: Sequence[dict[str, Any]], *, memory: str = "peak memory") -> str:
    """Two charts side by side; the dashed line is exactly linear time, and the memory allowed."""
    counts = [one["size"] for one in sizes]
    cpu = [one["cpu_seconds"] for one in sizes]
    peak = [one["peak_mb"] for one in sizes]
    linear = [(0.0, 0.0), (counts[-1], cpu[-1])]
    allowed = [(0.0, 500.0), (counts[-1], 500.0)]
    charts = (
        _chart(0, "CPU seconds", list(zip(counts, cpu, strict=True)), linear),
        _chart(1, f"{memory}, MB", list(zip(counts, peak, strict=True)), allowed),
    )
    width, height = 2 * (WIDTH + EDGE) + GAP, HEIGHT + 2 * EDGE
    box = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
    return f"<svg {box}>\n<style>{STYLE}</style>\n{''.join(charts)}</svg>\n"


Points = Sequence[tuple[float, float]]


def _chart(number: int, title: str, points: Points, ideal: Points) -> str:
    """One chart: title, axes with their largest values, dashed line, measured points."""
    most = 1.1 * max(value for _, value in (*points, *ideal))
    widest = max(count for count, _ in points)
    left, bottom = EDGE + number * (WIDTH + EDGE + GAP / 2), EDGE / 2 + HEIGHT

    def at(count: float, value: float) -> tuple[float, float]:
        return left + WIDTH * count / widest, bottom - HEIGHT * value / most

    parts = [
        f'<text x="{left}" y="{bottom - HEIGHT - 8}">{title}</text>',
        _path("axis", [(left, bottom - HEIGHT), (left, bottom), (left + WIDTH, bottom)]),
        _path("ideal", [at(*point) for point in ideal]),
        _path("line", [at(*point) for point in points]),
    ]
    for count, value in points if len(points) <= LABELLED else points[-1:]:
        x, y = at(count, value)
        parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>')
        parts.append(f'<text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="middle">{value:,.0f}</text>')
        label = f"{count / 1000:,.0f}k"
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{label}</text>')
    return "\n".join(parts) + "\n"


def _path(kind: str, points: Points) -> str:
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="{kind}" fill="none" points="{line}"/>'
