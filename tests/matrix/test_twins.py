"""Two bridges of one instance, and the will of a dead one that comes late."""

from __future__ import annotations

import socket
import struct
import subprocess

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from harness.bridge import Bridge, write_secret
from harness.mosquitto import DEFAULT_CONFIG, Listener, Mosquitto
from harness.process import free_port, lasts, wait_until

from .commands import REFUSED, Commands
from .house import LEAN, STATUS, House, now

GIVES_WAY = "another bridge of this instance runs"
OWN_CLIENT_IDS = "password_file {{folder}}/users\nlistener {port} 127.0.0.1\nuse_username_as_clientid true\n"


async def start_twin(house: House, twin: Bridge) -> float:
    """Seconds until the earlier one has given way; from then on the later one is the house's bridge."""
    twin.prefix = LEAN
    begun = now()
    house.others.append(house.bridge)
    await twin.start()
    await house.said(GIVES_WAY)
    seconds = now() - begun
    house.bridge = twin
    assert seconds < 10
    return seconds


def connections(house: House) -> int:
    """Those that bridges have made for good; one that only reads comes and goes."""
    told = house.broker.process.output()
    return told.count("New client connected") - told.count("-read (p5")


async def test_f14_a_second_bridge_has_the_same_client_id(house, row):
    await house.settle()
    before = connections(house)
    seconds = await start_twin(house, house.make_bridge(name="twin"))
    ended = now()
    # No word of the broker tells that nothing more will come.
    await lasts(10)
    made = connections(house) - before
    assert made <= 3, house.broker.process.output()
    notes = [f"the earlier one gave way after {seconds:.1f} s, {made} connections"]
    row("F14", "a second bridge of the instance, same client id", await house.recovers(now(), notes=notes))
    assert now() - ended < 60


@pytest.mark.full
async def test_f14_the_second_bridge_ends_and_the_first_one_takes_over(house, row):
    await house.settle()
    earlier = house.bridge
    await start_twin(house, house.make_bridge(name="twin"))
    assert await house.bridge.stop() == 0
    ended = now()
    house.others.append(house.bridge)
    house.bridge = earlier
    row("F14", "that second bridge ends", await house.recovers(ended, notes=["looks every 30 s"]))


async def test_f15_a_second_bridge_has_another_client_id(tmp_path, row):
    """The bridge names itself by its instance, so it takes a broker that makes ids of user names."""
    port = free_port()
    broker = Mosquitto(tmp_path / "broker", DEFAULT_CONFIG + OWN_CLIENT_IDS.format(port=port))
    users = tmp_path / "broker" / "users"
    users.parent.mkdir()
    users.touch(mode=0o600)
    for name in ("one", "two"):
        subprocess.run(["mosquitto_passwd", "-b", users, name, "secret"], check=True, capture_output=True)
    async with House(tmp_path, broker=broker) as house:

        def bridge(name: str) -> Bridge:
            login = {"username": name, "password_file": "mqtt.pw"}
            made = house.make_bridge(f"mqtt://127.0.0.1:{port}", name=name, broker=login)
            write_secret(made.folder / "mqtt.pw", "secret")
            return made

        await house.settle(bridge("one"))
        async with Listener(broker.port, REFUSED) as client:
            seconds = await start_twin(house, bridge("two"))
            ended = now()
            outcome = await house.recovers(ended)
            commands = Commands(house, client)
            number = commands.send()
            await house.home.called(lambda call: call["service_data"].get("value") == number, 20)
            assert commands.twice() == []
        outcome.notes.append(f"the earlier one gave way after {seconds:.1f} s")
        row("F15", "a second bridge of the instance, another client id", outcome)


async def test_f16_the_will_of_a_dead_twin_comes_after_the_birth(house, row):
    await house.settle()
    dead = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    dead.will_set(STATUS, "offline", qos=1, retain=True)
    dead.connect("127.0.0.1", house.broker.port)
    dead.loop_start()
    await wait_until(dead.is_connected, 10, "the twin to be there")
    dead.loop_stop()
    async with Listener(house.broker.port, STATUS) as listener:
        dead.socket().setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        dead.socket().close()

        def told() -> list[str]:
            return [each.payload for each in listener.messages]

        await listener.until(lambda: "offline" in told(), 20, "the will")
        ended = now()
        await listener.until(lambda: told()[-1] == "online", 20, "the bridge's own word")
        note = f"online again after {now() - ended:.2f} s"
        row("F16", "late will of a dead twin", await house.recovers(ended, notes=[note]))
