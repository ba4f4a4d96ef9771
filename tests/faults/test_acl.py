"""The access list and passwords that `statebus acl` makes, at a real Mosquitto that lets nobody else in."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from harness.bridge import Bridge, program, write_secret
from harness.mosquitto import GuardedMosquitto, Listener, Mosquitto
from harness.process import wait_until
from harness.scripted import ScriptedHomeAssistant

NOT_AUTHORIZED = 0x87
LAMP = "light/ceiling_lamp"
HOME = "--instances hubs,media,main --consumes main --home-assistant ha --monitor eye --calls main".split()


def acl(*arguments: str | Path) -> subprocess.CompletedProcess:
    return subprocess.run([program(), "acl", *arguments], capture_output=True, text=True, timeout=60)


class Guarded:
    """A broker with what the command made, and the ways in for its users."""

    def __init__(self, folder: Path, *arguments: str):
        folder.mkdir()
        self.folder = folder
        self.list, self.secrets = folder / "acl", folder / "secrets"
        made = acl(*arguments, "--output", self.list, "--passwords", self.secrets)
        assert made.returncode == 0, made.stderr
        self.broker = GuardedMosquitto(folder / "broker", self.list, self.secrets / "passwords")

    def login(self, user: str) -> tuple[str, str]:
        return user, (self.secrets / f"{user}.pw").read_text().strip()

    def bridge(self, home: ScriptedHomeAssistant, name: str, **config) -> Bridge:
        login = {"username": name, "password_file": str(self.secrets / f"{name}.pw")}
        folder = self.folder / name
        return Bridge(folder, name, home.url, home.token, self.broker.url, broker=login, **config)

    def client(self, user: str, *filters: str) -> Listener:
        """Its marker goes where only an instance's own user may write."""
        login = self.login(user)
        return Listener(self.broker.port, *filters, login=login, marker=f"statebus/{user}/reply/harness")


async def run(bridge: Bridge, *command: str) -> subprocess.CompletedProcess:
    arguments = [program(), *command, "-c", bridge.config]
    return await asyncio.to_thread(subprocess.run, arguments, capture_output=True, text=True, timeout=90)


async def findings(bridge: Bridge) -> dict[str, list[str]]:
    """What `check` says, by its marks."""
    found: dict[str, list[str]] = {"ok": [], "note": [], "problem": []}
    done = await run(bridge, "check", "--json")
    for each in json.loads(done.stdout):
        found[each["mark"]].append(each["text"])
    return found


@pytest.fixture
async def guarded(tmp_path):
    guarded = Guarded(tmp_path / "guarded", *HOME)
    await guarded.broker.start()
    yield guarded
    await guarded.broker.stop()


def warnings(bridge: Bridge) -> list[str]:
    lines = re.findall(r"^.*(?:error|warning).*$", bridge.output(), re.M)
    return [line for line in lines if "explode" not in line]


async def test_a_home_works_by_the_rights_made_for_it_and_lacks_none(tmp_path, home, guarded):
    own = {"publish": {"entity_id_prefix": "media_"}}
    async with ScriptedHomeAssistant(tmp_path / "main_ha", "--entities", 3) as main_home:
        lamp = {"id": "m_lamp", "name": "Lamp", "identifiers": [["mqtt", "statebus-hubs-ceiling_lamp"]]}
        await main_home.send({"create": {"devices": lamp}})
        main = guarded.bridge(main_home, "main", consume={"prefix": "homeassistant"})
        hubs, media = guarded.bridge(home, "hubs"), guarded.bridge(home, "media", **own)
        bridges = [main, hubs, media]
        for bridge in bridges:
            await bridge.start()
            await bridge.online()
        async with Listener(guarded.broker.port, login=guarded.login("ha")) as sender:
            await everything_arrives(home, guarded, sender)
        target = "--instance", "hubs", "--target", "entity=light.ceiling_lamp"
        called = await run(main, "call", "light.turn_on", *target)
        assert (called.returncode, called.stderr) == (0, "")
        # The lamp's area was made in main's Home Assistant, and that was noted.
        area = "statebus/main/followed/hubs/area/living_room"
        async with guarded.client("main", area) as noted:
            await noted.until(lambda: area in noted.topics, 20, "the area")
        for bridge in bridges:
            found = await findings(bridge)
            assert found["problem"] == [] and not [text for text in found["note"] if "access list" in text]
            assert any("may do all that the bridge needs" in text for text in found["ok"])
            stated = await run(bridge, "state", "--json")
            assert stated.returncode == 0, stated.stderr
            assert warnings(bridge) == []
            await bridge.stop()


