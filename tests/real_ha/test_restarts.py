"""What comes, goes, changes its name, dies and returns at the source, and what main makes of it."""

from __future__ import annotations

import json
import signal
from contextlib import asynccontextmanager

import pytest

from harness.mosquitto import Listener
from harness.process import wait_until

from .history import a_gap
from .test_state import rebuilt_is_what_rest_says
from .test_times import worked_through

# What a bridge says of itself, and the mark by which it knows the end of what it reads.
OWN = ("status", "info", "heartbeat", "read")


@asynccontextmanager
async def helper(pair, name: str):
    """A new input_boolean at the source, shown on main; gives its entity id and what removes it."""
    client = pair.source.client
    made = await client.ask("input_boolean/create", name=name)
    removed = False

    async def remove() -> None:
        nonlocal removed
        removed = True
        await client.ask("input_boolean/delete", input_boolean_id=made["id"])

    try:
        await wait_until(lambda: found_on_main(pair, f"input_boolean.{made['id']}"), 10, f"{name} on main")
        yield f"input_boolean.{made['id']}", remove
    finally:
        if not removed:
            await remove()


async def found_on_main(pair, entity_id: str) -> str | None:
    try:
        target = await pair.on_main(entity_id)
    except LookupError:
        return None
    return target if await pair.main.client.state(target) else None


async def registry_of(client) -> dict[str, str]:
    """What main's registry calls each unique id: its own id of the entry."""
    return {entry["unique_id"]: entry["id"] for entry in (await client.entities()).values()}


async def mirrored(pair) -> list[str]:
    """The entities of main that must be unavailable without the bridge: all but its connectivity."""
    own = f"statebus-{pair.instance}-"
    entries = (await pair.main.client.entities()).values()
    return [
        entry["entity_id"]
        for entry in entries
        if entry["unique_id"].startswith(own)
        and entry["unique_id"] != f"{own}connectivity"
        and entry["disabled_by"] is None
    ]


async def test_an_entity_removed_at_the_source_is_gone_on_main_and_on_the_broker(pair):
    async with Listener(pair.broker.port, "statebus/#", "homeassistant/#") as listener:
        async with helper(pair, "Short lived") as (entity_id, remove):
            target = await pair.on_main(entity_id)
            entry = (await pair.source.client.entities())[entity_id]["id"]
            marks = (entity_id.replace(".", "/"), f"statebus-{pair.instance}-{entry}")

            def topics() -> list[str]:
                return [t for t in listener.topics if t.endswith(marks[0]) or marks[1] in t]

            assert len(topics()) >= 3, "a description, a document and an announcement"
            await remove()

            async def is_gone() -> bool:
                return target not in await pair.main.client.entities()

            await wait_until(is_gone, 15, f"{target} to be gone on main")
            assert await pair.main.client.state(target) is None
            await listener.until(lambda: not topics(), 15, f"no topic of {entity_id} on the broker")


async def test_a_renamed_entity_keeps_its_registry_entry(pair):
    client = pair.source.client
    watch = Listener(pair.broker.port, "statebus/#")
    async with watch as listener, helper(pair, "Old name") as (old, remove):
        new = "input_boolean.new_name"
        target = await pair.on_main(old)
        before = (await pair.main.client.entities())[target]
        await client.ask("config/entity_registry/update", entity_id=old, new_entity_id=new)
        moved = f"statebus/{pair.instance}/state/{new.replace('.', '/')}"
        left = f"statebus/{pair.instance}/state/{old.replace('.', '/')}"
        await listener.until(lambda: moved in listener.topics and left not in listener.topics, 20, "the move")
        await client.call("input_boolean.turn_on", new)

        async def follows() -> bool:
            return (await pair.main.client.state(target))["state"] == "on"

        await wait_until(follows, 10, f"{target} to follow {new}")
        after = (await pair.main.client.entities())[target]
        assert (after["id"], after["unique_id"]) == (before["id"], before["unique_id"])
        await remove()
        await wait_until(lambda: not_on_main(pair, target), 15, f"{target} to be gone on main")


async def not_on_main(pair, target: str) -> bool:
    return target not in await pair.main.client.entities()


