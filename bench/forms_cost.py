"""What an update costs main's Home Assistant, for each way in which an entity could be announced.

    python bench/forms_cost.py [--rounds N] [sensor | light | climate]…

docs/decisions/010-views.md tells what came of it; scripts/bench measures what the bridge does now. The forms
take turns, so that what the machine does besides meets all.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path

import programs  # noqa: F401  makes harness known
from forms import FORMS
from main_side import MainSide


def table(results: dict[str, list[float]]) -> None:
    print("\nCPU of main for each update in ms, and the median's share of the first form of its kind")
    print(f"{'form':<52} {'median':>7} {'least':>7} {'most':>7} {'share':>6}")
    first: dict[str, float] = {}
    for form in FORMS:
        rows = results.get(form.name)
        if not rows:
            continue
        median = statistics.median(rows)
        base = first.setdefault(form.kind, median)
        print(f"{form.name:<52} {median:>7.3f} {min(rows):>7.3f} {max(rows):>7.3f} {median / base:>6.2f}")


async def run(rounds: int, kinds: list[str]) -> None:
    forms = [form for form in FORMS if not kinds or form.kind in kinds]
    results: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="statebus-forms-") as folder:
        async with MainSide(Path(folder)) as side:
            for form in forms:
                await side.announce(form)
            for number in range(rounds):
                await side.rest()
                for form in forms:
                    results.setdefault(form.name, []).append(await side.cost_of_form(form))
                print(f"round {number + 1} of {rounds} done", flush=True)
            problems = side.home.problems("mqtt", "helpers.template")
    table(results)
    print("\n".join(problems[:10]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("kinds", nargs="*", help="sensor, light, climate; default: all")
    arguments = parser.parse_args()
    asyncio.run(run(arguments.rounds, arguments.kinds))


if __name__ == "__main__":
    main()
