"""What is called on main, on which entity, and what the source then shows (commands.yaml)."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import yaml

ROWS = yaml.safe_load((Path(__file__).parent / "commands.yaml").read_text())

# So many entities of each kind at least, or the comparison would prove little.
MINIMUM = {
    "alarm_control_panel": 1, "automation": 1, "calendar": 2, "counter": 2, "date": 1, "datetime": 1,
    "device_tracker": 3, "group": 1, "humidifier": 3, "input_datetime": 3, "person": 1,
    "schedule": 1, "siren": 2, "time": 1, "timer": 1, "update": 3, "vacuum": 5, "water_heater": 2,
    "binary_sensor": 3, "button": 1, "climate": 3, "cover": 5, "event": 1, "fan": 5,
    "input_boolean": 2, "input_button": 1, "input_number": 2, "input_select": 1, "input_text": 3,
    "light": 15, "lock": 4, "number": 5, "scene": 1, "script": 2, "select": 1, "sensor": 13, "switch": 2,
    "text": 4,
}  # fmt: skip


def concerns(row: dict, source: str, main: str) -> bool:
    """Whether a row is for this pair of versions."""
    return source.startswith(row.get("source", "")) and main.startswith(row.get("main", ""))


async def arrived(pair, row, before: dict) -> bool:
    """The source shows what the row's call is to bring about; `before` is its state before the call."""
    if row.get("changes"):
        return (await pair.source.client.state(row["entity"]))["state"] != before["state"]
    state = await pair.source.client.state(row.get("at", row["entity"]))
    if name := row.get("settles"):
        # What was moving stands still somewhere in between; the demo's covers move once a second.
        moved = datetime.fromisoformat(state["last_updated"])
        still = (datetime.now(timezone.utc) - moved).total_seconds() > 1.5
        return still and 0 < state["attributes"][name] < 100
    return all(matches(state, name, wanted) for name, wanted in row.get("sees", {}).items())


def matches(state: dict, name: str, wanted) -> bool:
    """Numbers are compared as such, lists of them with the rounding that colours suffer."""
    found = state["state"] if name == "state" else state["attributes"].get(name)
    if isinstance(wanted, list):
        return isinstance(found, list) and all(abs(a - b) < 1.5 for a, b in zip(found, wanted))
    if isinstance(wanted, (int, float)) and not isinstance(wanted, bool):
        try:
            return abs(float(found) - wanted) <= (15 if name.endswith("kelvin") else 0.001)
        except (TypeError, ValueError):
            return False
    return found == wanted