async def everything_arrives(home, guarded: Guarded, sender: Listener) -> None:
    """Main's own user sees all of both instances, and commands reach them."""
    # A marker goes where its user may write, and where there is nobody to take it for a command.
    marker = "statebus/no-instance/command/harness"
    login = guarded.login("ha")
    async with Listener(
        guarded.broker.port, "statebus/#", "homeassistant/#", login=login, marker=marker
    ) as listener:
        for name in ("hubs", "media"):
            topic = f"homeassistant/light/{name}/"
            await listener.until(lambda: any(each.startswith(topic) for each in listener.topics), 30, topic)
            assert listener.topics[f"statebus/{name}/status"] == "online"
            assert f"statebus/{name}/state/{LAMP}" in listener.topics
        before = len(home.calls)
        sender.publish(f"statebus/media/command/{LAMP}", '{"service": "turn_on"}')
        await wait_until(lambda: len(home.calls) > before, 20, "the command")
        sender.publish(f"statebus/media/command/{LAMP}", '{"service": "explode"}')
        await listener.until(lambda: "statebus/media/refused" in listener.topics, 20, "its refusal")
        birth = "homeassistant/status"
        sender.publish(birth, "online", retain=True)
        await sender.until(lambda: birth in sender.reasons, 10, "an answer")
        assert sender.reasons[birth] < 0x80


FORBIDDEN = {
    "hubs": [
        "statebus/media/state/light/ceiling_lamp",
        "statebus/media/status",
        "statebus/media/command/light/ceiling_lamp",
        "statebus/media/call",
        "homeassistant/light/media/statebus-media-lamp/config",
        "homeassistant/light/statebus-media-lamp/config",
        "homeassistant/status",
    ],
    "main": [
        "statebus/media/state/light/ceiling_lamp",
        "statebus/media/command/light/ceiling_lamp",
        "homeassistant/light/main/statebus-main-lamp/config",
        "homeassistant/status",
    ],
    "ha": ["statebus/media/state/light/ceiling_lamp", "statebus/media/call", "statebus/media/status"],
    "eye": ["statebus/media/command/light/ceiling_lamp", "statebus/eye/status", "homeassistant/status"],
}


@pytest.mark.parametrize("user", FORBIDDEN)
async def test_a_user_cannot_write_what_is_not_his(guarded, user):
    async with Listener(guarded.broker.port, login=guarded.login(user)) as client:
        for topic in FORBIDDEN[user]:
            client.publish(topic, "x", retain=True)
        await client.until(lambda: len(client.reasons) == len(FORBIDDEN[user]), 10, "the answers")
        assert client.reasons == dict.fromkeys(FORBIDDEN[user], NOT_AUTHORIZED)


async def test_an_instance_hears_neither_commands_nor_answers_of_another_one(guarded):
    filters = "statebus/+/command/#", "statebus/+/call", "statebus/+/reply/#"
    async with (
        guarded.client("hubs", *filters) as hubs,
        Listener(guarded.broker.port, login=guarded.login("ha")) as sender,
        guarded.client("main", "statebus/main/reply/#") as main,
    ):
        sender.publish("statebus/media/command/alarm_control_panel/home", '{"data": {"code": "1234"}}')
        main.publish("statebus/media/call", "{}")
        main.publish("statebus/main/reply/forecast", "{}")
        await main.until(lambda: "statebus/main/reply/forecast" in main.topics, 10, "the answer")
        sender.publish("statebus/hubs/command/light/ceiling_lamp", "last")
        await hubs.until(lambda: hubs.messages, 10, "the own command")
        assert [each.payload for each in hubs.messages] == ["last"]


async def test_nobody_comes_in_without_his_password(tmp_path, home, guarded):
    write_secret(tmp_path / "wrong.pw", "wrong")
    for login in ({}, {"username": "hubs", "password_file": str(tmp_path / "wrong.pw")}):
        bridge = Bridge(tmp_path / "bridge", "hubs", home.url, home.token, guarded.broker.url, broker=login)
        found = await findings(bridge)
        assert any("password" in text for text in found["problem"])


