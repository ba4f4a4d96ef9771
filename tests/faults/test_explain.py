"""What `statebus explain` and `statebus domains` answer, to people and to programs."""

from __future__ import annotations

import json
import subprocess

from harness.bridge import Bridge, program
from harness.mosquitto import DEFAULT_CONFIG, Listener, Mosquitto
from harness.process import free_port

LIGHT = "light.ceiling_lamp"


def explain(bridge: Bridge, *arguments: str) -> subprocess.CompletedProcess:
    command = [program(), "explain", *arguments, "-c", bridge.config]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def explained(bridge: Bridge, entity_id: str) -> dict:
    done = explain(bridge, entity_id, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def verdicts(entity: dict) -> dict[str, set[str]]:
    """What the broker holds, by the kind of topic."""
    found: dict[str, set[str]] = {}
    for topic in entity["topics"]:
        found.setdefault(topic["what"], set()).add(topic["broker"])
    return found


async def test_what_the_bridge_has_published_is_equal_byte_for_byte(tmp_path, home, broker):
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url)
    await bridge.start()
    await bridge.online()
    async with Listener(broker.port, "statebus/edge/#", "homeassistant/#") as listener:

        def all_announced() -> bool:
            # Those of the instance's own device as well.
            return sum(topic.endswith("/config") for topic in listener.topics) == 28 + 4

        await listener.until(all_announced, 10, "all announcements")
        described = [topic.split("/") for topic in listener.topics if "/edge/entity/" in topic]
        by_domain = {domain: f"{domain}.{name}" for *_, domain, name in described}
        for domain in ("light", "climate", "event", "cover", "sensor", "input_boolean"):
            entity = explained(bridge, by_domain[domain])
            assert entity["published"] and entity["reason"] is None, entity
            for topic in entity["topics"]:
                assert topic["broker"] == "equal" and topic["topic"] in listener.topics, topic
    await bridge.stop()


async def test_before_the_bridge_runs_everything_is_absent_and_shown(tmp_path, home, broker):
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url)
    entity = explained(bridge, LIGHT)
    kinds = ("announcement", "description", "document", "view")
    assert verdicts(entity) == {what: {"absent"} for what in kinds}
    assert entity["status"] == "" and entity["in_home_assistant"]
    assert entity["commands"] == ["turn_on", "turn_off"]
    [consumer] = entity["consumers"]
    assert consumer["component"] == "light" and consumer["entity_id"] == LIGHT
    text = explain(bridge, LIGHT).stdout
    assert text.startswith(f"{LIGHT}: on the bus\n") and "never seen on this broker" in text
    assert all(topic["topic"] in text for topic in entity["topics"])


async def test_what_main_lacks_of_the_instance_is_told(tmp_path, home, broker):
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url)
    assert explained(bridge, LIGHT)["lacking_at"] == {}
    async with Listener(broker.port, "statebus/+/info") as listener:
        info = {"epoch": 1, "lacks": {"attic": 5, "edge": 3}}
        listener.publish("statebus/main/info", json.dumps(info), retain=True)
        await listener.until(lambda: listener.topics, 10, "the info")
    assert explained(bridge, LIGHT)["lacking_at"] == {"main": 3}
    assert "lacking     main has not made an entity of 3 that this" in explain(bridge, LIGHT).stdout


async def test_what_differs_on_the_broker_is_shown_beside_what_should_be_there(tmp_path, home, broker):
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url)
    async with Listener(broker.port, "statebus/#") as other:
        other.publish("statebus/edge/state/light/ceiling_lamp", '{"state":"old"}', retain=True)
        other.publish("statebus/edge/view/light/ceiling_lamp/strange", "x", retain=True)
        await other.until(lambda: len(other.topics) == 2, 10, "both")
    entity = explained(bridge, LIGHT)
    document = next(topic for topic in entity["topics"] if topic["what"] == "document")
    assert document["broker"] == "different" and document["held"] == {"state": "old"}
    assert document["payload"]["state"] == "on"
    left = next(topic for topic in entity["topics"] if topic["topic"].endswith("/strange"))
    assert left["broker"] == "left over" and left["payload"] is None


REASONS = {
    "sun.sun": ("left_out", None),
    "light.hidden": ("hidden", "by user"),
    "light.off": ("disabled", "by user"),
    "switch.coffee_machine": ("filtered", "exclude: {domain: switch}"),
    "light.mirror": ("mirror", None),
    "select.mode": ("incomplete", "options"),
    "input_boolean.a": ("clash", "input_boolean.a, switch.input_boolean_a"),
    "sensor.large": ("too_large", None),
}


