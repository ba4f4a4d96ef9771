"""What main's recorder has of a broken link: a gap, and never a value that the source did not have."""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from urllib.parse import quote

from harness.process import wait_until

GONE = "unavailable"


class Gap:
    """What happens to the mirrored entities from its making on."""

    def __init__(self, pair, targets: list[str]):
        self.pair = pair
        self.targets = targets
        self.begun = datetime.now(timezone.utc)
        self.before: dict[str, str] = {}

    async def begin(self) -> None:
        self.before = await self._states()
        self.begun = datetime.now(timezone.utc)

    async def check(self) -> tuple[Counter, list[str]]:
        """Counts what there was, and gives what shows anything else than value, unavailable, same value."""
        after: dict[str, str] = {}
        shown: dict[str, list[str]] = {}

        async def all_recorded() -> bool:
            for found, read in ((after, self._states), (shown, self._recorded)):
                found.clear()
                found.update(await read())
            return all(shown.get(target, [None])[-1] == after[target] for target in self.targets)

        await wait_until(all_recorded, 20, "main's recorder to have written all", interval=0.5)
        counts, faults = Counter(), []
        for target in self.targets:
            what = judge(self.before[target], after[target], shown[target])
            counts[what] += 1
            if what == "a flip":
                faults.append(f"{target}: {' -> '.join(shown[target])}")
        return counts, faults

    async def _states(self) -> dict[str, str]:
        states = await self.pair.main.client.states()
        return {target: states[target]["state"] for target in self.targets}

    async def _recorded(self) -> dict[str, list[str]]:
        """The recorded states of each entity in their order, the one at the beginning first."""
        options = "minimal_response&no_attributes&significant_changes_only=0"
        period = f"{quote(self.begun.isoformat())}?filter_entity_id={','.join(self.targets)}&{options}"
        rows = await self.pair.main.client.get(f"/api/history/period/{period}")
        found = {}
        for states in rows:
            values = [row["state"] for row in states]
            found[states[0]["entity_id"]] = [v for i, v in enumerate(values) if i == 0 or v != values[i - 1]]
        return found


def judge(before: str, after: str, shown: list[str]) -> str:
    """What one entity's history tells of the gap."""
    if before == GONE == after:
        return "unavailable all along" if set(shown) == {GONE} else "a flip"
    if before != after:
        return "changed meanwhile" if set(shown) <= {before, GONE, after} else "a flip"
    if shown == [before]:
        return "unbroken"
    return "a gap" if shown == [before, GONE, after] else "a flip"


@asynccontextmanager
async def a_gap(pair, targets: list[str], what: str, record_property):
    """Around something that breaks the link and mends it: main's history shows that as a gap alone."""
    gap = Gap(pair, targets)
    await gap.begin()
    yield
    counts, faults = await gap.check()
    told = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    record_property("table", (f"main's history of {what}, {' to '.join(pair.versions)}", told))
    assert not faults, faults
    # What earlier tests have set is reset by a source that restarts, and changes for that reason alone.
    assert counts["a gap"] + counts["unbroken"] > len(targets) * 0.7, counts
