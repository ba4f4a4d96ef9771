"""Several addresses of brokers: the first that answers is used, by the bridge and by every command."""

from __future__ import annotations

import asyncio
import json
import subprocess

import pytest

from harness.bridge import Bridge, program
from harness.config import broker_findings, problems_of
from harness.door import pass_on
from harness.mosquitto import DEFAULT_CONFIG, Listener, Mosquitto
from harness.process import free_port, wait_until


@pytest.fixture
def gone() -> str:
    """The address of a broker that does not run."""
    return f"mqtt://127.0.0.1:{free_port()}"


def bridge_of(folder, home, urls: list[str], **config) -> Bridge:
    config["broker"] = {"urls": urls, "keepalive": "2s"}
    return Bridge(folder / "bridge", "edge", home.url, home.token, urls[0], **config)


@pytest.fixture
async def running(tmp_path, home, broker, gone):
    """A bridge whose first address nobody listens at."""
    bridge = bridge_of(tmp_path, home, [gone, broker.url])
    await bridge.start()
    await bridge.online()
    yield bridge
    await bridge.stop()


async def test_the_bridge_says_which_one_it_passes_over_and_which_one_it_uses(running, broker, gone):
    told = running.output()
    assert f"the broker at {gone}: cannot connect" in told and f"; trying {broker.url}" in told
    assert f"connected to the broker at {broker.url};" in told
    assert told.index("cannot connect") < told.index("connected to the broker")
    # One after the other, not after a wait, of which there is one only when all have failed.
    assert "trying again" not in told


async def test_every_command_uses_the_one_that_answers(running, broker, gone):
    def run(*command: str) -> subprocess.CompletedProcess:
        done = [program(), *command, "-c", running.config]
        return subprocess.run(done, capture_output=True, text=True, timeout=60)

    for command, said in {
        ("state", "light.*"): "edge: online",
        ("call", "light.turn_off", "--target", "entity=light.hall"): "light.turn_off is done",
        ("explain", "light.hall"): "equal",
        ("restore", "light.hall"): "nothing to do",
        ("purge", "--instance", "nobody", "--yes"): "left nothing",
    }.items():
        done = run(*command)
        assert done.returncode == 0 and said in done.stdout, (command, done)
        assert f"statebus: the broker at {gone}: cannot connect" in done.stderr, (command, done)
    watch = [program(), "state", "--watch", "--json", "-c", running.config]
    child = await asyncio.create_subprocess_exec(*watch, stdout=-1, stderr=-1)
    try:
        assert json.loads(await asyncio.wait_for(child.stdout.readline(), 30))["instance"] == "edge"
    finally:
        child.terminate()
        await child.wait()


