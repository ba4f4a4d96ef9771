"""The programs that announce devices on an instance's own broker, as far as somebody can command them.

Each answer takes a command's topic and payload and what stands on the broker, and gives the states that the
program would publish. What the programs announce stands in the files of tests/real_ha/instances.
"""

from __future__ import annotations

import json
import time

from harness.mosquitto import Arrived, Listener


def value_of(payload: str):
    """JSON where it is some, else the text."""
    try:
        return json.loads(payload)
    except json.JSONDecodeError:
        return payload


def zigbee2mqtt(topic: str, payload: str, held: dict) -> dict:
    """NAME/set takes JSON or a word for the state, NAME/set/KEY one value, NAME/left/set one relay."""
    name, *rest = topic.removeprefix("zigbee2mqtt/").split("/")
    if name == "bridge":
        return updated(value_of(payload), held) if topic.endswith("ota_update/update") else {}
    key = "state" if rest == ["set"] else rest[1] if rest[0] == "set" else f"state_{rest[0]}"
    change = value_of(payload)
    change = dict(change) if isinstance(change, dict) else {key: change}
    state = held.get(f"zigbee2mqtt/{name}", {})
    if "color" in change:
        change["color_mode"] = "xy"
    elif "color_temp" in change:
        change["color_mode"] = "color_temp"
    if "position" in change:
        change["state"] = "OPEN" if change["position"] > 0 else "CLOSE"
    elif "position" in state and change.get("state") in ("OPEN", "CLOSE"):
        change["position"] = 100 if change["state"] == "OPEN" else 0
    return {f"zigbee2mqtt/{name}": {**state, **change}}


def updated(request: dict, held: dict) -> dict:
    """The device of that address has its newest firmware."""
    announcement = held[f"homeassistant/update/{request['id']}/update/config"]
    state = held[announcement["state_topic"]]
    update = {**state["update"], "state": "idle", "installed_version": state["update"]["latest_version"]}
    return {announcement["state_topic"]: {**state, "update": update}}


def zwave_js_ui(topic: str, payload: str, held: dict) -> dict:
    """A target that is set is reached at once; words stand for numbers where the value has some."""
    place, value_id, _ = topic.rsplit("/", 2)
    words = {"off": 0, "heat": 1} if "/64/" in topic else {"true": True, "false": False, "off": 0, "on": 99}
    value = words.get(payload.lower(), value_of(payload))
    told = {"time": round(time.time() * 1000), "value": value}
    return {f"{place}/{value_id.replace('target', 'current')}": told}


def insteon_mqtt(topic: str, payload: str, held: dict) -> dict:
    """States carry the time and the reason of their change."""
    _, address, *rest = topic.split("/")
    told = {"timestamp": round(time.time(), 1), "reason": "command"}
    value = value_of(payload)
    if rest[-1] == "level":
        return {f"insteon/{address}/state": {**held[f"insteon/{address}/state"], **value, **told}}
    if rest[0] == "set":
        state = "/".join(["insteon", address, "state", *rest[1:]])
        return {state: {**held[state], "state": payload, **told}}
    if rest[0] == "fan":
        speed = payload if rest[1] == "speed" else {"ON": "medium", "OFF": "off"}[payload]
        state = {"state": "OFF" if speed == "off" else "ON", "level": speed, **told}
        return {f"insteon/{address}/fan/state": state, f"insteon/{address}/fan/speed/state": speed}
    state = f"insteon/{address}/{rest[0].replace('_command', '_state')}"
    if rest[0].endswith("_sp_command"):
        return {state: {"temp_f": value, "temp_c": round((value - 32) / 1.8, 1)}}
    return {state: payload}


def frigate(topic: str, payload: str, held: dict) -> dict:
    return {topic.removesuffix("set") + "state": payload}


# What a program listens to, and how it answers.
ANSWERS = {
    "none": ([], None),
    "zigbee2mqtt": (["+/set", "+/set/+", "+/+/set", "bridge/request/#"], zigbee2mqtt),
    "zwave_js_ui": (["+/+/+/+/set", "+/+/+/+/+/set"], zwave_js_ui),
    "insteon_mqtt": (["+/set", "+/set/+", "+/level", "+/fan/set", "+/fan/speed/set", "+/mode_command",
                      "+/fan_command", "+/heat_sp_command", "+/cool_sp_command"], insteon_mqtt),
    "frigate": (["+/+/set"], frigate),
}  # fmt: skip
ROOTS = {"zwave_js_ui": "zwave", "insteon_mqtt": "insteon"}


class Gateway(Listener):
    """One such program: it announces its devices, tells their states, and answers commands."""

    def __init__(self, port: int, plan: dict):
        name = plan["gateway"]
        topics, self._answer = ANSWERS[name]
        super().__init__(port, *(f"{ROOTS.get(name, name)}/{topic}" for topic in topics))
        self._held = dict(plan["messages"])

    async def start(self) -> None:
        await self.__aenter__()
        for topic, value in self._held.items():
            self._tell(topic, value)

    async def stop(self) -> None:
        await self.__aexit__()

    def unique_ids(self) -> set[str]:
        """Of the entities that it announces."""
        configs = [value for topic, value in self._held.items() if topic.endswith("/config")]
        ids = {config.get("unique_id", config.get("uniq_id")) for config in configs}
        return ids - {None}  # device triggers have none

    def _take(self, arrived: Arrived) -> None:
        super()._take(arrived)
        if self._answer is None or arrived.topic == self._marker:
            return
        for topic, value in self._answer(arrived.topic, arrived.payload, self._held).items():
            self._held[topic] = value
            self._tell(topic, value)

    def _tell(self, topic: str, value) -> None:
        plain = value if isinstance(value, (str, bytes)) else json.dumps(value)
        self.publish(topic, plain, retain=True)
