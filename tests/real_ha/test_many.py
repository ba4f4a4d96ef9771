"""Five thousand entities on a broker with its default limits, and a main that starts without any bridge."""

from __future__ import annotations

import pytest

from conftest import home_assistant_environment
from harness.bridge import Bridge
from harness.environments import NEWEST, OLDEST
from harness.home_assistant import HomeAssistant
from harness.mosquitto import Listener, Mosquitto
from harness.process import wait_until
from harness.scripted import ScriptedHomeAssistant

from .pair import WATCHED

COUNT = 5000


# Home Assistant waits 10 s for an answer of a broker whose thousands of messages it has yet to read.
@pytest.mark.alone
@pytest.mark.parametrize("version", [OLDEST, NEWEST])
async def test_a_main_that_starts_alone_has_the_state_of_every_entity(work, version):
    folder = work / f"many-{version}"
    environment = home_assistant_environment(version)
    broker = Mosquitto(folder / "broker")
    main = HomeAssistant("main", environment, folder / "main")
    source = ScriptedHomeAssistant(folder / "source", "--entities", str(COUNT))
    bridge: Bridge | None = None
    try:
        await broker.start()
        await source.start()
        await main.start()
        await main.set_up_mqtt(broker.port)
        bridge = Bridge(
            folder / "bridge", "edge", source.url, source.token, broker.url, announce={"ha_version": version}
        )
        await bridge.start()
        truth = {f"sensor.generated_{number}": str(number) for number in range(COUNT)}
        await source.send({"set": {entity_id: {"state": state} for entity_id, state in truth.items()}})
        await wait_until(lambda: is_equal(main, truth), 120, f"{COUNT} entities on main", interval=1)
        await bridge.stop()
        await main.restart()
        # The bridge has said `offline`, which hides every state; what main has received shows once
        # somebody takes that back. Nobody is there who could send a single state again.
        async with Listener(broker.port, "statebus/edge/status") as listener:
            listener.publish("statebus/edge/status", "online", retain=True)
            await wait_until(lambda: is_equal(main, truth), 60, f"{COUNT} states on main", interval=1)
        assert main.problems(*WATCHED) == []
    finally:
        if bridge is not None:
            await bridge.stop()
        await main.stop()
        await source.stop()
        await broker.stop()


async def is_equal(main: HomeAssistant, truth: dict[str, str]) -> bool:
    """Every entity of the source has its state on main, under the same entity id."""
    states = await main.client.states()
    return all(
        entity_id in states and states[entity_id]["state"] == state for entity_id, state in truth.items()
    )
