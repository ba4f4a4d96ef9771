"""The schemas say what the program does: every golden case, every topic of a running bus."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from harness.bridge import Bridge
from harness.mosquitto import Listener, Mosquitto
from harness.schemas import Schemas
from harness.scripted import ScriptedHomeAssistant

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
CASES = sorted(file.parent for file in GOLDEN.glob("*/*/entity.json"))
SCHEMAS = Schemas()

# What a schema can see of a command; the rest depends on the entity.
SEEN_BY_SCHEMA = {"malformed", "target_not_allowed"}


def named(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def read(folder: Path, name: str):
    file = folder / name
    return json.loads(file.read_text()) if file.exists() else None


@pytest.mark.parametrize("name", SCHEMAS.by_name)
def test_a_schema_is_valid_and_explains_each_of_its_fields(name):
    schema = SCHEMAS.by_name[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"{name}.schema.json"
    assert schema["title"] and schema["description"]
    assert not list(unexplained(schema, name))


def unexplained(schema, path: str):
    """The paths of all fields, also inner ones, that have no description."""
    if isinstance(schema, list):
        for place, item in enumerate(schema):
            yield from unexplained(item, f"{path}[{place}]")
    if not isinstance(schema, dict):
        return
    for key, value in schema.items():
        yield from unexplained(value, f"{path}.{key}")
        if key == "properties":
            yield from (f"{path}.{name}" for name, field in value.items() if is_silent(field))


def is_silent(field) -> bool:
    """Whether a field is allowed and has no description."""
    return isinstance(field, dict) and "description" not in field


@pytest.mark.parametrize("folder", CASES, ids=named)
def test_what_a_golden_case_publishes_is_valid(folder):
    problems = SCHEMAS.problems("state", read(folder, "document.json"))
    problems += SCHEMAS.problems("entity", read(folder, "description.json"))
    for slot, payload in (read(folder, "view.json") or {}).items():
        text = payload if isinstance(payload, str) else json.dumps(payload)
        problems += SCHEMAS.problems_at(f"statebus/hubs/view/{folder.parent.name}/lamp/{slot}", text)
    assert not problems + announcement_problems(read(folder, "announcement.json"))


@pytest.mark.parametrize("secret", ["access_token", "restored"])
def test_a_document_with_what_must_stay_in_the_house_is_not_valid(secret):
    document = read(GOLDEN / "light" / "rgbww", "document.json")
    assert SCHEMAS.problems("state", {**document, "attributes": {secret: "1"}})


def test_the_announcements_of_the_instance_itself_are_valid():
    cases = read(GOLDEN, "instance.json")
    assert cases and not [each for case in cases.values() for each in announcement_problems(case)]


def test_the_announcement_and_the_firing_of_a_device_trigger_are_valid():
    case = read(GOLDEN, "trigger.json")
    assert not announcement_problems(case["announcement"])
    assert not SCHEMAS.problems("trigger", case["firing"])


def announcement_problems(case: dict) -> list[str]:
    assert case
    return [
        problem
        for each in case.values()
        if each["payload"] is not None
        for problem in SCHEMAS.problems_at(each["topic"], json.dumps(each["payload"]))
    ]


@pytest.mark.parametrize("folder", [each for each in CASES if (each / "commands.json").exists()], ids=named)
def test_the_command_schemas_take_what_the_program_takes(folder):
    for case in read(folder, "commands.json"):
        level = "/" + case["slot"] if "slot" in case else ""
        payload = case["payload"]
        text = payload if isinstance(payload, str) else json.dumps(payload)
        problems = SCHEMAS.problems_at(f"statebus/hubs/command/{folder.parent.name}/lamp{level}", text)
        if "call" in case:
            assert not problems, case
        elif case["refusal"]["refusal"] in SEEN_BY_SCHEMA:
            assert problems, case



VERSIONS = {"installed_version": "1.0.0", "latest_version": "1.0.1", "in_progress": False}


@pytest.fixture(scope="module")
async def bus(tmp_path_factory):
    """A bus with two instances: one announces for the newest release, the other for 2024.3."""
    folder = tmp_path_factory.mktemp("schemas")
    broker = Mosquitto(folder / "broker")
    home = ScriptedHomeAssistant(folder / "ha", "--demo")
    await broker.start()
    await home.start()
    await furnish(home)
    pictures = {"publish": {"images": {"include": ["camera.door"]}}}
    old = {"announce": {"ha_version": "2024.3"}}
    bridges = [
        Bridge(folder / "hubs", "hubs", home.url, home.token, broker.url, **pictures),
        Bridge(folder / "media", "media", home.url, home.token, broker.url, **old),
    ]
    for bridge in bridges:
        await bridge.start()
    for bridge in bridges:
        await bridge.online()
    async with Listener(broker.port, "statebus/#", "homeassistant/#") as listener:
        yield home, listener
    for bridge in bridges:
        await bridge.stop()
    await home.stop()
    await broker.stop()


async def furnish(home: ScriptedHomeAssistant) -> None:
    """Makes the demo's house one that uses all fields of the registries."""
    floor = {"floor_id": "ground", "name": "Ground floor", "level": 0, "icon": "mdi:home"}
    label = {"label_id": "share", "name": "Share", "color": "green", "icon": "mdi:flower"}
    kitchen = {"floor_id": "ground", "aliases": ["galley"], "labels": ["share"]}
    (home.folder / "camera.door.jpg").write_bytes(b"\xff\xd8\xff")
    sensor = {"labels": ["share"], "serial_number": "7", "hw_version": "2", "via_device_id": "door"}
    rows = [
        {"create": {"floors": floor}},
        {"create": {"labels": label}},
        {"update": {"areas": {"kitchen": kitchen}}},
        {"update": {"devices": {"climate_sensor": {**sensor, "configuration_url": "http://sensor.lan"}}}},
        {"update": {"entities": {"sensor.climate_battery": {"entity_category": "diagnostic"}}}},
        {"update": {"entities": {"sensor.kitchen_humidity": {"labels": ["share"]}}}},
        {"pictures": str(home.folder)},
        {"add": {"entity_id": "camera.door", "state": "idle", "attributes": {}}},
        {"set": {"media_player.radio": {"state": "idle", "attributes": {"volume_level": 0.5}}}},
        {"set": {"light.hall": {"state": "unavailable", "attributes": {"restored": True}}}},
        {"set": {"light.shelf": {"state": "off", "attributes": {"linkquality": 120}}}},
        {"set": {"vacuum.robot": {"state": "docked", "attributes": {"fan_speed": "max"}}}},
        {"set": {"update.router": {"state": "on", "attributes": VERSIONS}}},
    ]
    for row in rows:
        await home.send(row)


