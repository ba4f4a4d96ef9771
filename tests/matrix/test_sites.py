"""F30: two sites, each with a broker of its own, that are joined as docs/brokers.md shows it."""

from __future__ import annotations

import asyncio
import json
import subprocess

import pytest
import yaml

from harness.bridge import program, write_secret
from harness.joined import joined, shown
from harness.link import Link
from harness.mosquitto import DEFAULT_CONFIG, Listener, Mosquitto
from harness.process import lasts

from .broker_faults import change
from .commands import COMMAND
from .house import INSTANCE, RATE, House, now

MARK = "number.mark"


def command(number: int) -> str:
    return json.dumps({"service": "set_value", "data": {"value": number}})


def sets_to(number: int):
    return lambda call: call["service_data"].get("value") == number


@pytest.fixture
async def sites(tmp_path):
    """The house stands at the cabin; home's broker, and the line between the two."""
    home = Mosquitto(tmp_path / "home", DEFAULT_CONFIG + shown("# Home's"))
    await home.start()
    async with Link(home.port) as line:
        cabin = joined(tmp_path / "cabin", "home", line.port)
        cabin.config = cabin.config.replace("/cabin/", f"/{INSTANCE}/")
        cabin.config += "persistence_location {folder}/\n"
        async with House(tmp_path, broker=cabin) as house:
            house.keep(cabin)
            await house.settle()
            yield house, cabin, home, line
    await home.stop()


async def recovers_at(house: House, broker: Mosquitto):
    house.broker = broker
    return await house.recovers(now())


async def test_f30_the_line_between_two_sites_is_cut(sites, row):
    house, cabin, home, line = sites
    outcome = await recovers_at(house, home)
    assert outcome.difference == [], "the cabin's instance at home"
    async with Listener(home.port) as main:
        main.publish(COMMAND, command(1))
        await house.home.called(sets_to(1))
        await house.home.begin_load(rate=RATE, seconds=3600)
        line.close()
        await house.home.send({"set": {MARK: {"state": "2"}}})
        await change(house, cabin.port)
        main.publish(COMMAND, command(3))
        await lasts(5)
    state = f"statebus/{INSTANCE}/state/number/mark"
    async with Listener(cabin.port, state, qos=0) as own:
        await line.open()
        row("F30", "line between two sites cut, changes at one of them", await recovers_at(house, home))
        # Its own states do not come back to it as they were before, and neither does an old command.
        assert {json.loads(each.payload)["state"] for each in own.messages} == {"2"}
    assert (await recovers_at(house, cabin)).difference == []
    async with Listener(home.port) as main:
        main.publish(COMMAND, command(4))
        await house.home.called(sets_to(4))
    assert not [call for call in house.home.calls if sets_to(3)(call)]


async def test_a_call_from_the_other_site_is_answered(sites, tmp_path):
    house, _, home, _ = sites
    assert (await recovers_at(house, home)).difference == []
    folder = tmp_path / "main"
    folder.mkdir()
    write_secret(folder / "ha.token", house.home.token)
    config = {
        "instance": "main",
        "home_assistant": {"url": house.home.url.replace("http", "ws"), "token_file": "ha.token"},
        "broker": {"urls": [home.url]},
    }
    (folder / "statebus.yaml").write_text(yaml.safe_dump(config))
    call = [program(), "call", "number.set_value", "--instance", INSTANCE, "--target", f"entity={MARK}"]
    call += ["--data", "value=7", "-c", folder / "statebus.yaml"]
    done = await asyncio.to_thread(subprocess.run, call, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    await house.home.called(sets_to(7))
