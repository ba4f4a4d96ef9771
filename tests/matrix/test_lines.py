"""Faults of the line to the broker: cut again and again, silent, slow, and with another address."""

from __future__ import annotations

import pytest

from faults.test_bad_starts import slow_names
from harness.link import Link
from harness.mosquitto import DEFAULT_CONFIG, Mosquitto
from harness.network import Network
from harness.process import lasts

from .house import House, now


@pytest.mark.full
async def test_f5_the_line_is_cut_every_second(house, row):
    async with Link(house.broker.port) as link:
        await house.settle(house.make_bridge(url=link.url))
        before = link.connections
        for _ in range(60):
            await lasts(1)
            link.cut()
        attempts = link.connections - before
        outcome = await house.recovers(now(), notes=[f"{attempts} connections in 60 s"])
        row("F5", "line cut every second, for a minute", outcome)
        # Waits that grow, and lives of a second that do not make them short again; where the line is cut
        # before the broker has answered, a knock a second.
        assert attempts <= 60
        assert outcome.memory[1] - outcome.memory[0] < 20


@pytest.fixture
async def apart(tmp_path):
    """A house and a network in which its bridge is to run; its prefix and the way to Home Assistant."""
    with Network() as network:
        broker = Mosquitto(tmp_path / "broker", f"{DEFAULT_CONFIG}listener {{port}} {network.outside}\n")
        async with House(tmp_path, broker=broker) as house, Link(house.home.port, network.outside) as ha:
            yield house, network, f"http://{ha.host}:{ha.port}"


async def test_f6_a_line_is_silent(apart, row):
    house, network, ha_url = apart
    url = f"mqtt://{network.outside}:{house.broker.port}"
    await house.settle(house.make_bridge(url, ha_url), network.prefix)
    network.lose(house.broker.port)
    await house.said("stopped acknowledging|connection was lost")
    await lasts(3)
    network.lose_nothing()
    row("F6", "all packets lost, no reset", await house.recovers(now()))


async def test_f7_a_line_is_slow_and_loses_packets(apart, row):
    house, network, ha_url = apart
    async with Link(house.broker.port, network.outside) as link:
        await house.settle(house.make_bridge(link.url, ha_url, broker={"keepalive": "10s"}), network.prefix)
        link.delay, link.jitter, link.bytes_per_second = 0.1, 0.05, 125_000
        network.lose(link.port, 0.05)
        await lasts(12)
        assert "the broker" not in house.told()
        network.lose_nothing()
        link.delay = link.jitter = link.bytes_per_second = 0
        outcome = await house.recovers(now())
        row("F7", "200 ± 100 ms, 5 % lost, 1 Mbit/s, 12 s", outcome)
        assert outcome.memory[1] - outcome.memory[0] < 20


async def test_f27_the_broker_moves_and_its_name_is_unknown_for_a_while(house, row, tmp_path):
    name = "broker.moves.test"
    # Beside the tests that have the usual address for their names.
    names = await slow_names(tmp_path, {name: "127.0.0.2"}, seconds=0, address="127.0.0.154")
    async with Link(house.broker.port, "127.0.0.2") as old:
        url = f"mqtt://{name}:{old.port}"
        await house.settle(house.make_bridge(url=url), names.command_prefix())
        names.names.clear()
        old.cut()
        await house.said("host name")
    names.names[name] = "127.0.0.3"
    async with Link(house.broker.port, "127.0.0.3", old.port):
        row("F27", "broker at another address, its name unknown meanwhile", await house.recovers(now()))
    await names.stop()
