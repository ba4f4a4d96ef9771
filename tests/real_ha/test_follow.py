"""Following: what a source changes in its registries appears in main's; what main's user changed stays."""

from __future__ import annotations

from harness.mosquitto import Listener
from harness.process import wait_until

from .following import (
    BED, CEILING, FAN, LAMP, Homes, area_names, device_of, homes, in_area, make, put_device, put_entity,
    until,
)  # fmt: skip
from .pair import WATCHED


async def test_areas_follow_when_things_move_and_when_areas_are_renamed_or_deleted(homes):
    source, main = homes.source, homes.main
    homes.watch()
    porch = await make(source, "area", "Porch")
    await put_device(source, BED, area_id=porch)
    await until("the move to the porch", lambda: in_area(main, BED, "Porch"))
    await source.client.ask("config/area_registry/update", area_id=porch, name="Veranda")
    await until("the porch's new name", lambda: in_area(main, BED, "Veranda"))
    assert "Porch" not in (await area_names(main)).values()

    # The larder came with the first announcement; it is the source's as well.
    [larder] = [area_id for area_id, name in (await area_names(source)).items() if name == "Larder"]
    await source.client.ask("config/area_registry/update", area_id=larder, name="Pantry")
    await until("the larder's new name", lambda: in_area(main, LAMP, "Pantry"))
    assert "Larder" not in (await area_names(main)).values()

    await source.client.ask("config/area_registry/delete", area_id=porch)

    async def is_gone() -> bool:
        return await in_area(main, BED, None) and "Veranda" not in (await area_names(main)).values()

    await until("the deletion of the veranda", is_gone)
    counted = await homes.unwatch()
    # The porch is made, renamed and deleted, the larder renamed; the device moves in and out.
    assert (counted["area"], counted["device"], counted["entity"]) == (4, 2, 0)
    assert main.problems(*WATCHED) == []
    assert "does not follow" not in homes.consumer.output()


async def test_names_icons_ids_and_hidden_flags_follow(homes):
    source, main = homes.source, homes.main
    await put_entity(source, "input_boolean.fan", name="Vent", icon="mdi:fan-off")
    await put_device(source, BED, name_by_user="Night light")

    async def has_names() -> bool:
        states = await main.client.states()
        device = await device_of(main, BED)
        fan = states[FAN]["attributes"]
        shown = (fan["friendly_name"], fan.get("icon"), states[BED]["attributes"]["friendly_name"])
        return (device["name"], *shown) == ("Night light", "Vent", "mdi:fan-off", "Night light")

    await until("names and icon on main", has_names)
    homes.watch()
    await put_entity(source, "input_boolean.fan", hidden_by="user")

    async def is_hidden() -> bool:
        return (await main.client.entities())[FAN]["hidden_by"] == "user"

    await until("the fan to be hidden on main", is_hidden)
    await put_entity(source, "input_boolean.fan", new_entity_id="input_boolean.vent")

    async def is_renamed() -> bool:
        entries = await main.client.entities()
        return "switch.input_boolean_vent" in entries and FAN not in entries

    await until("the fan's new id on main", is_renamed)
    # What the user calls an entity on main stays, and so does the id that he gave it.
    await put_entity(main, LAMP, name="My lamp", new_entity_id="switch.mine")
    await put_entity(source, "input_boolean.lamp", name="Their lamp", new_entity_id="input_boolean.theirs")
    await put_entity(source, "input_boolean.vent", hidden_by=None)

    async def is_shown() -> bool:
        return (await main.client.entities())["switch.input_boolean_vent"]["hidden_by"] is None

    await until("the fan to be shown on main", is_shown)
    assert (await main.client.state("switch.mine"))["attributes"]["friendly_name"] == "My lamp"
    counted = await homes.unwatch()
    # Two for the flag, two for the ids, one of them by the user; and on 2026.11 one for the new name itself.
    assert counted["entity"] in (4, 5), counted
    assert main.problems(*WATCHED) == []


async def test_what_the_user_changed_on_main_stays_over_restarts(homes):
    source, main = homes.source, homes.main
    attic = await make(main, "area", "Attic")
    await put_device(main, BED, area_id=attic)
    await put_entity(main, LAMP, hidden_by="user", area_id=None)
    seen = "statebus/main/followed/source/entity/"
    async with Listener(homes.broker.port, "statebus/main/followed/#") as listener:

        def is_noted() -> bool:
            records = listener.topics.items()
            return any(topic.startswith(seen) and "kept" in payload for topic, payload in records)

        await wait_until(is_noted, 20, "the bridge to note it", interval=0.2)
    homes.watch()
    porch = await make(source, "area", "Porch")
    await put_device(source, BED, area_id=porch)
    await put_entity(source, "input_boolean.lamp", area_id=porch)
    await put_device(source, CEILING, area_id=porch)
    await until("another device to follow", lambda: in_area(main, CEILING, "Porch"))
    # On 2024.3.3 the announcement itself puts a device without an area there, before the bridge has seen it.
    await until("that to be noted", lambda: has_applied(homes, '"area":"porch"'))
    await homes.restart_consumer()
    await homes.unwatch()
    await main.restart()
    await until("main to be back", lambda: main.client.state(BED), 30)
    # Something that follows after both restarts shows that all before it has been looked at. The bridge may
    # wait 30 s before it tries to reach main again.
    await put_device(source, CEILING, area_id=None)
    await until("another device to follow", lambda: in_area(main, CEILING, None), 60)
    assert await in_area(main, BED, "Attic")
    assert await in_area(main, LAMP, None)
    assert (await main.client.entities())[LAMP]["hidden_by"] == "user"
    # Once both are the same by themselves, it follows again.
    await put_device(source, BED, area_id=await make(source, "area", "Attic"))
    await until("main's attic to be the source's", lambda: has_record(homes, "Attic"))
    await put_device(source, BED, area_id=porch)
    await until("the bed light to follow again", lambda: in_area(main, BED, "Porch"))
    assert main.problems(*WATCHED) == []


async def has_applied(homes: Homes, text: str) -> bool:
    """Whether the bridge has noted that of a device."""
    async with Listener(homes.broker.port, "statebus/main/followed/source/device/+") as listener:
        return any(text in payload for payload in listener.topics.values())


async def has_record(homes: Homes, area: str) -> bool:
    """Whether the bridge has noted an area of that name, and no user's change of an area any more."""
    async with Listener(homes.broker.port, "statebus/main/followed/source/#") as listener:
        records = dict(listener.topics)
    devices = [payload for topic, payload in records.items() if "/device/" in topic]
    is_kept = any("kept" in each for each in devices)
    return not is_kept and any(area in payload for payload in records.values())
