"""The eleven instances of tests/real_ha/instances, all bridged to one main: main shows everything that they
have, and what is asked for on main arrives at them. Prints a table of what there was."""

from __future__ import annotations

import asyncio
import json
import random

import pytest

from conftest import home_assistant_environment
from harness.bridge import Bridge
from harness.client import ApiError
from harness.compare import same_state
from harness.environments import MORE_INTEGRATIONS, NEWEST, OLDEST
from harness.kinds import why_not_published
from harness.mosquitto import Listener
from harness.process import wait_until
from harness.rebuilt import equality, faults_of, held_against, rebuild
from judge.bulk import judged, recorded
from judge.variations import piled

from .house import House, Row
from .plan import NAMES

pytestmark = pytest.mark.full

*SOURCES, MAIN = NAMES


@pytest.fixture(scope="session", params=[OLDEST, NEWEST])
async def house(request, work):
    """A main and its broker. Sources and main are of one release."""
    items = [item for item in request.session.items if hasattr(item, "callspec")]
    asked = {item.callspec.params.get("instance") for item in items}
    environment = home_assistant_environment(request.param, MORE_INTEGRATIONS)
    house = House(work / f"house-{request.param}", environment, [name for name in SOURCES if name in asked])
    try:
        await house.start()
        yield house
    finally:
        await house.stop()


@pytest.fixture(scope="session", params=SOURCES)
async def instance(request, house):
    instance = await house.take(request.param)
    yield instance
    await house.give_back(instance)


async def test_main_shows_every_entity_of_the_instance(house, instance):
    result = await instance.equal(timeout=60)
    row = house.rows[instance.instance]
    row.take(result)
    assert_none(result.faults)
    assert row.unaccounted == 0 and result.compared.total() > 0


async def test_what_is_rebuilt_from_the_broker_is_what_its_rest_api_says(house, instance):
    name = instance.instance
    results = await equality(house.broker, house.folder / "state", {name: instance.states})
    assert_none(faults_of(results))
    assert results[name].entities >= house.rows[name].kinds + house.rows[name].stand_ins


async def test_home_assistants_schemas_accept_what_is_made_of_its_entities(house, instance):
    for version in (OLDEST, NEWEST):
        home_assistant_environment(version)
    entities = await recorded(instance.source.client)
    chance = random.Random(1)
    varied = [piled(entity, chance) for entity in entities for _ in range(5)]
    await asyncio.to_thread(judged, [*entities, *varied], house.folder / f"judged-{instance.instance}")


async def test_what_is_asked_for_on_main_arrives_and_comes_back(house, instance):
    faults = []
    for row in instance.plan.calls:
        house.rows[instance.instance].tried += 1
        try:
            await instance.try_call(row)
        except (ApiError, AssertionError, LookupError, TimeoutError) as fault:
            faults.append(f"{row['entity']} {row['call']}: {fault}")
    result = await instance.equal(timeout=30)
    assert_none([*faults, *result.faults])


def assert_none(faults: list) -> None:
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(str(fault) for fault in faults)


async def test_main_publishes_what_it_has_of_its_own_and_no_mirror(house):
    """Main's own bridge announces where nobody listens; its documents are what the others could read."""
    config = {"announce": {"prefix": "announced_by_main"}}
    token = house.main.client.token
    bridge = Bridge(house.folder / "bridge", MAIN, house.main.url, token, house.broker.url, **config)
    try:
        await bridge.start()
        await bridge.online()
        async with Listener(house.broker.port, f"statebus/{MAIN}/state/#") as listener:
            faults: list[str] = []

            async def is_equal() -> bool:
                faults[:] = await own_faults(house, listener.topics)
                return not faults

            await wait_until(is_equal, 20, "main's documents", interval=0.5)
    except TimeoutError:
        assert_none(faults)
    finally:
        await bridge.stop()
    assert house.rows[MAIN].kinds >= 9 and house.rows[MAIN].left["mirror"] > 0


async def own_faults(house, topics: dict[str, str]) -> list[str]:
    """Counts what main has of its own, and gives what of it is not on the bus as main has it."""
    held = {topic.split("/state/")[1].replace("/", "."): json.loads(text) for topic, text in topics.items()}
    states, entries = await house.main.client.states(), await house.main.client.entities()
    row = house.rows[MAIN] = Row(MAIN)
    own = set()
    for entity_id in {*states, *entries}:
        row.entities += 1
        if why := why_not_published(entity_id, entries.get(entity_id), states.get(entity_id)):
            row.left[why] = row.left.get(why, 0) + 1
            continue
        row.kinds += 1
        own.add(entity_id)
    wrong = [each for each in own & set(held) if not same_state(states[each]["state"], held[each]["state"])]
    return [*sorted(own ^ set(held)), *wrong]


async def test_the_state_of_all_is_rebuilt_at_once(house, record_property):
    """From the broker alone; all but the last are long gone, their bridges and their Home Assistants."""
    rebuilt = await rebuild(house.broker, house.folder / "state")
    assert (rebuilt.code, rebuilt.lacking) == (0, []), rebuilt.told
    table, faults = [], []
    for instance in house.running():
        house.truth[instance.instance] = await instance.last_states()
    for name, truth in house.truth.items():
        each = [held_against(states, rebuilt.entities(name)) for states in truth]
        table.append(f"{name:16}{each[-1]}")
        # A state that has changed while the bridge went is on the bus as it was, or as it became.
        faults += [f"{name}: {fault}" for fault in set(each[0].faults) & set(each[1].faults)]
    record_property("table", (f"statebus state of all, {house.main.environment.version}", "\n".join(table)))
    assert_none(sorted(faults))


async def test_every_accepted_difference_is_one(house):
    assert_none(house.needless_rules())


async def test_mains_log_is_clean_after_all_instances(house, record_property):
    record_property("table", [f"The instances on {house.main.environment.version}", house.table()])
    assert_none(house.complaints())
