"""A custom integration for the source's Home Assistant: writes states at a given rate, each of them the time
at which it was written (CLOCK_MONOTONIC in µs, which all processes of a machine share).

homes.py puts it there; a write over REST would cost the source more than all that is measured.
"""

from __future__ import annotations

import asyncio
import time

DOMAIN = "source_load"


async def async_setup(hass, config) -> bool:
    entities = config[DOMAIN]["entities"]

    def write(number: int) -> None:
        hass.states.async_set(entities[number % len(entities)], str(time.monotonic_ns() // 1000))

    async def run(call) -> None:
        begun = time.monotonic()
        for number in range(call.data["count"]):
            left = begun + number / call.data["rate"] - time.monotonic()
            if left > 0:
                await asyncio.sleep(left)
            write(number)

    for number in range(len(entities)):
        write(number)
    hass.services.async_register(DOMAIN, "run", run)
    return True
