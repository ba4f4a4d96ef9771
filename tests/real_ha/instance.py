"""One of the eleven instances: its Home Assistant, its own broker with devices, and its bridge."""

from __future__ import annotations

import asyncio
from pathlib import Path

from harness.bridge import Bridge
from harness.environments import Environment
from harness.home_assistant import HomeAssistant
from harness.mosquitto import Mosquitto
from harness.process import wait_until
from harness.rebuilt import published_states

from .gateways import Gateway
from .mirror import Mirror
from .plan import Plan, plan_of
from .rows import arrived


class Instance(Mirror):
    """Started, it is set up as its file says, and bridged to main."""

    def __init__(
        self, name: str, environment: Environment, folder: Path, bus: Mosquitto, main: HomeAssistant
    ):
        self.instance = name
        self.plan = plan_of(name, environment.version)
        self.folder = folder
        self.bus = bus
        self.main = main
        self.source = HomeAssistant(name, environment, folder / "home", self.plan.configuration_yaml())
        self.own_broker = Mosquitto(folder / "broker") if self.plan.devices else None
        self.gateways: list[Gateway] = []
        self.called: set[tuple[str, str]] = set()  # services that its bridge has called, with their domain
        self.bridge: Bridge | None = None
        self._watch: asyncio.Task | None = None

    async def start(self) -> None:
        if self.own_broker is not None:
            await self.own_broker.start()
        await self.source.start()
        await set_up(self.source, self.plan)
        if self.own_broker is not None:
            await self._start_devices()
        self._watch = asyncio.create_task(self._watch_calls())
        self.bridge = Bridge(
            self.folder / "bridge",
            self.instance,
            self.source.url,
            self.source.client.token,
            self.bus.url,
            announce={"ha_version": self.main.environment.version},
            **self.plan.bridge,
        )
        await self.bridge.start()
        await self.bridge.online()

    async def last_states(self) -> list[dict]:
        """What REST says just before and just after the bridge ends; what stays on the bus is one of them."""
        before = await self.states()
        await self.bridge.stop()
        return [before, await self.states()]

    async def states(self) -> dict[str, dict]:
        """What REST says of what is published."""
        rules = self.plan.bridge.get("publish", {}).get("filter", [])
        included = tuple(rule["include"]["entity"] for rule in rules if "include" in rule)
        return await published_states(self.source.client, included=included)

    async def stop(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        if self.bridge is not None:
            await self.bridge.stop()
        await self.source.stop()
        for gateway in self.gateways:
            await gateway.stop()
        if self.own_broker is not None:
            await self.own_broker.stop()

    async def try_call(self, row: dict) -> None:
        """Calls a service on main and waits until the source shows what it is to bring about."""
        target = await self.on_main(row["entity"])
        kind, service = target.split(".")[0], row["call"]
        assert service.split(".")[0] == kind, f"on main it is {target}, which has no {service}"
        reached = row.get("reaches")
        before = None if reached else await self.source.client.state(row["entity"])
        await self.main.client.call(service, target, **row.get("data", {}))
        if reached:
            wanted = tuple(reached.split("."))
            await wait_until(lambda: wanted in self.called, 15, f"the source to be asked for {reached}")
        else:
            await wait_until(lambda: arrived(self, row, before), 15, f"the source to show {row['call']}")

    async def _start_devices(self) -> None:
        await self.source.set_up_mqtt(self.own_broker.port)
        for devices in self.plan.devices:
            gateway = Gateway(self.own_broker.port, devices)
            self.gateways.append(gateway)
            await gateway.start()
        announced = set().union(*(gateway.unique_ids() for gateway in self.gateways))

        async def all_there() -> bool:
            entries = (await self.source.client.entities()).values()
            return announced <= {entry["unique_id"] for entry in entries}

        await wait_until(all_there, 30, f"the devices of {self.instance}", interval=0.2)

    async def _watch_calls(self) -> None:
        async for data in self.source.client.events("call_service"):
            self.called.add((data["domain"], data["service"]))


async def set_up(home: HomeAssistant, plan: Plan) -> None:
    """What a user would click together: integrations, helpers, and what is not wanted of the demo."""
    for flow in plan.flows:
        await home.set_up(flow["handler"], flow["steps"])
    for ask in plan.asks:
        await home.client.ask(**ask)
    if not plan.demo:
        return
    for entity_id, entry in (await home.client.entities()).items():
        if entry["platform"] == "demo" and entity_id.split(".")[0] not in plan.demo:
            await home.client.ask("config/entity_registry/update", entity_id=entity_id, disabled_by="user")
