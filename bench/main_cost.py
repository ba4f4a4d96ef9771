"""What an update costs main's Home Assistant, for each way in which an entity could be announced.

    python bench/main_cost.py [--rounds N] [sensor | light | climate]…

docs/decisions/010-views.md tells what came of it. A real Home Assistant with nothing but its MQTT
integration hears updates at a fixed rate; the CPU time of its process, less what it takes when nothing comes,
is divided by the number of updates. The forms take turns, so that what the machine does besides meets all.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from forms import FORMS, Form  # noqa: E402
from harness.environments import NEWEST, environment  # noqa: E402
from harness.home_assistant import HomeAssistant  # noqa: E402
from harness.mosquitto import Mosquitto  # noqa: E402
from harness.process import wait_until  # noqa: E402

ENTITIES = 200
RATE = 1000  # updates a second; main's Home Assistant keeps up with some 4,000
SECONDS = 4


def cpu_s(pid: int) -> float:
    """User and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Run:
    def __init__(self, home: HomeAssistant, client: mqtt.Client):
        self.home = home
        self.client = client
        self.counter = 0

    async def announce(self, form: Form) -> None:
        for number in range(ENTITIES):
            for topic, payload in form.messages(number, 0):
                self.client.publish(topic, payload, retain=True)
        for number in range(ENTITIES):
            topic, payload = form.announcement(number)
            self.client.publish(topic, payload, retain=True)
        await self.shown(form, 0)

    async def shown(self, form: Form, value: int) -> None:
        """Waits until main shows this value for all of the form's entities."""

        async def is_shown() -> bool:
            states = await self.home.client.states()
            return all(form.shows(states.get(form.entity_id(n)), value) for n in range(ENTITIES))

        await wait_until(is_shown, 60, f"{form.name} {value} on main", interval=0.3)

    async def idle(self) -> float:
        """CPU seconds of main for each second in which nothing comes."""
        before, since = cpu_s(self.home.process.pid), time.monotonic()
        await asyncio.sleep(3)
        return (cpu_s(self.home.process.pid) - before) / (time.monotonic() - since)

    async def measure(self, form: Form, idle: float) -> float:
        """CPU of main for each update, in ms. One update changes one value of one entity."""
        waves = RATE * SECONDS // ENTITIES
        before, since = cpu_s(self.home.process.pid), time.monotonic()
        for wave in range(waves):
            self.counter += 1
            for number in range(ENTITIES):
                for topic, payload in form.changes(number, self.counter):
                    self.client.publish(topic, payload, retain=True)
                if number % 20 == 19:
                    due = since + (wave * ENTITIES + number + 1) / RATE
                    await asyncio.sleep(max(0.0, due - time.monotonic()))
        # What the broker has not passed on yet is heard in this time.
        await asyncio.sleep(0.5)
        used = cpu_s(self.home.process.pid) - before - idle * (time.monotonic() - since)
        await self.shown(form, self.counter)
        return used * 1000 / (waves * ENTITIES)


def table(results: dict[str, list[float]]) -> None:
    print("\nCPU of main for each update in ms, and the median's share of the first form of its kind")
    print(f"{'form':<52} {'median':>7} {'least':>7} {'most':>7} {'share':>6}")
    first: dict[str, float] = {}
    for form in FORMS:
        rows = results.get(form.name)
        if not rows:
            continue
        median = statistics.median(rows)
        base = first.setdefault(form.kind, median)
        print(f"{form.name:<52} {median:>7.3f} {min(rows):>7.3f} {max(rows):>7.3f} {median / base:>6.2f}")


async def run(rounds: int, kinds: list[str]) -> None:
    forms = [form for form in FORMS if not kinds or form.kind in kinds]
    with tempfile.TemporaryDirectory(prefix="statebus-main-cost-") as folder:
        broker = Mosquitto(Path(folder) / "broker")
        home = HomeAssistant("main", environment(NEWEST), Path(folder) / "main")
        client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        try:
            await broker.start()
            await home.start()
            await home.set_up_mqtt(broker.port)
            client.connect("127.0.0.1", broker.port)
            client.loop_start()
            client.publish("cost/status", "online", retain=True)
            bench = Run(home, client)
            for form in forms:
                await bench.announce(form)
            results: dict[str, list[float]] = {}
            for number in range(rounds):
                idle = await bench.idle()
                for form in forms:
                    results.setdefault(form.name, []).append(await bench.measure(form, idle))
                print(f"round {number + 1} of {rounds} done, idle {idle:.3f} of a core", flush=True)
            table(results)
            for line in home.problems("mqtt", "helpers.template")[:10]:
                print(line)
        finally:
            client.loop_stop()
            await home.stop()
            await broker.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("kinds", nargs="*", help="sensor, light, climate; default: all")
    arguments = parser.parse_args()
    asyncio.run(run(arguments.rounds, arguments.kinds))


if __name__ == "__main__":
    main()