async def test_no_command_works_where_none_answers_and_each_is_told_once(tmp_path, home, gone):
    other = f"mqtt://127.0.0.1:{free_port()}"
    bridge = bridge_of(tmp_path, home, [gone, other])
    done = subprocess.run(
        [program(), "state", "-c", bridge.config], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert f"the broker at {gone}: cannot" in done.stderr and f"the broker at {other}: cannot" in done.stderr
    assert f"the broker at {gone}, {other}: none of them can be used" in done.stderr
    await bridge.start()
    await wait_until(lambda: "none of them can be used; trying again" in bridge.output(), 20, "its word")
    reserve = Mosquitto(tmp_path / "reserve")
    reserve.port = int(other.rsplit(":", 1)[1])
    await reserve.start()
    await bridge.online()
    told = bridge.output()
    assert told.count(f"the broker at {gone}: cannot connect") == 1, told
    assert told.count("none of them can be used") == 1, told
    await bridge.stop()
    await reserve.stop()


async def test_after_a_loss_all_is_published_at_the_next_one_at_once(tmp_path, home, broker):
    reserve = Mosquitto(tmp_path / "reserve")
    await reserve.start()
    bridge = bridge_of(tmp_path, home, [broker.url, reserve.url])
    await bridge.start()
    await bridge.online()
    async with Listener(reserve.port, "#") as there, Listener(broker.port, "statebus/#") as here:
        assert not there.topics
        wanted = set(here.topics)
        await broker.stop()
        status = "statebus/edge/status"
        await there.until(lambda: there.topics.get(status) == "online", 10, "the bridge at the other broker")
        held = {topic for topic in there.topics if topic.startswith("statebus/") and "/reply/" not in topic}
        assert held == wanted
    lines = bridge.output().splitlines()
    (lost,) = [number for number, line in enumerate(lines) if f"the broker at {broker.url}: " in line
               and "trying again" in line]  # fmt: skip
    assert f"connected to the broker at {reserve.url}" in "\n".join(lines[lost:])
    # It stays there, and comes back to the first one only when this one is lost.
    await broker.start()
    await reserve.stop()
    await wait_until(
        lambda: bridge.output().count(f"connected to the broker at {broker.url}") == 2, 20, "the first broker"
    )
    await bridge.stop()


async def test_a_broker_that_refuses_is_passed_over(tmp_path, home, broker):
    closed = Mosquitto(tmp_path / "closed", DEFAULT_CONFIG.replace("anonymous true", "anonymous false"))
    await closed.start()
    bridge = bridge_of(tmp_path, home, [closed.url, broker.url])
    await bridge.start()
    await bridge.online()
    assert f"the broker at {closed.url}: not authorized; check broker.username" in bridge.output()
    await bridge.stop()
    await closed.stop()


async def test_what_was_read_of_one_broker_is_not_held_against_another(tmp_path, home, broker):
    """The first broker ends between the read and the connection that follows it."""
    reserve = Mosquitto(tmp_path / "reserve")
    await reserve.start()
    first = Door(broker.port)
    await first.start()
    bridge = bridge_of(tmp_path, home, [first.url, reserve.url])
    async with Listener(reserve.port, "statebus/#") as there:
        await bridge.start()
        await bridge.online()
        assert first.connections == 1 and f"connected to the broker at {reserve.url}" in bridge.output()
        states = "statebus/edge/state/"

        def held() -> list[str]:
            return [topic for topic in there.topics if topic.startswith(states)]

        await there.until(lambda: len(held()) == 28, 10, "all states")
    await bridge.stop()
    await reserve.stop()


class Door:
    """Lets one connection through to a broker, and closes with it."""

    def __init__(self, behind: int):
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self.connections = 0
        self._behind = behind
        self._server = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _serve(self, reader, writer) -> None:
        self.connections += 1
        self._server.close()
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._behind)
        await asyncio.gather(pass_on(reader, behind_writer), pass_on(behind_reader, writer))


async def test_check_tells_of_each_one_and_which_one_would_be_used(tmp_path, home, broker, gone):
    reserve = Mosquitto(tmp_path / "reserve", DEFAULT_CONFIG + "max_queued_messages 60\n")
    await reserve.start()
    code, found = broker_findings(bridge_of(tmp_path, home, [gone, broker.url, reserve.url]))
    texts = [each["text"] for each in found]
    assert code == 1
    problems = problems_of(found)
    assert len(problems) == 2, problems
    assert problems[0].startswith(f"{gone}: cannot connect")
    assert problems[1].startswith(f"{reserve.url}: of 500 messages at once")
    assert [text for text in texts if "speaks MQTT 5" in text and broker.url in text]
    assert f"the bridge would use {broker.url}" in texts
    await reserve.stop()


async def test_check_finds_brokers_that_do_not_share_what_they_retain(tmp_path, home, broker):
    reserve = Mosquitto(tmp_path / "reserve")
    await reserve.start()
    bridge = bridge_of(tmp_path, home, [broker.url, reserve.url])
    apart = "hold different things of edge"
    code, found = broker_findings(bridge)
    assert code == 0 and not [each for each in found if "hold different" in each["text"]]
    await bridge.start()
    await bridge.online()
    code, found = broker_findings(bridge)
    assert code == 0 and [each for each in found if apart in each["text"] and each["mark"] == "note"], found
    await bridge.stop()
    await reserve.stop()
