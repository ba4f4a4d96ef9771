"""What a user would write in Python: aiohttp, json and paho, from Home Assistant's WebSocket to the broker.

    python bench/python_pipeline.py URL TOKEN MQTT_PORT INSTANCE

It folds the differences of `subscribe_entities` into states and publishes each change as a retained document
at QoS 1, and nothing else: no descriptions, no announcements, no commands, no repair. Prints a line when it
has the first states, and ends when its input does.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime, timezone

import aiohttp
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion


def apply(state: dict, difference: dict) -> None:
    new = difference.get("+", {})
    state["s"] = new.get("s", state["s"])
    state["a"] |= new.get("a", {})
    for name in difference.get("-", {}).get("a", []):
        state["a"].pop(name, None)
    if "lc" in new:
        state["lc"] = state["lu"] = new["lc"]
    state["lu"] = new.get("lu", state["lu"])


def document(state: dict) -> str:
    changed, updated = (
        datetime.fromtimestamp(state[key], timezone.utc).isoformat(timespec="microseconds")
        for key in ("lc", "lu")
    )
    told = {"state": state["s"], "attributes": state["a"], "last_changed": changed, "last_updated": updated}
    return json.dumps(told, separators=(",", ":"))


async def follow(socket: aiohttp.ClientWebSocketResponse, client: mqtt.Client, instance: str) -> None:
    states: dict[str, dict] = {}
    async for frame in socket:
        messages = json.loads(frame.data)
        for message in messages if isinstance(messages, list) else [messages]:
            event = message.get("event", {})
            for entity_id, state in event.get("a", {}).items():
                states[entity_id] = {"lu": state["lc"], **state}
            for entity_id, difference in event.get("c", {}).items():
                apply(states[entity_id], difference)
                topic = f"statebus/{instance}/state/{entity_id.replace('.', '/', 1)}"
                client.publish(topic, document(states[entity_id]), qos=1, retain=True)
            if "a" in event:
                print(json.dumps({"states": len(states)}), flush=True)


async def run(url: str, token: str, port: int, instance: str) -> None:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.connect("127.0.0.1", port)
    client.loop_start()
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}/api/websocket", max_msg_size=0) as socket,
    ):
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": token})
        await socket.receive_json()
        features = {"coalesce_messages": 1}  # as the bridge asks for it: less work for both
        await socket.send_json({"id": 1, "type": "supported_features", "features": features})
        await socket.send_json({"id": 2, "type": "subscribe_entities"})
        following = asyncio.create_task(follow(socket, client, instance))
        end = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await asyncio.wait({following, end}, return_when=asyncio.FIRST_COMPLETED)
        if following.done():
            following.result()  # raises what went wrong
            raise SystemExit("Home Assistant closed the connection")
    client.loop_stop()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]))
