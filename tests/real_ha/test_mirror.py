"""Main shows all of the source, and each of its services reaches the source and comes back."""

from __future__ import annotations

import json

import pytest

from harness.compare import same_state
from harness.kinds import COMPONENTS
from harness.mosquitto import Listener
from harness.process import wait_until

from .rows import MINIMUM, ROWS, arrived, concerns


async def test_every_entity_is_on_main_within_ten_seconds(pair):
    result = await pair.equal(timeout=10)
    assert [str(fault) for fault in result.faults] == []
    assert {kind: result.compared.get(kind, 0) >= least for kind, least in MINIMUM.items()} == {
        kind: True for kind in MINIMUM
    }, result.compared


async def test_what_has_no_kind_of_its_own_is_a_sensor_on_main(pair):
    """Media players, weather and the like: nothing of the source is missing."""
    states = await pair.source.client.states()
    async with Listener(pair.broker.port, f"statebus/{pair.instance}/entity/#") as listener:
        descriptions = [json.loads(text) for text in listener.topics.values()]
    entries = {entry["unique_id"]: entry for entry in (await pair.main.client.entities()).values()}
    shown = await pair.main.client.states()
    others = {}
    for description in descriptions:
        entity_id = description["entity_id"]
        entry = entries[description["object"]]
        if entity_id.split(".")[0] in COMPONENTS or entry["disabled_by"] is not None:
            continue
        assert entry["entity_id"].startswith("sensor."), entry
        others[entity_id] = shown[entry["entity_id"]]
    assert {"media_player", "weather"} <= {each.split(".")[0] for each in others}
    for entity_id, on_main in others.items():
        assert same_state(states[entity_id]["state"], on_main["state"]), entity_id


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['entity']}-{row['call']}" for row in ROWS])
async def test_a_service_called_on_main_changes_the_source_and_comes_back(pair, row):
    target = await pair.on_main(row["entity"])
    before = await pair.source.client.state(row["entity"])
    pair.called.append(row)
    await pair.main.client.call(row["call"], target, **row.get("data", {}))
    await wait_until(lambda: arrived(pair, row, before), 15, f"the source to show {row}")
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


async def test_every_accepted_difference_was_met(pair):
    """A row of differences.yaml that nothing needs any more would hide a fault of tomorrow."""
    left = [row for row in ROWS if concerns(row, *pair.versions) and row not in pair.called]
    if left:
        pytest.skip(f"{len(left)} rows of commands.yaml were not called in this run")
    rules = [rule for rule in pair.rules if rule.applies(*pair.versions)]
    unmet = [str(rule) for rule in rules if not rule.used]
    assert not unmet, unmet
