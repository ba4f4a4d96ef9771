"""Main shows all of the source, and each of its services reaches the source and comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from harness.process import wait_until

ROWS = yaml.safe_load((Path(__file__).parent / "commands.yaml").read_text())

# So many entities of each kind at least, or the comparison would prove little.
MINIMUM = {
    "automation": 1, "binary_sensor": 3, "button": 1, "climate": 3, "cover": 5, "event": 1, "fan": 5,
    "input_boolean": 2, "input_button": 1, "input_number": 2, "input_select": 1, "input_text": 3,
    "light": 15, "lock": 4, "number": 5, "scene": 1, "script": 2, "select": 1, "sensor": 13, "switch": 2,
    "text": 4,
}  # fmt: skip


async def test_every_entity_is_on_main_within_ten_seconds(pair):
    result = await pair.equal(timeout=10)
    assert [str(fault) for fault in result.faults] == []
    assert {kind: result.compared.get(kind, 0) >= least for kind, least in MINIMUM.items()} == {
        kind: True for kind in MINIMUM
    }, result.compared


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['entity']}-{row['call']}" for row in ROWS])
async def test_a_service_called_on_main_changes_the_source_and_comes_back(pair, row):
    skip_other_versions(pair, row)
    target = await pair.on_main(row["entity"])
    before = await pair.source.client.state(row["entity"])
    await pair.main.client.call(row["call"], target, **row.get("data", {}))

    async def is_done() -> bool:
        if row.get("changes"):
            return (await pair.source.client.state(row["entity"]))["state"] != before["state"]
        state = await pair.source.client.state(row.get("at", row["entity"]))
        return all(matches(state, name, wanted) for name, wanted in row.get("sees", {}).items())

    await wait_until(is_done, 15, f"the source to show {row}")
    result = await pair.equal(timeout=15)
    assert [str(fault) for fault in result.faults] == []


async def test_an_event_of_the_source_fires_once_on_main(pair):
    target = await pair.on_main("event.push_button_press")
    before = await pair.main.client.state(target)
    await pair.source.client.call("button.press", "button.push")

    async def has_fired() -> bool:
        state = await pair.main.client.state(target)
        return state["state"] != before["state"] and state["attributes"]["event_type"] == "pressed"

    await wait_until(has_fired, 10, "the event on main")


async def test_an_unavailable_entity_is_unavailable_on_main_and_comes_back(pair):
    target = await pair.on_main("sensor.sometimes")
    for plain, wanted in (("on", True), ("off", False)):
        await pair.source.client.call(f"input_boolean.turn_{plain}", "input_boolean.plain")

        async def as_wanted() -> bool:
            state = await pair.main.client.state(target)
            return (state["state"] == "unavailable") is wanted

        await wait_until(as_wanted, 10, f"{target} to follow")
    result = await pair.equal(timeout=10)
    assert [str(fault) for fault in result.faults] == []


async def test_mains_log_is_clean(pair):
    assert pair.complaints() == []


def skip_other_versions(pair, row) -> None:
    for side, home in (("source", pair.source), ("main", pair.main)):
        if not home.environment.version.startswith(row.get(side, "")):
            pytest.skip(f"only for a {side} of {row[side]}")


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
