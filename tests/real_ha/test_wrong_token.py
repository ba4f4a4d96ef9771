"""A token that Home Assistant does not know: tried once, because failed logins can ban an address."""

from __future__ import annotations

import pytest

from conftest import home_assistant_environment
from harness.bridge import Bridge
from harness.environments import NEWEST, OLDEST
from harness.home_assistant import HomeAssistant
from harness.mosquitto import Mosquitto
from harness.process import wait_until

FAILED_LOGIN = "invalid authentication"


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
async def test_home_assistant_sees_one_failed_login_at_most(work, version):
    folder = work / f"token-{version}"
    home = HomeAssistant("edge", home_assistant_environment(version), folder / "edge")
    broker = Mosquitto(folder / "broker")
    try:
        await broker.start()
        await home.start()
        bridge = Bridge(folder / "bridge", "edge", home.url, "wrong", broker.url)
        await bridge.start()
        await wait_until(lambda: "refuses the bridge" in bridge.output(), 10, "the bridge to say so")
        assert "statebus token" in bridge.output()
        # Time and events go by: the bridge reaches the broker, loses it and finds it again.
        await wait_until(lambda: connections(bridge) == 1, 20, "the broker")
        await broker.stop()
        await broker.start()
        await wait_until(lambda: connections(bridge) == 2, 20, "the broker again")
        assert bridge.output().count("refuses the bridge") == 1
        # None when the bridge has hung up before Home Assistant came to count it.
        assert len(home.problems(FAILED_LOGIN)) <= 1
        assert await bridge.stop() == 0
    finally:
        await home.stop()
        await broker.stop()


def connections(bridge: Bridge) -> int:
    return bridge.output().count("connected to the broker")
