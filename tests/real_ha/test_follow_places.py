"""Following: floors and labels appear on main, and calls by all of them, and by voice, reach the source."""

from __future__ import annotations

from collections.abc import Callable

from .following import (
    BED, CEILING, LAMP, area_names, device_of, homes, make, put_device, put_entity, until,
)  # fmt: skip
from .pair import WATCHED


async def test_floors_and_labels_follow(homes):
    source, main = homes.source, homes.main
    if not homes.has_labels:
        # Neither release writes an error for what it does not know.
        assert main.problems(*WATCHED) == []
        assert "does not follow" not in homes.consumer.output()
        return
    homes.watch()
    floor = await make(source, "floor", "Upstairs", level=1)
    label = await make(source, "label", "Share", color="red")
    [larder] = [area_id for area_id, name in (await area_names(source)).items() if name == "Larder"]
    await source.client.ask("config/area_registry/update", area_id=larder, floor_id=floor, icon="mdi:pot")
    await put_device(source, BED, labels=[label])
    await put_entity(source, "input_boolean.lamp", labels=[label])

    async def has_all() -> bool:
        [area] = [each for each in (await main.client.areas()).values() if each["name"] == "Larder"]
        floors = {each["floor_id"]: each for each in await main.client.ask("config/floor_registry/list")}
        labels = {each["label_id"]: each for each in await main.client.ask("config/label_registry/list")}
        [of_device] = (await device_of(main, BED))["labels"] or [None]
        [of_entity] = (await main.client.entities())[LAMP]["labels"] or [None]
        looks = floors[area["floor_id"]]["name"], floors[area["floor_id"]]["level"], area["icon"]
        names = labels[of_device]["name"], labels[of_entity]["color"]
        return (*looks, *names) == ("Upstairs", 1, "mdi:pot", "Share", "red")

    await until("floor and label on main", has_all)
    counted = await homes.unwatch()
    assert counted["floor"] == counted["label"] == counted["device"] == counted["entity"] == 1
    assert counted["area"] == 2, counted  # its looks, and the floor once that is there
    # A label that the user adds on main stays when the source's goes.
    own = await make(main, "label", "Own")
    share = (await device_of(main, BED))["labels"]
    await put_device(main, BED, labels=[own, *share])
    await put_device(source, BED, labels=[])

    async def has_own() -> bool:
        return (await device_of(main, BED))["labels"] == [own]

    await until("the source's label to go from the device", has_own)
    await put_entity(source, "input_boolean.lamp", labels=[])
    await source.client.ask("config/label_registry/delete", label_id=label)
    await source.client.ask("config/floor_registry/delete", floor_id=floor)

    async def are_gone() -> bool:
        floors = await main.client.ask("config/floor_registry/list")
        labels = await main.client.ask("config/label_registry/list")
        return not floors and [each["name"] for each in labels] == ["Own"]

    await until("floor and label to go from main", are_gone)
    assert main.problems(*WATCHED) == []


async def test_calls_by_area_device_floor_and_label_and_by_voice_reach_the_source(homes):
    source, main = homes.source, homes.main
    [larder] = [area_id for area_id, name in (await area_names(main)).items() if name == "Larder"]
    targets = [{"area_id": larder}, {"device_id": (await device_of(main, BED))["id"]}]
    if homes.has_labels:
        floor = await make(source, "floor", "Upstairs")
        label = await make(source, "label", "Share")
        [there] = [area_id for area_id, name in (await area_names(source)).items() if name == "Larder"]
        await source.client.ask("config/area_registry/update", area_id=there, floor_id=floor)
        await put_device(source, BED, labels=[label])

        async def found() -> tuple | None:
            area = (await main.client.areas())[larder]
            labels = (await device_of(main, BED))["labels"]
            return (area["floor_id"], labels[0]) if area["floor_id"] and labels else None

        floor_id, label_id = await until("floor and label on main", found)
        targets += [{"floor_id": floor_id}, {"label_id": label_id}]

    async def others() -> list[str]:
        return [(await source.client.state(each))["state"] for each in (CEILING, "light.kitchen_lights")]

    async def is_at_source(entity_id: str, wanted: str) -> bool:
        return (await source.client.state(entity_id))["state"] == wanted

    async def reaches(what: str, act: Callable, wanted: str) -> None:
        before = await others()
        await act()
        await until(f"the bed light {wanted} by {what}", lambda: is_at_source(BED, wanted), 10)
        assert await others() == before

    def call(service: str, target: dict) -> Callable:
        return lambda: main.client.ask("call_service", domain="light", service=service, target=target)

    for target in targets:
        await reaches(f"{target}", call("turn_on", target), "on")
        await reaches(f"{target}", call("turn_off", target), "off")

    def say(text: str) -> Callable:
        async def act() -> None:
            answer = await main.client.ask("conversation/process", text=text, language="en")
            assert answer["response"]["response_type"] == "action_done", answer

        return act

    await reaches("voice", say("turn on the lights in the larder"), "on")
    await reaches("voice", say("turn off the lights in the larder"), "off")
    assert main.problems(*WATCHED) == []
