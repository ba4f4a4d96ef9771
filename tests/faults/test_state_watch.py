"""`statebus state --watch`: each change on a line of its own, for people and for programs."""

from __future__ import annotations

import json

import pytest

from harness.bridge import program
from harness.mosquitto import Listener, Mosquitto
from harness.process import Process, wait_until


@pytest.fixture
async def bus(tmp_path):
    """A broker with one document of an instance, and a client to write others."""
    broker = Mosquitto(tmp_path / "broker")
    await broker.start()
    async with Listener(broker.port, "statebus/#") as client:
        client.publish("statebus/hubs/info", '{"index_buckets":0}', retain=True)
        client.publish("statebus/hubs/state/light/a", document("on"), retain=True)
        await client.until(lambda: len(client.topics) == 2, 10, "the first topics")
        yield broker, client
    await broker.stop()


def document(state: str) -> str:
    time = "2026-11-24T15:44:47.026097+00:00"
    return json.dumps({"state": state, "attributes": {}, "last_changed": time, "last_updated": time})


async def watch(tmp_path, broker, *options: str) -> Process:
    config = tmp_path / "statebus.yaml"
    config.write_text(f"broker: {{urls: ['{broker.url}']}}\n")
    command = [str(program()), "state", "--watch", *options, "-c", str(config)]
    process = Process("statebus state", command, tmp_path / "state.log")
    await process.start()
    await wait_until(lambda: "light.a" in process.output(), 20, "what is there at first")
    return process


async def lines_after(process: Process, client: Listener, *payloads: str) -> list[str]:
    """What it prints when these are written to light.b, and at the end `final` to light.c."""
    before = len(process.output().splitlines())
    for payload in payloads:
        client.publish("statebus/hubs/state/light/b", payload, retain=True)
    client.publish("statebus/hubs/state/light/c", document("final"), retain=True)
    await wait_until(lambda: "final" in process.output(), 10, "the last change")
    return process.output().splitlines()[before:]


CHANGES = (document("on"), "no json", document("red\x1b[31m\nalert\u009b"), "")


async def test_for_people_each_change_is_a_line_that_no_terminal_obeys(tmp_path, bus):
    broker, client = bus
    process = await watch(tmp_path, broker)
    lines = await lines_after(process, client, *CHANGES)
    assert lines[:2] == ["hubs light.b on", "hubs light.b (unreadable)"]
    assert lines[2].startswith("hubs light.b red [31m alert") and lines[2].isprintable()
    assert lines[3:] == ["hubs light.b (removed)", "hubs light.c final"]
    assert await process.stop() == 0


async def test_for_programs_each_line_is_an_object(tmp_path, bus):
    broker, client = bus
    process = await watch(tmp_path, broker, "--json")
    lines = await lines_after(process, client, *CHANGES)
    first = json.loads(process.output().splitlines()[0])
    assert (first["instance"], first["entity_id"], first["document"]["state"]) == ("hubs", "light.a", "on")
    documents = [json.loads(line)["document"] for line in lines]
    assert documents[0] == json.loads(CHANGES[0])
    assert documents[1] == "no json"
    assert documents[2]["state"] == "red\x1b[31m\nalert\u009b"
    assert documents[3] is None
    assert await process.stop() == 0


async def test_only_what_the_glob_names_is_shown(tmp_path, bus):
    broker, client = bus
    process = await watch(tmp_path, broker, "light.a")
    client.publish("statebus/hubs/state/light/b", document("other"), retain=True)
    client.publish("statebus/hubs/state/light/a", document("final"), retain=True)
    await wait_until(lambda: "final" in process.output(), 10, "the change of light.a")
    assert "light.b" not in process.output()
    assert await process.stop() == 0
