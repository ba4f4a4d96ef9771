"""Secrets stand nowhere but in their files: in no log, at any level, not on the bus, in nothing printed."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest

from harness.bridge import Bridge, program, write_secret
from harness.mosquitto import Listener, RestrictedMosquitto
from harness.scripted import ScriptedHomeAssistant

from .test_bad_starts import said

TOKEN, PASSWORD, CODE = "Token.4f1d77a2e9.Signature", "Passw0rd-8c1e5b", "code-90417"
WRONG = {TOKEN: "Token.0000000000.Revoked", PASSWORD: "Passw0rd-wrong"}
SECRETS = (TOKEN, PASSWORD, CODE, *WRONG.values())
RIGHTS = "topic readwrite statebus/hubs/#\ntopic readwrite homeassistant/+/hubs/#\n"
EVERYTHING = "statebus/#", "homeassistant/#"


class Guarded(RestrictedMosquitto):
    password = PASSWORD


def leaks(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


LOGS = [("debug", "text"), ("debug", "json"), ("info", "json"), ("warning", "text"), ("error", "json")]


@pytest.mark.parametrize(("level", "form"), LOGS)
async def test_a_life_of_failures_tells_no_secret(tmp_path, level, form):
    broker = Guarded(tmp_path / "broker", RIGHTS)
    await broker.start()
    async with ScriptedHomeAssistant(tmp_path / "ha", "--demo", token=TOKEN) as home:
        settings = {"log": {"level": level, "format": form}, **broker.login}
        bridge = Bridge(tmp_path / "bridge", "hubs", home.url, WRONG[TOKEN], broker.url, **settings)
        write_secret(bridge.folder / "mqtt.pw", WRONG[PASSWORD])
        await bridge.start()
        # Both sides refuse it.
        await said(bridge, "token")
        await said(bridge, "broker.password_file")
        assert leaks(arguments_of(bridge)) == []
        await bridge.stop()
        write_secret(bridge.folder / "mqtt.pw", PASSWORD)
        write_secret(bridge.folder / "ha.token", TOKEN)
        await bridge.start()
        async with Listener(broker.port, *EVERYTHING) as listener:
            status = "statebus/hubs/status"
            await listener.until(lambda: listener.topics.get(status) == "online", 30, "the bridge")
            await refuse_commands(listener)
            await lose_home_assistant(bridge, home)
            await listener.until(lambda: listener.topics.get(status) == "online", 60, "the bridge again")
            said_on_the_bus = "\n".join(each.topic + each.payload for each in listener.messages)
        printed = "".join(outputs(bridge))
        assert await bridge.stop() == 0
    assert "front_door" in printed and "hubs" in said_on_the_bus  # so there was something to see
    asked = ("statebus/hubs/command/", "statebus/hubs/call")
    answers = [line for line in said_on_the_bus.splitlines() if not line.startswith(asked)]
    assert leaks(bridge.log.read_text()) == []
    assert leaks("\n".join(answers)) == []
    assert leaks(printed) == []
    await broker.stop()


def arguments_of(bridge: Bridge) -> str:
    folder = Path("/proc") / str(bridge.process.pid)
    return (folder / "cmdline").read_text() + (folder / "environ").read_text()


async def refuse_commands(listener: Listener) -> None:
    """Commands and calls with a code, each of which is refused."""
    topic = "statebus/hubs/command/lock/front_door"
    data = {"code": CODE}
    listener.publish(topic, json.dumps({"service": "explode", "data": data, "id": "1"}))
    listener.publish(topic, json.dumps({"service": "unlock", "data": data, "target": {}, "id": "2"}))
    listener.publish(topic, '{"service": "unlock", "data": {"code": "' + CODE)
    unknown = json.dumps({"service": "open", "data": data, "id": "4"})
    listener.publish("statebus/hubs/command/lock/none", unknown)
    call = {"service": "lock.unlock", "target": {"area_id": "none"}, "data": data, "id": "5"}
    listener.publish("statebus/hubs/call", json.dumps(call))

    def refused() -> bool:
        return sum(each.topic == "statebus/hubs/refused" for each in listener.messages) >= 5

    await listener.until(refused, 20, "five refusals")


async def lose_home_assistant(bridge: Bridge, home: ScriptedHomeAssistant) -> None:
    """It comes back when the token is none, and the configuration has a password in it until it is mended."""
    write_secret(bridge.folder / "ha.token", f"{TOKEN} {TOKEN}")
    await home.stop()
    await home.start()
    await said(bridge, "home_assistant.token_file names")
    write_secret(bridge.folder / "ha.token", TOKEN)
    bridge.config.write_text(bridge.config.read_text() + f"passwort: {PASSWORD}\n")
    bridge.process.signal(signal.SIGHUP)
    await said(bridge, "there is no key 'passwort'")
    text = bridge.config.read_text()
    bridge.config.write_text(text.replace(f"passwort: {PASSWORD}\n", ""))
    bridge.process.signal(signal.SIGHUP)


def outputs(bridge: Bridge) -> list[str]:
    """All that the commands print about this bridge."""
    commands = (
        ("check",), ("check", "--json"), ("state",), ("state", "--json"),
        ("explain", "lock.front_door"), ("explain", "lock.front_door", "--json"),
        ("call", "light.turn_on", "--target", "area=none"),
    )  # fmt: skip
    found = []
    for command in commands:
        arguments = [program(), *command, "-c", bridge.config]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=60)
        found.append(done.stdout + done.stderr)
    return found


# Where a secret is written in the wrong place, the message about that does not repeat it.
LONG = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + "x" * 100 + ".signature"
KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n"
MISPLACED = {
    "the token for its file": ("STATEBUS_HOME_ASSISTANT_TOKEN_FILE", LONG, "file of its own"),
    "a key for its file": ("STATEBUS_BROKER_KEY_FILE", KEY, "file of its own"),
    "a password in the broker's URL": ("STATEBUS_BROKER_URLS", f"mqtt://hubs:{PASSWORD}@b", "password_file"),
    "a token in Home Assistant's URL": ("STATEBUS_HOME_ASSISTANT_URL", f"ws://x:{TOKEN}@hubs", "token_file"),
    "a password as a variable": ("STATEBUS_BROKER_PASSWORD", PASSWORD, "STATEBUS_BROKER_PASSWORD_FILE"),
}


# `state` reads nothing of Home Assistant's section.
RUNS = [(command, case) for command in ("run", "check", "state") for case in MISPLACED
        if command != "state" or "HOME_ASSISTANT" not in MISPLACED[case][0]]  # fmt: skip


@pytest.mark.parametrize(("command", "case"), RUNS)
def test_a_secret_in_the_wrong_place_is_told_without_it(tmp_path, command, case):
    name, value, remedy = MISPLACED[case]
    write_secret(tmp_path / "token", TOKEN)
    env = {
        "STATEBUS_INSTANCE": "hubs",
        "STATEBUS_HOME_ASSISTANT_URL": "ws://127.0.0.1:1",
        "STATEBUS_HOME_ASSISTANT_TOKEN_FILE": "token",
        "STATEBUS_BROKER_URLS": "mqtt://127.0.0.1:1",
        name: value,
    }
    arguments = [program(), command, "-c", ""]
    done = subprocess.run(arguments, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=20)
    assert done.returncode == 2, done
    assert name in done.stderr and remedy in done.stderr, done.stderr
    told = done.stderr + done.stdout
    assert not [part for part in (PASSWORD, TOKEN, LONG, *KEY.splitlines()) if part in told]


def test_a_login_in_the_address_of_statebus_token_is_told_without_it(tmp_path):
    arguments = [program(), "token", f"http://ann:{PASSWORD}@127.0.0.1:1"]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=20, input="")
    assert done.returncode == 2 and "login" in done.stderr, done
    assert PASSWORD not in done.stderr + done.stdout
