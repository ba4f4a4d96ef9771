"""The program and schemas/config.schema.json take the same configurations."""

from __future__ import annotations

import copy
import functools
import json
import re

import pytest
import yaml

from harness.bridge import REPOSITORY
from harness.config import MINIMAL, check, judge, unreachable, write_secrets
from harness.process import free_port
from harness.schemas import Schemas, leaves

SCHEMAS = Schemas()
SCHEMA = SCHEMAS.by_name["config"]
EXAMPLE = REPOSITORY / "packaging" / "statebus.example.yaml"
UNKNOWN = "z" * 24  # near to no key, so that the program lists those that it knows


def follow(schema: dict) -> dict:
    """The schema that a reference leads to."""
    return SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def example_of(schema: dict):
    """A value made of the examples of all keys."""
    if "examples" in schema:
        return schema["examples"][0]
    return {key: example_of(field) for key, field in follow(schema)["properties"].items()}


def with_value(path: str, value) -> dict:
    """The smallest configuration, and a value at a path such as broker.keepalive."""
    config = copy.deepcopy(MINIMAL)
    place = config
    *sections, key = path.split(".")
    for section in sections:
        place = place.setdefault(section, {})
    place[key] = value
    return config


def test_the_example_is_valid(tmp_path):
    config = yaml.safe_load(EXAMPLE.read_text())
    assert not SCHEMAS.problems("config", config)
    verdict = judge(tmp_path, unreachable(config))
    assert verdict.accepted, verdict.text


def test_the_example_shows_every_key_and_its_default():
    config = yaml.safe_load(EXAMPLE.read_text())
    for path, field in leaves(SCHEMA).items():
        shown = functools.reduce(lambda place, key: place[key], path.split("."), config)
        if "default" in field:
            assert shown == field["default"], path


def test_the_program_takes_every_key_of_the_schema(tmp_path):
    config = example_of(SCHEMA)
    rules = [{way: example_of(SCHEMA["$defs"]["match"])} for way in ("exclude", "include")]
    config["publish"]["filter"] = rules
    assert not SCHEMAS.problems("config", config)
    verdict = judge(tmp_path, unreachable(config))
    assert verdict.accepted, verdict.text


SECTIONS = sorted({path.rpartition(".")[0] for path in leaves(SCHEMA)})


@pytest.mark.parametrize("section", SECTIONS)
def test_the_schema_has_every_key_that_the_program_knows(section, tmp_path):
    levels = section.split(".") if section else []
    schema = functools.reduce(lambda place, key: place["properties"][key], levels, SCHEMA)
    path = f"{section}.{UNKNOWN}" if section else UNKNOWN
    config = with_value(path, 1)
    assert SCHEMAS.problems("config", config)
    assert known_keys(tmp_path, config) == sorted(schema["properties"])


def test_the_schema_has_every_key_that_the_program_knows_of_rules(tmp_path):
    rule = {"exclude": {"domain": "update"}, UNKNOWN: 1}
    assert known_keys(tmp_path, with_value("publish.filter", [rule])) == ["exclude", "include"]
    match = {"domain": "update", UNKNOWN: 1}
    keys = known_keys(tmp_path, with_value("publish.filter", [{"include": match}]))
    assert keys == sorted(SCHEMA["$defs"]["match"]["properties"])


def known_keys(folder, config: dict) -> list[str]:
    """Those that the program names when it refuses an unknown one."""
    verdict = judge(folder, config)
    assert not verdict.accepted
    listed = re.search(rf"there is no key '[^']*{UNKNOWN}'; known here are (.*)", verdict.text)
    assert listed, verdict.text
    return sorted(listed[1].split(", "))