async def test_short_commands_wait_for_nothing_that_they_may_not_read(tmp_path, home, guarded):
    """What tells them that all has come goes below their instance; without one, below a name of their own."""
    bridge = guarded.bridge(home, "hubs")
    named = {"broker": yaml.safe_load(bridge.config.read_text())["broker"]}
    nameless = guarded.bridge(home, "media")
    nameless.config.write_text(yaml.safe_dump(named))
    login, marker = guarded.login("ha"), "statebus/no-instance/command/harness"
    async with Listener(guarded.broker.port, "statebus/#", login=login, marker=marker) as listener:
        for command in (["check"], ["state"], ["explain", "light.ceiling_lamp"]):
            begin = len(listener.messages)
            await run(bridge, *command)
            markers = [each.topic for each in listener.messages[begin:] if each.payload == "1"]
            assert re.fullmatch(r"statebus/hubs/reply/read/cli_\d+", markers[0]), command
        begin = len(listener.messages)
        await run(nameless, "state")
        assert re.fullmatch(r"statebus/cli_\d+/reply/read", listener.messages[begin].topic)


# Each line is needed


def parts_of(text: str) -> dict[str, list[str]]:
    """The rules of each user."""
    rules: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("user "):
            own = rules.setdefault(line.removeprefix("user "), [])
        elif line.startswith("topic "):
            own.append(line)
    return rules


def named_in(found: dict[str, list[str]]) -> set[str]:
    told = [text for mark in ("problem", "note") for text in found[mark]]
    return {line for text in told for line in re.findall(r"topic (?:read|write|readwrite) \S+", text)}


async def test_check_names_each_line_that_is_taken_away(tmp_path, home):
    """One instance for each line of one that consumes, and one that has them all."""
    made = acl("--instances", "x", "--consumes", "x=x_ha", "--root", "bus")
    count = len(parts_of(made.stdout)["x"]) + 1  # and the announcements for somebody else
    names = [f"x{n}" for n in range(count + 1)]
    consumers = ",".join(f"{name}=x_ha" for name in names)
    guarded = Guarded(
        tmp_path / "guarded", "--instances", ",".join(["main", *names]), "--consumes", f"main,{consumers}"
    )
    removed: dict[str, str] = {}
    rules = parts_of(guarded.list.read_text())
    for name, gone in zip(names, range(count)):
        assert len(rules[name]) == count
        removed[name] = rules[name].pop(gone)
    text = "".join("\n".join([f"user {name}", *own, ""]) for name, own in rules.items())
    guarded.list.write_text(text)
    await guarded.broker.start()
    at_once = asyncio.Semaphore(4)

    async def check(name: str) -> tuple[str, set[str]]:
        bridge = guarded.bridge(home, name, consume={"prefix": "x_ha"})
        async with at_once:
            return name, named_in(await findings(bridge))

    found = dict(await asyncio.gather(*[check(name) for name in names]))
    assert found == {name: {removed[name]} if name in removed else set() for name in names}
    await guarded.broker.stop()


async def test_check_tells_that_an_access_list_is_open_and_disturbs_nobody(tmp_path, home):
    broker = Mosquitto(tmp_path / "broker")
    await broker.start()
    bridge = Bridge(tmp_path / "bridge", "hubs", home.url, home.token, broker.url)
    async with Listener(broker.port, "#") as listener:
        found = await findings(bridge)
        (note,) = [text for text in found["note"] if "the access list is open" in text]
        for excess in ("states of other instances", "command other", "read commands", "announce as another"):
            assert excess in note
        assert any("write statebus/+/call" in text for text in found["note"])
        tried = [each for each in listener.messages if "/reply/kept/" not in each.topic]
        probes = [each for each in tried if each.payload == "probe"]
        assert len(probes) > 10 and not any(each.retained for each in probes)
        for each in probes:
            assert not re.fullmatch(r"statebus/[a-z0-9_]+/(?!reply/|command/probe$).*|.*/config", each.topic)
            assert each.topic != "homeassistant/status"
    async with Listener(broker.port, "#") as later:
        assert later.messages == []
    await broker.stop()
