"""Holds the golden announcements against Home Assistant's own MQTT schemas and template engine.

    python announcements.py VERSION        (a key of announcement.json)

Runs on the Python of a Home Assistant environment, without starting Home Assistant; tests/judge/run
enters the cached ones. Prints what each template makes of its document or command, and a line with
"WRONG" in front for each rejected payload, dropped key, template error or value that is not as it
should be. The exit code is 1 when there was one.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import sys
import tempfile
from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.helpers.template import Template

from heard import AVAILABLE, Heard, is_object, silenced, topic_key
from samples import CONVERTED, CONVERTING, SAMPLES, samples

# Keys that a release drops without harm; any other dropped key is a misspelling or an oversight.
DROPPED = {
    "2024.3": {
        "light": {"flash", "transition"},  # always shown
        "lock": {"state_open", "state_opening"},
        "sensor": {"options"},
    },
}
# What is no entity keeps nothing of whoever announced it.
NO_ENTITIES = {"tag", "device_automation"}
# Known to no platform of that release.
DROPPED_EVERYWHERE = {"2024.3": {"entity_picture"}}

# The template that gives the entity's state itself.
STATE_TEMPLATES = {"value_template", "state_value_template", "mode_state_template"}

# Templates of those names that give something else.
OTHER_WORDS = {
    ("humidifier", "mode_state_template"),
    ("datetime", "value_template"),
    ("valve", "value_template"),  # of one that has a position
}

# States that a release or a kind has no word for come as the nearest one that it has.
NEAREST = {
    ("2024.3", "lock"): {"open": "unlocked", "opening": "unlocked"},
    ("2024.3", "lawn_mower"): {"returning": "paused"},
    # Of an alert whose condition does not hold.
    ("2024.3", "switch"): {"idle": "off"},
    ("2026.11", "switch"): {"idle": "off"},
}

# Where the text must be one of a list; "None" stands for no mode where a release knows that.
LISTED = {
    "mode_state_template": "modes",
    "fan_mode_state_template": "fan_modes",
    "swing_mode_state_template": "swing_modes",
    "swing_horizontal_mode_state_template": "swing_horizontal_modes",
}
NONE_IS_A_MODE = {"2026.11"}

# What `info` tells of the instance.
REFUSED = {"entity": "lock.door", "code": "denied", "message": "commands.deny names lock.*"}
INFO = json.dumps({"published": 0, "refused": 12, "version": "0.1.0", "last_refused": REFUSED})
INFO_AT_FIRST = json.dumps({"published": 0, "refused": 0, "version": "0.1.0"})
# What is fired with a tag.
SCAN = json.dumps({"event_type": "tag_scanned", "data": {"tag_id": "04-6A"}, "time_fired": "2026-11-24"})


class Log(logging.Handler):
    """Collects warnings and errors, such as those of a template with an undefined variable."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")

    def take(self) -> list[str]:
        lines, self.lines = self.lines, []
        return lines


