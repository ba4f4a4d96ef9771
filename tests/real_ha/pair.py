"""A source and a main Home Assistant, a default Mosquitto between them, and the bridge beside the source."""

from __future__ import annotations

import asyncio
from pathlib import Path

from harness.bridge import Bridge
from harness.compare import load_rules
from harness.environments import Environment
from harness.home_assistant import HomeAssistant
from harness.mosquitto import Listener, Mosquitto
from harness.process import wait_until

from . import colour_lights
from .mirror import Mirror

HERE = Path(__file__).resolve().parent

# The recorder writes at once, so that no test waits for it.
MAIN = "history:\nrecorder: {commit_interval: 0}\ntag:\n"

# Loggers and words that concern what main makes of our announcements.
WATCHED = ("mqtt", "statebus", "helpers.template")


class Pair(Mirror):
    """All of it, started in the order in which a user would."""

    instance = "edge"
    # The demo's dangers on the map come and go by chance.
    filtered = ("geo_location",)
    publish = {"events": ["tag_scanned"], "device_triggers": True}

    def __init__(self, folder: Path, source: Environment, main: Environment):
        self.folder = folder
        self.broker = Mosquitto(folder / "broker")
        # The source has MQTT devices of its own, on a broker that main does not know.
        self.source_broker = Mosquitto(folder / "source_broker")
        self.source = HomeAssistant("edge", source, folder / "edge", (HERE / "edge.yaml").read_text())
        self.main = HomeAssistant("main", main, folder / "main", MAIN)
        self.bridge: Bridge | None = None
        self.rules = load_rules()  # which differences of this pair are accepted, and were met
        self.called: list[dict] = []  # rows of commands.yaml

    async def start(self) -> None:
        await asyncio.gather(self.broker.start(), self.source_broker.start())
        await asyncio.gather(self.source.start(), self.main.start())
        await self.set_up()
        await self.start_bridge()

    async def set_up(self) -> None:
        """What a user would click together in both; a second time changes nothing."""
        await asyncio.gather(
            self.source.set_up_mqtt(self.source_broker.port), self.main.set_up_mqtt(self.broker.port)
        )
        await self._announce_lights()
        await self._give_areas()

    async def start_bridge(self) -> None:
        self.bridge = Bridge(
            self.folder / "bridge",
            self.instance,
            self.source.url,
            self.source.client.token,
            self.broker.url,
            announce={"ha_version": self.main.environment.version},
            publish={
                **self.publish,
                "filter": [{"exclude": {"domain": domain}} for domain in self.filtered],
            },
        )
        await self.bridge.start()

    async def stop(self) -> None:
        if self.bridge is not None:
            await self.bridge.stop()
        await asyncio.gather(self.source.stop(), self.main.stop())
        await asyncio.gather(self.broker.stop(), self.source_broker.stop())

    async def _announce_lights(self) -> None:
        payloads = colour_lights.announcements(self.source.environment.version)
        async with Listener(self.source_broker.port) as client:
            for topic, payload in payloads.items():
                client.publish(topic, payload, retain=True)

            async def all_there() -> bool:
                states = await self.source.client.states()
                return sum(entity.startswith("light.colour_") for entity in states) == len(payloads)

            await wait_until(all_there, 20, "the source's own MQTT lights", interval=0.2)

    async def _give_areas(self) -> None:
        """Puts two of three devices into areas, turn by turn."""
        client = self.source.client
        areas = [*await client.areas(), None]
        for number, device in enumerate(await client.devices()):
            area = areas[number % len(areas)]
            await client.ask("config/device_registry/update", device_id=device, area_id=area)

    @property
    def versions(self) -> tuple[str, str]:
        return self.source.environment.version, self.main.environment.version

    def complaints(self) -> list[str]:
        """What main's log says against what we sent it."""
        return self.main.problems(*WATCHED)
