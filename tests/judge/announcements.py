"""Holds the golden announcements against Home Assistant's own MQTT schemas and template engine.

    python announcements.py VERSION GOLDEN_FOLDER        (VERSION is a key of announcement.json)

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

# Keys that a release drops without harm; any other dropped key is a misspelling or an oversight.
DROPPED = {
    "2024.3": {
        "light": {"flash", "transition"},  # always shown
        "lock": {"state_open", "state_opening"},
        "sensor": {"options"},
    },
}
# Known to no platform of that release.
DROPPED_EVERYWHERE = {"2024.3": {"entity_picture"}}

# The template that gives the entity's state itself.
STATE_TEMPLATES = {"value_template", "state_value_template", "mode_state_template"}

# Where the text must be one of a list; "None" stands for no mode where a release knows that.
LISTED = {
    "mode_state_template": "modes",
    "fan_mode_state_template": "fan_modes",
    "swing_mode_state_template": "swing_modes",
    "swing_horizontal_mode_state_template": "swing_horizontal_modes",
}
NONE_IS_A_MODE = {"2026.11"}

# What `info` tells of the instance.
INFO = json.dumps({"published": 0, "refused": 12, "version": "0.1.0"})

HARD_TEXT = "it's \"x\" {{ y }} {% z %}\n\\ ü"

# What a command template is rendered with: `value` and the platform's own variables.
POSITION = {"position_open": 100, "position_closed": 0, "tilt_min": 0, "tilt_max": 100}
SAMPLES = {
    "set_position_template": [{"value": n, "position": n, **POSITION} for n in (0, 42)],
    "tilt_command_template": [{"value": n, "tilt_position": n, **POSITION} for n in (0, 49, 50)],
    "percentage_command_template": [{"value": 1}, {"value": 2}],
    "temperature_command_template": [{"value": 0.0}, {"value": 21.5}],
    "temperature_low_command_template": [{"value": 0.0}, {"value": 21.5}],
    "temperature_high_command_template": [{"value": 0.0}, {"value": 21.5}],
    "target_humidity_command_template": [{"value": 0}, {"value": 50}],
}
# Templates that make something else of a value than the value itself.
CONVERTED = {*SAMPLES, "oscillation_command_template"}


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
        announcements = json.loads((folder / "announcement.json").read_text())
        document = (folder / "document.json").read_text()
        capabilities = json.loads((folder / "description.json").read_text())["capabilities"]
        self.judge(announcements, document, silenced(document, capabilities))

    def judge_instance(self, file: Path) -> None:
        for name, announcements in json.loads(file.read_text()).items():
            self.case = f"instance/{name}"
            self.judge(announcements, "online" if name == "connectivity" else INFO, [])

    def judge(self, announcements: dict, document: str, silent: list[str]) -> None:
        """`silent` are documents of the same entity while it is unavailable or unknown."""
        payload = announcements[self.version]
        if payload is None:
            self.say("not announced")
            return
        component = self.component = announcements["topic"].split("/")[1]
        config = self.validate(component, payload)
        if config is None:
            return
        for key, value in config.items():
            if isinstance(value, Template):
                self.judge_template(key, config, document, silent)
        for item in config.get("availability", []):
            if "value_template" in item:
                self.judge_availability(item["value_template"], document, silent)

    def validate(self, component: str, payload: dict) -> dict | None:
        """What discovery makes of a payload; nothing when it rejects it."""
        platform = importlib.import_module(f"homeassistant.components.mqtt.{component}")
        try:
            origin_schema()(dict(payload["origin"]))
            config = platform.DISCOVERY_SCHEMA(json.loads(json.dumps(payload)))
        except Exception as error:  # voluptuous or probatio, by release
            self.complain(f"rejected as {component}: {error}")
            return None
        self.complain_of_log("validation")
        harmless = DROPPED.get(self.version, {}).get(component, set())
        harmless = harmless | DROPPED_EVERYWHERE.get(self.version, set())
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

    def judge_template(self, key: str, config: dict, document: str, silent: list[str]) -> None:
        template = config[key]
        if key in SAMPLES or key.endswith("command_template"):
            self.judge_command(key, template, config)
            return
        text = self.render(key, template, document)
        self.say(f"{key} -> {text!r}")
        # On a cleared document only the log counts.
        self.render(key, template, "")
        for other in [document, *silent]:
            self.judge_value(key, self.render(key, template, other), config, other)

    def judge_value(self, key: str, text: str | None, config: dict, document: str) -> None:
        if key == "json_attributes_template":
            wanted = {**json.loads(document)["attributes"]}
            # Main's own unit is the one that its temperatures are in.
            if self.component == "climate":
                wanted.pop("temperature_unit", None)
            if not is_object(text) or json.loads(text) != wanted:
                self.complain(f"{key} gives other attributes than the document's: {text}")
        if key in STATE_TEMPLATES and is_object(document) and "state" in json.loads(document):
            state = json.loads(document)["state"]
            if state not in ("unknown", "unavailable") and text != state.strip():
                self.complain(f"{key} gives {text!r} for the state {state!r}")
        if key in LISTED:
            allowed = [*config[LISTED[key]], *(["None"] if self.version in NONE_IS_A_MODE else [])]
            if text not in allowed:
                self.complain(f"{key} gives {text!r}, none of {allowed}, on {document[:60]!r}")

    def judge_availability(self, template: Template, document: str, silent: list[str]) -> None:
        for payload in ["", document, *silent]:
            text = self.render("availability", template, payload)
            state = json.loads(payload)["state"] if payload else "unavailable"
            fitting = {"unavailable": ["offline"], "unknown": ["online", "offline"]}
            if text not in fitting.get(state, ["online"]):
                self.complain(f"availability gives {text!r} for the state {state!r}")

    def judge_command(self, key: str, template: Template, config: dict) -> None:
        """Each command must be a JSON object with a service, whatever text is sent with it."""
        for variables in samples(key, config):
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
            elif data and key not in CONVERTED:
                sent = variables.get("code") or variables["value"]
                if list(data.values()) != [sent]:
                    self.complain(f"{key} changes {sent!r} to {data}")


def samples(key: str, config: dict) -> list[dict]:
    """The variables that a platform may render this command template with."""
    if key in SAMPLES:
        return SAMPLES[key]
    if key == "oscillation_command_template":
        return [{"value": config[f"payload_oscillation_{word}"]} for word in ("on", "off")]
    if "payload_lock" in config:
        keys = ("payload_lock", "payload_unlock", "payload_open")
        words = [config[word] for word in keys if word in config]
        return [{"value": word, "code": code} for word in words for code in (None, HARD_TEXT)]
    if key == "command_template" and "payload_on" in config:
        return [{"value": config["payload_on"]}, {"value": config["payload_off"]}]
    if "min" in config and "step" in config:
        return [{"value": 0}, {"value": 21.5}]
    return [{"value": HARD_TEXT}, {"value": "off"}, {"value": ""}]


def silenced(document: str, capabilities: dict) -> list[str]:
    """The entity's documents while it is unavailable or unknown and keeps capabilities only."""
    silent = {**json.loads(document), "attributes": capabilities}
    return [json.dumps({**silent, "state": state}) for state in ("unavailable", "unknown")]


def is_object(text: str | None) -> bool:
    try:
        return isinstance(json.loads(text or ""), dict)
    except ValueError:
        return False


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


async def main(version: str, golden: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        judge = Judge(HomeAssistant(folder), version)
        cases = sorted(path.parent for path in golden.glob("*/*/announcement.json"))
        for case in cases:
            judge.judge_case(case)
        judge.judge_instance(golden / "instance.json")
    print(f"{len(cases)} cases, {judge.wrong} wrong, Home Assistant {version}")
    return 1 if judge.wrong or not cases else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(sys.argv[1], Path(sys.argv[2]))))