class Judge:
    """The judgement of one release on all cases; `wrong` counts what it found."""

    def __init__(self, hass: HomeAssistant, version: str) -> None:
        self.hass = hass
        self.version = version
        self.wrong = 0
        self.case = ""
        self.log = Log()
        # What a library of the system is missed for is told while this is imported, once.
        importlib.import_module("homeassistant.components.camera")
        logging.getLogger().addHandler(self.log)

    def say(self, text: str) -> None:
        print(f"{self.case}: {text}")

    def complain(self, text: str) -> None:
        self.wrong += 1
        print(f"WRONG {self.case}: {text}")

    def complain_of_log(self, what: str) -> None:
        for line in self.log.take():
            self.complain(f"{what}: logged {line}")

    def judge_case(self, folder: Path) -> None:
        self.case = f"{folder.parent.name}/{folder.name}"
        announced = json.loads((folder / "announcement.json").read_text())[self.version]
        if announced["payload"] is None:
            self.say("not announced")
            return
        self.judge(announced, Heard.of_case(folder))

    def judge_instance(self, file: Path) -> None:
        for name, announcements in json.loads(file.read_text()).items():
            self.case = f"instance/{name}"
            heard = {"connectivity": "online", "tag": SCAN}.get(name, INFO)
            self.judge(announcements[self.version], Heard(heard))
            self.judge_last_refused(announcements[self.version]["payload"])

    def judge_last_refused(self, payload: dict) -> None:
        """The attributes of the count of refusals; none before the first one."""
        if "json_attributes_template" not in payload:
            return
        template = Template(payload["json_attributes_template"], self.hass)
        for info, expected in ((INFO, REFUSED), (INFO_AT_FIRST, {})):
            text = self.render("json_attributes_template", template, info)
            if not is_object(text) or json.loads(text) != expected:
                self.complain(f"the last refusal is {text!r} and not {expected}")

    def judge_trigger(self, file: Path) -> None:
        """A firing must render to what its announcement waits for."""
        self.case = "device trigger"
        case = json.loads(file.read_text())
        announced = case["announcement"][self.version]
        config = self.validate("device_automation", announced["payload"])
        if config is None:
            return
        template = Template(config["value_template"], self.hass)
        text = self.render("value_template", template, json.dumps(case["firing"]))
        if text != config["payload"]:
            self.complain(f"a firing gives {text!r} and not {config['payload']!r}")
        if Template(config["payload"], self.hass).async_render(parse_result=False) != text:
            self.complain("the payload is not its own text when it is rendered, as main does")

    def judge(self, announced: dict, heard: Heard) -> None:
        component = self.component = announced["topic"].split("/")[1]
        config = self.validate(component, announced["payload"])
        if config is None:
            return
        for key, value in config.items():
            if isinstance(value, Template):
                self.judge_template(key, config, heard)
        for item in config.get("availability", []):
            if item["topic"].endswith(("/available", "/known")) and heard.at(item["topic"]) not in AVAILABLE:
                self.complain(f"{item['topic']} says {heard.at(item['topic'])!r}")
        if "json_attributes_topic" in config and not announced["topic"].endswith("-refused/config"):
            self.judge_attributes(config, heard)

    def validate(self, component: str, payload: dict) -> dict | None:
        """What discovery makes of a payload; nothing when it rejects it."""
        try:
            origin_schema()(dict(payload["origin"]))
            config = discovery_schema(component)(json.loads(json.dumps(payload)))
        except Exception as error:  # voluptuous or probatio, by release
            self.complain(f"rejected as {component}: {error}")
            return None
        self.complain_of_log("validation")
        harmless = DROPPED.get(self.version, {}).get(component, set())
        harmless = harmless | DROPPED_EVERYWHERE.get(self.version, set())
        harmless = harmless | ({"origin"} if component in NO_ENTITIES else set())
        for key in sorted(set(payload) - set(config) - harmless):
            self.complain(f"the key {key} is unknown to a {component} of this release")
        return config

    def render(self, what: str, template: Template, payload: str) -> str | None:
        """The text that a value template makes of a payload, as HA's MQTT asks for it."""
        template.hass = self.hass
        try:
            text = template.async_render_with_possible_json_value(payload, variables={})
        except Exception as error:
            self.complain(f"{what} on {payload[:60]!r}: {error!r}")
            text = None
        self.complain_of_log(f"{what} on {payload[:60]!r}")
        return text

    def judge_template(self, key: str, config: dict, heard: Heard) -> None:
        template = config[key]
        if key in SAMPLES or key.endswith("command_template") or key.endswith("_off_template"):
            self.judge_command(key, template, config)
            return
        payload = heard.at(config[topic_key(key, config)])
        text = self.render(key, template, payload)
        self.say(f"{key} -> {text!r}")
        # On a cleared document only the log counts.
        self.render(key, template, "")
        for other in [payload, *silenced(payload, heard.capabilities)]:
            self.judge_value(key, self.render(key, template, other), config, other)

    def judge_attributes(self, config: dict, heard: Heard) -> None:
        """What main is to take are the document's attributes, or those of them that it has a view of."""
        payload = heard.at(config["json_attributes_topic"])
        template = config.get("json_attributes_template")
        text = payload if template is None else self.render("json_attributes_template", template, payload)
        if not is_object(text):
            return self.complain(f"the attributes are no object: {text}")
        given, there = json.loads(text), heard.document["attributes"]
        if template is not None and given != there:
            self.complain(f"the attributes differ from the document's: {text}")
        for name in given:
            if given[name] != there.get(name):
                self.complain(f"the attribute {name} differs from the document's: {given[name]!r}")

    def judge_value(self, key: str, text: str | None, config: dict, document: str) -> None:
        gives_state = key in STATE_TEMPLATES and (self.component, key) not in OTHER_WORDS
        if gives_state and is_object(document) and "state" in json.loads(document):
            told = json.loads(document)["state"]
            state = NEAREST.get((self.version, self.component), {}).get(told, told)
            if state not in ("unknown", "unavailable") and text != state.strip():
                self.complain(f"{key} gives {text!r} for the state {told!r}")
        if key in LISTED:
            none = self.version in NONE_IS_A_MODE or self.component == "humidifier"
            allowed = [*config[LISTED[key]], *(["None"] if none else [])]
            if text not in allowed:
                self.complain(f"{key} gives {text!r}, none of {allowed}, on {document[:60]!r}")

    def judge_command(self, key: str, template: Template, config: dict) -> None:
        """Each command must be a JSON object with a service, whatever text is sent with it."""
        for variables in samples(self.component, key, config):
            template.hass = self.hass
            try:
                text = template.async_render(variables, parse_result=False)
            except Exception as error:
                self.complain(f"{key} with {variables}: {error!r}")
                continue
            finally:
                self.complain_of_log(f"{key} with {variables}")
            self.say(f"{key} of {variables['value']!r} -> {text}")
            command = json.loads(text) if is_object(text) else {}
            data = command.get("data", {})
            if not isinstance(command.get("service"), str) or not isinstance(data, dict):
                self.complain(f"{key} with {variables} is no command: {text}")
            elif data and key not in CONVERTED and self.component not in CONVERTING:
                sent = variables.get("code") or variables["value"]
                if list(data.values()) != [sent]:
                    self.complain(f"{key} changes {sent!r} to {data}")


