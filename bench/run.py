"""Measures the bridge against others in one run on this machine; each figure is a ratio.

Started by scripts/bench. docs/benchmarks.md tells the method and why it is so.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path

import programs  # noqa: F401  first, it makes harness known

import end_to_end
import instances
import main_cost
import path
import report
import scale
from figures import AIMS, Outcome, Plan

GROUPS = (path, scale, instances, main_cost, end_to_end)
NAMES = [name for group in GROUPS for name in group.NAMES]
PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"


def say(line: str) -> None:
    """Progress is no result: it goes where it does not mix with what a machine reads."""
    print(f"bench: {line}", file=sys.stderr, flush=True)


async def measure(plan: Plan, folder: Path) -> tuple[Outcome, dict[str, str]]:
    """All groups that have one of the names; what fails is told at once, and the other groups go on."""
    outcome, failures = Outcome(), {}
    for group in GROUPS:
        chosen = plan.names.intersection(group.NAMES)
        if not chosen:
            continue
        begun = time.monotonic()
        try:
            found = await group.measure(plan, folder / group.__name__, say)
        except Exception as problem:
            traceback.print_exc()
            failures |= {name: f"{type(problem).__name__}: {problem}" for name in chosen}
            continue
        outcome.figures += found.figures
        outcome.charts += found.charts
        say(f"{group.__name__}: {time.monotonic() - begun:.0f} s, load average {os.getloadavg()[0]:.2f}")
    outcome.figures.sort(key=lambda figure: [*AIMS].index(figure.name))
    return outcome, failures


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure: {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="small sizes, under three minutes")
    parser.add_argument("--rounds", type=int, help="how often each is measured (3 to 5)")
    parser.add_argument("--json", action="store_true", help="results as JSON, for machines")
    parser.add_argument("--plots", type=Path, metavar="FOLDER", help="writes plots as SVG there")
    parser.add_argument("--docs", action="store_true", help="puts results and plots into docs/benchmarks.md")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keeps the logs there")
    given = parser.parse_args()
    if unknown := set(given.names) - set(NAMES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    if given.docs and given.quick:
        parser.error("--docs writes what may be quoted, and that comes from full runs; leave --quick out")
    if given.rounds is not None and given.rounds < 1:
        parser.error("--rounds is to be 1 or more")
    return given


def tell(given: argparse.Namespace, outcome: Outcome, failures: dict[str, str]) -> None:
    if given.json:
        print(report.as_json(outcome, failures, given.quick))
    else:
        print("\n".join(report.machine()) + "\n\n" + report.text(outcome))
    for name, why in failures.items():
        say(f"FAILED {name}: {why}")
    if given.plots:
        report.write_plots(outcome, given.plots)
    if given.docs and not failures:
        report.write_page(outcome, PAGE)


def main() -> int:
    """Gives 0 when all targets are met, 1 when one is missed, 2 when something could not be measured."""
    given = arguments()
    # What has no target costs minutes, and is not for those in a hurry who have not asked for it.
    usual = AIMS if given.quick else NAMES
    plan = Plan(frozenset(given.names or usual), given.quick, given.rounds)
    with tempfile.TemporaryDirectory(prefix="statebus-bench-") as folder:
        outcome, failures = asyncio.run(measure(plan, given.keep or Path(folder)))
    tell(given, outcome, failures)
    lacking = plan.names.intersection(AIMS) - {figure.name for figure in outcome.figures} - failures.keys()
    if lacking:
        raise RuntimeError(f"not measured, and nobody says why: {', '.join(sorted(lacking))}")
    if failures:
        return 2
    return 0 if all(figure.met for figure in outcome.figures) else 1


if __name__ == "__main__":
    sys.exit(main())
