"""What `statebus state` rebuilds from the broker alone is what the source's own REST API says."""

from __future__ import annotations

from harness.rebuilt import equality, faults_of, published_states

# Calls at the source: what changes, and with what.
CHANGES = [
    ("light.turn_on", "light.bed_light", {"brightness": 77, "rgb_color": [10, 200, 30]}),
    ("light.turn_off", "light.ceiling_lights", {}),
    ("climate.set_temperature", "climate.heatpump", {"temperature": 23.5}),
    ("fan.set_percentage", "fan.living_room_fan", {"percentage": 33}),
    ("humidifier.set_humidity", "humidifier.dehumidifier", {"humidity": 41}),
    ("media_player.volume_set", "media_player.bedroom", {"volume_level": 0.35}),
    ("input_number.set_value", "input_number.volume", {"value": 6.5}),
    ("input_text.set_value", "input_text.note", {"value": "ünïcödé \"{{ 1 }}\" \\ \n."}),
    ("input_select.select_option", "input_select.mode", {"option": "a \"quoted\" one"}),
    ("input_datetime.set_datetime", "input_datetime.wake_up", {"time": "07:45:30"}),
    ("counter.increment", "counter.laps", {}),
    ("timer.start", "timer.tea", {}),
    ("timer.cancel", "timer.tea", {}),
    ("input_boolean.turn_on", "input_boolean.plain", {}),
    ("input_boolean.turn_off", "input_boolean.plain", {}),
]  # fmt: skip


async def rebuilt_is_what_rest_says(pair, record_property) -> None:
    async def states() -> dict[str, dict]:
        return await published_states(pair.source.client, pair.filtered)

    results = await equality(pair.broker, pair.folder / "state", {pair.instance: states})
    title = f"statebus state against GET /api/states, source {pair.versions[0]}"
    record_property("table", (title, str(results[pair.instance])))
    assert faults_of(results) == []
    assert results[pair.instance].entities > 100


async def test_the_rebuilt_state_is_what_rest_says_after_changes(pair, record_property):
    for service, entity_id, data in CHANGES:
        await pair.source.client.call(service, entity_id, **data)
    await rebuilt_is_what_rest_says(pair, record_property)
