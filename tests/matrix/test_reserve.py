"""F29: more than one broker: the bridge goes to another one, and such as are joined come to hold the same."""

from __future__ import annotations

import signal

import pytest

from harness.joined import joined, shown
from harness.mosquitto import DEFAULT_CONFIG, Mosquitto
from harness.process import wait_until

from .broker_faults import PERSISTENT, change, save
from .house import House, now


def both(house: House, reserve: Mosquitto) -> dict:
    return {"broker": {"urls": [house.broker.url, reserve.url]}}


async def kill(house: House, reserve: Mosquitto) -> float:
    """From here on the house is looked at by the reserve; when that began."""
    house.fault_begins()
    await house.broker.stop(number=signal.SIGKILL)
    house.broker = reserve
    return now()


async def test_f29_an_empty_broker_is_in_reserve(house, tmp_path, row):
    reserve = Mosquitto(tmp_path / "reserve")
    house.keep(reserve)
    await reserve.start()
    await house.settle(house.make_bridge(**both(house, reserve)))
    row("F29", "broker killed, an empty one in reserve", await house.recovers(await kill(house, reserve)))
    assert f"connected to the broker at {reserve.url}" in house.told()
    assert await house.is_whole() == []


@pytest.mark.parametrize("comes_back", ["empty", "old"])
async def test_f29_a_joined_broker_is_in_reserve(tmp_path, row, comes_back):
    reserve = Mosquitto(tmp_path / "reserve", DEFAULT_CONFIG + shown("# The reserve"))
    first = joined(tmp_path / "broker", "reserve", reserve.port)
    if comes_back == "old":
        first.config = first.config.replace("persistence false\n", PERSISTENT)
    await reserve.start()
    async with House(tmp_path, broker=first) as house:
        house.keep(first, reserve)
        await house.settle(house.make_bridge(**both(house, reserve)))
        await is_equal(house, reserve)
        if comes_back == "old":
            await save(first)
        outcome = await house.recovers(await kill(house, reserve))
        row("F29", f"broker killed, a joined one in reserve ({comes_back})", outcome)
        await change(house, reserve.port)
        await house.home.begin_load(rate=300, seconds=3600)
        joins = first.process.output().count("Connecting bridge")
        await first.start()
        await wait_until(
            lambda: first.process.output().count("Connecting bridge") > joins, 30, "the join"
        )
        row("F29", f"the broker that was killed comes back {comes_back}, joined", await house.recovers(now()))
        await is_equal(house, first)
        assert await house.is_whole() == []


async def is_equal(house: House, other: Mosquitto) -> None:
    """The other broker comes to hold what there is as well."""
    used, house.broker = house.broker, other
    outcome = await house.recovers(now())
    house.broker = used
    assert outcome.difference == []
