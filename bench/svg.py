"""Two kinds of plots as SVG, without a library: bars of ratios against their targets, and lines."""

from __future__ import annotations

import math
from collections.abc import Iterable
from html import escape

from figures import Chart, Figure

WIDTH = 760
INK, PALE, GOOD, BAD = "#333", "#ddd", "#2a7f62", "#c0392b"
COLOURS = ("#1f5fa8", "#c0392b", "#2a7f62", "#8e5ea2", "#d38b14")


def page(height: float, title: str, parts: Iterable[str]) -> str:
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}"'
            f' font-family="sans-serif" font-size="13" fill="{INK}">',
            f'<rect width="{WIDTH}" height="{height:.0f}" fill="white"/>',
            text(WIDTH / 2, 24, title, "middle", 'font-size="15"'),
            *parts,
            "</svg>\n",
        ]
    )


def text(x: float, y: float, words: str, anchor: str = "start", more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, colour: str = PALE, width: float = 1) -> str:
    place = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {place} stroke="{colour}" stroke-width="{width}"/>'


def ratios(figures: list[Figure], title: str) -> str:
    """A bar for each figure, as a share of its target; the thin line tells least and most of the rounds."""
    left, right, top, step = 190, 120, 66, 26
    scale = (WIDTH - left - right) / 2  # for one target's worth; what goes beyond two is cut off
    parts = [text(left + scale, top - 14, "target", "middle")]
    for row, figure in enumerate(figures):
        y = top + row * step
        share, *ends = (
            left + scale * min(2.0, max(0.0, ratio / figure.aim.target))
            for ratio in (figure.ratio, min(figure.ratios), max(figure.ratios))
        )
        colour = GOOD if figure.met else BAD
        more = "at least" if figure.aim.better == "higher" else "at most"
        parts += [
            text(left - 8, y + 13, figure.name, "end"),
            f'<rect x="{left}" y="{y}" width="{share - left:.1f}" height="17" fill="{colour}"/>',
            line(ends[0], y + 8.5, ends[1], y + 8.5, INK, 2),
            text(WIDTH - right + 6, y + 13, f"{figure.ratio:.2f}, {more} {figure.aim.target:g}", "start",
                 'font-size="10"'),
        ]  # fmt: skip
    height = top + len(figures) * step + 14
    parts.append(line(left + scale, top - 8, left + scale, height - 14, INK))
    return page(height, title, parts)


class Axis:
    """From values to places on paper."""

    def __init__(self, values: list[float], begin: float, end: float, logarithmic: bool):
        self.logarithmic = logarithmic and min(values) > 0
        if self.logarithmic:
            low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
            self.ticks = [10.0**power for power in range(low, max(high, low + 1) + 1)]
        else:
            step = 10 ** math.floor(math.log10(max(*values, 1e-9)))
            self.ticks = [step * count for count in range(math.ceil(max(values) / step) + 1)]
        self._begin, self._end = begin, end
        self._from, self._to = self._scaled(self.ticks[0]), self._scaled(self.ticks[-1])

    def _scaled(self, value: float) -> float:
        return math.log10(value) if self.logarithmic else value

    def place(self, value: float) -> float:
        share = (self._scaled(value) - self._from) / (self._to - self._from)
        return self._begin + share * (self._end - self._begin)


def lines(chart: Chart) -> str:
    left, top, right, height = 80, 44, 250, 400
    points = [point for line_ in chart.lines.values() for point in line_]
    across = Axis([x for x, _ in points], left, WIDTH - right, chart.logarithmic)
    up = Axis([y for _, y in points], height - 60, top, chart.logarithmic)
    parts = []
    for tick in across.ticks:
        x = across.place(tick)
        parts += [line(x, top, x, height - 60), text(x, height - 42, f"{tick:,g}", "middle")]
    for tick in up.ticks:
        y = up.place(tick)
        parts += [line(left, y, WIDTH - right, y), text(left - 6, y + 4, f"{tick:,g}", "end")]
    for number, (name, line_) in enumerate(chart.lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        places = [(across.place(x), up.place(y)) for x, y in sorted(line_)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places]
        y = top + 14 + number * 20
        parts += [line(WIDTH - right + 14, y - 4, WIDTH - right + 34, y - 4, colour, 2),
                  text(WIDTH - right + 40, y, name)]  # fmt: skip
    parts.append(text((left + WIDTH - right) / 2, height - 18, chart.across, "middle"))
    middle = (top + height - 60) / 2
    parts.append(text(18, middle, chart.up, "middle", f'transform="rotate(-90 18 {middle:.0f})"'))
    return page(height, chart.title, parts)