WRONG = [
    ("instance", "Hubs"),
    ("instance", ""),
    ("instance", "a" * 33),
    ("root", "home/#"),
    ("root", "/home"),
    ("root", "home//bus"),
    ("root", "$SYS"),
    ("home_assistant.url", "hubs.lan:8123"),
    ("home_assistant.url", "mqtt://hubs.lan"),
    ("home_assistant.token_file", ""),
    ("broker.urls", []),
    ("broker.urls", ["tcp://broker.lan"]),
    ("broker.urls", ["mqtt://"]),
    ("broker.urls", ["mqtt://broker.lan/"]),
    ("broker.urls", ["mqtt://broker.lan:port"]),
    ("broker.urls", ["mqtt://broker.lan", "mqtt://broker.lan"]),
    ("broker.keepalive", 10),
    ("broker.keepalive", "10 s"),
    ("publish", True),
    ("publish.filter", [{}]),
    ("publish.filter", [{"exclude": {}, "include": {}}]),
    ("publish.filter", [{"exclude": {"category": "primary"}}]),
    ("publish.filter", [{"exclude": {"hidden": "yes"}}]),
    ("publish.filter", {"exclude": {"domain": "update"}}),
    ("publish.entity_id_prefix", "Hubs_"),
    *[("publish.events", [type]) for type in ("zha/event", "", "*", "x" * 65, "state_changed")],
    ("publish.events", ["zha_event", "device_registry_updated"]),
    ("publish.device_triggers", "yes"),
    *[("publish.images.include", globs) for globs in (["light.kitchen"], "camera.door, *")],
    *[("publish.images.max_bytes", number) for number in (999, 5000001)],
    ("publish.images.every", 10),
    ("announce.prefix", "home/+"),
    ("announce.ha_version", "newest"),
    ("commands.read_only", "yes"),
    ("commands.per_second", 0),
    ("commands.per_second", 1001),
    ("commands.per_second", 2.5),
    *[("commands.per_entity", number) for number in (0, 1001)],
    ("secrets_readable_by_all", "yes"),
    ("calls.timeout", "60"),
    ("calls.timeout", "0s"),
    ("calls.timeout", "1000001ms"),
    ("log.level", "loud"),
    ("log.format", "xml"),
    ("consume", True),
]


@pytest.mark.parametrize(("path", "value"), WRONG, ids=str)
def test_program_and_schema_refuse_the_same_values(path, value, tmp_path):
    config = with_value(path, value)
    assert SCHEMAS.problems("config", config)
    verdict = judge(tmp_path, config)
    assert not verdict.accepted
    assert path.split(".")[0] in verdict.text


RIGHT = [
    ("root", "home/bus"),
    ("root", None),
    ("broker", {"urls": "mqtt://127.0.0.1:9, mqtts://127.0.0.1:9", "ca_file": None}),
    ("broker.keepalive", "1500ms"),
    ("publish", None),
    ("publish.filter", None),
    ("publish.filter", [{"exclude": {}}, {"include": {"area": "Kit*", "hidden": False}}]),
    ("publish.events", "zha_event, timer.finished"),
    ("publish.events", []),
    ("publish.images", None),
    ("publish.images.include", ["camera.*", "image.map"]),
    ("publish.images.include", "camera.door, image.*"),
    ("announce.ha_version", "2024.3.3"),
    ("announce.ha_version", 2026.11),
    ("commands.deny", "lock.*, cover.garage"),
    ("calls.timeout", "2m"),
    ("calls.timeout", "1000000ms"),
    ("log", None),
]


@pytest.mark.parametrize(("path", "value"), RIGHT, ids=str)
def test_program_and_schema_take_the_same_values(path, value, tmp_path):
    config = with_value(path, value)
    assert not SCHEMAS.problems("config", config)
    verdict = judge(tmp_path, config if path == "broker" else unreachable(config))
    assert verdict.accepted, verdict.text


def variables(schema: dict, path: str = "STATEBUS") -> dict[str, str]:
    """An environment variable with an example for each key."""
    if "examples" not in schema:
        found = {}
        for key, field in follow(schema)["properties"].items():
            found |= variables(field, f"{path}_{key.upper()}")
        return found
    value = schema["examples"][0]
    if isinstance(value, bool):
        value = str(value).lower()
    if isinstance(value, list):
        value = json.dumps(value) if isinstance(value[0], dict) else ",".join(value)
    return {path: str(value)}


def test_every_key_can_come_from_the_environment_alone(tmp_path):
    write_secrets(tmp_path)
    env = variables(SCHEMA)
    env["STATEBUS_HOME_ASSISTANT_URL"] = f"ws://127.0.0.1:{free_port()}"
    env["STATEBUS_BROKER_URLS"] = f"mqtt://127.0.0.1:{free_port()}"
    verdict = check(["-c", ""], env, tmp_path)
    assert verdict.accepted, verdict.text
    required = [f"STATEBUS_{key}" for key in ("INSTANCE", "HOME_ASSISTANT_URL", "BROKER_URLS")]
    for name in required:
        rest = {key: value for key, value in env.items() if key != name}
        assert not check(["-c", ""], rest, tmp_path).accepted, name