async def test_each_reason_is_told_with_what_it_is_about(tmp_path, home):
    broker = Mosquitto(tmp_path / "broker", DEFAULT_CONFIG + "max_packet_size 4000\n")
    await broker.start()
    for row in (
        {"entity_id": "sun.sun", "state": "up"},
        {"entity_id": "light.hidden", "state": "on", "hidden_by": "user"},
        {"entity_id": "light.off", "state": "on", "disabled_by": "user"},
        {"entity_id": "light.mirror", "state": "on", "unique_id": "statebus-media-1"},
        {"entity_id": "select.mode", "state": "one"},
        {"entity_id": "input_boolean.a", "state": "on"},
        {"entity_id": "switch.input_boolean_a", "state": "on"},
        {"entity_id": "sensor.large", "state": "on", "attributes": {"text": "x" * 5000}},
    ):
        await home.send({"add": {"attributes": {}, **row}})
    rules = [{"exclude": {"domain": "switch"}}, {"include": {"entity": "switch.input_*"}}]
    settings = {"publish": {"filter": rules}}
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url, **settings)
    for entity_id, (code, detail) in REASONS.items():
        entity = explained(bridge, entity_id)
        assert (entity["reason"]["code"], entity["reason"].get("detail")) == (code, detail)
        assert entity["published"] == (code in ("incomplete", "clash", "too_large"))
        text = explain(bridge, entity_id).stdout
        assert f"{code}: {entity['reason']['why']}" in text and entity["reason"]["remedy"] in text
    await broker.stop()


async def test_a_stand_in_and_refused_commands_say_why(tmp_path, home, broker):
    await home.send({"add": {"entity_id": "notify.phone", "state": "unknown", "attributes": {}}})
    settings = {"announce": {"ha_version": "2024.3"}, "commands": {"deny": ["light.*"]}}
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url, **settings)
    entity = explained(bridge, "notify.phone")
    assert entity["reason"] is None
    [main] = entity["consumers"]
    assert main["stand_in"]["code"] == "old_release"
    assert main["ha_version"] == "2024.3" and main["entity_id"] == "sensor.notify_phone"
    assert explained(bridge, LIGHT)["commands_refused_by"] == "commands.deny"
    assert "none; commands.deny refuses them" in explain(bridge, LIGHT).stdout


async def test_an_unknown_entity_ends_with_1_and_the_nearest_names(tmp_path, home, broker):
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url)
    for typed in ("light.ceilinglamp", "ceiling_lamp", "lamp.ceiling"):
        done = explain(bridge, typed)
        assert done.returncode == 1 and not done.stdout
        assert f"did you mean {LIGHT}" in done.stderr, done.stderr
    done = explain(bridge, "nonsense.of/a#kind")
    assert done.returncode == 1 and "no entity nonsense" in done.stderr


async def test_what_is_left_on_the_broker_of_an_entity_that_is_gone_is_shown(tmp_path, home, broker):
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url)
    async with Listener(broker.port, "statebus/#") as other:
        other.publish("statebus/edge/state/light/gone", '{"state":"on"}', retain=True)
        await other.until(lambda: other.topics, 10, "it")
    done = explain(bridge, "light.gone", "--json")
    entity = json.loads(done.stdout)
    assert done.returncode == 1 and not entity["in_home_assistant"]
    assert verdicts(entity) == {"document": {"left over"}}


async def test_without_home_assistant_or_the_broker_it_ends_with_1(tmp_path, home, broker):
    closed = free_port()
    deaf = Bridge(tmp_path / "a", "edge", f"ws://127.0.0.1:{closed}", home.token, broker.url)
    done = explain(deaf, LIGHT)
    assert done.returncode == 1 and str(closed) in done.stderr and not done.stdout
    mute = Bridge(tmp_path / "b", "edge", home.url, home.token, f"mqtt://127.0.0.1:{closed}")
    done = explain(mute, LIGHT)
    assert done.returncode == 1 and str(closed) in done.stderr
    assert done.stdout.startswith(f"{LIGHT}: on the bus")


def test_the_kinds_are_told_as_a_table_and_as_json():
    def run(*options: str) -> str:
        command = [program(), "domains", *options]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    rows = {row["domain"]: row for row in json.loads(run("--json"))}
    assert rows["light"]["commands"] == ["turn_on", "turn_off"]
    assert rows["notify"]["on_main"] == {
        "2026.11": [{"component": "notify", "stand_in": False}],
        "2024.3": [{"component": "sensor", "stand_in": True}],
    }
    assert rows[None]["on_main"]["2026.11"] == [{"component": "sensor", "stand_in": True}]
    table = run().splitlines()
    assert len(table) == 1 + len(rows)
    assert any(line.split()[:2] == ["input_boolean", "switch"] for line in table)
