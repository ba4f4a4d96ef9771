"""`scripts/demo --check`: the truth from the edge's own REST API, compared with what main shows."""

from __future__ import annotations

import time

from harness.process import wait_until
from real_ha.rows import MINIMUM, ROWS, arrived, concerns

from .home import DemoHome


async def check(home: DemoHome) -> bool:
    """Prints the figures and every fault; True when there is none."""
    faults: list[str] = []
    begun = time.monotonic()
    result = await home.equal(timeout=10)
    seconds = time.monotonic() - begun
    faults += [str(fault) for fault in result.faults]
    for kind, least in MINIMUM.items():
        if result.compared.get(kind, 0) < least:
            faults.append(f"{kind}: {result.compared.get(kind, 0)} entities, at least {least} expected")
    print(f"  equal on main after {seconds:.1f} s: {sum(result.compared.values())} entities of ", end="")
    print(f"{len(result.compared)} kinds, {result.attributes} attributes, ", end="")
    print(f"{len(result.accepted)} differences that tests/real_ha/differences.yaml explains")
    print("  " + ", ".join(f"{kind} {count}" for kind, count in sorted(result.compared.items())))
    done = await commands(home, faults)
    print(f"  commands from main to the edge and back: {done}")
    complaints = home.complaints()
    print(f"  lines of main's log against what it was told: {len(complaints)}")
    faults += complaints
    for fault in faults:
        print(f"  FAULT: {fault}")
    print("check passed" if not faults else f"check FAILED with {len(faults)} faults")
    return not faults


async def commands(home: DemoHome, faults: list[str]) -> int:
    """One command of each kind; gives how many came back."""
    tried: set[str] = set()
    done = 0
    version = home.source.environment.version
    for row in ROWS:
        kind = row["entity"].split(".")[0]
        if kind in tried or not concerns(row, version, version):
            continue
        tried.add(kind)
        before = await home.source.client.state(row["entity"])
        target = await home.on_main(row["entity"])
        await home.main.client.call(row["call"], target, **row.get("data", {}))
        try:
            await wait_until(lambda: arrived(home, row, before), 15, row["call"])
        except TimeoutError:
            faults.append(f"{row['call']} on main did not reach {row['entity']}")
            continue
        result = await home.equal(timeout=15)
        faults += [f"after {row['call']}: {fault}" for fault in result.faults]
        done += 1
    return done
