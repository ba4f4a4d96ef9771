"""What `statebus check` answers to programs: its exit code and its JSON."""

from __future__ import annotations

import json
import subprocess

import pytest

from harness.bridge import Bridge, program
from harness.mosquitto import Listener
from harness.process import free_port


def check(bridge: Bridge, *options: str) -> subprocess.CompletedProcess:
    command = [program(), "check", "-c", bridge.config, *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def problems(done: subprocess.CompletedProcess) -> dict[str, str]:
    return {each["about"]: each["text"] for each in json.loads(done.stdout) if each["mark"] == "problem"}


async def test_without_problems_it_ends_with_0_and_tells_its_findings(tmp_path, home, broker):
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url)
    done = check(bridge, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    findings = json.loads(done.stdout)
    assert {finding["mark"] for finding in findings} <= {"ok", "note"}
    assert {"configuration", "home_assistant", "broker"} <= {finding["about"] for finding in findings}
    assert any("28 entities would be published" in finding["text"] for finding in findings)
    text = check(bridge).stdout
    assert all(finding["text"] in text for finding in findings)


async def test_a_consumer_without_an_administrators_token_hears_what_does_not_follow(tmp_path, home, broker):
    own = tmp_path / "bridge", "edge", home.url, home.token, broker.url
    bridge = Bridge(*own, consume={"prefix": "homeassistant"})
    missing = "do not follow"
    assert missing not in check(bridge).stdout
    await home.send({"admin": False})
    done = check(bridge)
    assert missing in done.stdout and done.returncode == 0
    bridge = Bridge(*own, consume={"prefix": "homeassistant", "follow": []})
    assert missing not in check(bridge).stdout


async def test_a_broker_that_is_not_there_is_a_problem_of_the_broker_alone(tmp_path, home):
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, f"mqtt://127.0.0.1:{free_port()}")
    done = check(bridge, "--json")
    assert done.returncode == 1
    assert list(problems(done)) == ["broker"]
    assert "PROBLEM" in check(bridge).stdout


async def test_a_refused_token_is_a_problem_of_home_assistant_alone(tmp_path, home, broker):
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, "wrong", broker.url)
    done = check(bridge, "--json")
    assert done.returncode == 1
    assert list(problems(done)) == ["home_assistant"]
    assert "statebus token" in problems(done)["home_assistant"]


async def test_entity_ids_in_common_are_a_problem_of_the_bus(tmp_path, home, broker):
    hubs = Bridge(tmp_path / "hubs", "hubs", home.url, home.token, broker.url)
    await hubs.start()
    await hubs.online()
    other = Bridge(tmp_path / "other", "other", home.url, home.token, broker.url)
    found = problems(check(other, "--json"))
    assert "28 entities" in found["bus"] and "entity_id_prefix: other_" in found["bus"]
    prefixed = {"publish": {"entity_id_prefix": "other_"}}
    other = Bridge(tmp_path / "other", "other", home.url, home.token, broker.url, **prefixed)
    assert check(other, "--json").returncode == 0
    await hubs.stop()


async def test_what_home_assistants_lack_of_each_other_is_told(tmp_path, home, broker):
    edge = Bridge(tmp_path / "edge", "edge", home.url, home.token, broker.url)
    async with Listener(broker.port, "statebus/+/info") as listener:
        for name, lacks in (("main", {"edge": 3, "attic": 5}), ("edge", {"attic": 7})):
            info = json.dumps({"epoch": 1, "index_buckets": 0, "lacks": lacks})
            listener.publish(f"statebus/{name}/info", info, retain=True)
        await listener.until(lambda: len(listener.topics) == 2, 10, "both infos")
    done = check(edge)
    told = [line for line in done.stdout.splitlines() if "has not made an entity of" in line]
    assert done.returncode == 0 and len(told) == 2, done.stdout
    assert "of edge has not made an entity of 7 that attic has announced" in told[0]
    assert "of main has not made an entity of 3 that edge has announced" in told[1]


async def test_a_read_only_instance_is_announced_as_ever_and_refuses_all(tmp_path, home, broker):
    bridge = Bridge(tmp_path / "b", "edge", home.url, home.token, broker.url, commands={"read_only": True})
    told = check(bridge)
    assert told.returncode == 0 and "commands.read_only is set" in told.stdout
    await bridge.start()
    await bridge.online()
    async with Listener(broker.port, "statebus/edge/refused", "homeassistant/lock/#") as listener:
        (lock,) = [json.loads(each) for each in listener.topics.values()]
        listener.publish(lock["command_topic"], "UNLOCK")
        call = {"service": "lock.unlock", "target": {"entity_id": "lock.front_door"}}
        listener.publish("statebus/edge/call", json.dumps(call))

        def codes() -> list[str]:
            return [json.loads(each.payload)["code"] for each in listener.messages if "refused" in each.topic]

        await listener.until(lambda: len(codes()) == 2, 10, "two refusals")
        assert codes() == ["read_only"] * 2 and home.calls == []
    await bridge.stop()


UNUSABLE = {
    "an empty token": ("token_file", "empty.token", ""),
    "a token of two words": ("token_file", "two.token", "one two"),
    "an authority that is none": ("ca_file", "ca.pem", "no certificate"),
}


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize("case", UNUSABLE)
def test_a_file_that_cannot_be_used_is_told_at_once_with_its_place(tmp_path, command, case):
    key, name, content = UNUSABLE[case]
    settings = {"home_assistant": {key: name}}
    bridge = Bridge(tmp_path, "edge", "https://127.0.0.1:1", "token", "mqtt://127.0.0.1:1", **settings)
    (tmp_path / name).write_text(content)
    arguments = [program(), command, "-c", bridge.config]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=20)
    assert done.returncode == 2, done
    assert f"home_assistant.{key}" in done.stderr and name in done.stderr
    line = done.stderr.split("statebus.yaml:")[1].split(":")[0]
    assert f"{key}: {name}" in bridge.config.read_text().splitlines()[int(line) - 1]
