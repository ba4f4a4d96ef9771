"""The source's times are on the bus; that they change, and nothing else does, changes nothing on main."""

from __future__ import annotations

import json

from harness.compare import unique_id_of
from harness.mosquitto import Listener
from harness.process import wait_until
from harness.rebuilt import published_states

from .test_state import rebuilt_is_what_rest_says


def texts(value) -> list[str]:
    """All texts in an announcement, at any depth."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for part in parts for text in texts(part)]


async def topics_of_main(pair) -> set[str]:
    """What main subscribes to for the instance, as its announcements name it."""
    bus = f"statebus/{pair.instance}/"
    async with Listener(pair.broker.port, f"homeassistant/+/{pair.instance}/+/config") as listener:
        found = {text for payload in listener.topics.values() for text in texts(json.loads(payload))}
    return {text for text in found if text.startswith(bus) and not text.startswith(f"{bus}command/")}


async def mirrored(pair) -> dict[str, dict]:
    """The states of main's entities of the instance by their unique ids, with all their times."""
    states, entries = await pair.main.client.states(), (await pair.main.client.entities()).values()
    own = [e for e in entries if e["unique_id"].startswith(f"statebus-{pair.instance}-")]
    return {e["unique_id"]: states[e["entity_id"]] for e in own if e["entity_id"] in states}


async def changed_at_source(pair, before: dict[str, dict], after: dict[str, dict]) -> set[str]:
    """The unique ids of those that have another state or other attributes than before."""
    entries = await pair.source.client.entities()
    ids = [id for id in after if any(before[id][key] != after[id][key] for key in ("state", "attributes"))]
    return {unique_id_of(pair.instance, id, entries.get(id)) for id in ids}


async def worked_through(pair) -> str:
    """Changes a state and gives its topic; once main shows it, main has worked through all before it."""
    counter = "counter.visitors"
    target = await pair.on_main(counter)
    await pair.source.client.call("counter.increment", counter)
    wanted = float((await pair.source.client.state(counter))["state"])

    async def shows() -> bool:
        shown = (await pair.main.client.state(target))["state"]
        return shown != "unavailable" and float(shown) == wanted

    await wait_until(shows, 20, f"{target} to follow {counter}")
    return f"statebus/{pair.instance}/state/{counter.replace('.', '/')}"


async def test_times_that_change_alone_change_nothing_on_main(pair, record_property):
    """As after a restart, or by an entity that reports the same value again with `force_update`."""
    client = pair.source.client
    await pair.equal(timeout=20)
    read = await topics_of_main(pair)
    states, shown = await published_states(client, pair.filtered), await mirrored(pair)
    # An automation waits for the bell, and would change others; services that notify have no state.
    bell = "input_button.bell"
    written = {id: state for id, state in states.items() if id != bell and state["last_updated"]}
    async with Listener(pair.broker.port, f"statebus/{pair.instance}/#", retained=False) as listener:
        for entity_id, state in written.items():
            same = {"state": state["state"], "attributes": state["attributes"], "force_update": True}
            await client.post(f"/api/states/{entity_id}", same)
        end = await worked_through(pair)
        messages = [each.topic for each in listener.messages if each.topic != end]
        after, shown_after = await published_states(client, pair.filtered), await mirrored(pair)
    # Of the counter, and of what the demo changes by itself, main is to see more than times.
    changed = await changed_at_source(pair, states, after)
    touched = [id for id in set(shown) - changed if shown[id] != shown_after.get(id)]
    documents = [topic for topic in messages if "/state/" in topic]
    others = [topic for topic in messages if topic in read and topic not in documents]
    count_read = sum(topic in read for topic in documents)
    record_property(
        "table",
        (
            f"{len(written)} states written again, {' to '.join(pair.versions)}",
            f"{len(documents)} documents, of which main reads {count_read}; {len(others)} views and events; "
            f"{len(touched)} entities of main changed",
        ),
    )
    same = [id for id in written if after[id]["last_updated"] == states[id]["last_updated"]]
    assert same == [] and len(documents) >= len(written) > 100
    assert len(changed) < 5
    assert [topic for topic in others if "image_processing" not in topic] == []
    assert touched == [], [(shown[id], shown_after.get(id)) for id in touched[:3]]
    await rebuilt_is_what_rest_says(pair, record_property)
