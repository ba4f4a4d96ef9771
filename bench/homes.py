"""Two real Home Assistants, source and main, joined by the bridge and by remote_homeassistant, in turns."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

from programs import BenchError, Staged

from harness.bridge import Bridge
from harness.environments import NEWEST, environment
from harness.home_assistant import HomeAssistant
from harness.mosquitto import Mosquitto
from harness.process import wait_until

# What is compared with, its release 4.6. REMOTE_HOMEASSISTANT names a clone of it where the machine
# cannot reach the Internet.
PEER = "remote_homeassistant"
PEER_SOURCE = f"https://github.com/custom-components/{PEER}"
PEER_COMMIT = "bd554c484e2b1fe704784e557c9381946579fc1f"
PREFIX = "bus_"  # of the bridge's entity ids on main; those of the peer are as at the source
ENTITIES = 50
INSTANCE = "source"


def fetch_peer(folder: Path) -> Path:
    """Gives the folder of its integration; it stays with what the run leaves behind, and goes with that."""
    source = os.environ.get("REMOTE_HOMEASSISTANT", PEER_SOURCE)
    for command in (["clone", "--quiet", source, folder], ["-C", folder, "checkout", "--quiet", PEER_COMMIT]):
        done = subprocess.run(["git", *map(str, command)], capture_output=True, text=True)
        if done.returncode != 0:
            raise BenchError(f"{PEER} is not to be had from {source}: {done.stderr.strip()}")
    return folder / "custom_components" / PEER


def install_load(custom: Path) -> None:
    own = custom / "source_load"
    own.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("source_load.py"), own / "__init__.py")
    about = {"domain": "source_load", "name": "Load", "version": "1.0.0", "codeowners": [],
             "requirements": [], "documentation": "", "iot_class": "calculated"}  # fmt: skip
    (own / "manifest.json").write_text(json.dumps(about))


def entity_ids(prefix: str = "") -> list[str]:
    return [f"sensor.{prefix}written_{number}" for number in range(ENTITIES)]


class Homes(Staged):
    def __init__(self, folder: Path):
        super().__init__()
        self.folder = folder
        self.broker = Mosquitto(folder / "broker")
        self._environment = environment(NEWEST)

    async def _start(self) -> None:
        peer = fetch_peer(self.folder / "peer")
        self._stack.push_async_callback(self.broker.stop)
        await self.broker.start()
        install_load(self.folder / "source" / "custom_components")
        # The peer has to be installed at the source, too, where it answers who that is.
        source = f"source_load: {json.dumps({'entities': entity_ids()})}\n{PEER}: {{instances: []}}\n"
        self.source = await self._start_home("source", peer, source)
        self.main = await self._start_home("main", peer)
        await self.main.set_up_mqtt(self.broker.port)
        await self._set_up_peer()
        version = {"announce": {"ha_version": ".".join(NEWEST.split(".")[:2])}}
        prefix = {"publish": {"entity_id_prefix": PREFIX}}
        login = (self.source.url, self.source.client.token, self.broker.url)
        self.bridge = Bridge(self.folder / "bridge", INSTANCE, *login, **version, **prefix)

    async def _set_up_peer(self) -> None:
        # Before somebody has asked for these, the peer's reading ends with an error, and all it mirrors stays
        # as it is.
        await self.main.client.ask("get_services")
        login = {"access_token": self.source.client.token, "secure": False, "verify_ssl": False}
        remote = {"host": "127.0.0.1", "port": self.source.port, "max_message_size": 16 << 20, **login}
        await self.main.set_up(PEER, [{"type": "Add a remote node"}, remote])
        entries = await self.main.client.get("/api/config/config_entries/entry")
        [self._entry] = [entry["entry_id"] for entry in entries if entry["domain"] == PEER]
        await self._enable_peer(False)

    async def _start_home(self, name: str, peer: Path, yaml: str = "") -> HomeAssistant:
        folder = self.folder / name
        shutil.copytree(peer, folder / "custom_components" / PEER)
        home = HomeAssistant(name, self._environment, folder, yaml)
        self._stack.push_async_callback(home.stop)
        await home.start()
        return home

    async def _enable_peer(self, on: bool) -> None:
        disabled_by = None if on else "user"
        arguments = {"entry_id": self._entry, "disabled_by": disabled_by}
        answer = await self.main.client.ask("config_entries/disable", **arguments)
        if answer["require_restart"]:
            raise BenchError(f"main cannot turn {PEER} {'on' if on else 'off'} without a restart")

    async def _until_mirrored(self, ids: list[str]) -> None:
        """What the source has now is what main shows."""

        async def is_mirrored() -> bool:
            there, here = await self.source.client.states(), await self.main.client.states()
            of_source = [there[each]["state"] for each in entity_ids()]
            return of_source == [here.get(each, {}).get("state") for each in ids]

        await wait_until(is_mirrored, 60, f"{ids[0]} and the others on main", interval=0.2)

    @contextlib.asynccontextmanager
    async def joined_by_bridge(self) -> AsyncIterator[list[str]]:
        """Gives the entities on main."""
        await self.bridge.start()
        try:
            await self.bridge.online()
            await self._until_mirrored(entity_ids(PREFIX))
            yield entity_ids(PREFIX)
        finally:
            await self.bridge.stop()

    @contextlib.asynccontextmanager
    async def joined_by_peer(self) -> AsyncIterator[list[str]]:
        await self._enable_peer(True)
        try:
            await self._until_mirrored(entity_ids())
            yield entity_ids()
        finally:
            await self._enable_peer(False)

    async def ages(self, ids: list[str], rate: int, seconds: int) -> list[float]:
        """ms from each write at the source to the arrival at a WebSocket client of main, sorted."""
        count, found = rate * seconds, []
        async with self.main.client.subscribed("subscribe_entities", entity_ids=ids) as next_event:
            while "a" not in await next_event():
                continue
            load = self.source.client.call("source_load.run", rate=rate, count=count)
            ended = asyncio.create_task(load)
            while len(found) < count:
                try:
                    event = await next_event(seconds + 10)
                except TimeoutError:
                    raise BenchError(f"of {count} writes, {len(found)} have come to main's client") from None
                now = time.monotonic_ns() // 1000
                values = [each["+"]["s"] for each in event.get("c", {}).values() if "s" in each.get("+", {})]
                found += [(now - int(value)) / 1000 for value in values]
            await ended
        return sorted(found)
