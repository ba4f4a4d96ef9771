"""The global state as `statebus state --json` rebuilds it from the broker alone, held against what a source's
own REST API says."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from .bridge import program
from .client import Client
from .kinds import why_not_published
from .mosquitto import Mosquitto
from .process import wait_until

# What the contract keeps from the bus (docs/topics.md, "document").
SECRET = ("access_token", "restored")
TIMES = ("last_changed", "last_updated")

# Reads what a source's REST API says of what is published.
States = Callable[[], Awaitable[dict[str, dict]]]


@dataclass
class Rebuilt:
    """One run of the program."""

    code: int
    told: str  # what it wrote to its standard error
    seconds: float
    megabytes: float  # the most memory that it had
    complete: bool = False
    lacking: list[str] = field(default_factory=list)
    instances: dict[str, dict] = field(default_factory=dict)

    def entities(self, instance: str) -> dict[str, dict]:
        return self.instances.get(instance, {}).get("entities", {})


async def rebuild(broker: Mosquitto, folder: Path, *arguments: str) -> Rebuilt:
    """Runs `statebus state --json`, which is told nothing but where the broker is."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "state.yaml"
    config.write_text(f"broker: {{urls: ['{broker.url}']}}\n")
    command = [program(), "state", "--json", *arguments, "-c", config]
    return await asyncio.to_thread(_run, [str(part) for part in command], folder)


def _run(command: list[str], folder: Path) -> Rebuilt:
    out, told = folder / "state.json", folder / "state.log"
    begun = time.monotonic()
    with out.open("wb") as stdout, told.open("wb") as stderr:
        child = subprocess.Popen(command, stdout=stdout, stderr=stderr)
        _, status, usage = os.wait4(child.pid, 0)  # the only way to one child's memory
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - begun
    result = Rebuilt(child.returncode, told.read_text(), seconds, usage.ru_maxrss / 1024)
    if out.stat().st_size:
        for key, value in json.loads(out.read_bytes()).items():
            setattr(result, key, value)
    return result


@dataclass
class Equality:
    """What was compared, entity by entity, and what is not equal."""

    entities: int = 0
    attributes: int = 0
    times: int = 0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.entities} entities, {self.attributes} attributes, {self.times} times"


def expected(state: dict) -> dict:
    """The document that must stand for a state of `GET /api/states`."""
    attributes = {
        name: value
        for name, value in state["attributes"].items()
        if name not in SECRET and not (name.startswith("entity_picture") and "token=" in str(value))
    }
    times = {name: state[name] for name in TIMES if name in state}
    return {"state": state["state"], "attributes": attributes, **times}


def exactly(value) -> str:
    """Equal only where kinds of numbers are: 22 is not 22.0, nor is true 1."""
    return json.dumps(value, sort_keys=True)


def held_against(states: dict[str, dict], held: dict[str, dict]) -> Equality:
    """Compares documents with states, both by entity id; times where the states have them."""
    result = Equality()
    for entity_id in sorted({*states, *held}):
        if entity_id not in held or entity_id not in states:
            where = "the bus" if entity_id not in held else "the REST API"
            result.faults.append(f"{entity_id} is not in {where}")
            continue
        document, wanted = held[entity_id], expected(states[entity_id])
        untold = {"attributes", *(set(TIMES) - set(wanted))}
        result.entities += 1
        result.attributes += len(wanted["attributes"])
        result.times += len(set(TIMES) & set(wanted))
        for ours, theirs in ((document, wanted), (document["attributes"], wanted["attributes"])):
            for name in sorted({*ours, *theirs} - untold):
                if name not in ours or name not in theirs or exactly(ours[name]) != exactly(theirs[name]):
                    rest, bus = theirs.get(name, "nothing"), ours.get(name, "nothing")
                    result.faults.append(f"{entity_id} {name}: REST says {rest!r}, the bus {bus!r}")
    return result


async def published_states(
    source: Client, filtered: tuple[str, ...] = (), included: tuple[str, ...] = ()
) -> dict[str, dict]:
    """What `GET /api/states` says of the entities that must be on the bus.

    `filtered` are domains that the bridge's filter excludes, `included` entities that it names.
    """
    states, entries = await source.states(), await source.entities()
    return await notifiers(source, states) | {
        entity_id: state
        for entity_id, state in states.items()
        if entity_id in included
        or why_not_published(entity_id, entries.get(entity_id), state, filtered) is None
    }


async def notifiers(source: Client, states: dict[str, dict]) -> dict[str, dict]:
    """Those that are only services are on the bus as entities without a time (docs/topics.md, "command")."""
    services = {each["domain"]: each["services"] for each in await source.get("/api/services")}
    names = set(services.get("notify", {})) - {"notify", "persistent_notification", "send_message"}
    unknown = {"state": "unknown", **dict.fromkeys(TIMES)}
    shown = {f"notify.{name}": {"friendly_name": name.replace("_", " ")} for name in names}
    return {id: {**unknown, "attributes": each} for id, each in shown.items() if id not in states}


async def equality(
    broker: Mosquitto, folder: Path, sources: dict[str, States], timeout: float = 20
) -> dict[str, Equality]:
    """Rebuilds until every instance of `sources` equals what its REST API says, at most `timeout`; then the
    last comparison tells what is not equal.

    A state that changes between the two readings makes another round, and so does a document under way.
    """
    results: dict[str, Equality] = {}

    async def all_equal() -> bool:
        rebuilt = await rebuild(broker, folder)
        for name, read_states in sources.items():
            results[name] = held_against(await read_states(), rebuilt.entities(name))
        if not rebuilt.complete:
            next(iter(results.values())).faults.append(f"lacking: {rebuilt.lacking[:5]} {rebuilt.told}")
        return not any(each.faults for each in results.values())

    try:
        await wait_until(all_equal, timeout, "the rebuilt state to equal what REST says", interval=0.5)
    except TimeoutError:
        pass
    return results


def faults_of(results: dict[str, Equality]) -> list[str]:
    """All that is not equal, for an assertion."""
    return [f"{name}: {fault}" for name, result in results.items() for fault in result.faults]