def discovery_schema(component: str):
    name = "device_trigger" if component == "device_automation" else component
    platform = importlib.import_module(f"homeassistant.components.mqtt.{name}")
    return platform.TRIGGER_DISCOVERY_SCHEMA if name == "device_trigger" else platform.DISCOVERY_SCHEMA


def origin_schema():
    """It stands in another module by release."""
    for module in ("schemas", "mixins"):
        try:
            found = importlib.import_module(f"homeassistant.components.mqtt.{module}")
        except ImportError:
            continue
        if hasattr(found, "MQTT_ORIGIN_INFO_SCHEMA"):
            return found.MQTT_ORIGIN_INFO_SCHEMA
    raise LookupError("no MQTT_ORIGIN_INFO_SCHEMA in homeassistant.components.mqtt")


async def main(version: str) -> int:
    golden = Path(__file__).parents[1] / "golden"
    with tempfile.TemporaryDirectory() as folder:
        judge = Judge(HomeAssistant(folder), version)
        cases = sorted(path.parent for path in golden.glob("*/*/announcement.json"))
        for case in cases:
            judge.judge_case(case)
        judge.judge_instance(golden / "instance.json")
        judge.judge_trigger(golden / "trigger.json")
    print(f"{len(cases)} cases, {judge.wrong} wrong, Home Assistant {version}")
    return 1 if judge.wrong or not cases else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(sys.argv[1])))
