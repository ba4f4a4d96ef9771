"""Holds what discovery/ makes of thousands of entities against Home Assistant's own schemas and templates.

    python entities.py VERSION < LINES        (VERSION is a key of `announcements`)

Each line is a pair of JSON: what was done to the entity, and what feed.cpp wrote of it. As announcements.py,
on the Python of a Home Assistant environment. Prints the first of each kind of fault, and what was judged.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
import time
from collections import Counter

from homeassistant.core import HomeAssistant
from homeassistant.helpers.template import Template

from announcements import LISTED, Judge
from heard import Heard, is_object
from samples import samples

# A template that gives an attribute as it is, where it is not null.
PLAIN_ATTRIBUTE = re.compile(r"(?:^\{\{|set v =) value_json\['attributes'\]\.get\('(\w+)'\)")


class BulkJudge(Judge):
    """Tells only faults, and renders a command template once for the same words."""

    def __init__(self, hass: HomeAssistant, version: str) -> None:
        super().__init__(hass, version)
        self.announced = 0
        self.rendered = 0
        self.faults: Counter[str] = Counter()
        self.seen: set[tuple] = set()
        # Home Assistant keeps what it has compiled while somebody holds it.
        self.held: dict[str, Template] = {}

    def say(self, text: str) -> None:
        pass

    def complain(self, text: str) -> None:
        self.wrong += 1
        fault = re.sub(r"'[^']*'|\"[^\"]*\"|[\d.]+", "…", f"{self.component}: {text}")[:90]
        self.faults[fault] += 1
        if self.faults[fault] <= 3:
            print(f"WRONG {self.case}: {text[:600]}")

    def judge_line(self, line: str) -> None:
        self.case, made = json.loads(line)
        announced = made["announcements"][self.version]
        if announced["payload"] is None:
            return
        self.announced += 1
        self.judge(announced, Heard(made["document"], made["views"], made["capabilities"]))

    def validate(self, component: str, payload: dict) -> dict | None:
        config = super().validate(component, payload)
        for value in (config or {}).values():
            if isinstance(value, Template):
                self.held.setdefault(value.template, value)
        return config

    def render(self, what: str, template: Template, payload: str) -> str | None:
        self.rendered += 1
        return super().render(what, template, payload)

    def judge_value(self, key: str, text: str | None, config: dict, document: str) -> None:
        """Each attribute too must be as the source has it, even one that its own list lacks."""
        told = json.loads(document) if is_object(document) else {}
        found = PLAIN_ATTRIBUTE.search(config[key].template)
        value = told.get("attributes", {}).get(found.group(1)) if found else told.get("state")
        is_told = value is not None and text == str(value).strip()
        if not (is_told and key in LISTED):
            super().judge_value(key, text, config, document)
        if found and value is not None and not is_told:
            self.complain(f"{key} gives {text!r} for the attribute {found.group(1)} = {value!r}")

    def judge_command(self, key: str, template: Template, config: dict) -> None:
        asked = (self.component, key, template.template, repr(samples(self.component, key, config)))
        if asked not in self.seen:
            self.seen.add(asked)
            self.rendered += len(samples(self.component, key, config))
            super().judge_command(key, template, config)


async def main(version: str) -> int:
    started = time.monotonic()
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        judge = BulkJudge(HomeAssistant(folder), version)
        for count, line in enumerate(sys.stdin, 1):
            judge.judge_line(line)
    for fault, times in judge.faults.most_common():
        print(f"{times:6} times {fault}")
    print(
        f"{count} entities, {judge.announced} announcements, {judge.rendered} templates rendered, "
        f"{judge.wrong} wrong, Home Assistant {version}, {time.monotonic() - started:.0f} s"
    )
    return 1 if judge.wrong or not count else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(sys.argv[1])))
