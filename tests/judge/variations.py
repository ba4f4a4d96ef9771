"""Entities as they might come, made of real ones: what is missing, null, of another type, too long, unknown.

Bases are the golden cases; `varied` makes as many entities of them as are asked for, the
same ones for the same seed. Each says in `case` what was done to it.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "golden"

HARD = "it's \"x\" {{ y }} {% z %} {# c #}\n\t\\ ü"
TEXTS = {
    "empty": "",
    "blank": " ",
    "padded": " on ",
    "jinja": "{{ states('sun.sun') }}",
    "jinja open": "{% raw %}{{",
    "hard": HARD,
    "quotes": "''\"\"'\\'",
    "emoji": "👩‍👩‍👧 ☃️",
    "right to left": "\u202eمرحبا\u202c שלום",
    "lines": "a\r\nb\u2028c\x00\x1f",
    "long": "ü" * 5000,
    "None": "None",
    "null": "null",
    "number": "21.50",
    "NaN": "NaN",
    "inf": "-inf",
    "exponent": "1e400",
    "object": '{"a": [1]}',
    "list": "['a', 'b']",
    "true": "True",
    "future": "a_word_of_2099",
}
VALUES = {
    **TEXTS,
    "is null": None,
    "is zero": 0,
    "is -1": -1,
    "is 0.1": 0.1,
    "is 1e300": 1e300,
    "is -0.0": -0.0,
    "is 2^63": 2**63,
    "is yes": True,
    "is no": False,
    "is no list": [],
    "is [null]": [None],
    "is mixed": ["a", 1, None, {"b": 2}, ["c"], True, "a"],
    "is [none]": ["none", "None", ""],
    "is hard list": [HARD, "{{ 1 }}", "ü" * 300],
    "is huge": [f"mode {n}" for n in range(500)],
    "is numbers": [0, 1.5, -1],
    "is {}": {},
    "is nested": {"a": {"b": [1, {"c": None}]}, HARD: HARD},
    "is deep": json.loads("[" * 40 + "]" * 40),
}
STATES = ["unknown", "unavailable", "on", "off", "0", "-1", "100", "open", "ü" * 255, "x" * 255]
STATES += [text for text in TEXTS.values() if len(text) < 256]
COMMON_TEXTS = ["friendly_name", "icon", "entity_picture", "device_class", "state_class"]
COMMON_TEXTS += ["unit_of_measurement"]
DEVICE_TEXTS = "name name_by_user manufacturer model model_id sw_version hw_version serial_number".split()
URLS = ["https://x.example/ü.png", "http://[::1]/a", "http://[", "https://a b", "https://a:b/"]
URLS += ["http://a:99999", "/local/a.png", "https://user:word@x.example?q=1#f", "https://."]
URLS += ["https://x.example\n", "HTTP://x.example", "https://", "http://[1]:80/", "https://ü.example"]

# The feature bits of each kind, and some that no release has yet.
BITS = {
    "alarm_control_panel": [1, 2, 4, 8, 16, 32],
    "calendar": [1, 2, 4],
    "climate": [1, 2, 4, 8, 16, 32, 128, 256, 512],
    "cover": [1, 2, 4, 8, 16, 32, 64, 128, 256],
    "fan": [1, 2, 4, 8, 16, 32],
    "humidifier": [1, 2],
    "lawn_mower": [1, 2, 4, 8],
    "light": [4, 8, 32, 64],
    "lock": [1, 2],
    "notify": [1, 2],
    "remote": [1, 2, 4],
    "siren": [1, 2, 4, 8, 16],
    "update": [1, 2, 4, 8, 16],
    "vacuum": [4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384],
    "valve": [1, 2, 4, 8],
    "water_heater": [1, 2, 4, 8],
}
COLOR_MODES = "onoff brightness color_temp hs xy rgb rgbw rgbww white unknown future".split()
CAPABILITY = re.compile(r"^friendly_name$|^min|^max|_modes$|_list$|^options$|_types$|^has_|_features$")
# Of lists longer than this so many are taken.
MOST_COMBINATIONS = 600

Entity = dict
Change = tuple[str, Callable[[Entity], None]]


def bases() -> list[Entity]:
    """The golden cases, each with its name in `case`."""
    files = sorted(GOLDEN.glob("*/*/entity.json"))
    return [{**json.loads(file.read_text()), "case": "/".join(file.parts[-3:-1])} for file in files]


def entity_id(entity: Entity) -> str:
    return next(iter(entity["states"]))


def state_of(entity: Entity) -> dict:
    return entity["states"][entity_id(entity)]


def kind(entity: Entity) -> str:
    return entity_id(entity).split(".")[0]


def changed(entity: Entity, *changes: Change) -> Entity:
    new = copy.deepcopy(entity)
    for name, change in changes:
        change(new)
        new["case"] += f", {name}"
    return new


def set_state(text: str) -> Change:
    return f"state {text[:20]!r}", lambda e: state_of(e).update(s=text)


def set_attribute(name: str, value: object, what: str) -> Change:
    return f"{name} {what}", lambda e: state_of(e)["a"].update({name: value})


def drop_attribute(name: str) -> Change:
    return f"without {name}", lambda e: state_of(e)["a"].pop(name, None)


def set_row(table: str, key: str, value: object, what: str) -> Change:
    """A field of the rows of a registry."""

    def change(entity: Entity) -> None:
        for row in entity.get(table, []):
            row[key] = value

    return f"{key} of {table} {what}", change


def goes(text: str) -> Change:
    """Live first, then silent with its capabilities alone, as Home Assistant does it."""

    def change(entity: Entity) -> None:
        names = [name for name in state_of(entity)["a"] if not CAPABILITY.search(name)]
        event = {"c": {entity_id(entity): {"+": {"s": text}, "-": {"a": names}}}}
        entity.setdefault("later", []).append(event)

    return f"goes {text}", change


def another_state(_: Entity, chance: random.Random) -> Change:
    return chance.choice([goes("unknown"), goes("unavailable"), *map(set_state, STATES)])


def another_attribute(entity: Entity, chance: random.Random) -> Change:
    name = chance.choice(sorted({*state_of(entity)["a"], "assumed_state", "supported_features", "extra"}))
    what = chance.choice(["is missing", *VALUES])
    return set_attribute(name, VALUES[what], what) if what in VALUES else drop_attribute(name)


def other_looks(_: Entity, chance: random.Random) -> Change:
    """A name, picture, class or unit, or what the registries tell."""
    place = chance.choice(["attribute", "icon", "url", *DEVICE_TEXTS, "area", "category"])
    what = chance.choice(list(TEXTS))
    text = TEXTS[what]
    if place == "attribute":
        return set_attribute(chance.choice(COMMON_TEXTS), text, what)
    if place == "icon":
        icon = chance.choice(("mdi:lamp", "custom:ü", "mdi:{{ 1 }}", ":"))
        return set_attribute("icon", icon, icon)
    if place == "url":
        url = chance.choice(URLS)
        either = set_row("devices", "configuration_url", url, url), set_attribute("entity_picture", url, url)
        return chance.choice(either)
    if place == "area":
        return set_row("areas", "name", text, what)
    if place == "category":
        category = chance.choice(("config", "diagnostic", "future"))
        return set_row("entities", "entity_category", category, category)
    return set_row("devices", place, *chance.choice(((text, what), (None, "is null"))))


def feature_sets(entity: Entity) -> Iterator[Entity]:
    """The entity with each combination of its kind's feature bits, a light with each of colour modes."""
    bits = BITS.get(kind(entity), [])
    for count in range(len(bits) + 1 if bits else 0):
        for chosen in combinations(bits, count):
            yield changed(entity, set_attribute("supported_features", sum(chosen), f"= {sum(chosen)}"))
    if kind(entity) == "light":
        for count in range(4):
            for modes in combinations(COLOR_MODES, count):
                mode = modes[-1] if modes else None
                both = set_attribute("color_mode", mode, f"{mode}")
                yield changed(entity, set_attribute("supported_color_modes", modes, f"{modes}"), both)