async def test_every_retained_topic_has_a_schema_and_keeps_to_it(bus):
    _, listener = bus

    def all_is_there() -> bool:
        buckets = [json.loads(each) for topic, each in listener.topics.items() if "/index/" in topic]
        listed = [topic for bucket in buckets for topic in bucket]
        return len(buckets) == 64 and all(topic in listener.topics for topic in listed)

    await listener.until(all_is_there, 30, "all topics that the index names")
    retained = dict(listener.topics)
    # Not retained; and where nobody consumes, nothing is followed (faults/test_follow.py).
    passing = {"event", "fired", "trigger", "refused", "reply", "call", "followed"}
    passing |= {name for name in SCHEMAS.by_name if name.partition(".")[0] == "command"}
    problems = [each for topic, payload in retained.items() for each in SCHEMAS.problems_at(topic, payload)]
    assert not problems
    seen = {SCHEMAS.name_of(topic) for topic in retained}
    assert set(SCHEMAS.by_name) - passing - {"config"} <= seen
    slots = {topic.rsplit("/", 1)[1] for topic in retained if "/view/light/" in topic}
    assert slots == {"attributes", "available", "kelvin", "mireds"}


async def test_a_firing_is_valid(bus):
    home, listener = bus
    for moment in ("2026-11-24T09:00:00.000+00:00", "2026-11-24T10:00:00.000+00:00"):
        state = {"state": moment, "attributes": {"event_type": "double", "clicks": 2}}
        await home.send({"set": {"event.hall_button": state}})

    def fired() -> str | None:
        return newest(listener, "statebus/hubs/event/hall_button", '"clicks"')

    payload = await listener.until(fired, 10, "the firing")
    assert not SCHEMAS.problems_at("statebus/hubs/event/hall_button", payload)


def newest(listener: Listener, topic: str, text: str) -> str | None:
    """The last message there that has `text` in it."""
    found = [each.payload for each in listener.messages if each.topic == topic and text in each.payload]
    return found[-1] if found else None


async def refusal(listener: Listener, entity: str, command: str, code: str) -> dict:
    """Sends a command and gives the refusal of that code, which must be valid."""
    topic = "statebus/hubs/refused"
    listener.publish(f"statebus/hubs/command/{entity}", command)
    payload = await listener.until(lambda: newest(listener, topic, f'"code":"{code}"'), 10, code)
    assert not SCHEMAS.problems_at(topic, payload)
    return json.loads(payload)


async def test_refusals_are_valid(bus):
    home, listener = bus
    await refusal(listener, "light/ceiling_lamp", '{"service": "explode"}', "unknown_service")
    await refusal(listener, "light/ceiling_lamp", "on", "malformed")
    await refusal(listener, "light/nowhere", '{"service": "turn_on"}', "not_published")
    fault = {"service": "switch.turn_on", "code": "home_assistant_error", "message": "No coffee"}
    await home.send({"fail": fault})
    command = '{"service": "turn_on", "id": "42"}'
    seen = await refusal(listener, "switch/coffee_machine", command, "home_assistant_error")
    assert seen["service"] == "turn_on" and seen["id"] == "42" and seen["message"] == "No coffee"
    await home.send({"fail": False})
