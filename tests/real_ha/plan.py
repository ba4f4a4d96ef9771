"""What an instance of tests/real_ha/instances consists of on one release of Home Assistant.

instances/README.md explains the form of the files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parent / "instances"

# The last one is the main Home Assistant itself.
NAMES = [
    "hubs", "media", "tracker", "security", "communications", "appliances", "planning", "settings", "ai",
    "environmental", "main",
]  # fmt: skip


@dataclass
class Plan:
    """One file, read for one release."""

    name: str
    configuration: dict = field(default_factory=dict)  # goes into configuration.yaml
    demo: list[str] = field(default_factory=list)  # the domains that it has of the demo's entities
    devices: list[dict] = field(default_factory=list)  # what is on its own broker
    flows: list[dict] = field(default_factory=list)  # integrations set up by their configuration flow
    asks: list[dict] = field(default_factory=list)  # WebSocket commands
    bridge: dict = field(default_factory=dict)  # goes into the bridge's configuration
    calls: list[dict] = field(default_factory=list)  # rows as in commands.yaml

    def configuration_yaml(self) -> str:
        configuration = {**({"demo": None} if self.demo else {}), **self.configuration}
        # Without any, the dump would be an empty mapping, which cannot follow other keys.
        return yaml.safe_dump(configuration, allow_unicode=True, sort_keys=False) if configuration else ""


def plan_of(name: str, version: str) -> Plan:
    content = of_release(read(f"{name}.yaml"), version)
    content["devices"] = [of_release(read(file), version) for file in content.get("devices", [])]
    content["calls"] = [row for row in content.get("calls", []) if concerns(row, version)]
    return Plan(name, **content)


def read(file: str) -> dict:
    return yaml.safe_load((FOLDER / file).read_text())


def concerns(row: dict, version: str) -> bool:
    return version.startswith(row.get("source", ""))


def of_release(data, version: str):
    """Keeps of the keys with a release, such as `template@2026`, those of this one.

    What has the plain key as well is added to it, lists to lists and mappings to mappings.
    """
    if isinstance(data, list):
        return [of_release(each, version) for each in data]
    if not isinstance(data, dict):
        return data
    kept: dict = {}
    for key, value in data.items():
        name, _, release = key.partition("@") if isinstance(key, str) else (key, "", "")
        if not version.startswith(release):
            continue
        value = of_release(value, version)
        held = kept.get(name)
        if isinstance(held, dict) and isinstance(value, dict):
            value = {**held, **value}
        elif isinstance(held, list) and isinstance(value, list):
            value = [*held, *value]
        kept[name] = value
    return kept
