"""Two Home Assistants that consume from each other: listed events and refusals reach the other one."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter

import pytest

from conftest import home_assistant_environment
from harness.bridge import Bridge
from harness.environments import NEWEST, OLDEST
from harness.home_assistant import HomeAssistant
from harness.mosquitto import Listener, Mosquitto
from harness.process import wait_until

from .pair import WATCHED

HOUSE = """\
input_boolean: {lamp: {name: Lamp}, door: {name: Door}}
input_number: {level: {name: Level, min: 0, max: 9, step: 1}}
"""
LISTED = "zha_event"
NAMES = ("east", "west")


class Ends:
    """Two homes of different releases, each with a bridge that publishes and consumes."""

    def __init__(self, folder, versions):
        self.folder = folder
        self.broker = Mosquitto(folder / "broker")
        self.ha = {
            name: HomeAssistant(name, home_assistant_environment(version), folder / f"{name}_ha", HOUSE)
            for name, version in zip(NAMES, versions)
        }
        self.bridges = {}

    async def start(self) -> None:
        await self.broker.start()
        await asyncio.gather(*(self._start(name) for name in NAMES))

    async def _start(self, name: str) -> None:
        home = self.ha[name]
        await home.start()
        await home.set_up_mqtt(self.broker.port)
        await home.listen_under(f"{name}_ha", self.broker.port)
        bridge = Bridge(
            self.folder / name, name, home.url, home.client.token, self.broker.url,
            publish={"events": [LISTED, "statebus_refused"], "entity_id_prefix": f"{name}_"},
            commands={"deny": ["*.door"]},
            consume={"prefix": f"{name}_ha", "notify_refusals": True},
        )  # fmt: skip
        self.bridges[name] = bridge
        await bridge.start()
        await bridge.online()

    async def stop(self) -> None:
        await asyncio.gather(*(bridge.stop() for bridge in self.bridges.values()))
        await asyncio.gather(*(home.stop() for home in self.ha.values()))
        await self.broker.stop()

    async def fire(self, name: str, **data) -> None:
        await self.ha[name].client.post(f"/api/events/{LISTED}", data)


@pytest.fixture(scope="module")
async def ends(work):
    ends = Ends(work / "relay", (OLDEST, NEWEST))
    try:
        await ends.start()
        yield ends
    finally:
        await ends.stop()


@contextlib.asynccontextmanager
async def heard(home: HomeAssistant, event_type: str):
    """The data of the events of that type, as they come."""
    events: list[dict] = []
    async with home.client.subscribed("subscribe_events", event_type=event_type) as next_event:

        async def collect() -> None:
            while True:
                events.append((await next_event(600))["data"])

        collecting = asyncio.create_task(collect())
        try:
            yield events
        finally:
            collecting.cancel()


async def test_each_event_is_seen_once_at_each_end(ends):
    async with contextlib.AsyncExitStack() as stack:
        seen = {name: await stack.enter_async_context(heard(ends.ha[name], LISTED)) for name in NAMES}

        def has(name: str, n: int):
            return lambda: any(data["n"] == n for data in seen[name])

        await ends.fire("east", n=1, command="toggle", nested={"list": [1.5, None]})
        await wait_until(has("west", 1), 10, "the event at the other end")
        await ends.fire("west", n=2)
        await wait_until(has("east", 2), 10, "the event at the first end")
        # An echo would have come before what was fired after it.
        for n, (source, other) in enumerate((NAMES, NAMES[::-1]), 3):
            await ends.fire(source, n=n)
            await wait_until(has(other, n), 10, "what was fired last")
    for name in NAMES:
        assert Counter(data["n"] for data in seen[name]) == {1: 1, 2: 1, 3: 1, 4: 1}
    at_west = next(data for data in seen["west"] if data["n"] == 1)
    mark = at_west.pop("statebus")
    assert at_west == {"n": 1, "command": "toggle", "nested": {"list": [1.5, None]}}
    assert mark["instance"] == "east" and mark["time_fired"].startswith("20")
    assert not any("statebus" in data for data in seen["east"] if data["n"] in (1, 3))


async def mirror_of(home: HomeAssistant, entity_id: str) -> str:
    """Waits until it is there and takes commands."""

    async def found() -> str | None:
        state = await home.client.state(entity_id)
        return entity_id if state and state["state"] != "unavailable" else None

    return await wait_until(found, 30, f"{entity_id} on {home.name}", interval=0.2)


async def notification(home: HomeAssistant, part: str) -> dict | None:
    shown = await home.client.ask("persistent_notification/get")
    return next((each for each in shown if part in each["message"]), None)


@pytest.mark.parametrize("source, main", [NAMES, NAMES[::-1]])
async def test_a_refused_command_fires_an_event_and_is_shown(ends, source, main):
    home = ends.ha[main]
    door = await mirror_of(home, f"switch.{source}_input_boolean_door")
    async with heard(home, "statebus_refused") as events:
        await home.client.call("switch.turn_on", door)
        await wait_until(lambda: events, 10, "the event of the refusal")
    assert events == [
        {
            "code": "denied",
            "entity_id": "input_boolean.door",
            "instance": source,
            "message": "commands.deny names *.door",
            "service": "turn_on",
            "statebus": {"instance": source},
        }
    ]
    shown = await wait_until(lambda: notification(home, "commands.deny"), 10, "the notification")
    assert shown["notification_id"] == f"statebus_refused_{source}_input_boolean.door"
    assert shown["title"] == f"{source} did not carry out a command"
    assert "`turn_on` for `input_boolean.door` was not carried out" in shown["message"]
    # Once more is no second notification.
    before = shown["created_at"]
    await home.client.call("switch.turn_off", door)

    async def is_newer() -> bool:
        newest = await notification(home, "`turn_off` for `input_boolean.door`") or shown
        return newest["created_at"] > before

    await wait_until(is_newer, 10, "the newer notification")
    assert await notification(home, "`turn_on` for `input_boolean.door`") is None


async def test_what_the_source_itself_refuses_is_told_too(ends):
    east, west = ends.ha["east"], ends.ha["west"]
    await mirror_of(west, "number.east_input_number_level")
    async with heard(west, "statebus_refused") as events, Listener(ends.broker.port) as client:
        command = '{"service": "set_value", "data": {"value": 100}}'
        client.publish("statebus/east/command/input_number/level", command)
        await wait_until(lambda: events, 10, "the event of the refusal")
    assert events[0]["entity_id"] == "input_number.level" and events[0]["service"] == "set_value"
    assert "Invalid value for input_number.level" in events[0]["message"]

    async def counted() -> dict | None:
        state = await west.client.state("sensor.east_refused")
        return state if state["attributes"].get("entity") == "input_number.level" else None

    # The source writes its counters every 10 s.
    shown = await wait_until(counted, 20, "the sensor of refusals", interval=0.2)
    assert int(shown["state"]) >= 1
    attributes = shown["attributes"]
    assert attributes["code"] == events[0]["code"] and attributes["service"] == "set_value"
    assert attributes["message"] == events[0]["message"] and attributes["at"].startswith("20")
    for home in (east, west):
        assert home.problems(*WATCHED) == []
    for bridge in ends.bridges.values():
        assert " error: " not in bridge.output()
