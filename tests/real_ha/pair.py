"""A source and a main Home Assistant, a default Mosquitto between them, and the bridge beside the source."""

from __future__ import annotations

import asyncio
from pathlib import Path

from harness.bridge import Bridge
from harness.compare import Comparer, Comparison, load_rules, unique_id_of
from harness.environments import Environment
from harness.home_assistant import HomeAssistant
from harness.mosquitto import Listener, Mosquitto
from harness.process import wait_until

from . import colour_lights

HERE = Path(__file__).resolve().parent

# Loggers and words that concern what main makes of our announcements.
WATCHED = ("mqtt", "statebus", "helpers.template")


class Pair:
    """All of it, started in the order in which a user would."""

    instance = "edge"

    def __init__(self, folder: Path, source: Environment, main: Environment):
        self.folder = folder
        self.broker = Mosquitto(folder / "broker")
        # The source has MQTT devices of its own, on a broker that main does not know.
        self.source_broker = Mosquitto(folder / "source_broker")
        self.source = HomeAssistant("edge", source, folder / "edge", (HERE / "edge.yaml").read_text())
        self.main = HomeAssistant("main", main, folder / "main", "history:\n")
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
            # The demo's dangers on the map come and go by chance.
            publish={"filter": [{"exclude": {"domain": "geo_location"}}]},
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

    async def compare(self) -> Comparison:
        return await Comparer(self.source.client, self.main.client, self.instance, self.rules).compare()

    async def equal(self, timeout: float) -> Comparison:
        """Waits until main shows the source; the comparison then still holds what is not equal."""
        result: list[Comparison] = []

        async def is_equal() -> bool:
            result[:] = [await self.compare()]
            return not result[0].faults

        try:
            await wait_until(is_equal, timeout, "main to be equal to the source", interval=0.5)
        except TimeoutError:
            pass
        return result[0]

    async def on_main(self, entity_id: str) -> str:
        """The entity on main that stands for one of the source."""
        entry = (await self.source.client.entities()).get(entity_id)
        wanted = unique_id_of(self.instance, entity_id, entry)
        for found in (await self.main.client.entities()).values():
            if found["unique_id"] == wanted:
                return found["entity_id"]
        raise LookupError(f"nothing on main stands for {entity_id} ({wanted})")

    @property
    def versions(self) -> tuple[str, str]:
        return self.source.environment.version, self.main.environment.version

    def complaints(self) -> list[str]:
        """What main's log says against what we sent it."""
        return self.main.problems(*WATCHED)
