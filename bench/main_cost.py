"""What an update costs main's Home Assistant as the bridge announces, and as one document each would.

The bridge is the real one, behind a scripted Home Assistant; the documents are written by hand, in the form
of the first release (docs/decisions/010-views.md). The sides take turns on one main.
"""

from __future__ import annotations

import json
import statistics
from pathlib import Path

from figures import Figure, Outcome, Pair, Plan
from forms import FORMS, LIGHT, READINGS, SENSOR_ATTRIBUTES, SETTINGS, VALUES, shows, wanted
from main_side import ENTITIES, MainSide
from programs import announced

from harness.bridge import Bridge
from harness.environments import NEWEST
from harness.scripted import ScriptedHomeAssistant

NAMES = ("main_sensor", "main_climate")
KINDS = ("sensor", "light", "climate")
INSTANCE = "hubs"
DOCUMENTS = {kind: next(form for form in FORMS if form.kind == kind) for kind in KINDS}


def entity_id(kind: str, number: int) -> str:
    return f"{kind}.mirrored_{number}"


def state(kind: str, value: int) -> dict:
    """As Home Assistant has it; the same facts as the documents that are written by hand."""
    if kind == "sensor":
        return {"state": str(value), "attributes": SENSOR_ATTRIBUTES}
    if kind == "light":
        attributes = {
            "min_color_temp_kelvin": LIGHT["min_kelvin"], "max_color_temp_kelvin": LIGHT["max_kelvin"],
            "effect_list": LIGHT["effect_list"], "effect": None,
            "supported_color_modes": LIGHT["supported_color_modes"], "color_mode": "hs",
            "brightness": int(wanted(kind, value)), "hs_color": [345, 75], "rgb_color": [255, 63, 111],
            "xy_color": [0.59, 0.274], "color_temp_kelvin": None,
            "supported_features": 4, "friendly_name": "Bed Light",
        }  # fmt: skip
        return {"state": "on", "attributes": attributes}
    attributes = {
        "hvac_modes": ["cool", "heat", "off"], "fan_modes": ["low", "high"], "swing_modes": ["on", "off"],
        "preset_modes": ["eco", "away"], "min_temp": 7, "max_temp": 35, "target_temp_step": 0.5,
        "min_humidity": 30, "max_humidity": 99, "supported_features": 447, "friendly_name": "HVAC",
        **{name: VALUES[name] for name in (*SETTINGS, *READINGS) if name in VALUES},
        "current_temperature": wanted(kind, value),
    }  # fmt: skip
    return {"state": "cool", "attributes": attributes}


def house_file(folder: Path, kinds: list[str]) -> Path:
    ids = [(kind, entity_id(kind, number)) for kind in kinds for number in range(ENTITIES)]
    states = {each: state(kind, 0) for kind, each in ids}
    rows = [{"entity_id": each, "original_name": each.split(".")[1]} for _, each in ids]
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "house.json"
    file.write_text(json.dumps({"token": "secret", "entities": rows, "states": states}))
    return file


class Mirrored:
    """The bridge's side: what happens at the source, and what main shows of it."""

    def __init__(self, side: MainSide, folder: Path, kinds: list[str]):
        self._side = side
        self._kinds = kinds
        self._folder = folder
        self._house = ScriptedHomeAssistant(folder / "source", "--house", house_file(folder, kinds))

    async def __aenter__(self) -> Mirrored:
        await self._house.start()
        announce = {"announce": {"ha_version": ".".join(NEWEST.split(".")[:2])}}
        broker = self._side.broker
        login = (self._house.url, self._house.token, broker.url)
        self._bridge = Bridge(self._folder / "bridge", INSTANCE, *login, **announce)
        await self._bridge.start()
        await self._bridge.online()
        await announced(broker.port, INSTANCE, ENTITIES * len(self._kinds), 120)
        for kind in self._kinds:
            await self._until_shown(kind, 0)
        return self

    async def __aexit__(self, *_) -> None:
        await self._bridge.stop()
        await self._house.stop()

    async def _until_shown(self, kind: str, value: int) -> None:
        await self._side.until_shown(
            f"mirrored {kind}", lambda number: entity_id(kind, number),
            lambda found, sought: shows(kind, found, sought), value,
        )  # fmt: skip

    async def cost(self, kind: str) -> float:
        async def update(numbers: list[int], value: int) -> None:
            await self._house.send({"set": {entity_id(kind, each): state(kind, value) for each in numbers}})

        cost, value = await self._side.cost(update)
        await self._until_shown(kind, value)
        return cost


async def measure(plan: Plan, folder: Path, say) -> Outcome:
    kinds = [kind for kind in KINDS if plan.wants(f"main_{kind}") or kind == "light" and not plan.quick]
    say(f"main: starting a real Home Assistant {NEWEST}")
    costs: dict[str, list[Pair]] = {kind: [] for kind in kinds}
    async with MainSide(folder, 1.2 if plan.quick else 4) as side:
        for kind in kinds:
            await side.announce(DOCUMENTS[kind])
        async with Mirrored(side, folder, kinds) as mirrored:
            for number in range(plan.rounds_or(5)):
                await side.rest()
                for kind in kinds:
                    ours, theirs = await mirrored.cost(kind), await side.cost_of_form(DOCUMENTS[kind])
                    costs[kind].append(Pair(ours, theirs))
                    say(f"main, round {number + 1}: {kind} {ours:.3f} over {theirs:.3f} ms an update")
        problems = side.home.problems("mqtt", "helpers.template")
    if problems:
        raise RuntimeError(f"main's log is not clean: {problems[:5]}")
    found = Outcome([Figure(f"main_{kind}", costs[kind]) for kind in kinds if plan.wants(f"main_{kind}")])
    if "light" in kinds and found.figures:
        ours, theirs = (
            statistics.median(getattr(pair, side) for pair in costs["light"])
            for side in ("numerator", "denominator")
        )
        found.figures[0].notes.append(f"a light: {ours:.3f} ms an update over {theirs:.3f} for one document")
    return found
