"""Commands over a real broker: more than the rate at once, and with an expiry."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

from harness.bridge import Bridge
from harness.mosquitto import Listener, Mosquitto
from harness.process import wait_until
from harness.scripted import ScriptedHomeAssistant

SWITCH = "statebus/edge/command/switch/coffee_machine"
REFUSED = "statebus/edge/refused"


@asynccontextmanager
async def home(folder, **commands):
    """A scripted Home Assistant and a client of the broker, with the bridge online between them."""
    broker = Mosquitto(folder / "broker")
    await broker.start()
    async with ScriptedHomeAssistant(folder / "ha", "--demo") as ha:
        bridge = Bridge(folder / "bridge", "edge", ha.url, ha.token, broker.url, commands=commands)
        await bridge.start()
        try:
            await bridge.online()
            async with Listener(broker.port, REFUSED) as listener:
                yield ha, listener
        finally:
            assert await bridge.stop() == 0
            await broker.stop()


def turn(on: bool, mark: int) -> str:
    return json.dumps({"service": f"turn_{'on' if on else 'off'}", "id": mark})


def refusals(listener: Listener) -> list[tuple[str, str]]:
    told = [json.loads(each.payload) for each in listener.messages]
    return [(each["code"], each["id"]) for each in told]


async def test_sixty_commands_at_once_all_run_in_their_order(tmp_path):
    async with home(tmp_path, per_entity=10) as (ha, listener):
        for number in range(60):
            listener.publish(SWITCH, turn(number % 2 == 0, number))
        await wait_until(lambda: len(ha.calls) >= 60, 15, "all sixty calls")
        assert [call["service"] for call in ha.calls] == ["turn_on", "turn_off"] * 30
        assert refusals(listener) == []


async def test_a_command_that_expires_while_it_waits_is_refused_and_later_ones_run(tmp_path):
    async with home(tmp_path, per_second=1) as (ha, listener):
        for number in range(4):
            listener.publish(SWITCH, turn(True, number))
        listener.publish(SWITCH, turn(False, 4), expiry=2)
        listener.publish(SWITCH, turn(False, 5), expiry=60)
        await wait_until(lambda: len(ha.calls) >= 5, 15, "the calls")
        await listener.until(lambda: listener.messages, 5, "a refusal")
        assert [call["service"] for call in ha.calls] == ["turn_on"] * 4 + ["turn_off"]
        assert refusals(listener) == [("expired", "4")]


async def test_a_flood_for_one_entity_is_refused_and_does_not_keep_others_waiting(tmp_path):
    async with home(tmp_path) as (ha, listener):
        for number in range(200):
            listener.publish(SWITCH, turn(number % 2 == 0, number))
        lamp = SWITCH.replace("switch/coffee_machine", "light/ceiling_lamp")
        listener.publish(lamp, json.dumps({"service": "turn_on", "id": "lamp"}))
        await ha.called(lambda call: call["domain"] == "light", 30)
        before = [call["domain"] for call in ha.calls].index("light")
        assert before < 40  # behind all that the switch may have waiting, it would be the 51st
        await listener.until(lambda: refusals(listener), 30, "a refusal")
        assert {code for code, _ in refusals(listener)} == {"rate"}
        assert "commands.per_entity" in listener.messages[0].payload
