"""What scripts/bench tells of its figures: as text, as JSON, and as table and plots of docs/benchmarks.md."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import svg
from figures import Figure, Outcome
from programs import tool  # before harness, which it makes known

from harness.markdown import markdown_table
from harness.mosquitto import program as mosquitto

BEGIN = "<!-- What is below is written by scripts/bench --docs -->\n"
END = "<!-- Here ends what scripts/bench --docs writes -->\n"


def machine() -> list[str]:
    """What the figures were taken on: absolute numbers mean something there alone."""
    version = subprocess.run([mosquitto(), "-h"], capture_output=True, text=True).stdout.split("\n")[0]
    paho = json.loads(subprocess.check_output([tool("plain_publisher"), "version"]))
    kernel = json.loads(subprocess.check_output([tool("json_kernel")]))
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    memory = int(re.search(r"^MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text(), re.M)[1])
    return [
        f"{os.cpu_count()} cores ({model[1] if model else os.uname().machine}), shared by all programs",
        f"{memory / 1024**2:.0f} GiB of memory, Linux {os.uname().release}",
        f"{version}; Paho C {paho['paho_c']}, C++ {paho['paho_cpp']}",
        f"simdjson: {kernel['compiled_in']} compiled in, {kernel['best_here']} is the best here",
    ]


def shown(value: float) -> str:
    """Three digits that count; thousands with commas."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.{0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3}f}"


def spread(figure: Figure) -> str:
    return f"{min(figure.ratios):.2f} to {max(figure.ratios):.2f} in {len(figure.rounds)}"


def wanted(figure: Figure) -> str:
    return f"{'at least' if figure.aim.better == 'higher' else 'at most'} {figure.aim.target:g}"


def text(outcome: Outcome) -> str:
    lines = []
    for figure in outcome.figures:
        aim, middle = figure.aim, figure.middle
        lines.append(
            f"{aim.name:<23} {middle.ratio:>7.2f}  ({spread(figure)}), target {wanted(figure)}: "
            f"{'met' if figure.met else 'MISSED'}"
        )
        lines.append(f"    {shown(middle.numerator)} {aim.unit}, {aim.numerator}")
        lines.append(f"    {shown(middle.denominator)} {aim.unit}, {aim.denominator}")
        lines += [f"    beside: {note}" for note in figure.notes]
    return "\n".join(lines)


def as_json(outcome: Outcome, failures: dict[str, str], quick: bool) -> str:
    results = [
        {
            "name": figure.name,
            "numerator": figure.middle.numerator,
            "denominator": figure.middle.denominator,
            "ratio": figure.ratio,
            "target": figure.aim.target,
            "better": figure.aim.better,
            "met": figure.met,
            "unit": figure.aim.unit,
            "rounds": figure.ratios,
            "notes": figure.notes,
        }
        for figure in outcome.figures
    ]
    charts = [{"title": chart.title, "lines": chart.lines} for chart in outcome.charts]
    told = {"results": results, "charts": charts, "failures": failures, "quick": quick, "machine": machine()}
    return json.dumps(told, indent=2)


def write_plots(outcome: Outcome, folder: Path) -> list[tuple[str, str]]:
    """Writes the plots; gives their titles and files."""
    folder.mkdir(parents=True, exist_ok=True)
    title = "Each figure's ratio as a share of its target"
    plots = [(title, "ratios.svg", svg.ratios(outcome.figures, title))]
    plots += [(chart.title, chart.file, svg.lines(chart)) for chart in outcome.charts]
    for _, file, drawing in plots:
        (folder / file).write_text(drawing)
    return [(title, file) for title, file, _ in plots]


def write_page(outcome: Outcome, page: Path) -> None:
    """Puts results and plots between the two marks of the page, and the plots into a folder beside it."""
    head, rest = page.read_text().split(BEGIN)
    _, tail = rest.split(END)
    rows = [
        [f"`{figure.name}`", figure.aim.numerator, shown(figure.middle.numerator), figure.aim.denominator,
         shown(figure.middle.denominator), figure.aim.unit, f"**{figure.ratio:.2f}**", spread(figure),
         wanted(figure), "yes" if figure.met else "no"]
        for figure in outcome.figures
    ]  # fmt: skip
    columns = ["Figure", "What", "", "Over", "", "Unit", "Ratio", "Rounds", "Target", "Met"]
    folder = page.parent / "benchmarks"
    plots = [f"![{title}](benchmarks/{file})" for title, file in write_plots(outcome, folder)]
    notes = [f"- `{figure.name}`: {note}" for figure in outcome.figures for note in figure.notes]
    parts = ["\n".join(f"- {line}" for line in machine()), markdown_table(columns, rows)]
    parts += ["Beside them the same runs told:", "\n".join(folded(note) for note in notes)] if notes else []
    page.write_text(head + BEGIN + "\n" + "\n\n".join([*parts, *plots]) + "\n\n" + END + tail)


def folded(item: str, columns: int = 120) -> str:
    """An item of a list in lines that the rules allow."""
    lines, line = [], ""
    for word in item.split(" "):
        if line and len(line) + 1 + len(word) > columns:
            lines.append(line)
            line = "  " + word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])
