"""Bridges whose Home Assistant users are no administrators: the bus works, and what needs one says so."""

from __future__ import annotations

import json

import pytest

from harness.environments import NEWEST, OLDEST
from harness.home_assistant import HomeAssistant
from harness.mosquitto import Listener
from harness.process import wait_until

from .following import BED, FAN, LAMP, Homes, put_entity, until
from .pair import WATCHED
from .test_token import make

USER, PASSWORD = "bridge", "no administrator"
ADMINISTRATORS = {
    "source": ["events of the type test_event are not forwarded"],
    "main": [
        "areas, labels, names and hidden flags of other instances do not follow",
        "events and refusals of other instances are not fired",
    ],
}


@pytest.fixture(params=[(OLDEST, NEWEST), (NEWEST, OLDEST)], ids="-to-".join)
async def homes(request, work):
    homes = Homes(work / f"rights-{request.param[0]}", *request.param)
    try:
        await homes.start()
        for home in (homes.source, homes.main):
            homes.tokens[home.name] = await token_of_a_plain_user(home, homes.folder)
        homes.source_settings["publish"]["events"] = ["test_event"]
        await homes.start_bridges()
        yield homes
    finally:
        await homes.stop()


async def token_of_a_plain_user(home: HomeAssistant, folder) -> str:
    made = await home.client.ask("config/auth/create", name="Bridge", group_ids=["system-users"])
    await home.client.ask(
        "config/auth_provider/homeassistant/create",
        user_id=made["user"]["id"], username=USER, password=PASSWORD,
    )  # fmt: skip
    file = folder / f"{home.name}.token"
    told = make(home, file, PASSWORD, USER)
    assert told.returncode == 0, told.stderr
    return file.read_text().strip()


async def test_without_administrators_all_works_but_what_needs_one(homes):
    source, main = homes.source, homes.main

    async def is_shown() -> bool:
        states = await main.client.states()
        return all(states[each]["state"] not in ("unavailable", "unknown") for each in (BED, LAMP))

    await until("the source on main", is_shown)
    await main.client.call("switch.turn_on", LAMP)

    async def is_on() -> bool:
        at_source = (await source.client.state("input_boolean.lamp"))["state"]
        return at_source == (await main.client.state(LAMP))["state"] == "on"

    await until("the lamp to go on at the source and on main", is_on)
    # What main's bridge would have to write into main's registries or fire there.
    await put_entity(source, "input_boolean.fan", hidden_by="user")
    async with Listener(homes.broker.port, "statebus/source/device/#") as client:
        event = {"event_type": "test_event", "data": {}, "time_fired": "2026-11-24T15:44:47.026097+00:00"}
        client.publish("statebus/source/fired/test_event", json.dumps(event))

        def is_told() -> bool:
            logs = {home.name: bridge.output() for home, bridge in zip((main, source), homes.bridges)}
            return all(text in logs[name] for name, texts in ADMINISTRATORS.items() for text in texts)

        await wait_until(is_told, 20, "the bridges to say what needs an administrator")
    assert (await main.client.entities())[FAN]["hidden_by"] is None
    await main.client.call("switch.turn_off", LAMP)
    await until("the lamp to be off", lambda: is_off(source))
    for (name, texts), bridge in zip(sorted(ADMINISTRATORS.items()), homes.bridges):
        for text in texts:
            assert bridge.output().count(text) == 1, (name, text)
    # Home Assistant notes each thing that it refuses, and each is tried once: a write into a registry and an
    # event; the old one also tells no plain user of changed floors and labels.
    refusals = main.problems(*WATCHED)
    assert all("Unauthorized" in line for line in refusals), refusals
    assert len(refusals) == (4 if main.environment.version == OLDEST else 2), refusals


async def is_off(source: HomeAssistant) -> bool:
    return (await source.client.state("input_boolean.lamp"))["state"] == "off"
