"""The whole house: one main, one broker, and the instances in turn, at most two of them at a time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from harness.compare import Comparison, Rule, load_rules
from harness.environments import Environment
from harness.home_assistant import HomeAssistant
from harness.mosquitto import Mosquitto

from .instance import Instance, set_up
from .pair import WATCHED
from .plan import FOLDER, plan_of


@dataclass
class Row:
    """What the table tells of one instance."""

    name: str
    entities: int = 0
    kinds: int = 0  # on main as their like, or as its nearest
    stand_ins: int = 0  # on main as a sensor with state and attributes
    tried: int = 0  # commands
    left: dict[str, int] = field(default_factory=dict)  # not published, by reason

    def take(self, result: Comparison) -> None:
        self.entities = result.entities
        self.stand_ins = result.stand_ins
        self.kinds = result.compared.total() - result.stand_ins
        self.left = dict(sorted(result.left.items()))

    @property
    def unaccounted(self) -> int:
        return self.entities - self.kinds - self.stand_ins - sum(self.left.values())


HEADINGS = ("instance", "entities", "their kind", "stand-ins", "commands", "not published")


class House:
    """Started, it has a main; `take` gives the instances, and starts the next one meanwhile."""

    def __init__(self, folder: Path, environment: Environment, names: list[str]):
        self.folder = folder
        self.environment = environment
        self.broker = Mosquitto(folder / "bus")
        self.plan = plan_of("main", environment.version)
        self.main = HomeAssistant("main", environment, folder / "main", self.plan.configuration_yaml())
        self.rows: dict[str, Row] = {}
        self.called: set[tuple[str, str]] = set()  # what the bridges have called, by domain and service
        self.rules = load_rules(FOLDER / "differences.yaml")  # which of them were met
        self.truth: dict[str, list[dict]] = {}  # of those given back, what REST said last (last_states)
        self._names = names
        self._starting: dict[str, tuple[Instance, asyncio.Task]] = {}

    async def start(self) -> None:
        await asyncio.gather(self.broker.start(), self.main.start())
        await self.main.set_up_mqtt(self.broker.port)
        await set_up(self.main, self.plan)

    async def take(self, name: str) -> Instance:
        instance, started = self._start(name)
        await started
        if later := self._names[self._names.index(name) + 1 :]:
            self._start(later[0])
        self.rows[name] = Row(name)
        return instance

    async def give_back(self, instance: Instance) -> None:
        self._starting.pop(instance.instance)
        self.truth[instance.instance] = await instance.last_states()
        await instance.stop()
        self.called |= instance.called

    async def stop(self) -> None:
        for instance, started in self._starting.values():
            started.cancel()
            await instance.stop()
        await self.main.stop()
        await self.broker.stop()

    def _start(self, name: str) -> tuple[Instance, asyncio.Task]:
        if name not in self._starting:
            instance = Instance(name, self.environment, self.folder / name, self.broker, self.main)
            instance.rules = [*self.rules, *load_rules()]
            self._starting[name] = instance, asyncio.create_task(instance.start())
        return self._starting[name]

    def running(self) -> list[Instance]:
        """Those that have been taken, and not given back."""
        return [instance for instance, _ in self._starting.values() if instance.instance in self.rows]

    def needless_rules(self) -> list[Rule]:
        """Accepted differences that none of the instances has."""
        version = self.environment.version
        return [rule for rule in self.rules if rule.applies(version, version) and not rule.used]

    def complaints(self) -> list[str]:
        """What main's log says against what the bridges have sent it."""
        return self.main.problems(*WATCHED)

    def table(self) -> str:
        lines = [HEADINGS]
        for row in self.rows.values():
            left = ", ".join(f"{count} {reason}" for reason, count in row.left.items())
            lines.append((row.name, row.entities, row.kinds, row.stand_ins, row.tried, left))
        widths = [max(len(str(line[column])) for line in lines) for column in range(len(HEADINGS))]
        return "\n".join(
            "  ".join(
                str(cell).rjust(width) if isinstance(cell, int) else str(cell).ljust(width)
                for cell, width in zip(line, widths)
            ).rstrip()
            for line in lines
        )
