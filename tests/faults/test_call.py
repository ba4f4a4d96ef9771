"""`statebus call` and calls over a real broker: answers, errors, and what is not there."""

from __future__ import annotations

import asyncio
import json
import subprocess

import pytest

from harness.bridge import Bridge, program
from harness.mosquitto import Listener

LAMP = "light.ceiling_lamp"


@pytest.fixture
async def bridge(tmp_path, home, broker):
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url, calls={"timeout": "2s"})
    await bridge.start()
    await bridge.online()
    yield bridge
    await bridge.stop()


async def call(bridge: Bridge, *arguments: str) -> subprocess.CompletedProcess:
    command = [str(program()), "call", *arguments, "-c", str(bridge.config)]
    return await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60)


async def test_a_call_runs_once_and_its_answer_is_printed(home, bridge):
    target = "--target", f"entity={LAMP}"
    done = await call(bridge, "light.turn_on", *target, "--data", "brightness=12", "--data", "color_name=red")
    assert (done.returncode, done.stdout) == (0, "edge: light.turn_on is done\n"), done.stderr
    [seen] = [each for each in home.calls if each["service"] == "turn_on"]
    assert seen["service_data"] == {"brightness": 12, "color_name": "red", "entity_id": [LAMP]}
    as_json = await call(bridge, "light.turn_off", "--target", json.dumps({"entity_id": LAMP}), "--json")
    assert json.loads(as_json.stdout)["ok"] is True


async def test_an_error_is_the_sources_own_text_with_its_code(home, bridge):
    fault = {"service": "light.turn_on", "code": "home_assistant_error", "message": "No lamp"}
    await home.send({"fail": fault})
    done = await call(bridge, "light.turn_on", "--target", f"entity={LAMP}")
    assert (done.returncode, done.stderr) == (1, "statebus: edge: No lamp (home_assistant_error)\n")
    done = await call(bridge, "light.turn_on", "--target", "area=nowhere")
    assert (done.returncode, done.stderr) == (
        1,
        "statebus: edge: this instance has no area 'nowhere' (unknown_target)\n",
    )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--target", "lamp"], "--target lamp is neither KEY=VALUE nor a JSON object"),
        (["--target", "room=a"], "--target room=a: it takes entity, device, area, floor and label"),
        (["--data", "{1}"], "--data {1} is no JSON object, or not the only one"),
        (["--instance", "Hubs"], "--instance Hubs is no instance's name"),
    ],
)
async def test_wrong_use_is_told(home, bridge, arguments, text):
    done = await call(bridge, "light.turn_on", *arguments)
    assert (done.returncode, done.stderr) == (2, f"statebus: {text}\n")


async def test_an_instance_that_is_not_there_is_not_asked(home, bridge, broker):
    async with Listener(broker.port, "statebus/+/call") as listener:
        done = await call(bridge, "light.turn_on", "--instance", "media")
        assert (done.returncode, done.stderr) == (
            1,
            "statebus: there is no instance media on the bus; `statebus state` shows which there are\n",
        )
        await bridge.stop()
        done = await call(bridge, "light.turn_on", "--target", f"entity={LAMP}")
        assert done.returncode == 1
        assert done.stderr.startswith("statebus: edge is offline, so nothing was asked")
        assert not listener.messages


async def test_mqtts_own_way_of_answering_is_taken_as_well(home, bridge, broker):
    reply = "statebus/main/reply/lamp"
    async with Listener(broker.port, reply, "statebus/edge/refused") as listener:
        request = json.dumps({"service": "light.turn_on", "target": {"entity_id": LAMP}})
        wanted = {"ResponseTopic": reply, "CorrelationData": b"\x00\xff7"}
        listener.publish("statebus/edge/call", request, **wanted)
        [answer] = await listener.until(lambda: list(listener.messages), 10, "the answer")
        assert (answer.topic, json.loads(answer.payload)) == (reply, {"id": None, "ok": True})
        assert answer.properties.CorrelationData == b"\x00\xff7"
        elsewhere = json.dumps({"service": "light.turn_on", "reply_to": "homeassistant/status"})
        listener.publish("statebus/edge/call", elsewhere)
        await listener.until(lambda: len(listener.messages) > 1, 10, "the refusal")
        assert listener.messages[1].topic == "statebus/edge/refused"
        assert json.loads(listener.messages[1].payload)["code"] == "reply_not_allowed"
