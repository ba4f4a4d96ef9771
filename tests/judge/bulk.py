"""Many entities through discovery/ and before Home Assistant's schemas of both releases."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime
from pathlib import Path

from harness.bridge import program
from harness.client import Client

JUDGE = Path(__file__).parent / "run"
RELEASES = ["2024.3", "2026.11"]


async def recorded(client: Client) -> list[dict]:
    """All entities of a running Home Assistant, each in the form of a golden case's entity.json."""
    config, areas = await client.get("/api/config"), await client.areas()
    entries, devices = await client.entities(), await client.devices()
    year, month = await client.version()
    facts = {"ha_version": f"{year}.{month}", "temperature_unit": config["unit_system"]["temperature"]}
    found = []
    for entity_id, state in (await client.states()).items():
        entry = entries.get(entity_id)
        device = devices.get(entry["device_id"]) if entry else None
        changed = datetime.fromisoformat(state["last_changed"]).timestamp()
        states = {entity_id: {"s": state["state"], "a": state["attributes"], "lc": changed}}
        rows = {"entities": [entry] if entry else [], "devices": [device] if device else []}
        found.append({"case": entity_id, **facts, "states": states, **rows, "areas": list(areas.values())})
    return found


def fed(entities: list[dict]) -> str:
    """What discovery/ makes of them, as entities.py reads it."""
    names = [entity.pop("case") for entity in entities]
    feed = program().parent / "tests" / "judge_feed"
    lines = "\n".join(map(json.dumps, entities))
    done = subprocess.run([feed], input=lines, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    made = done.stdout.removesuffix("\n").split("\n")  # U+2028 ends no line here
    assert len(made) == len(names)
    return "\n".join(f"[{json.dumps(name)},{line}]" for name, line in zip(names, made, strict=True))


def judged(entities: list[dict], lines: Path) -> None:
    """Fails with what the judges of both releases say unless they accept everything."""
    lines.write_text(fed(entities))
    judges = []
    for version in RELEASES:
        with lines.open() as file:
            pipes = {"stdin": file, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
            judges.append(subprocess.Popen([JUDGE, version, "entities.py"], **pipes))
    said = [judge.communicate()[0] for judge in judges]
    print(*said, sep="\n")
    assert [judge.returncode for judge in judges] == [0, 0], "\n".join(said)
