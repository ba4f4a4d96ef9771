"""What compare.py asks both sides: dialogues of commands and of changes.

A step is a command, a raw frame, or a change: what makes it on the real instance and the control
line that makes it on the scripted one.
"""

from __future__ import annotations

def rename(old: str, new: str):
    update = ("config/entity_registry/update", {"entity_id": old, "new_entity_id": new})
    return update, {"rename": [old, new]}


def update_entity(entity_id: str, **fields):
    update = ("config/entity_registry/update", {"entity_id": entity_id, **fields})
    return update, {"update": {"entities": {entity_id: fields}}}


def area(action: str, line: dict, **fields):
    return (f"config/area_registry/{action}", fields), line


def post(entity_id: str, state: str, attributes: dict, force: bool = False):
    """A state written over REST, as the user of the token."""
    body = {"state": state, "attributes": attributes, "force_update": force}
    given = {"state": state, "attributes": attributes, "force": force, "user": True}
    return (f"/api/states/{entity_id}", body), {"set": {entity_id: given}}


def delete(entity_id: str):
    return (f"DELETE /api/states/{entity_id}", {}), {"remove": entity_id}


def call(service: str, entity_id: str | None, **data) -> dict:
    domain, name = service.split(".")
    target = {"target": {"entity_id": entity_id}} if entity_id else {}
    command = {"type": "call_service", "domain": domain, "service": name}
    return {**command, "service_data": data, **target}


def subscribe(*types: str) -> list[dict]:
    return [{"type": "subscribe_events", "event_type": type} for type in types]


REGISTRIES = ("entity", "device", "area", "floor", "label")
LISTS = [{"type": f"config/{name}_registry/list"} for name in REGISTRIES]
STATE = {"friendly_name": "One", "n": 1, "l": [1, 2]}
SOME = ["light.bed_light", "climate.hvac", "cover.hall_window", "sensor.outside_temperature"]
GUESTS, VISITORS, SECOND = (f"input_boolean.{name}" for name in ("guests", "visitors", "second"))
CALLED = ["switch.ac", "number.volume", "select.speed", "text.text", "climate.hvac"]
CALLED += ["fan.percentage_full_fan", "button.push"]
ATTIC = {"area_id": "attic", "name": "Attic"}
LOFT = {"update": {"areas": {"attic": {"name": "Loft"}}}}

COALESCE = '{"id":1,"type":"supported_features","features":{"coalesce_messages":1}}'

DIALOGUES = {
    "lists": [*LISTS, {"type": "get_states"}, {"type": "auth/current_user"}],
    "refusals": [
        {"type": "nonsense"},
        {"id": 1, "type": "ping"},
        {"id": 1, "type": "ping"},
        {"id": 0, "type": "ping"},
        {"id": -1, "type": "ping"},
        {"id": "x", "type": "ping"},
        '{"type":"ping"}',
        "7",
        "[]",
        '[{"id":60,"type":"ping"},{"id":61,"type":"ping"}]',
        {"id": 70, "type": "ping", "extra": 1},
        {"type": "unsubscribe_events", "subscription": 77},
        {"type": "unsubscribe_events"},
        {"type": "subscribe_entities", "entity_ids": ["sensor.one"], "bogus": 1},
        {"type": "subscribe_entities", "include": {"domains": ["input_boolean"]}},
        {"type": "auth/long_lived_access_token", "client_name": "compare", "lifespan": 3},
        "{not json",
    ],
    "states": [
        {"type": "subscribe_entities", "entity_ids": [*SOME, "sensor.one"]},
        post("sensor.one", "1", STATE),
        post("sensor.one", "2", STATE),
        post("sensor.one", "2", {**STATE, "n": 1.0}),
        post("sensor.one", "2", {"friendly_name": "Uno", "n": 1, "new": None}),
        post("sensor.one", "2", {"friendly_name": "Uno", "new": None, "z": True}),
        post("sensor.one", "2", {"z": 1, "friendly_name": "Uno", "new": None}),
        post("sensor.one", "2", {"z": 1, "friendly_name": "Uno", "new": None}, force=True),
        post("sensor.one", "3", {"z": {"a": [1, {"b": "ü\n\\"}]}, "friendly_name": "Uno"}),
        delete("sensor.one"),
    ],
    "registry": [
        *subscribe("entity_registry_updated", "area_registry_updated"),
        *subscribe("state_changed", "core_config_updated"),
        {"type": "subscribe_entities", "entity_ids": [GUESTS, VISITORS, SECOND]},
        rename(GUESTS, VISITORS),
        update_entity(VISITORS, icon="mdi:account", name="Visitors"),
        update_entity(VISITORS, name="Visitors"),
        area("create", {"create": {"areas": ATTIC}}, name="Attic"),
        area("update", LOFT, area_id="attic", name="Loft"),
        area("update", LOFT, area_id="attic", name="Loft"),
        update_entity(VISITORS, area_id="attic"),
        update_entity(VISITORS, area_id=None),
        area("delete", {"delete": {"areas": "attic"}}, area_id="attic"),
        rename(VISITORS, GUESTS),
        update_entity(SECOND, disabled_by="user"),
        (("config/entity_registry/remove", {"entity_id": GUESTS}), {"remove": GUESTS}),
        (("config/core/update", {"location_name": "Cabin"}), {"location": "Cabin"}),
    ],
    "services": [
        *subscribe("call_service"),
        {"type": "subscribe_entities", "entity_ids": CALLED},
        call("switch.turn_on", "switch.ac"),
        call("switch.turn_on", "switch.ac"),
        call("switch.toggle", "switch.ac"),
        call("number.set_value", "number.volume", value=7),
        call("number.set_value", "number.volume", value=99999),
        call("select.select_option", "select.speed", option="light_speed"),
        call("select.select_option", "select.speed", option="zzz"),
        call("text.set_value", "text.text", value="hey"),
        call("button.press", "button.push"),
        call("climate.set_temperature", "climate.hvac", temperature=22.5),
        call("climate.set_hvac_mode", "climate.hvac", hvac_mode="off"),
        call("climate.set_preset_mode", "climate.hvac", preset_mode="away"),
        call("climate.set_fan_mode", "climate.hvac", fan_mode="off"),
        call("fan.set_percentage", "fan.percentage_full_fan", percentage=50),
        call("fan.oscillate", "fan.percentage_full_fan", oscillating=True),
        call("light.foo", None),
        call("light.turn_on", None),
        call("light.turn_on", "light.bed_light", bogus=1),
        call("number.set_value", "number.volume"),
        call("light.turn_on", "light.nothing"),
        {**call("light.turn_on", "light.bed_light"), "return_response": True},
    ],
    "events": [
        *subscribe("compared"),
        {"type": "fire_event", "event_type": "compared", "event_data": {"b": 1.5, "a": ["ü", None]}},
        {"type": "fire_event", "event_type": "compared"},
        {"type": "fire_event", "event_data": {}},
        {"type": "fire_event", "event_type": "compared", "bogus": 1},
    ],
    "coalescing": [
        f'[{COALESCE},{{"id":2,"type":"ping"}}]',
        {"id": 4, "type": "ping"},
        {"type": "subscribe_entities", "entity_ids": ["switch.ac"]},
        '[{"id":6,"type":"ping"},{"id":7,"type":"nonsense"},{"id":6,"type":"ping"}]',
        '[{"id":7,"type":"ping"}]',
    ],
}
