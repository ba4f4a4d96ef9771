"""The path from Home Assistant to a subscriber: throughput, bursts, latency, and CPU time."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from pathlib import Path

from figures import Figure, Outcome, Pair, Plan
from kernel import cpu_seconds, resident_bytes, wake_ups
from programs import BenchError, running, tool
from sides import INSTANCE, OPPONENT, RATE, Sides

from harness.mosquitto import Listener
from harness.process import wait_until
from harness.truth import documents

NAMES = ("throughput", "burst", "latency_p50", "latency_p99", "cpu_vs_python", "idle_cpu")
HOT = 1000  # entities of a burst
GROWTH_MAX = 1.05  # of memory while a burst lasts, after its first quarter


async def measure(plan: Plan, folder: Path, say) -> Outcome:
    say("path: starting both sides; the first announcements are paced")
    outcome = Outcome()
    async with Sides(folder, plan.quick) as sides:
        window = await sides.choose_window() if plan.wants("throughput", "burst") else ""
        if plan.wants("throughput"):
            outcome.figures.append(await throughput(sides, plan, say))
            outcome.figures[-1].notes.append(window)
        if plan.wants("burst"):
            outcome.figures.append(await burst(sides, plan, say))
        if plan.wants("latency_p50", "latency_p99"):
            measured = await latency(sides, plan, say)
            outcome.figures += [figure for figure in measured if plan.wants(figure.name)]
        if plan.wants("cpu_vs_python"):
            outcome.figures.append(await cpu_vs_python(sides, plan, say))
        if plan.wants("idle_cpu"):
            outcome.figures.append(await idle_cpu(sides, plan, say))
    return outcome


async def throughput(sides: Sides, plan: Plan, say) -> Figure:
    """Distinct values that the subscriber has received in a second, over those of plain Paho as shipped."""
    pairs, cpu, tuned = [], [], []
    for number in range(plan.rounds_or(5)):
        ours, theirs = await sides.flood_bridge(), await sides.flood_plain()
        best = await sides.flood_plain(tuned=True)
        pairs.append(Pair(ours["rate"], theirs["rate"]))
        cpu.append((ours["cpu_us"], theirs["cpu_us"], best["cpu_us"]))
        tuned.append(best["rate"])
        say(f"throughput, round {number + 1}: {ours['rate']:,.0f} over {theirs['rate']:,.0f} messages/s")
    used = ", ".join(f"{statistics.median(each):.1f}" for each in zip(*cpu))
    share = statistics.median(pair.numerator / rate for pair, rate in zip(pairs, tuned))
    return Figure("throughput", pairs, [
        f"{sides.flood:,} distinct values a round, {sides.bytes:.0f} bytes each",
        f"the plain program without tracing and on one core: {statistics.median(tuned):,.0f} messages/s,"
        f" the bridge is {share:.2f} of that",
        f"µs of CPU a message: bridge, plain, plain without tracing on one core: {used}",
    ])  # fmt: skip


async def burst(sides: Sides, plan: Plan, say) -> Figure:
    """Changes of few entities as fast as the bridge takes them in: it sends the newest of each."""
    pairs, grown = [], []
    seconds = 2 if plan.quick else 60
    for number in range(plan.rounds_or(3)):
        load = {"rate": 0, "seconds": seconds, "entities": HOT}
        told = asyncio.create_task(sides.house.send({"load": load}, seconds + 60))
        await asyncio.sleep(seconds / 4)
        before = resident_bytes(sides.bridge.process.pid)
        answer = await told
        grown.append(resident_bytes(sides.bridge.process.pid) / before)
        late = await until_exact(sides)
        rate = answer["sent"] / answer["seconds"]
        pairs.append(Pair(rate, (await sides.flood_plain())["rate"]))
        say(f"burst, round {number + 1}: {rate:,.0f} changes/s taken in, exact {late:.1f} s later")
    logins = sides.bridge.output().count("connected to Home Assistant")
    if logins != 1:
        raise BenchError(f"the bridge logged in {logins} times: what came in between was not taken in")
    if max(grown) > GROWTH_MAX:
        raise BenchError(f"memory grew in a burst: {grown}, at most {GROWTH_MAX} was to be")
    return Figure("burst", pairs, [
        f"{seconds} s a round on {HOT} entities; then every document was that of the last change",
        f"memory from a quarter of the time to the end: at most {max(grown):.3f} of what it was",
    ])  # fmt: skip


async def until_exact(sides: Sides) -> float:
    """Waits until each document is what Home Assistant has; gives the seconds that it took."""
    states = (await sides.house.send({"states": True}, 60))["states"]
    begun = time.monotonic()

    async def is_exact() -> bool:
        async with Listener(sides.broker.port, f"statebus/{INSTANCE}/state/#", qos=0) as held:
            return not documents(states, held.topics, f"statebus/{INSTANCE}/state/")

    await wait_until(is_exact, 15, "the documents after a burst to be exact")
    return time.monotonic() - begun


async def latency(sides: Sides, plan: Plan, say) -> list[Figure]:
    seconds = 2 if plan.quick else 5
    rounds = []
    for number in range(plan.rounds_or(5)):
        ours, theirs = await sides.pace_bridge(seconds), await sides.pace_plain(seconds)
        rounds.append((ours, theirs))
        say(f"latency, round {number + 1}: p50 {ours['p50_us']:.0f} over {theirs['p50_us']:.0f} µs, "
            f"p99 {ours['p99_us']:.0f} over {theirs['p99_us']:.0f} µs")  # fmt: skip
    return [
        Figure(f"latency_{name}", [Pair(ours[f"{name}_us"], theirs[f"{name}_us"]) for ours, theirs in rounds],
               [f"{RATE * seconds:,} changes a round"])
        for name in ("p50", "p99")
    ]  # fmt: skip


async def cpu_vs_python(sides: Sides, plan: Plan, say) -> Figure:
    """The same changes through the bridge and, from a house of its own, through the Python pipeline."""
    pairs, rates = [], []
    pipeline = Path(__file__).with_name("python_pipeline.py")
    async with sides.make_house("other-house") as house:
        await sides.stamp(house)
        arguments = (house.url, house.token, sides.broker.port, OPPONENT)
        async with running(sys.executable, pipeline, *arguments) as child:
            for number in range(plan.rounds_or(5)):
                ours = await sides.flood_bridge()
                theirs = await sides.flood_through(house, child.pid)
                pairs.append(Pair(ours["cpu_us"], theirs["cpu_us"]))
                rates.append(theirs["rate"])
                say(f"CPU, round {number + 1}: {ours['cpu_us']:.1f} over {theirs['cpu_us']:.1f} µs an event")
    rate = statistics.median(rates)
    return Figure("cpu_vs_python", pairs, [f"the Python pipeline puts {rate:,.0f} messages/s on the broker"])


async def idle_cpu(sides: Sides, plan: Plan, say) -> Figure:
    """Both have nothing to do, at the same time: neither keeps a core awake that the other could use."""
    seconds = 5 if plan.quick else 60  # whole periods of the bridge's heartbeat, but for the hurried
    pairs, woken = [], []
    async with running(tool("plain_publisher"), "idle", sides.broker.port) as child:
        pids = (sides.bridge.process.pid, child.pid)
        await asyncio.sleep(2)
        for number in range(plan.rounds_or(3)):
            before = [(cpu_seconds(pid), wake_ups(pid)) for pid in pids]
            since = time.monotonic()
            await asyncio.sleep(seconds)
            after = [(cpu_seconds(pid), wake_ups(pid)) for pid in pids]
            passed = time.monotonic() - since
            used = [(now[0] - then[0]) * 1000 / passed for then, now in zip(before, after)]
            woken.append([(now[1] - then[1]) / passed for then, now in zip(before, after)])
            pairs.append(Pair(*used))
            say(f"idle, round {number + 1}: {used[0]:.2f} over {used[1]:.2f} ms/s")
    ours, theirs = (statistics.median(each) for each in zip(*woken))
    return Figure("idle_cpu", pairs, [f"woken {ours:.1f} times a second, the idle client {theirs:.1f} times"])
