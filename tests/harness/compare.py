"""Compares what a source Home Assistant has with what a main one shows of it, attribute by attribute.

The truth is read from the source's own REST API. What cannot be equal is listed, with its reason, in
tests/real_ha/differences.yaml; anything else that differs is a fault.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import yaml

from .client import Client
from .kinds import components_of, is_stand_in, why_not_published

RULES = Path(__file__).resolve().parents[1] / "real_ha" / "differences.yaml"

MISSING = object()


@dataclass
class Rule:
    """One accepted difference: all that is given must hold."""

    reason: str
    entity: str = "*"
    what: str = "*"  # state, an attribute's name, device, area, disabled
    source: str = ""  # version prefixes
    main: str = ""
    state: str = ""  # only while the source's state is this one
    category: str = ""  # only of entities of this category at the source
    lacks_feature: int = 0  # only where the source's supported_features has none of these bits
    stand_in: bool = False  # only for what has no kind of its own on main, and is a sensor there
    tolerance: float | None = None  # numbers, and lists of numbers, may differ by this much
    bits: int | None = None  # numbers may differ in these bits
    main_lacks: bool = False  # only on the source
    source_lacks: bool = False  # only on main
    main_shows: object = MISSING  # main has exactly this
    main_adds: str = ""  # main's list is the source's with this word before it
    used: int = field(default=0, compare=False)

    def applies(self, source: str, main: str) -> bool:
        """Whether it is for these versions."""
        return source.startswith(self.source) and main.startswith(self.main)

    def covers(self, difference: Difference) -> bool:
        return self._concerns(difference) and self._accepts(difference.on_source, difference.on_main)

    def _concerns(self, difference: Difference) -> bool:
        return (
            fnmatch(difference.entity_id, self.entity)
            and fnmatch(difference.what, self.what)
            and self.state in ("", difference.state)
            and self.category in ("", difference.category)
            and not difference.features & self.lacks_feature
            and (difference.stand_in or not self.stand_in)
        )

    def _accepts(self, on_source, on_main) -> bool:
        return (
            (on_main is MISSING or not self.main_lacks)
            and (on_source is MISSING or not self.source_lacks)
            and (self.main_shows is MISSING or on_main == self.main_shows)
            and (not self.main_adds or is_list(on_source) and on_main == [self.main_adds, *on_source])
            and (self.tolerance is None or near(on_source, on_main, self.tolerance))
            and (self.bits is None or near_bits(on_source, on_main, self.bits))
        )

    def __str__(self) -> str:
        return " ".join(each for each in (self.entity, self.what, self.source, self.main) if each)


@dataclass
class Difference:
    entity_id: str
    what: str
    on_source: object
    on_main: object
    state: str = ""  # of the entity at the source
    features: int = 0  # its supported_features there
    category: str | None = None  # its category there
    stand_in: bool = False  # whether it is a sensor on main for want of anything nearer

    def __str__(self) -> str:
        shown = ["nothing" if v is MISSING else repr(v) for v in (self.on_source, self.on_main)]
        return f"{self.entity_id} {self.what}: source {shown[0]}, main {shown[1]}"


@dataclass
class Comparison:
    """What was compared, and what is not equal."""

    entities: int = 0  # all that the source has, published or not
    compared: Counter = field(default_factory=Counter)  # the published ones by domain of the source
    stand_ins: int = 0  # of these, the ones that are no more on main than a sensor with their state
    left: Counter = field(default_factory=Counter)  # those that are not published, by reason
    attributes: int = 0
    accepted: list[tuple[Difference, Rule]] = field(default_factory=list)
    faults: list[Difference] = field(default_factory=list)


def near(a, b, tolerance: float) -> bool:
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)) and len(a) == len(b):
        return all(near(x, y, tolerance) for x, y in zip(a, b))
    try:
        return abs(float(a) - float(b)) <= tolerance
    except (TypeError, ValueError):
        return False


def near_bits(a, b, bits: int) -> bool:
    return isinstance(a, int) and isinstance(b, int) and not (a ^ b) & ~bits


def is_list(value) -> bool:
    return isinstance(value, list)


def load_rules(path: Path = RULES) -> list[Rule]:
    return [Rule(**row) for row in yaml.safe_load(path.read_text())]


def unique_id_of(instance: str, entity_id: str, entry: dict | None) -> str:
    """The frozen identity of design.md section 4."""
    if entry is not None:
        return f"statebus-{instance}-{entry['id']}"
    domain, object_id = entity_id.split(".")
    return f"statebus-{instance}-{domain}-{object_id}"


class Comparer:
    """Compares one source with one main. `filtered` are the domains that the bridge's filter excludes."""

    def __init__(
        self, source: Client, main: Client, instance: str, rules: list[Rule], filtered: tuple[str, ...] = ()
    ):
        self.source = source
        self.main = main
        self.instance = instance
        self.rules = rules
        self.filtered = filtered

    async def compare(self) -> Comparison:
        self.versions = [(await c.get("/api/config"))["version"] for c in (self.source, self.main)]
        states, entries = await self.source.states(), await self.source.entities()
        main_states = await self.main.states()
        main_entries = {entry["unique_id"]: entry for entry in (await self.main.entities()).values()}
        self.devices = [await self.source.devices(), await self.main.devices()]
        self.areas = [await self.source.areas(), await self.main.areas()]
        result = Comparison()
        for entity_id in sorted({*states, *entries}):
            entry, state = entries.get(entity_id), states.get(entity_id)
            result.entities += 1
            if why := why_not_published(entity_id, entry, state, self.filtered):
                result.left[why] += 1
                continue
            result.compared[entity_id.split(".")[0]] += 1
            on_main = main_entries.get(unique_id_of(self.instance, entity_id, entry))
            if on_main is None:
                self.note(result, Difference(entity_id, "entity", "published", MISSING))
                continue
            component = on_main["entity_id"].split(".")[0]
            if component not in components_of(entity_id):
                self.note(result, Difference(entity_id, "component", components_of(entity_id), component))
            stand_in = is_stand_in(entity_id, component)
            result.stand_ins += stand_in
            if on_main["disabled_by"] is not None:
                category = entry and entry["entity_category"]
                by = on_main["disabled_by"]
                self.note(result, Difference(entity_id, "disabled", None, by, category=category))
                continue
            self.compare_state(result, state, main_states.get(on_main["entity_id"]), stand_in)
            self.compare_device(result, entity_id, entry, on_main)
        return result

    def compare_state(self, result: Comparison, state: dict, main: dict | None, stand_in: bool) -> None:
        entity_id, value = state["entity_id"], state["state"]
        about = {
            "state": value,
            "features": state["attributes"].get("supported_features", 0),
            "stand_in": stand_in,
        }
        if main is None:
            self.note(result, Difference(entity_id, "state", value, MISSING, **about))
            return
        if not same_state(value, main["state"]):
            self.note(result, Difference(entity_id, "state", value, main["state"], **about))
        for name in sorted({*state["attributes"], *main["attributes"]}):
            result.attributes += 1
            ours = state["attributes"].get(name, MISSING)
            theirs = main["attributes"].get(name, MISSING)
            if ours is MISSING or theirs is MISSING or ours != theirs:
                self.note(result, Difference(entity_id, name, ours, theirs, **about))

    def compare_device(self, result: Comparison, entity_id: str, entry: dict | None, main: dict) -> None:
        ours = self.devices[0].get(entry["device_id"]) if entry else None
        theirs = self.devices[1].get(main["device_id"])
        names = [device and (device["name_by_user"] or device["name"]) for device in (ours, theirs)]
        if names[0] != names[1]:
            self.note(result, Difference(entity_id, "device", *names))
            return
        areas = [
            device and device["area_id"] and areas[device["area_id"]]["name"]
            for device, areas in zip((ours, theirs), self.areas)
        ]
        if areas[0] != areas[1]:
            self.note(result, Difference(entity_id, "area", *areas))

    def note(self, result: Comparison, difference: Difference) -> None:
        for rule in self.rules:
            if rule.applies(*self.versions) and rule.covers(difference):
                rule.used += 1
                result.accepted.append((difference, rule))
                return
        result.faults.append(difference)


def same_state(ours: str, theirs: str) -> bool:
    """Equal texts, or equal numbers: 22 and 22.0 are one temperature."""
    return ours == theirs or near(ours, theirs, 0)
