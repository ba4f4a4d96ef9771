"""The live table: what changes at the edge, and when main shows it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from harness.compare import unique_id_of

from .home import DemoHome

ROW = "{:<10}{:<42}{:<22}{:<42}{:>8}"


@dataclass
class Change:
    entity_id: str  # at the edge
    state: str
    at: float


class Table:
    """Prints a row for each change that main shows, with the time in between."""

    def __init__(self, home: DemoHome):
        self.home = home
        self._names: dict[str, str] = {}  # an entity of the edge to that of main
        self._under_way: dict[str, Change] = {}  # by the entity of main

    async def run(self) -> None:
        print(ROW.format("time", "at the edge", "state", "on main", "after"), flush=True)
        await self._learn_names()
        await asyncio.gather(self._watch_edge(), self._watch_main())

    async def _learn_names(self) -> None:
        entries = await self.home.source.client.entities()
        on_main = {e["unique_id"]: e["entity_id"] for e in (await self.home.main.client.entities()).values()}
        for entity_id in await self.home.source.client.states():
            wanted = unique_id_of(self.home.instance, entity_id, entries.get(entity_id))
            if wanted in on_main:
                self._names[entity_id] = on_main[wanted]

    async def _watch_edge(self) -> None:
        async for old, new in self.home.source.client.changes():
            if old is None or new is None or old["state"] == new["state"]:
                continue
            if name := self._names.get(new["entity_id"]):
                self._under_way[name] = Change(new["entity_id"], new["state"], time.monotonic())

    async def _watch_main(self) -> None:
        async for _, new in self.home.main.client.changes():
            if new is None or (change := self._under_way.pop(new["entity_id"], None)) is None:
                continue
            after = f"{(time.monotonic() - change.at) * 1000:.0f} ms"
            clock = time.strftime("%H:%M:%S")
            shown = change.state if len(change.state) < 21 else change.state[:18] + "..."
            print(ROW.format(clock, change.entity_id, shown, new["entity_id"], after), flush=True)
