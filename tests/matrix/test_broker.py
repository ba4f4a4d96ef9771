"""Faults of the broker: killed, emptied, set back, frozen, refusing, deaf, and with other rights."""

from __future__ import annotations

import signal
import subprocess

import pytest

from harness.bridge import write_secret
from harness.mosquitto import DEFAULT_CONFIG, Listener, Mosquitto, RestrictedMosquitto
from harness.mqtt_door import MqttDoor
from harness.process import free_port, lasts
from harness.tls import Authority

from .broker_faults import SAVES_WHEN_ASKED, comes_back_empty, comes_back_old
from .house import House, now

RIGHTS = "topic readwrite statebus/edge/#\ntopic readwrite homeassistant/+/edge/#\n"


@pytest.mark.parametrize("seconds", [0, 10])
async def test_f1_a_broker_that_is_killed_comes_back_empty(house, row, seconds):
    await house.settle()
    outcome = await comes_back_empty(house, seconds)
    row("F1", f"broker killed, empty again {f'{seconds} s later' if seconds else 'at once'}", outcome)
    assert await house.is_whole() == []


async def test_f2_a_broker_comes_back_with_an_old_snapshot(tmp_path, row):
    broker = Mosquitto(tmp_path / "broker", SAVES_WHEN_ASKED)
    async with House(tmp_path, broker=broker) as house:
        await house.settle()
        row("F2", "broker killed, back with an old snapshot", await comes_back_old(house))
        assert await house.is_whole() == []


@pytest.mark.parametrize("seconds", [3, pytest.param(20, marks=pytest.mark.full)])
async def test_f3_a_broker_freezes(house, row, seconds):
    await house.settle()
    house.broker.process.signal(signal.SIGSTOP)
    await house.said("stopped acknowledging")
    await lasts(seconds)
    house.broker.process.signal(signal.SIGCONT)
    row("F3", f"broker frozen (SIGSTOP), {seconds} s after that was noticed", await house.recovers(now()))


@pytest.fixture
async def restricted(tmp_path):
    """A house whose bridge has a password at the broker, and rights."""
    broker = RestrictedMosquitto(tmp_path / "broker", RIGHTS)
    async with House(tmp_path, broker=broker) as house:
        bridge = house.make_bridge(**broker.login)
        write_secret(bridge.folder / "mqtt.pw", broker.password)
        await house.settle(bridge)
        yield house


def set_password(broker: Mosquitto, password: str) -> None:
    """In force when the broker starts or gets SIGHUP."""
    command = ["mosquitto_passwd", "-b", broker.folder / "users", "hubs", password]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.full
async def test_f4_a_broker_refuses_the_password(restricted, row):
    broker = restricted.broker
    set_password(broker, "another")
    await broker.stop(number=signal.SIGKILL)
    before = len(broker.process.output())
    await broker.start()
    await restricted.said("broker.password_file")
    await lasts(65)
    attempts = broker.process.output()[before:].count("not authorised")
    assert 2 <= attempts <= 4, broker.process.output()[before:]  # of these, one by the harness's looks
    set_password(broker, broker.password)
    broker.process.signal(signal.SIGHUP)
    note = f"{attempts} attempts in 65 s: it waits 30 s between two"
    row("F4", "broker refuses the password", await restricted.recovers(now(), notes=[note]))
    assert restricted.told().count("broker.password_file") == 1


@pytest.mark.full
async def test_f23_rights_are_taken_away_under_way(restricted, row):
    broker = restricted.broker
    broker.allow(f"{RIGHTS}topic deny statebus/edge/state/#\n")
    broker.process.signal(signal.SIGHUP)
    await restricted.said("ACL")
    async with Listener(broker.port, "statebus/edge/status", "statebus/edge/view/#", qos=0) as listener:
        status = "statebus/edge/status"
        await listener.until(lambda: listener.topics.get(status) == "offline", 20, "offline")
    broker.allow(RIGHTS)
    broker.process.signal(signal.SIGHUP)
    notes = ["one message tries again every 2 s"]
    row("F23", "ACL denies the documents, then not", await restricted.recovers(now(), 120, notes))
    assert restricted.told().count("ACL") <= 8  # of some thousand messages


async def test_f9_a_broker_swallows_acknowledgements(house, row):
    async with MqttDoor(house.broker.port) as door:
        await house.settle(house.make_bridge(url=door.url))
        door.swallows_acknowledgements = True
        await house.said("stopped acknowledging")
        door.swallows_acknowledgements = False
        row("F9", "broker sends no PUBACK", await house.recovers(now()))


BAD_CERTIFICATES = {
    "another authority": "broker.ca_file",
    "expired": "its certificate has expired, on",
    "another host": "for DNS:elsewhere, not for localhost",
}


@pytest.mark.parametrize("kind", BAD_CERTIFICATES)
async def test_f24_a_broker_shows_a_certificate_that_does_not_hold(tmp_path, row, kind):
    authority, other = Authority(tmp_path / "authority"), Authority(tmp_path / "other")
    port = free_port()
    config = "{plain}listener {port} 127.0.0.1\ncertfile {certificate}\nkeyfile {key}\n"

    def shows(who: Authority, name: str = "localhost", begins: int = 0) -> str:
        certificate, key = who.sign(name, begins)
        return config.format(plain=DEFAULT_CONFIG, port=port, certificate=certificate, key=key)

    async with House(tmp_path, broker=Mosquitto(tmp_path / "broker", shows(authority))) as house:
        trust = {"ca_file": str(authority.certificate)}
        await house.settle(house.make_bridge(url=f"mqtts://localhost:{port}", broker=trust))
        await house.broker.stop(number=signal.SIGKILL)
        house.broker.config = {
            "another authority": lambda: shows(other),
            "expired": lambda: shows(authority, begins=-9),
            "another host": lambda: shows(authority, "elsewhere"),
        }[kind]()
        await house.broker.start()
        await house.said(BAD_CERTIFICATES[kind])
        await house.broker.stop(number=signal.SIGKILL)
        house.broker.config = shows(authority)
        await house.broker.start()
        row("F24", f"broker shows a certificate: {kind}", await house.recovers(now()))