@pytest.mark.parametrize("how", ["killed", "frozen"])
async def test_without_its_bridge_all_is_unavailable_and_comes_back_unchanged(pair, how, record_property):
    """`killed` ends the connection at once; `frozen` is silent, so that only the keepalive tells."""
    main, keepalive = pair.main.client, 10
    assert (await pair.equal(timeout=20)).faults == []
    targets, ids = await mirrored(pair), await registry_of(main)
    history = a_gap(pair, targets, f"a {how} bridge", record_property)
    async with history, Listener(pair.broker.port, "statebus/#", "homeassistant/#") as listener:
        held = dict(listener.topics)
        pair.bridge.process.signal(signal.SIGKILL if how == "killed" else signal.SIGSTOP)

        async def all_unavailable() -> bool:
            states = await main.states()
            return all(states[target]["state"] == "unavailable" for target in targets)

        # Mosquitto 2.0 looks for silent clients every five seconds.
        patience = 1.5 * keepalive + (6 if how == "frozen" else 0)
        try:
            await wait_until(all_unavailable, patience, "everything to be unavailable on main")
        finally:
            pair.bridge.process.end(signal.SIGKILL)
        await pair.bridge.process.wait(10)
        assert await registry_of(main) == ids
        seen = len(listener.messages)
        await pair.bridge.start()
        await pair.bridge.online()
        result = await pair.equal(timeout=10)
        sent = [each for each in listener.messages[seen:] if each.topic.split("/")[-1] not in OWN]
    assert [str(fault) for fault in result.faults] == []
    assert await registry_of(main) == ids
    assert [each.topic for each in sent if each.payload == held.get(each.topic)] == []
    # A state of the demo may change by itself; then its document does, and nothing else.
    others = [each for each in sent if each.topic.split("/")[2] not in ("state", "view")]
    assert [(each.topic, held.get(each.topic), each.payload) for each in others] == []


async def test_history_goes_on_over_a_restart_of_the_bridge(pair):
    target, client = await pair.on_main("input_boolean.plain"), pair.source.client
    for service in ("turn_on", "turn_off"):
        await client.call(f"input_boolean.{service}", "input_boolean.plain")
        wanted = "on" if service == "turn_on" else "off"

        async def follows() -> bool:
            return (await pair.main.client.state(target))["state"] == wanted

        await wait_until(follows, 10, f"{target} to be {wanted}")
        if service == "turn_on":
            await pair.bridge.stop()
            await pair.bridge.start()
            await pair.bridge.online()

    async def recorded() -> bool:
        path = f"/api/history/period?filter_entity_id={target}&minimal_response&no_attributes"
        rows = await pair.main.client.get(path)
        states = [row["state"] for row in rows[0]] if rows else []
        return {"on", "unavailable", "off"} <= set(states) and states[-1] == "off"

    await wait_until(recorded, 20, f"the history of {target}", interval=0.5)


async def test_no_entity_is_lost_when_the_source_restarts(pair, record_property):
    main = pair.main.client
    assert (await pair.equal(timeout=20)).faults == []
    targets, ids = await mirrored(pair), await registry_of(main)
    history = a_gap(pair, targets, "a source that restarts", record_property)
    async with history, Listener(pair.broker.port, "homeassistant/#", retained=False) as listener:
        await pair.source.stop()

        async def all_unavailable() -> bool:
            states = await main.states()
            return all(states[target]["state"] == "unavailable" for target in targets)

        await wait_until(all_unavailable, 20, "everything to be unavailable on main")
        await pair.source.start()
        result = await pair.equal(timeout=45)
        emptied = [each.topic for each in listener.messages if not each.payload]
    assert [str(fault) for fault in result.faults] == []
    assert await registry_of(main) == ids
    assert emptied == []
    await rebuilt_is_what_rest_says(pair, record_property)


@pytest.mark.full
async def test_a_source_that_is_back_at_once_flips_nothing_on_main(pair, record_property):
    """The bridge hears it start; what is unknown until all has loaded stays at the source."""
    assert (await pair.equal(timeout=20)).faults == []

    def times_connected() -> int:
        return pair.bridge.output().count("connected to Home Assistant")

    before = times_connected()
    async with a_gap(pair, await mirrored(pair), "a source that is back at once", record_property):
        await pair.source.restart()
        await wait_until(lambda: times_connected() > before, 40, "the bridge to be connected again")
        await worked_through(pair)
        assert (await pair.equal(timeout=30)).faults == []


async def test_everything_is_back_when_main_restarts(pair):
    ids = await registry_of(pair.main.client)
    await pair.main.restart()
    result = await pair.equal(timeout=20)
    assert [str(fault) for fault in result.faults] == []
    assert await registry_of(pair.main.client) == ids


async def test_everything_is_back_when_the_broker_loses_all(pair):
    """A broker without persistence forgets every retained message when it restarts."""
    ids = await registry_of(pair.main.client)
    await pair.broker.stop()
    await pair.broker.start()
    result = await pair.equal(timeout=45)
    assert [str(fault) for fault in result.faults] == []
    assert await registry_of(pair.main.client) == ids
    async with Listener(pair.broker.port, f"statebus/{pair.instance}/info") as listener:
        await listener.until(lambda: listener.topics, 5, "the retained info")
        assert json.loads(next(iter(listener.topics.values())))["epoch"] > 0


async def test_mains_log_is_clean_after_all_that(pair):
    complaints = [line for line in pair.complaints() if not is_about_the_lost_broker(line)]
    assert complaints == []


def is_about_the_lost_broker(line: str) -> bool:
    """Main says so when a test takes its broker away; that is no fault of what was announced."""
    return "connect" in line.lower() and "MQTT server" in line
