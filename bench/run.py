"""Measures the bridge against a plain Paho program, in turn, on one Mosquitto: throughput and latency.

Started by scripts/bench. docs/benchmarks.md tells the method and why it is so.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from sides import ENTITIES, FLOOD, PACED_SECONDS, RATE, Bench, tool  # first, it makes tests/ known

from harness.mosquitto import program as mosquitto

LEAST_THROUGHPUT = 0.7
MOST_LATENCY = 1.8


def facts() -> list[str]:
    version = subprocess.run([mosquitto(), "-h"], capture_output=True, text=True).stdout.split("\n")[0]
    paho = json.loads(subprocess.check_output([tool("plain_publisher"), "version"]))
    kernel = json.loads(subprocess.check_output([tool("json_kernel")]))
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    return [
        f"{os.cpu_count()} cores ({model.group(1) if model else os.uname().machine}), shared by all programs",
        f"{version}; Paho C {paho['paho_c']}, C++ {paho['paho_cpp']}",
        f"simdjson: {kernel['compiled_in']} compiled in, {kernel['best_here']} is the best here",
    ]


def median(rows: list[dict], key: str) -> float:
    return statistics.median(row[key] for row in rows)


async def throughput(bench: Bench, rounds: int) -> float:
    print(f"\nThroughput: {FLOOD:,} distinct values a round, {bench.bytes:.0f} bytes each, QoS 1, retained")
    print(f"  window of the plain publisher: {await bench.choose_window()}")
    print("  round   bridge/s    plain/s   ratio   on one core/s   ratio"
          "   CPU µs a message: bridge, plain, on one   load average")  # fmt: skip
    rows = []
    for number in range(1, rounds + 1):
        ours, theirs = await bench.flood_bridge(), await bench.flood_plain(bench.window)
        one = await bench.flood_plain(bench.window, one_core=True)
        rows.append({"ours": ours["rate"], "theirs": theirs["rate"], "ratio": ours["rate"] / theirs["rate"],
                     "one": one["rate"], "one_ratio": ours["rate"] / one["rate"], "cpu": ours["cpu_us"],
                     "cpu_theirs": theirs["cpu_us"], "cpu_one": one["cpu_us"]})  # fmt: skip
        print(throughput_row(f"{number:>7}", rows[-1]), f"{os.getloadavg()[0]:>21.2f}", flush=True)
    print(throughput_row(" median", {key: median(rows, key) for key in rows[0]}))
    return median(rows, "ratio")


def throughput_row(head: str, row: dict) -> str:
    return (f"{head} {row['ours']:>10,.0f} {row['theirs']:>10,.0f} {row['ratio']:>7.2f} {row['one']:>15,.0f}"
            f" {row['one_ratio']:>7.2f} {row['cpu']:>20.1f} {row['cpu_theirs']:>6.1f}"
            f" {row['cpu_one']:>6.1f}")  # fmt: skip


async def latency(bench: Bench, rounds: int) -> float:
    print(f"\nLatency in µs at {RATE:,} changes a second, {RATE * PACED_SECONDS:,} a round")
    print("  round   bridge p50   p99    plain p50   p99   p50: added   total/bare   added/bare")
    rows = []
    for number in range(1, rounds + 1):
        ours, theirs = await bench.pace_bridge(), await bench.pace_plain()
        total, bare = ours["p50_us"], theirs["p50_us"]
        rows.append({"total": total, "total99": ours["p99_us"], "bare": bare, "bare99": theirs["p99_us"],
                     "ratio": total / bare, "added": total - bare})  # fmt: skip
        print(latency_row(f"{number:>7}", rows[-1]), flush=True)
    print(latency_row(" median", {key: median(rows, key) for key in rows[0]}))
    return median(rows, "ratio")


def latency_row(head: str, row: dict) -> str:
    return (f"{head} {row['total']:>12.0f} {row['total99']:>5.0f} {row['bare']:>12.0f} {row['bare99']:>5.0f}"
            f" {row['added']:>12.0f} {row['ratio']:>12.2f} {row['ratio'] - 1:>12.2f}")  # fmt: skip


def goal(name: str, value: float, limit: float, met: bool) -> bool:
    print(f"  {name}: {value:.2f}, goal {limit}: {'met' if met else 'MISSED'}")
    return met


async def run(rounds: int) -> bool:
    print("\n".join(facts()))
    with tempfile.TemporaryDirectory(prefix="statebus-bench-") as folder:
        print(f"starting; announcing {ENTITIES:,} entities takes half a minute", flush=True)
        async with Bench(Path(folder)) as bench:
            ratio = await throughput(bench, rounds)
            added = await latency(bench, rounds)
            counted = await bench.count_by_bridge()
    print(f"\nGoals (medians of {rounds} rounds)")
    met = goal("throughput, bridge / plain, at least", ratio, LEAST_THROUGHPUT, ratio >= LEAST_THROUGHPUT)
    met &= goal("p50 at 1,000/s, bridge / bare hop, at most", added, MOST_LATENCY, added <= MOST_LATENCY)
    print(f"  counted: {counted}")
    return met and "NOT" not in counted


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="of each side, in turn (default 5)")
    sys.exit(0 if asyncio.run(run(parser.parse_args().rounds)) else 1)


if __name__ == "__main__":
    main()
