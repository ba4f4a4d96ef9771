"""What grows with entities: the bridge's memory, its CPU for an event, and the time of a rebuild."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from figures import Chart, Figure, Outcome, Pair, Plan
from kernel import resident_bytes
from programs import BenchError
from town import INSTANCE, Readers, Town

READING = ("rebuild", "rebuild_default_broker", "growth_rebuild")
RUNNING = ("memory_per_entity", "growth_memory", "growth_cpu")
NAMES = (*RUNNING, *READING)
SIZES = (1_000, 10_000, 100_000)
QUICK_SIZES = (100, 1_000)


@dataclass
class Row:
    """What was measured with so many entities, a value for each round."""

    entities: int
    retained: int = 0  # bytes on the broker
    documents: int = 0  # of these, what the documents alone take
    memory: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    reconnect: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    open: list[float] = field(default_factory=list)
    default: list[float] = field(default_factory=list)


async def measure(plan: Plan, folder: Path, say) -> Outcome:
    sizes = QUICK_SIZES if plan.quick else SIZES
    if not plan.wants("growth_memory", "growth_rebuild", "growth_cpu"):
        sizes = sizes[-2:] if plan.wants("memory_per_entity") else sizes[-1:]
    rows = [await measure_size(size, plan, folder / str(size), say) for size in sizes]
    found = Outcome(charts=charts(rows) if len(rows) > 1 else [])
    makers = {
        "memory_per_entity": memory_per_entity,
        "rebuild": rebuild,
        "rebuild_default_broker": rebuild_default_broker,
        "growth_memory": lambda rows: growth("growth_memory", rows, lambda row: row.memory),
        "growth_rebuild": lambda rows: growth("growth_rebuild", rows, lambda row: row.open),
        "growth_cpu": lambda rows: growth("growth_cpu", rows, lambda row: row.cpu),
    }
    found.figures = [make(rows) for name, make in makers.items() if plan.wants(name)]
    return found


async def measure_size(entities: int, plan: Plan, folder: Path, say) -> Row:
    row = Row(entities)
    rounds = plan.rounds_or(3)
    say(f"scale: {entities:,} entities, filling the broker")
    async with Town(folder, entities) as town:
        row.retained = await town.retained_bytes()
        row.documents = await town.retained_bytes(f"statebus/{INSTANCE}/state/#")
        for number in range(rounds if plan.wants(*RUNNING) else 0):
            await town.start_bridge()
            await town.settled()
            row.memory.append(resident_bytes(town.pid))
            row.cpu.append(await town.cpu_of_event(1 if plan.quick else 10))
            if number == 0 or not plan.quick:
                row.reconnect.append(await town.reconnect())
            await town.bridge.stop()
            say(f"scale: {entities:,} entities, round {number + 1}: {row.memory[-1] / 1e6:.1f} MB, "
                f"{row.cpu[-1]:.1f} µs an event, reconnected in {row.reconnect[-1]:.2f} s")  # fmt: skip
        await town.broker.stop()  # which writes what it holds into its file
        if plan.wants(*READING):
            await read(town, row, plan.rounds_or(5), say)
    return row


async def read(town: Town, row: Row, rounds: int, say) -> None:
    async with Readers(town) as readers:
        for _ in range(rounds):
            row.bare.append(await readers.bare())
            row.open.append((await readers.bridge("open"))[0])
            row.default.append((await readers.bridge("default"))[0])
            say(f"rebuild of {row.entities:,}: bare {row.bare[-1]:.3f} s, verified {row.open[-1]:.3f} s, "
                f"on a default broker {row.default[-1]:.3f} s")  # fmt: skip
        # That all are there is seen by counting them, once.
        _, instances = await readers.bridge("default", "*")
        found = sum(len(each["entities"]) for each in instances.values())
        if found != row.entities:
            raise BenchError(f"a rebuild on a default broker has found {found} of {row.entities} entities")


def memory_per_entity(rows: list[Row]) -> Figure:
    """The slope between the two largest sizes, so that what any bridge needs is not counted."""
    small, large = rows[-2:]
    more = large.entities - small.entities
    held = (large.retained - small.retained) / more
    pairs = [Pair((much - little) / more, held) for little, much in zip(small.memory, large.memory)]
    whole = statistics.median(large.memory)
    document = (large.documents - small.documents) / more
    return Figure("memory_per_entity", pairs, [
        f"between {small.entities:,} and {large.entities:,} sensors; with these the bridge has"
        f" {whole / 1e6:.1f} MB",
        "what the broker holds of an entity: topics and payloads of its document, description, views and"
        f" announcement, its share of device and index, and its id; its document alone {document:.0f} bytes",
    ])  # fmt: skip


def rebuild(rows: list[Row]) -> Figure:
    row = rows[-1]
    pairs = [Pair(ours, bare) for ours, bare in zip(row.open, row.bare)]
    return Figure("rebuild", pairs, [f"{row.entities:,} entities"])


def rebuild_default_broker(rows: list[Row]) -> Figure:
    row = rows[-1]
    pairs = [Pair(default, open_) for default, open_ in zip(row.default, row.open)]
    notes = [f"all of {row.entities:,} entities were there, as the index names them"]
    return Figure("rebuild_default_broker", pairs, notes)


def growth(name: str, rows: list[Row], values: Callable[[Row], list[float]]) -> Figure:
    """The exponent: how many decades the value grows by, over those that the number of entities does."""
    small, large = rows[0], rows[-1]
    decades = math.log10(large.entities / small.entities)
    pairs = [
        Pair(math.log10(much / little), decades)
        for little, much in zip(values(small), values(large))
    ]  # fmt: skip
    return Figure(name, pairs, [f"from {small.entities:,} to {large.entities:,} entities"])


def charts(rows: list[Row]) -> list[Chart]:
    def points(of: Callable[[Row], float | list[float]]) -> list[tuple[float, float]]:
        found = [(row.entities, of(row)) for row in rows if of(row)]
        return [(x, statistics.median(y) if isinstance(y, list) else y) for x, y in found]

    def megabytes(of: Callable[[Row], float | list[float]]) -> list[tuple[float, float]]:
        return [(x, y / 1e6) for x, y in points(of)]

    made = [
        Chart("memory.svg", "Memory by entities", "entities", "MB",
              {"bridge": megabytes(lambda row: row.memory),
               "on the broker": megabytes(lambda row: row.retained)}),
        Chart("rebuild.svg", "Time to rebuild by entities", "entities", "seconds",
              {"bare subscriber": points(lambda row: row.bare),
               "statebus state": points(lambda row: row.open),
               "… on a default broker": points(lambda row: row.default)}),
        Chart("cpu.svg", "The bridge's CPU for an event by entities", "entities", "µs",
              {"a sensor's change": points(lambda row: row.cpu)}),
        Chart("reconnect.svg", "From a broker that is back to the first change", "entities", "seconds",
              {"bridge": points(lambda row: row.reconnect)}),
    ]  # fmt: skip
    return [chart for chart in made if all(chart.lines.values())]
