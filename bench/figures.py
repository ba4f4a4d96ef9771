"""The figures that scripts/bench tells, each a ratio of two things measured in one run on one machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Aim:
    """What is measured, over what, and where the ratio is to be."""

    name: str
    numerator: str
    denominator: str
    unit: str
    target: float
    better: str = "lower"

    def met_by(self, ratio: float) -> bool:
        return ratio >= self.target if self.better == "higher" else ratio <= self.target


AIMS = {
    aim.name: aim
    for aim in (
        Aim("throughput", "the bridge", "a plain Paho program", "messages/s", 1.2, "higher"),
        Aim("burst", "changes that the bridge takes in", "a plain Paho program", "1/s", 4, "higher"),
        Aim("latency_p50", "the bridge at 1,000/s, p50", "the bare hop", "µs", 1.4),
        Aim("latency_p99", "the bridge at 1,000/s, p99", "the bare hop", "µs", 1.5),
        Aim("cpu_vs_python", "the bridge", "aiohttp, json and paho in Python", "µs of CPU/event", 0.4),
        Aim("idle_cpu", "the idle bridge", "an idle Paho client", "ms of CPU/s", 2),
        Aim("memory_per_entity", "memory of the bridge", "what the broker holds of it", "bytes/entity", 1.8),
        Aim("rebuild", "`statebus state`, verified", "a bare Paho subscriber", "s", 1.3),
        Aim("rebuild_default_broker", "on a default broker, complete", "on an open broker", "s", 3),
        Aim("growth_memory", "growth of memory", "growth of entities", "decades", 1.05),
        Aim("growth_rebuild", "growth of the time to rebuild", "growth of entities", "decades", 1.10),
        Aim("growth_cpu", "growth of CPU per event", "growth of entities", "decades", 0.08),
        Aim("main_sensor", "main, as the bridge announces", "main, one document", "ms of CPU/update", 0.75),
        Aim("main_climate", "main, as the bridge announces", "main, one document", "ms of CPU/update", 0.5),
        Aim("end_to_end_p50", "source to main's client, p50", "remote_homeassistant", "ms", 1.5),
    )
}


@dataclass(frozen=True)
class Pair:
    """What one round has measured on both sides."""

    numerator: float
    denominator: float

    @property
    def ratio(self) -> float:
        return self.numerator / self.denominator


@dataclass
class Figure:
    """One of AIMS, measured in some rounds.

    Numerator and denominator are those of one round, the one whose ratio is the median; of an even number
    of rounds it is the worse of the two in the middle."""

    name: str
    rounds: Sequence[Pair]
    notes: list[str] = field(default_factory=list)  # what else the same run tells

    @property
    def aim(self) -> Aim:
        return AIMS[self.name]

    @property
    def middle(self) -> Pair:
        best_first = sorted(self.rounds, key=lambda each: each.ratio, reverse=self.aim.better == "higher")
        return best_first[len(best_first) // 2]

    @property
    def ratio(self) -> float:
        return self.middle.ratio

    @property
    def ratios(self) -> list[float]:
        return [each.ratio for each in self.rounds]

    @property
    def met(self) -> bool:
        return self.aim.met_by(self.ratio)


@dataclass
class Chart:
    """What a plot shows besides the ratios: lines of points, each with a name."""

    file: str
    title: str
    across: str
    up: str
    lines: dict[str, list[tuple[float, float]]]
    logarithmic: bool = True


@dataclass
class Outcome:
    """What a group of measurements gives."""

    figures: list[Figure] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """What is to be measured: these names, at full size or in a hurry, in so many rounds."""

    names: frozenset[str]
    quick: bool
    rounds: int | None = None

    def wants(self, *names: str) -> bool:
        return not self.names.isdisjoint(names)

    def rounds_or(self, usual: int) -> int:
        return self.rounds or (3 if self.quick else usual)
