"""`scripts/demo --simulated`: a scripted Home Assistant, Mosquitto and the bridge, ready in a second."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

from harness.bridge import Bridge, program
from harness.mosquitto import Listener, Mosquitto
from harness.scripted import ScriptedHomeAssistant

from .progress import step

# What every Home Assistant has of its own is not published.
LEFT_OUT = {"sun.sun"}

TEXT = """
  Home Assistant  {url} (scripted: a house in which something happens by itself)
  topics          mosquitto_sub -p {port} -t 'statebus/#' -v
Below: statebus state --watch. Ctrl-C ends all of it.
"""


class Simulated:
    """All three in a folder that goes with them."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="statebus-demo-")
        folder = Path(self._folder.name)
        self.broker = Mosquitto(folder / "broker")
        self.house = ScriptedHomeAssistant(folder / "house", "--demo")
        self.bridge: Bridge | None = None

    async def __aenter__(self) -> Simulated:
        async with step("Mosquitto, a scripted Home Assistant and the bridge"):
            await self.broker.start()
            await self.house.start()
            folder = Path(self._folder.name) / "bridge"
            self.bridge = Bridge(folder, "edge", self.house.url, self.house.token, self.broker.url)
            await self.bridge.start()
            await self.bridge.online()
        return self

    async def __aexit__(self, *_) -> None:
        if self.bridge is not None and self.bridge.process is not None:
            await self.bridge.stop()
        await self.house.stop()
        await self.broker.stop()
        self._folder.cleanup()

    async def show(self) -> bool:
        print(TEXT.format(url=self.house.url, port=self.broker.port), flush=True)
        command = [str(program()), "state", "--watch", "-c", str(self.bridge.config)]
        child = await asyncio.create_subprocess_exec(*command)
        try:
            return await child.wait() == 0
        finally:
            if child.returncode is None:
                child.terminate()
                await child.wait()

    async def check(self) -> bool:
        """Each state of the house is on the bus, and stays equal while things happen."""

        async def differences() -> list[str]:
            found = []
            for entity_id, state in (await self.house.send({"states": True}))["states"].items():
                topic = f"statebus/edge/state/{entity_id.replace('.', '/')}"
                held = json.loads(listener.topics.get(topic, "{}")).get("state")
                if entity_id not in LEFT_OUT and held != state["state"]:
                    found.append(f"{entity_id}: the house has {state['state']!r}, the bus {held!r}")
            return found

        async with Listener(self.broker.port, "statebus/edge/state/#") as listener:
            for _ in range(50):  # messages under way are no differences, so some later look must be clean
                if not (faults := await differences()):
                    break
                await asyncio.wait_for(listener.news(), 5)
            print(f"  {len(listener.topics)} documents on the bus, {len(faults)} differ from the house")
        for fault in faults:
            print(f"  FAULT: {fault}")
        print("check passed" if not faults else "check FAILED")
        return not faults
