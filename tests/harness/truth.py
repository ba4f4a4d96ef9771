"""What the broker must hold of an instance, by what its Home Assistant has, held against what it holds."""

from __future__ import annotations

import functools
import json

from .rebuilt import exactly, expected

INDEXED = ("device", "entity", "state", "view", "image")


@functools.cache
def parsed(payload: str):
    """Few payloads change between two looks at thousands."""
    try:
        return json.loads(payload)
    except ValueError:
        return None


def differences(states: dict[str, dict], topics: dict[str, str], instance: str) -> list[str]:
    """The symmetric difference: topics without a source, and sources without their topic or another state."""
    root = f"statebus/{instance}/"
    found = []
    if topics.get(f"{root}status") != "online":
        found.append(f"{root}status: {topics.get(f'{root}status')}")
    found += documents(states, topics, f"{root}state/")
    described = {key: topics[key] for key in topics if key.startswith(f"{root}entity/")}
    wanted = {f"{root}entity/{entity_id.replace('.', '/')}" for entity_id in states}
    found += [f"{topic}: without its like" for topic in wanted ^ set(described)]
    found += announcements(described.values(), topics, instance)
    listed = {name for key in topics if key.startswith(f"{root}index/") for name in parsed(topics[key])}
    kinds = tuple(f"{root}{kind}/" for kind in INDEXED)
    held = {topic for topic in topics if topic.startswith(kinds) or is_announcement(topic, instance)}
    return found + [f"{topic}: not both held and in the index" for topic in listed ^ held]


def documents(states: dict[str, dict], topics: dict[str, str], root: str) -> list[str]:
    found = []
    wanted = {f"{root}{entity_id.replace('.', '/')}": state for entity_id, state in states.items()}
    for topic in wanted.keys() | {topic for topic in topics if topic.startswith(root)}:
        if topic not in wanted or topic not in topics:
            found.append(f"{topic}: {'a ghost' if topic in topics else 'lacking'}")
            continue
        document, state = parsed(topics[topic]) or {}, expected(wanted[topic])
        given = {key: document.get(key) for key in ("state", "attributes")}
        if given != state and exactly(given) != exactly(state):
            found.append(f"{topic}: {given} instead of {state}")
    return found


def is_announcement(topic: str, instance: str) -> bool:
    parts = topic.split("/")
    return len(parts) == 5 and parts[2] == instance and parts[4] == "config" and len(parts[3].split("-")) > 2


def announcements(descriptions, topics: dict[str, str], instance: str) -> list[str]:
    """Each description has its announcement, and each announcement of an entity its description."""
    wanted = {(parsed(payload) or {}).get("object") for payload in descriptions}
    there = {topic.split("/")[3] for topic in topics if is_announcement(topic, instance)}
    own = {f"statebus-{instance}-{name}" for name in OWN}
    return [f"the announcement of {name}: without its like" for name in wanted ^ (there - own)]


# The entities of the instance itself, which have no description.
OWN = ("connectivity", "published", "refused", "version")
