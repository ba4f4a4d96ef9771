"""From a write at a real source to a client of a real main: the bridge beside remote_homeassistant."""

from __future__ import annotations

import statistics
from pathlib import Path

from figures import Chart, Figure, Outcome, Pair, Plan
from homes import PEER, Homes

NAMES = ("end_to_end_p50",)
RATES = (50, 200, 500)
QUICK_RATES = (200,)
SIDES = ("statebus", PEER)


def percentile(values: list[float], part: float) -> float:
    return values[min(len(values) - 1, int(part * len(values)))]


async def measure(plan: Plan, folder: Path, say) -> Outcome:
    rates = QUICK_RATES if plan.quick else RATES
    p50: dict[tuple[str, int], list[float]] = {(side, rate): [] for side in SIDES for rate in rates}
    p99: dict[tuple[str, int], list[float]] = {key: [] for key in p50}
    say(f"end to end: starting two real Home Assistants, and {PEER} for comparison")
    async with Homes(folder) as homes:
        joined = {SIDES[0]: homes.joined_by_bridge, PEER: homes.joined_by_peer}
        for number in range(plan.rounds_or(3)):
            for side in SIDES:
                async with joined[side]() as ids:
                    for rate in rates:
                        ages = await homes.ages(ids, rate, 3 if plan.quick else 10)
                        p50[side, rate].append(percentile(ages, 0.5))
                        p99[side, rate].append(percentile(ages, 0.99))
                        say(f"end to end, round {number + 1}: {side} at {rate}/s, p50 "
                            f"{p50[side, rate][-1]:.2f} ms, p99 {p99[side, rate][-1]:.2f} ms")  # fmt: skip
    return Outcome([figure(rates, p50, p99)], [chart(rates, p50, p99)])


def figure(rates: tuple[int, ...], p50: dict, p99: dict) -> Figure:
    """That of the rate at which the bridge does worst."""
    figures = {
        rate: Figure("end_to_end_p50", [Pair(*pair) for pair in zip(*(p50[side, rate] for side in SIDES))])
        for rate in rates
    }
    worst = max(figures, key=lambda rate: figures[rate].ratio)
    found = figures[worst]
    found.notes.append(f"at {worst} writes/s, where the ratio is worst")
    for rate in rates:
        ours, theirs = (statistics.median(p99[side, rate]) for side in SIDES)
        note = f"at {rate} writes/s: p50 {figures[rate].ratio:.2f} of it, p99 {ours:.2f} over {theirs:.2f} ms"
        found.notes.append(note)
    return found


def chart(rates: tuple[int, ...], p50: dict, p99: dict) -> Chart:
    lines = {
        f"{side}, {name}": [(rate, statistics.median(values[side, rate])) for rate in rates]
        for name, values in (("p50", p50), ("p99", p99))
        for side in SIDES
    }
    title = "From a write at the source to a client of main"
    return Chart("end_to_end.svg", title, "writes a second", "ms", lines)
