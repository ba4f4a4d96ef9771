"""Configurations that are none: one message with file, line and key, exit code 2, and nothing is tried."""

from __future__ import annotations

import subprocess

import pytest

from harness.bad_input_table import Row, same_everywhere
from harness.bridge import clean_environment, program, write_secret

DOOR = "the configuration"
REFUSED = "the program ends with code 2 before it connects to anything"

HEAD = "instance: edge\n"
HOME = "home_assistant: {url: ws://h, token_file: t}\n"
BROKER = "broker: {urls: [mqtt://h]}\n"
WHOLE = HEAD + HOME + BROKER


def row(number: str, what: str, message: str) -> Row:
    return Row(number, DOOR, what, message, REFUSED)


CASES = [
    (HEAD + HOME + "brokr: {urls: [mqtt://h]}\n", row("B20", "an unknown key, `brokr`",
         "statebus: FOLDER/statebus.yaml:3:1: there is no key 'brokr'; did you mean 'broker'?")),
    (HEAD + HOME + "broker: {url: mqtt://h}\n", row("B20", "an unknown key in a section",
         "statebus: FOLDER/statebus.yaml:3:10: there is no key 'broker.url'; did you mean "
         "'urls'?")),
    (HEAD + HOME + "broker: {urls: {a: 1}}\n", row("B20", "a mapping in place of a list",
         "statebus: FOLDER/statebus.yaml:3:16: broker.urls must be a single value")),
    (WHOLE + "commands: {per_second: many}\n", row("B20", "a word in place of a number",
         "statebus: FOLDER/statebus.yaml:4:24: commands.per_second is 'many'; it must be a "
         "number from 1 to 1000")),
    (WHOLE + "commands: {per_second: 1e9}\n", row("B20", "a number out of its range",
         "statebus: FOLDER/statebus.yaml:4:24: commands.per_second is '1e9'; it must be a "
         "number from 1 to 1000")),
    (WHOLE + "calls: {timeout: 60}\n", row("B20", "a duration without a unit",
         "statebus: FOLDER/statebus.yaml:4:18: calls.timeout is '60'; it must be a number "
         "with its unit, such as 500ms, 10s, 2m or 1h")),
    (WHOLE + "commands: [read_only]\n", row("B20", "a list in place of a section",
         "statebus: FOLDER/statebus.yaml:4:11: commands must be a mapping of keys to values")),
    (WHOLE + "instance: other\n", row("B20", "`instance` twice",
         "statebus: FOLDER/statebus.yaml:4:1: instance stands there twice; keep one of them")),
    (HEAD + HOME + "broker: {urls: [mqtt://h], urls: [mqtt://i]}\n", row("B20", "`broker.urls` twice",
         "statebus: FOLDER/statebus.yaml:3:28: broker.urls stands there twice; keep one of "
         "them")),
    (HEAD + HOME + "broker: {urls: [mqtt://h:70000]}\n", row("B20", "70000 as the broker's port",
         "statebus: FOLDER/statebus.yaml:3:17: broker.urls has 'mqtt://h:70000', which has "
         "the port '70000', which is none")),
    (HEAD + "home_assistant: {url: ws://h:70000, token_file: t}\n" + BROKER,
     row("B20", "70000 as Home Assistant's port",
         "statebus: FOLDER/statebus.yaml:2:23: home_assistant.url has the port '70000', which "
         "is none")),
    (HEAD + HOME + "broker: {urls: [mqtt://me:pw@h]}\n", row("B20", "a password in an address",
         "statebus: FOLDER/statebus.yaml:3:17: broker.urls has a login in it; put that into "
         "broker.username and broker.password_file")),
    (HEAD + HOME + "broker: {urls: [", row("B20", "YAML that is cut off",
         "statebus: FOLDER/statebus.yaml:3:1: this is no valid YAML: end of sequence flow not "
         "found")),
    ("", row("B20", "an empty file",
         "statebus: FOLDER/statebus.yaml: home_assistant.url is missing; write url: "
         "ws://HOST:8123")),
    ("[1, 2]\n", row("B20", "a list as the whole file",
         "statebus: FOLDER/statebus.yaml:1:1: the file must be a mapping of keys to values")),
    (HOME + BROKER + "instance: Living Room\n", row("B5", "`Living Room` as the instance",
         "statebus: FOLDER/statebus.yaml:3:11: instance must be 1 to 32 characters of a-z, "
         "0-9 and _")),
    (HOME + BROKER + "instance: a/+\n", row("B5", "`a/+` as the instance",
         "statebus: FOLDER/statebus.yaml:3:11: instance must be 1 to 32 characters of a-z, "
         "0-9 and _")),
    (HOME + BROKER + f"instance: {'a' * 33}\n", row("B5", "33 characters as the instance",
         "statebus: FOLDER/statebus.yaml:3:11: instance must be 1 to 32 characters of a-z, "
         "0-9 and _")),
    (WHOLE + "root: statebus/#\n", row("B5", "`statebus/#` as the root",
         "statebus: FOLDER/statebus.yaml:4:7: root must be one or more topic levels, 128 "
         "bytes at most, without +, #, blanks and a $ at the beginning")),
    (WHOLE + "root: $SYS\n", row("B5", "`$SYS` as the root",
         "statebus: FOLDER/statebus.yaml:4:7: root must be one or more topic levels, 128 "
         "bytes at most, without +, #, blanks and a $ at the beginning")),
    (WHOLE + 'root: "a\\0b"\n', row("B5", "a NUL in the root",
         "statebus: FOLDER/statebus.yaml:4:7: root must be one or more topic levels, 128 "
         "bytes at most, without +, #, blanks and a $ at the beginning")),
    (WHOLE + "root: " + "/a" * 250 + "\n", row("B5", "a root of 250 levels",
         "statebus: FOLDER/statebus.yaml:4:7: root must be one or more topic levels, 128 "
         "bytes at most, without +, #, blanks and a $ at the beginning")),
    (WHOLE + "announce: {prefix: a//b}\n", row("B5", "an empty level in the prefix",
         "statebus: FOLDER/statebus.yaml:4:20: announce.prefix must be one or more topic "
         "levels, 128 bytes at most, without +, #, blanks and a $ at the beginning")),
    (WHOLE + 'publish: {events: ["a/b"]}\n', row("B5", "`a/b` as a type of events",
         "statebus: FOLDER/statebus.yaml:4:19: publish.events has 'a/b'; an event type has 1 "
         "to 64 characters of a-z, A-Z, 0-9, _, . and -")),
]  # fmt: skip
VARIABLES = [
    ({"STATEBUS_BROKER_URL": "mqtt://h"}, row("B20", "an environment variable of no key",
         "statebus: environment variable STATEBUS_BROKER_URL: there is no such key; did you "
         "mean STATEBUS_BROKER_URLS?")),
    ({"STATEBUS_COMMANDS_READ_ONLY": "perhaps"}, row("B20", "`perhaps` in place of true or false",
         "statebus: environment variable STATEBUS_COMMANDS_READ_ONLY: commands.read_only is "
         "'perhaps'; it must be true or false")),
]
TABLES = {
    "test_a_configuration_that_is_none_is_refused": [each for _, each in CASES],
    "test_a_variable_that_is_none_is_refused": [each for _, each in VARIABLES],
}


def refusal(folder, text: str, env: dict[str, str] | None = None) -> str:
    """What `statebus run` says."""
    write_secret(folder / "t", "secret-token")
    file = folder / "statebus.yaml"
    file.write_text(text)
    command = [program(), "run", "-c", file]
    clean = clean_environment(**(env or {}))
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env=clean)
    assert done.returncode == 2, done
    assert done.stdout == "" and "secret-token" not in done.stderr
    return same_everywhere(done.stderr.strip(), folder)


@pytest.mark.parametrize("text, row", CASES, ids=lambda each: getattr(each, "input", ""))
def test_a_configuration_that_is_none_is_refused(tmp_path, keep, text, row):
    keep(row, refusal(tmp_path, text))


@pytest.mark.parametrize("env, row", VARIABLES, ids=lambda each: getattr(each, "input", ""))
def test_a_variable_that_is_none_is_refused(tmp_path, keep, env, row):
    keep(row, refusal(tmp_path, WHOLE, env))
