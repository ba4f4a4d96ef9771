"""Calls on real Home Assistant: by entity, device, area, floor and label of the source, and their answers."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

from conftest import home_assistant_environment
from harness.bridge import Bridge, program
from harness.environments import NEWEST, OLDEST
from harness.home_assistant import HomeAssistant
from harness.mosquitto import Listener, Mosquitto
from harness.process import wait_until

LIGHTS = ("light.ceiling_lights", "light.kitchen_lights", "light.bed_light")
CONFIGURATION = Path(__file__).with_name("calls.yaml")
EXCLUDED = [{"exclude": {"entity": entity}} for entity in ("input_boolean.secret", "script.hidden")]


class Caller:
    """The command line, and whoever publishes to the call topic."""

    def __init__(self, bridge: Bridge, source: HomeAssistant, broker: Mosquitto):
        self.bridge, self.source, self.broker = bridge, source, broker

    async def call(self, *arguments: str) -> subprocess.CompletedProcess:
        command = [str(program()), "call", *arguments, "-c", str(self.bridge.config)]
        settings = {"capture_output": True, "text": True, "timeout": 90}
        return await asyncio.to_thread(subprocess.run, command, **settings)

    async def response(self, service: str, *arguments: str) -> dict:
        done = await self.call(service, *arguments, "--response")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    async def fails(self, *arguments: str) -> str:
        done = await self.call(*arguments)
        assert done.returncode == 1, done.stdout
        return done.stderr

    async def states(self, *entities: str) -> list[str]:
        states = await self.source.client.states()
        return [states[entity]["state"] for entity in entities]


@pytest.fixture(params=[OLDEST, NEWEST])
async def caller(request, work):
    version = request.param
    folder = work / f"calls-{version}-{abs(hash(request.node.name))}"
    broker = Mosquitto(folder / "broker")
    environment = home_assistant_environment(version)
    source = HomeAssistant("edge", environment, folder / "ha", CONFIGURATION.read_text())
    await broker.start()
    await source.start()
    bridge = Bridge(folder / "bridge", "edge", source.url, source.client.token, broker.url,
                    publish={"filter": EXCLUDED},
                    calls={"timeout": "3s", "allow": ["persistent_notification.create"]})  # fmt: skip
    await bridge.start()
    await bridge.online()
    yield Caller(bridge, source, broker)
    await bridge.stop()
    await source.stop()
    await broker.stop()


async def test_services_that_return_data_return_them(caller):
    weather = "entity=weather.demo_weather_south"
    daily = await caller.response("weather.get_forecasts", "--target", weather, "--data", "type=daily")
    wanted = await caller.source.client.ask(
        "call_service", domain="weather", service="get_forecasts", return_response=True,
        service_data={"type": "daily"}, target={"entity_id": "weather.demo_weather_south"})  # fmt: skip
    assert len(daily["weather.demo_weather_south"]["forecast"]) > 3
    # The demo's days begin at the moment of the question.
    for each in [*daily["weather.demo_weather_south"]["forecast"],
                 *wanted["response"]["weather.demo_weather_south"]["forecast"]]:  # fmt: skip
        del each["datetime"]
    assert daily == wanted["response"]

    span = "--data", "start_date_time=2020-01-01 00:00:00", "--data", "end_date_time=2040-01-01 00:00:00"
    events = await caller.response("calendar.get_events", "--target", "entity=calendar.calendar_1", *span)
    assert events["calendar.calendar_1"]["events"][0]["summary"]

    await caller.source.set_up("shopping_list", [{}])
    listed = "--target", "entity=todo.shopping_list"

    async def added() -> bool:
        return (await caller.call("todo.add_item", *listed, "--data", "item=Milk")).returncode == 0

    await wait_until(added, 20, "an item on the list", interval=0.5)
    items = await caller.response("todo.get_items", *listed)
    assert [item["summary"] for item in items["todo.shopping_list"]["items"]] == ["Milk"]

    lacking = await caller.fails("weather.get_forecasts", "--target", weather, "--data", "type=daily")
    assert "call it with --response" in lacking


async def test_targets_are_the_sources_own(caller):
    ask = caller.source.client.ask
    version = await caller.source.client.version()
    entities = await caller.source.client.entities()
    area = await ask("config/area_registry/create", name="Winter garden")
    for light in LIGHTS[:2]:
        moved = {"device_id": entities[light]["device_id"], "area_id": area["area_id"]}
        await ask("config/device_registry/update", **moved)
    targets = [f"area={area['area_id']}", "area=Winter garden"]
    if version >= (2024, 4):
        floor = await ask("config/floor_registry/create", name="Ground")
        label = await ask("config/label_registry/create", name="Cosy")
        await ask("config/area_registry/update", area_id=area["area_id"], floor_id=floor["floor_id"])
        for light in LIGHTS[:2]:
            await ask("config/entity_registry/update", entity_id=light, labels=[label["label_id"]])
        targets += ["floor=Ground", "label=Cosy"]
    async with Listener(caller.broker.port, "statebus/edge/#") as listener:

        def is_known() -> bool:
            devices = [text for topic, text in listener.topics.items() if "/edge/device/" in topic]
            return sum(area["area_id"] in text for text in devices) == 2

        await listener.until(is_known, 20, "the area on the bus")
    assert await caller.states(*LIGHTS) == ["on", "on", "off"]
    for target in targets:
        for service, states in ("turn_off", ["off", "off", "off"]), ("turn_on", ["on", "on", "off"]):
            done = await caller.call(f"light.{service}", "--target", target)
            assert done.returncode == 0, done.stderr
            assert await caller.states(*LIGHTS) == states, target
    device = entities[LIGHTS[2]]["device_id"]
    done = await caller.call("light.turn_on", "--target", f"device={device}", "--data", "brightness=77")
    assert done.returncode == 0, done.stderr
    assert (await caller.source.client.state(LIGHTS[2]))["attributes"]["brightness"] == 77


async def test_nothing_that_is_not_published_is_reached_but_what_is_allowed(caller):
    secret = "input_boolean.secret"
    assert "(not_published)" in await caller.fails("input_boolean.turn_on", "--target", f"entity={secret}")
    assert "(not_published)" in await caller.fails("script.hidden")
    lamp = "--target", "entity=input_boolean.lamp"
    assert "(no_target)" in await caller.fails("homeassistant.turn_on", *lamp)
    everything = await caller.call("input_boolean.turn_on", "--target", "entity=all")
    assert everything.returncode == 0, everything.stderr
    assert await caller.states("input_boolean.lamp", secret) == ["on", "off"]
    allowed = await caller.call("persistent_notification.create", "--data", "message=Hello")
    assert allowed.returncode == 0, allowed.stderr


async def test_errors_are_the_sources_and_a_timeout_leaves_it_open(caller):
    lamp = "--target", "entity=light.bed_light"
    assert "brightness" in await caller.fails("light.turn_on", *lamp, "--data", "brightness=much")
    assert "not found" in (await caller.fails("light.explode", *lamp)).lower()
    runs = []

    async def count() -> None:
        async for data in caller.source.client.events("call_service"):
            runs.append(data) if data["service"] == "slow" else None

    counting = asyncio.create_task(count())
    slow = await caller.fails("script.slow")
    assert "whether the service ran is not known (timeout)" in slow
    # One more call, all of whose traces come after those of another attempt at the slow one.
    assert (await caller.call("script.turn_off", "--target", "entity=script.slow")).returncode == 0
    counting.cancel()
    assert len(runs) == 1
