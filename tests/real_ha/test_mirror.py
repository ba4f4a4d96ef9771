"""Main shows all of the source, and each of its services reaches the source and comes back."""

from __future__ import annotations

import pytest

from harness.process import wait_until

from .rows import MINIMUM, ROWS, arrived


async def test_every_entity_is_on_main_within_ten_seconds(pair):
    result = await pair.equal(timeout=10)
    assert [str(fault) for fault in result.faults] == []
    assert {kind: result.compared.get(kind, 0) >= least for kind, least in MINIMUM.items()} == {
        kind: True for kind in MINIMUM
    }, result.compared


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['entity']}-{row['call']}" for row in ROWS])
async def test_a_service_called_on_main_changes_the_source_and_comes_back(pair, row):
    target = await pair.on_main(row["entity"])
    before = await pair.source.client.state(row["entity"])
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
