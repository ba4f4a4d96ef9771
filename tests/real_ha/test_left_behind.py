"""What an old Home Assistant keeps of an entity that is gone, because its user has disabled it on main."""

from __future__ import annotations

import pytest

from harness.environments import NEWEST, OLDEST
from harness.mosquitto import Listener

from .following import FAN, LAMP, PAIRS, following, put_entity, until
from .pair import WATCHED

# The bridge looks a minute after the last change, and again, before it takes a thing for left behind.
TWO_LOOKS = 300


@pytest.mark.full  # minutes of waiting for two looks
@pytest.mark.parametrize("versions", [pair for pair in PAIRS if pair[0] == NEWEST], ids="-to-".join)
async def test_a_disabled_entity_goes_from_main_when_nobody_announces_it_any_more(work, versions):
    async with following(work / f"left-behind-{versions[1]}", versions) as homes:
        source, main = homes.source, homes.main

        def is_listed(entity_id: str, listed: bool = True):
            async def look() -> bool:
                return (entity_id in await main.client.entities()) == listed

            return look

        for mirrored in (FAN, LAMP):
            await put_entity(main, mirrored, disabled_by="user")
        await put_entity(source, "input_boolean.fan", disabled_by="user")
        if main.environment.version == OLDEST:
            # This Home Assistant hears nothing of the goodbye, for it has no entity there.
            unique_id = (await main.client.entities())[FAN]["unique_id"]
            announced = f"homeassistant/switch/source/{unique_id}/config"
            await until("the announcement to be cleared", lambda: is_cleared(homes, announced))
            assert await is_listed(FAN)()
        await until("the fan to go from main's registry", is_listed(FAN, False), TWO_LOOKS)
        # The lamp is disabled as well, and still announced.
        assert await is_listed(LAMP)()
        await put_entity(source, "input_boolean.fan", disabled_by=None)
        await source.client.call("input_boolean.reload")
        await until("the fan to come back", is_listed(FAN), 60)
        assert main.problems(*WATCHED) == []


async def is_cleared(homes, topic: str) -> bool:
    async with Listener(homes.broker.port, topic) as listener:
        return not listener.topics.get(topic)
