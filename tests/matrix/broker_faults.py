"""Faults of the broker that several tests make: it is killed and comes back empty, or as it was long ago."""

from __future__ import annotations

import signal

from harness.mosquitto import DEFAULT_CONFIG, Listener, Mosquitto
from harness.process import lasts, wait_until

from .house import EVERYTHING, House, Outcome, now

PERSISTENT = "persistence true\npersistence_location {folder}/\nautosave_interval 0\n"
SAVES_WHEN_ASKED = DEFAULT_CONFIG + PERSISTENT


async def comes_back_empty(house: House, seconds: float) -> Outcome:
    await house.broker.stop(number=signal.SIGKILL)
    await house.said("connection was lost")
    await lasts(seconds)
    await house.broker.start()
    return await house.recovers(now())


async def save(broker: Mosquitto) -> None:
    """What it holds from now on is forgotten when it is killed."""
    broker.process.signal(signal.SIGUSR1)
    saved = broker.folder / "mosquitto.db"
    await wait_until(lambda: saved.exists() and saved.stat().st_size, 10, "the snapshot")


async def change(house: House, port: int) -> None:
    """Three entities go and a new one comes, until the broker at `port` has it."""
    gone = [f"sensor.generated_{number}" for number in (7, 8, 9)]
    await house.home.send({"remove": gone})
    await house.home.send({"add": {"entity_id": "sensor.new", "state": "1", "attributes": {}}})
    async with Listener(port, *EVERYTHING, qos=0) as listener:
        removed = [f"statebus/edge/entity/{each.replace('.', '/')}" for each in gone]
        await listener.until(lambda: not set(removed) & set(listener.topics), 30, "three to go")
        await listener.until(lambda: "statebus/edge/state/sensor/new" in listener.topics, 30, "a new one")


async def comes_back_old(house: House) -> Outcome:
    await save(house.broker)
    await change(house, house.broker.port)
    house.fault_begins()
    await house.broker.stop(number=signal.SIGKILL)
    await house.said("connection was lost")
    await house.broker.start()
    return await house.recovers(now())
