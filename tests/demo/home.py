"""The demo home: an edge and a main Home Assistant, a broker and a bridge, apart from all else here.

It is kept between runs, so that a second start is quick and what a user changed stays.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import shutil
import socket
from pathlib import Path

from harness.bridge import REPOSITORY
from harness.environments import Environment, cache_dir
from harness.process import free_port
from real_ha.pair import Pair

from .progress import step

# Free ones that are easy to remember; where one is taken, any other.
PORTS = {"edge": 18123, "main": 18124, "broker": 18830, "source_broker": 18831}

# What the edge has beyond the tests' house: something that changes while one looks.
LIVELY = """\
  - trigger: [{platform: time_pattern, seconds: "/2"}]
    sensor:
      - name: House power
        unique_id: house_power
        unit_of_measurement: W
        device_class: power
        state_class: measurement
        state: "{{ range(180, 900) | random }}"
frontend:
"""


class DemoBusy(RuntimeError):
    """Another demo runs; the message says what to do."""


def form_of_kinds() -> str:
    """A house that earlier tables have furnished would keep what those announced and these do not."""
    files = sorted((REPOSITORY / "discovery" / "domains").glob("*.cpp"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class DemoHome(Pair):
    """The pair of the tests, lived in."""

    def __init__(self, environment: Environment, folder: Path | None = None):
        self.folder = folder or cache_dir() / "demo"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoBusy("a demo is running already; end it with Ctrl-C in its terminal") from None
        ports = self._ports(environment.version)
        super().__init__(self.folder, environment, environment)
        self.source.yaml += LIVELY
        self.main.yaml += "frontend:\nlogbook:\n"
        for part, home in (("edge", self.source), ("main", self.main)):
            home.use_port(ports[part])
        self.broker.port, self.source_broker.port = ports["broker"], ports["source_broker"]

    def _ports(self, version: str) -> dict[str, int]:
        """Those of the last run; the house is built anew when one is taken, or another release or form of
        our own kinds has lived in it."""
        file = self.folder / "house.json"
        held = json.loads(file.read_text()) if file.exists() else {}
        house = {"version": version, "kinds": form_of_kinds()}
        is_ours = house.items() <= held.items()
        if is_ours and all(is_free(port) for port in held["ports"].values()):
            return held["ports"]
        for part in ("edge", "main"):
            shutil.rmtree(self.folder / part, ignore_errors=True)
        ports = {part: port if is_free(port) else free_port() for part, port in PORTS.items()}
        file.write_text(json.dumps({**house, "ports": ports}))
        return ports

    async def start(self) -> None:
        version = self.source.environment.version
        async with step("Mosquitto, twice: the home's and the edge's own"):
            await asyncio.gather(self.broker.start(), self.source_broker.start())
        async with step(f"Home Assistant {version}, twice: edge and main (a minute the first time)"):
            await asyncio.gather(self.source.start(), self.main.start())
        async with step("MQTT on both, areas and lights on the edge"):
            await self.set_up()
        async with step("the bridge, until all states of the edge are on the bus"):
            await self.start_bridge()
            await self.bridge.online()