def class_sets(entity: Entity, words: dict, chance: random.Random) -> Iterator[Entity]:
    """The entity with each device class of its kind; a sensor or number with units and state classes too."""
    component = "number" if kind(entity) == "input_number" else kind(entity)
    every = sorted({unit for units in words["units"].values() for unit in units})
    for word in words.get(component, []):
        yield changed(entity, set_attribute("device_class", word, word))
        fitting = words["units"].get(word, [])
        for units in (every, fitting, fitting) if component in ("sensor", "number") else ():
            unit = chance.choice(units or [""])
            state_class = chance.choice(words["state_class"])
            yield changed(
                entity,
                set_attribute("device_class", word, word),
                set_attribute("unit_of_measurement", unit, unit),
                set_attribute("state_class", state_class, state_class),
            )


def piled(entity: Entity, chance: random.Random) -> Entity:
    """The entity with one to six changes at once."""
    ways = (another_attribute, another_attribute, another_state, other_looks)
    count = chance.choice((1, 1, 2, 3, 6))
    return changed(entity, *(chance.choice(ways)(entity, chance) for _ in range(count)))


def richest(entities: list[Entity]) -> list[Entity]:
    """Of each kind the one with the most attributes."""
    best: dict[str, Entity] = {}
    for entity in entities:
        known = best.get(kind(entity))
        if known is None or len(state_of(entity)["a"]) > len(state_of(known)["a"]):
            best[kind(entity)] = entity
    return list(best.values())


def varied(count: int, seed: int, words: dict) -> list[Entity]:
    """The bases as they are, a share of all combinations, and piles of changes up to `count`."""
    chance = random.Random(seed)
    plain = bases()
    sets: list[Entity] = []
    for entity in richest(plain):
        for several in (list(feature_sets(entity)), list(class_sets(entity, words, chance))):
            sets += chance.sample(several, min(len(several), MOST_COMBINATIONS))
    chance.shuffle(sets)
    entities = plain + sets[: count // 3]
    while len(entities) < count:
        entities.append(piled(plain[len(entities) % len(plain)], chance))
    return entities
