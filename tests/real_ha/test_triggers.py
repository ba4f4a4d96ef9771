"""What happens at the source and is no state: presses of a remote control and scans of tags reach main."""

from __future__ import annotations

import asyncio
import json

import pytest

from harness.client import Client
from harness.mosquitto import Listener
from harness.process import wait_until

NAME = "Hall remote"
DEVICE = {"identifiers": ["zigbee2mqtt_0x01"], "name": NAME, "manufacturer": "IKEA", "model": "Remote"}
ACTIONS = f"zigbee2mqtt/{NAME}/action"
BATTERY = {
    "unique_id": "0x01_battery",
    "name": "Battery",
    "state_topic": f"zigbee2mqtt/{NAME}",
    "value_template": "{{ value_json.battery }}",
    "device_class": "battery",
    "unit_of_measurement": "%",
    "device": DEVICE,
}


def action(name: str) -> dict:
    """As Zigbee2MQTT announces a button."""
    word = {"type": "action", "subtype": name, "payload": name}
    return {"automation_type": "trigger", "topic": ACTIONS, "device": DEVICE, **word}


@pytest.fixture(scope="module")
async def remote(pair):
    """A remote control at the source, and the gateway that tells what it does."""
    buttons = {
        "homeassistant/device_automation/0x01/action_on/config": action("on"),
        "homeassistant/device_automation/0x01/action_off/config": action("off"),
    }
    battery = "homeassistant/sensor/0x01/battery/config"

    async def known() -> bool:
        return len(await triggers(pair.source.client, NAME)) == len(buttons)

    async with Listener(pair.source_broker.port) as gateway:
        for topic, payload in buttons.items():
            gateway.publish(topic, json.dumps(payload), retain=True)
        await wait_until(known, 30, "the source to list the triggers", interval=0.2)
        # Home Assistant tells nobody of a new trigger, and sets up at once what comes at once: with an entity
        # that comes behind them the bridge looks again and finds them.
        gateway.publish(battery, json.dumps(BATTERY), retain=True)
        gateway.publish(f"zigbee2mqtt/{NAME}", '{"battery": 80}', retain=True)
        yield gateway
        for topic in (*buttons, battery):
            gateway.publish(topic, "", retain=True)


async def triggers(client: Client, name: str) -> dict[tuple[str, str], dict]:
    """Those of the device of that name which belong to no entity, by type and subtype."""
    devices = [each["id"] for each in (await client.devices()).values() if each["name"] == name]
    found = {}
    for device in devices:
        for each in await client.ask("device_automation/trigger/list", device_id=device):
            if "entity_id" not in each:
                found[each["type"], each["subtype"]] = each
    return found


async def test_a_press_at_the_source_fires_the_same_trigger_on_main(pair, remote):
    source, main = pair.source.client, pair.main.client

    async def listed() -> dict | None:
        there, here = await triggers(source, NAME), await triggers(main, NAME)
        return here if len(there) == 2 and there.keys() == here.keys() else None

    on_main = await wait_until(listed, 30, "main to list the source's triggers", interval=0.5)
    assert set(on_main) == {("action", "on"), ("action", "off")}
    trigger = on_main["action", "off"]
    async with main.subscribed("subscribe_trigger", trigger=trigger) as next_event:
        fired = asyncio.create_task(next_event())

        def press() -> bool:
            remote.publish(ACTIONS, "on")
            remote.publish(ACTIONS, "off")
            return fired.done()

        # Main's MQTT integration collects subscriptions for a while before it sends them.
        await wait_until(press, 10, "main to fire the trigger", interval=1)
        event = await fired
    assert json.loads(event["variables"]["trigger"]["payload"])["subtype"] == "off"


async def test_a_tag_scanned_at_the_source_is_scanned_on_main(pair):
    # Other tests have taken main's broker away, of which its log tells.
    earlier = pair.complaints()
    async with pair.main.client.subscribed("subscribe_events", event_type="tag_scanned") as next_event:
        await pair.source.client.post("/api/events/tag_scanned", {"tag_id": "04-6A", "device_id": "reader"})
        event = await next_event()
    assert event["data"]["tag_id"] == "04-6A"
    assert pair.complaints() == earlier
