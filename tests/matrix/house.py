"""A house under load: a scripted Home Assistant, a real Mosquitto and a bridge between them.

After each fault it tells how far the broker is from what Home Assistant has, and when it is there.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

from harness.bridge import Bridge
from harness.mosquitto import DEFAULT_CONFIG, Listener, Mosquitto
from harness.process import wait_until
from harness.rebuilt import rebuild
from harness.scripted import ScriptedHomeAssistant
from harness.truth import differences, parsed

INSTANCE = "edge"
STATUS = f"statebus/{INSTANCE}/status"
STATES = (STATUS, f"statebus/{INSTANCE}/state/")  # differences that concern the state of the home itself
EVERYTHING = (f"statebus/{INSTANCE}/#", "homeassistant/#")
ENTITIES = 500
RATE = 300  # changes a second
AIM = 3.0  # seconds from the end of a fault to equality
MARK = "number.mark"

# AddressSanitizer keeps 256 MB of what was freed, beside which no growth would show, and insists on being the
# first of all libraries, which libfaketime has to be.
LEAN = ["env", "ASAN_OPTIONS=quarantine_size_mb=4:verify_asan_link_order=0"]


@dataclass
class Outcome:
    """How a fault ended: a row of the table."""

    difference: list[str]
    states: float  # seconds until the documents were equal and the instance online
    seconds: float  # until all was, with the announcements, of which 200 go out a second
    messages: int
    memory: tuple[float, float]
    notes: list[str] = field(default_factory=list)

    def row(self) -> dict:
        verdict = "DIFFERS" if self.difference else "late" if self.states > AIM else "holds"
        return {
            "difference": len(self.difference),
            "states": round(self.states, 1),
            "seconds": round(self.seconds, 1),
            "memory": [round(each) for each in self.memory],
            "messages": self.messages,
            "verdict": "; ".join([verdict, *self.notes]),
        }


def house_file(folder: Path, entities: int) -> Path:
    """Sensors, ten to a device, and a number that commands can set."""
    ids = [f"sensor.generated_{number}" for number in range(entities)]
    rows = [{"entity_id": each, "device_id": f"d{number // 10}"} for number, each in enumerate(ids)]
    about = {"unit_of_measurement": "W", "device_class": "power", "state_class": "measurement"}
    states = {each: {"state": "0", "attributes": about} for each in ids}
    states[MARK] = {"state": "0", "attributes": {"min": 0, "max": 1_000_000, "step": 1, "mode": "box"}}
    devices = [{"id": f"d{number}", "name": f"Device {number}"} for number in range((entities + 9) // 10)]
    house = {"entities": [*rows, {"entity_id": MARK}], "devices": devices, "states": states}
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "house.json"
    file.write_text(json.dumps({**house, "location_name": "Matrix", "token": "secret"}))
    return file


class House:
    """Enter it, make a fault, and ask how it `recovers`; nothing of it stays behind."""

    def __init__(self, folder: Path, entities: int = ENTITIES, broker: Mosquitto | None = None):
        self.folder = folder
        self.entities = entities
        self.broker = broker or Mosquitto(folder / "broker", DEFAULT_CONFIG)
        file = house_file(folder, entities)
        self.home = ScriptedHomeAssistant(folder / "ha", "--house", str(file))
        self.bridge: Bridge | None = None
        self.others: list[Bridge] = []  # which are ended with the house
        self._brokers: list[Mosquitto] = []  # likewise, beside its own
        self._memory = 0.0
        self._seen = 0  # characters of the bridge's log that are from before the fault
        self._pulses = 0

    async def __aenter__(self) -> House:
        try:
            await self.broker.start()
            await self.home.start(20 + self.entities / 50)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_) -> None:
        for bridge in [self.bridge, *self.others]:
            if bridge is not None and bridge.process is not None:
                await bridge.stop()
        await self.home.stop()
        for broker in [self.broker, *self._brokers]:
            await broker.stop()

    def keep(self, *brokers: Mosquitto) -> None:
        """Ends them with the house."""
        self._brokers += brokers

    def make_bridge(self, url: str = "", ha_url: str = "", name: str = "bridge", **config) -> Bridge:
        config["broker"] = {"keepalive": "2s", **config.get("broker", {})}
        return Bridge(
            self.folder / name, INSTANCE, ha_url or self.home.url, self.home.token, url or self.broker.url,
            **config,
        )  # fmt: skip

    async def settle(self, bridge: Bridge | None = None, prefix: list[str] = [], timeout: float = 90) -> None:
        """Starts the bridge, waits until the broker holds all there is, and then the load begins."""
        self.bridge = bridge or self.make_bridge()
        self.bridge.prefix = [*prefix, *LEAN]
        await self.bridge.start()
        begun = await self.recovers(now(), timeout)
        assert not begun.difference, begun.difference[:5]
        self._memory = self.memory()
        await self.home.begin_load(rate=RATE, seconds=3600)
        self.fault_begins()

    def fault_begins(self) -> None:
        """What the log says from here on is said of the fault."""
        self._seen = len(self.bridge.output())

    def told(self) -> str:
        return self.bridge.output()[self._seen :]

    async def said(self, pattern: str, timeout: float = 60) -> str:
        """Waits until the log has a line with this, since the fault began."""
        found = await wait_until(lambda: re.search(f".*{pattern}.*", self.told()), timeout, pattern)
        return found[0]

    def memory(self) -> float:
        """The bridge's resident memory in MB."""
        return self.told_by_kernel("VmRSS") / 1024

    def told_by_kernel(self, field: str) -> int:
        """A number of /proc/PID/status of the bridge."""
        if not self.bridge.process.running:
            raise self.bridge.process.explain("ended")
        text = Path(f"/proc/{self.bridge.process.pid}/status").read_text()
        return int(re.search(rf"^{field}:\s+(\d+)", text, re.M)[1])

    async def truth(self) -> dict[str, dict]:
        return (await self.home.send({"states": True}, timeout=60))["states"]

    async def recovers(self, ended: float, timeout: float = 90, notes: list[str] = []) -> Outcome:
        """Ends the load and waits, message by message, until the broker holds what Home Assistant has.

        `ended` is when the fault ended. Afterwards one more change has to arrive, and the broker still holds
        neither more nor less: equality that was an accident would not last.
        """
        await self.home.end_load()
        truth = await self.truth()
        difference: list[str] = []
        states = 0.0

        def equal() -> bool:
            nonlocal states
            difference[:] = differences(truth, listener.topics, INSTANCE)
            if not states and not any(each.startswith(STATES) for each in difference):
                states = now() - ended
            return not difference

        async with Listener(self.broker.port, *EVERYTHING, qos=0, login=self.broker.watcher) as listener:
            before = len(listener.messages)
            try:
                await listener.until(equal, timeout, "what the broker holds to be what there is")
                seconds = now() - ended
                messages = len(listener.messages) - before
                await self._pulse(listener)
                truth = await self.truth()
                await listener.until(equal, 10, "it to stay so")
            except TimeoutError:
                seconds, messages = now() - ended, len(listener.messages) - before
                states = states or seconds
                difference = difference or ["a change did not arrive"]
        return Outcome(difference, states, seconds, messages, (self._memory, self.memory()), [*notes])

    async def _pulse(self, listener: Listener) -> None:
        self._pulses += 1
        value = f"{self._pulses}.5"
        await self.home.send({"set": {"sensor.generated_0": {"state": value}}})
        topic = f"statebus/{INSTANCE}/state/sensor/generated_0"

        def arrived() -> bool:
            return (parsed(listener.topics.get(topic, "")) or {}).get("state") == value

        await listener.until(arrived, 20, "one more change")

    async def is_whole(self) -> list[str]:
        """What `statebus state` finds lacking: it goes by the index alone."""
        rebuilt = await rebuild(self.broker, self.folder / "state")
        return rebuilt.lacking


async def clients_of(home: ScriptedHomeAssistant) -> int:
    return (await home.send({"clients": True}))["clients"]


def now() -> float:
    return time.monotonic()