CHECKED = {
    "STATEBUS_INSTANCE": "Hubs",
    "STATEBUS_ROOT": "home/#",
    "STATEBUS_HOME_ASSISTANT_URL": "hubs.lan",
    "STATEBUS_HOME_ASSISTANT_TOKEN_FILE": "nowhere",
    "STATEBUS_BROKER_URLS": "tcp://broker.lan",
    "STATEBUS_BROKER_KEEPALIVE": "10",
    "STATEBUS_PUBLISH_ENTITY_ID_PREFIX": "Hubs_",
    "STATEBUS_PUBLISH_EVENTS": "zha_event,state_changed",
    "STATEBUS_PUBLISH_DEVICE_TRIGGERS": "yes",
    "STATEBUS_PUBLISH_IMAGES_INCLUDE": "light.kitchen",
    "STATEBUS_PUBLISH_IMAGES_MAX_BYTES": "1",
    "STATEBUS_PUBLISH_IMAGES_EVERY": "10",
    "STATEBUS_ANNOUNCE_PREFIX": "home/+",
    "STATEBUS_ANNOUNCE_HA_VERSION": "newest",
    "STATEBUS_COMMANDS_READ_ONLY": "yes",
    "STATEBUS_COMMANDS_PER_SECOND": "0",
    "STATEBUS_COMMANDS_PER_ENTITY": "0",
    "STATEBUS_SECRETS_READABLE_BY_ALL": "yes",
    "STATEBUS_CALLS_TIMEOUT": "60",
    "STATEBUS_LOG_LEVEL": "loud",
}


@pytest.mark.parametrize("name", CHECKED)
def test_the_environment_wins_over_the_file(name, tmp_path):
    """What only the environment has wrong is refused, so it was read."""
    config = unreachable(yaml.safe_load(EXAMPLE.read_text()))
    verdict = judge(tmp_path, config, {name: CHECKED[name]})
    assert not verdict.accepted, verdict.text
    assert f"environment variable {name}: " in verdict.text
    assert "statebus.yaml" not in verdict.text


WRONG_RULES = {
    "[{exclude: {domain: update}}, {exclude: {domian: update}}]": ":1:42: ",
    "- exclude: {}\n- {}": ":2:3: ",
    "[{exclude": ":1:",
    "update": ": publish.filter must be a list",
}


@pytest.mark.parametrize("text", WRONG_RULES)
def test_a_fault_in_the_rules_of_the_environment_is_told_with_its_place(text, tmp_path):
    verdict = judge(tmp_path, MINIMAL, {"STATEBUS_PUBLISH_FILTER": text})
    assert not verdict.accepted
    assert f"STATEBUS_PUBLISH_FILTER{WRONG_RULES[text]}" in verdict.text


@pytest.mark.parametrize("text", ["", "[]", "[{exclude: {}}]", '[{"include": {"hidden": true}}]'])
def test_rules_can_come_from_the_environment_as_yaml_or_json(text, tmp_path):
    verdict = judge(tmp_path, unreachable(MINIMAL), {"STATEBUS_PUBLISH_FILTER": text})
    assert verdict.accepted, verdict.text


UNKNOWN_VARIABLES = {
    "STATEBUS_COMMANDS_READONLY": "did you mean STATEBUS_COMMANDS_READ_ONLY?",
    "STATEBUS_BROKER_URL": "did you mean STATEBUS_BROKER_URLS?",
    "STATEBUS_" + "Z" * 60: "docs/configuration.md",
}


@pytest.mark.parametrize("name", UNKNOWN_VARIABLES)
def test_a_variable_that_is_no_key_is_an_error_with_the_nearest_one(name, tmp_path):
    verdict = judge(tmp_path, MINIMAL, {name: "true"})
    assert not verdict.accepted
    assert name in verdict.text and UNKNOWN_VARIABLES[name] in verdict.text


def other_variables() -> set[str]:
    """What the scripts and the tests are told by variables that are no keys."""
    files = [*(REPOSITORY / "scripts").iterdir(), *(REPOSITORY / "tests").rglob("*.py")]
    pattern = r'(?:\$\{|environ[^\n]*["\'(]|["\'])(STATEBUS_(?:BUILD|CACHE|CONFIG|KEEP|NO_SKIPS|PROGRAM))'
    return {name for file in files if file.is_file() for name in re.findall(pattern, file.read_text())}


def test_variables_of_scripts_and_platforms_are_no_errors(tmp_path):
    names = other_variables()
    assert {"STATEBUS_PROGRAM", "STATEBUS_NO_SKIPS", "STATEBUS_CACHE"} <= names
    platform = {"STATEBUS_SERVICE_HOST": "10.0.0.1", "STATEBUS_PORT": "tcp://10.0.0.1:1"}
    verdict = judge(tmp_path, unreachable(MINIMAL), dict.fromkeys(names, "1") | platform)
    assert verdict.accepted, verdict.text
