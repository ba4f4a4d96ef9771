"""What the pages show of a bridge that runs: rights, services and the order of messages."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from harness.bridge import Bridge, program, write_secret
from harness.mosquitto import Listener, RestrictedMosquitto
from harness.schemas import Schemas
from harness.scripted import ScriptedHomeAssistant

from . import pages
from .pages import DOCS

SCHEMAS = Schemas()


def shown_access_list() -> str:
    (shown,) = pages.all_blocks("acl")
    return shown.text


def test_the_access_list_shown_is_what_the_command_prints():
    (call,) = [call for call in pages.commands(DOCS / "configuration.md") if re.fullmatch("acl .* ha", call)]
    printed = subprocess.run([program(), *call.split()], capture_output=True, text=True, check=True).stdout
    assert shown_access_list() == printed, "take over what it prints"


@pytest.fixture(scope="module")
async def bus(tmp_path_factory):
    """A bridge whose user may do what the page on the configuration says, and no more."""
    folder = tmp_path_factory.mktemp("docs")
    rest = shown_access_list().split("\nuser hubs\n")[1].split("\nuser ")[0]
    broker = RestrictedMosquitto(folder / "broker", rest)
    home = ScriptedHomeAssistant(folder / "ha", "--demo")
    await broker.start()
    await home.start()
    bridge = Bridge(folder / "bridge", "hubs", home.url, home.token, broker.url, **broker.login)
    write_secret(folder / "bridge" / "mqtt.pw", broker.password)
    await bridge.start()
    await bridge.online()
    yield home, bridge, broker
    await bridge.stop()
    await home.stop()
    await broker.stop()


def run(bridge: Bridge, *command: str) -> subprocess.CompletedProcess:
    arguments = [program(), *command, "-c", bridge.config]
    return subprocess.run(arguments, capture_output=True, text=True, timeout=60)


async def test_the_access_list_shown_is_enough(bus):
    _, bridge, broker = bus
    document = {"state": "on", "attributes": {}, "last_changed": None, "last_updated": None}
    async with Listener(broker.port, "statebus/media/#") as other:
        other.publish("statebus/media/state/light/tv", json.dumps(document), retain=True)
        other.publish("statebus/media/info", '{"index_buckets":0}', retain=True)
        await other.until(lambda: len(other.topics) == 2, 10, "another instance")
    checked = run(bridge, "check")
    assert checked.returncode == 0, checked.stdout
    stated = run(bridge, "state", "--json")
    assert stated.returncode == 0, stated.stderr
    instances = json.loads(stated.stdout)["instances"]
    assert len(instances["hubs"]["entities"]) == 28 and len(instances["media"]["entities"]) == 1
    assert not re.findall(r"^.*(?:error|warning).*$", bridge.output(), re.M)


def services_shown() -> dict[str, set[str]]:
    """The services of each kind, from the table in domains.md."""
    rows = re.findall(r"^\| `(\w+)` \|.*\|([^|]+)\|$", (DOCS / "domains.md").read_text(), re.M)
    return {kind: set(re.findall(r"`(\w+)`", services)) for kind, services in rows}


async def test_the_services_shown_are_those_that_are_taken(bus):
    _, _, broker = bus
    shown = services_shown()
    async with Listener(broker.port, "statebus/hubs/#") as listener:
        await listener.until(lambda: "statebus/hubs/info" in listener.topics, 10, "the topics")
        entities = [topic.split("/", 3)[3] for topic in listener.topics if "/entity/" in topic]
        by_kind = {entity.split("/")[0]: entity for entity in entities}
        assert len(by_kind) > 20
        for kind, entity in by_kind.items():
            assert await services_taken(listener, entity) == shown.get(kind, set()), kind


async def services_taken(listener: Listener, entity: str) -> set[str]:
    """What a refusal says that the entity takes."""
    listener.publish(f"statebus/hubs/command/{entity}", '{"service": "explode"}')
    name = entity.replace("/", ".")

    def answered() -> str | None:
        refusals = [each.payload for each in listener.messages if each.topic == "statebus/hubs/refused"]
        return next((each for each in refusals if f'"{name}"' in each), None)

    message = json.loads(await listener.until(answered, 10, f"a refusal of {name}"))["message"]
    taken = re.search(r"it takes (.*)$", message)
    return set(taken[1].split(", ")) if taken else set()


def kinds_since(listener: Listener, begin: int) -> list[str]:
    """What came of the lamp and its shelf, by the names of schemas; `-` marks a cleared topic."""
    found = []
    for message in listener.messages[begin:]:
        name = SCHEMAS.name_of(message.topic)
        if re.search("/light/(lamp|spot)|lamp0|shelf", message.topic):
            found.append(name if message.payload else f"-{name}")
    return found


async def order(home: ScriptedHomeAssistant, listener: Listener, line: dict, count: int) -> list[str]:
    """The first messages about the lamp after something has happened."""
    begin = len(listener.messages)
    await home.send(line)
    await listener.until(lambda: len(kinds_since(listener, begin)) >= count, 20, f"{count} messages")
    return kinds_since(listener, begin)[:count]


async def test_messages_come_in_the_order_shown(bus):
    home, _, broker = bus
    lamp = {"supported_color_modes": ["brightness"], "color_mode": "brightness", "brightness": 1}
    row = {"entity_id": "light.lamp", "id": "lamp0", "device_id": "shelf", "state": "on", "attributes": lamp}
    async with Listener(broker.port, "statebus/#", "homeassistant/#", retained=False) as listener:
        await home.send({"create": {"devices": {"id": "shelf", "name": "Shelf"}}})
        new = await order(home, listener, {"add": row}, 6)
        assert new == ["device", "entity", "state", "view.light", "view.availability", "announcement"]
        dimmed = {"state": "on", "attributes": {**lamp, "brightness": 2}}
        assert await order(home, listener, {"set": {"light.lamp": dimmed}}, 2) == ["state", "view.light"]
        capable = {"state": "on", "attributes": {**lamp, "supported_features": 32}}
        changed = await order(home, listener, {"set": {"light.lamp": capable}}, 6)
        assert changed.index("announcement") < changed.index("state")
        assert changed[4:] == ["state", "view.light"]
        renamed = await order(home, listener, {"rename": ["light.lamp", "light.spot"]}, 11)
        assert renamed[:5] == ["entity", "state", "view.light", "view.availability", "announcement"]
        gone = {"-entity", "-state", "-view.light", "-view.availability"}
        assert set(renamed[5:]) == {*gone, "state", "view.light"}
        removed = await order(home, listener, {"remove": "light.spot"}, 6)
        assert removed[0] == "-announcement"
        assert set(removed[1:]) == {"-entity", "-state", "-view.light", "-view.availability", "-device"}
        assert_named_before_they_come(listener)


def assert_named_before_they_come(listener: Listener) -> None:
    """Each topic that came was in a bucket of the index that came before it."""
    named: set[str] = set()
    for message in listener.messages:
        if SCHEMAS.name_of(message.topic) == "index":
            named |= set(json.loads(message.payload))
        elif re.search("/light/(lamp|spot)|lamp0|shelf", message.topic) and message.payload:
            assert message.topic in named
