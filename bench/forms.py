"""The ways in which a sensor, a light and a climate could be announced, for main_cost.py and forms_cost.py.

The first form of each kind is the one of the first release: one document with templates. An update is what
happens most: a sensor's value, a light's brightness, a climate's current temperature.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

TIMES = ("2026-11-24T15:56:46.030604+00:00", "2026-11-24T15:56:46.030604+00:00")
GUARD = "value_json is defined"
STATE = (
    "{{ value_json.state if value_json is defined and value_json.state not in ('unknown', 'unavailable')"
    " else 'None' }}"
)
STATE_BY_ITEM = (
    "{% if value_json is defined %}{% set s = value_json['state'] %}"
    "{{ 'None' if s in ('unknown', 'unavailable') else s }}{% endif %}"
)
ONLINE = (
    "{{ 'online' if value_json is defined and value_json.state not in ('unavailable',) else 'offline' }}"
)
ONLINE_BY_ITEM = (
    "{{ 'online' if value_json is defined and value_json['state'] != 'unavailable' else 'offline' }}"
)
ATTRIBUTES = "{{ value_json.attributes | to_json if value_json is defined else '{}' }}"

Messages = list[tuple[str, str]]


@dataclass(frozen=True)
class Form:
    kind: str
    what: str
    announce: Callable[[str], dict]  # of the entity's base topic
    all: Callable[[int], dict[str, str]]  # all retained payloads by slot, '' the document's
    changing: tuple[str, ...]  # slots that an update writes

    @property
    def name(self) -> str:
        return f"{self.kind}: {self.what}"

    def slug(self, number: int) -> str:
        return f"{self.kind}_{FORMS.index(self)}_{number}"

    def entity_id(self, number: int) -> str:
        return f"{self.kind}.{self.slug(number)}"

    def base(self, number: int) -> str:
        return f"cost/{self.slug(number)}"

    def announcement(self, number: int) -> tuple[str, str]:
        slug = self.slug(number)
        payload = {
            "unique_id": slug, "name": slug, "default_entity_id": self.entity_id(number), "qos": 0,
            "origin": {"name": "statebus"}, **self.announce(self.base(number)),
        }  # fmt: skip
        return f"homeassistant/{self.kind}/cost/{slug}/config", json.dumps(payload)

    def messages(self, number: int, value: int) -> Messages:
        return [(f"{self.base(number)}{slot}", payload) for slot, payload in self.all(value).items()]

    def changes(self, number: int, value: int) -> Messages:
        payloads = self.all(value)
        return [(f"{self.base(number)}{slot}", payloads[slot]) for slot in self.changing]

    def shows(self, state: dict | None, value: int) -> bool:
        return shows(self.kind, state, value)


def shows(kind: str, state: dict | None, value: int) -> bool:
    """Whether a state of main is that of an update with this value."""
    if state is None:
        return False
    shown = {
        "sensor": lambda: state["state"],
        "light": lambda: state["attributes"].get("brightness"),
        "climate": lambda: state["attributes"].get("current_temperature"),
    }[kind]()
    if shown in (None, "unknown", "unavailable"):
        return False
    return float(shown) == wanted(kind, value)


def wanted(kind: str, value: int) -> float:
    return float({"sensor": value, "light": value % 200 + 1, "climate": value % 30 + 0.5}[kind])


def document(state: str, attributes: dict) -> str:
    return json.dumps(
        {"state": state, "attributes": attributes, "last_changed": TIMES[0], "last_updated": TIMES[1]},
        separators=(",", ":"),
    )


def by_template(base: str) -> dict:
    return {
        "availability_mode": "all",
        "availability": [{"topic": "cost/status"}, {"topic": base, "value_template": ONLINE}],
    }


def by_topic(base: str) -> dict:
    topics = [{"topic": "cost/status"}, {"topic": f"{base}/available"}]
    return {"availability_mode": "all", "availability": topics}


def by_item(base: str) -> dict:
    topics = [{"topic": "cost/status"}, {"topic": base, "value_template": ONLINE_BY_ITEM}]
    return {"availability_mode": "all", "availability": topics}


# Sensors
SENSOR = {"unit_of_measurement": "W", "device_class": "power", "state_class": "measurement"}
SENSOR_ATTRIBUTES = {**SENSOR, "friendly_name": "House power"}


def sensor_document(value: int) -> str:
    return document(str(value), SENSOR_ATTRIBUTES)


# Lights
LIGHT = {
    "schema": "json", "supported_color_modes": ["color_temp", "hs"], "brightness": True,
    "color_temp_kelvin": True, "min_kelvin": 2000, "max_kelvin": 6535, "effect": True,
    "effect_list": ["rainbow", "off"], "flash": False, "transition": False,
}  # fmt: skip


def light_view(value: int) -> str:
    return (
        f'{{"state":"ON","brightness":{value % 200 + 1},"effect":null,"color_mode":"hs",'
        '"color":{"h":345,"s":75}}'
    )


def light_document(value: int) -> str:
    return document(
        "on",
        {
            "brightness": value % 200 + 1, "color_mode": "hs", "color_temp": None, "color_temp_kelvin": None,
            "effect": None, "effect_list": ["rainbow", "off"], "friendly_name": "Bed Light",
            "hs_color": [345, 75], "max_color_temp_kelvin": 6535, "min_color_temp_kelvin": 2000,
            "rgb_color": [255, 63, 111], "supported_color_modes": ["color_temp", "hs"],
            "supported_features": 4, "xy_color": [0.59, 0.274],
        },  # fmt: skip
    )


# Climates
CLIMATE = {
    "modes": ["cool", "heat", "off"], "fan_modes": ["low", "high"], "swing_modes": ["on", "off"],
    "preset_modes": ["eco", "away"], "min_temp": 7, "max_temp": 35, "temp_step": 0.5, "precision": 0.1,
    "temperature_unit": "C", "min_humidity": 30, "max_humidity": 99,
}  # fmt: skip
SETTINGS = {  # slot, key of the topic, key of the template
    "temperature": ("temperature_state_topic", "temperature_state_template"),
    "humidity": ("target_humidity_state_topic", "target_humidity_state_template"),
    "fan_mode": ("fan_mode_state_topic", "fan_mode_state_template"),
    "swing_mode": ("swing_mode_state_topic", "swing_mode_state_template"),
    "preset_mode": ("preset_mode_state_topic", "preset_mode_value_template"),
    "target_temp_low": ("temperature_low_state_topic", "temperature_low_state_template"),
    "target_temp_high": ("temperature_high_state_topic", "temperature_high_state_template"),
}
READINGS = {
    "current_temperature": ("current_temperature_topic", "current_temperature_template"),
    "current_humidity": ("current_humidity_topic", "current_humidity_template"),
    "hvac_action": ("action_topic", "action_template"),
}
VALUES = {
    "temperature": 21, "humidity": 67, "fan_mode": "high", "swing_mode": "off", "preset_mode": "eco",
    "target_temp_low": None, "target_temp_high": None, "current_humidity": 54, "hvac_action": "cooling",
}  # fmt: skip


def climate_attributes(value: int) -> dict:
    return {**CLIMATE, **VALUES, "current_temperature": value % 30 + 0.5, "friendly_name": "HVAC"}


def climate_document(value: int) -> str:
    return document("cool", climate_attributes(value))


def commands(base: str) -> dict:
    keys = ["mode", "temperature", "target_humidity", "fan_mode", "swing_mode", "preset_mode",
            "temperature_low", "temperature_high"]  # fmt: skip
    return {f"{key}_command_topic": f"{base}/set" for key in keys}


def attribute(name: str) -> str:
    return f"{{{{ value_json.attributes.get('{name}') if value_json is defined else 'None' }}}}"


def item(name: str) -> str:
    return f"{{{{ value_json['{name}'] if value_json is defined else 'None' }}}}"


def climate_by_document(base: str) -> dict:
    keys = {"mode_state_topic": base, "mode_state_template": STATE}
    for name, (topic, template) in {**SETTINGS, **READINGS}.items():
        keys |= {topic: base, template: attribute(name)}
    return {**CLIMATE, **commands(base), **keys, **by_template(base)}


def climate_by_groups(base: str) -> dict:
    """What is set stands together in one JSON view, what is measured is plain."""
    settings = f"{base}/settings"
    keys = {"mode_state_topic": settings, "mode_state_template": item("hvac_mode")}
    for name, (topic, template) in SETTINGS.items():
        keys |= {topic: settings, template: item(name)}
    keys |= {topic: f"{base}/{name}" for name, (topic, _) in READINGS.items()}
    return {**CLIMATE, **commands(base), **keys, **by_topic(base)}


def climate_groups(value: int) -> dict[str, str]:
    settings = {"hvac_mode": "cool", **{name: VALUES[name] for name in SETTINGS}}
    readings = {name: str(climate_attributes(value)[name]) for name in READINGS}
    return {
        "": climate_document(value), "/available": "online", "/settings": json.dumps(settings),
        **{f"/{name}": text for name, text in readings.items()},
    }  # fmt: skip


FORMS = [
    Form("sensor", "document, state and availability by template",
         lambda b: {**SENSOR, "state_topic": b, "value_template": STATE, **by_template(b)},
         lambda v: {"": sensor_document(v)}, ("",)),
    Form("sensor", "… with an attributes template",
         lambda b: {**SENSOR, "state_topic": b, "value_template": STATE, "json_attributes_topic": b,
                    "json_attributes_template": ATTRIBUTES, **by_template(b)},
         lambda v: {"": sensor_document(v)}, ("",)),
    Form("sensor", "document, state alone by template",
         lambda b: {**SENSOR, "state_topic": b, "value_template": STATE, **by_topic(b)},
         lambda v: {"": sensor_document(v), "/available": "online"}, ("",)),
    Form("sensor", "document, state alone by item",
         lambda b: {**SENSOR, "state_topic": b, "value_template": STATE_BY_ITEM, **by_topic(b)},
         lambda v: {"": sensor_document(v), "/available": "online"}, ("",)),
    Form("sensor", "document, state and availability by item",
         lambda b: {**SENSOR, "state_topic": b, "value_template": STATE_BY_ITEM, **by_item(b)},
         lambda v: {"": sensor_document(v)}, ("",)),
    Form("sensor", "plain view beside the document",
         lambda b: {**SENSOR, "state_topic": f"{b}/view", **by_topic(b)},
         lambda v: {"": sensor_document(v), "/view": str(v), "/available": "online"}, ("", "/view")),
    Form("light", "json view, availability by the document",
         lambda b: {**LIGHT, "command_topic": f"{b}/set", "state_topic": f"{b}/view", **by_template(b)},
         lambda v: {"": light_document(v), "/view": light_view(v)}, ("", "/view")),
    Form("light", "json view, plain availability",
         lambda b: {**LIGHT, "command_topic": f"{b}/set", "state_topic": f"{b}/view", **by_topic(b)},
         lambda v: {"": light_document(v), "/view": light_view(v), "/available": "online"}, ("", "/view")),
    Form("climate", "document, eleven templates",
         climate_by_document, lambda v: {"": climate_document(v)}, ("",)),
    Form("climate", "settings together, readings plain",
         climate_by_groups, climate_groups, ("", "/current_temperature")),
]  # fmt: skip
