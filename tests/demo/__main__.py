"""`scripts/demo` behind its building: the demo home, its addresses and the live table, or a check of it."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from contextlib import suppress

from harness.environments import Unavailable, newest_here
from harness.home_assistant import LOGIN

from .check import check
from .home import DemoBusy, DemoHome
from .progress import step
from .simulated import Simulated
from .table import Table

ADDRESSES = """
  edge   {edge:<28} Home Assistant with its demo devices and helpers
  main   {main:<28} shows all of the edge; switch something in either
  login  {username} / {password}
  topics mosquitto_sub -p {broker} -t 'statebus/#' -v
Ctrl-C ends all of it.
"""


async def real(checking: bool) -> bool:
    async with step("Home Assistant in a virtual environment (some minutes the first time)"):
        environment = await asyncio.to_thread(newest_here, lambda _: None)
    home = DemoHome(environment)
    try:
        await home.start()
        if checking:
            return await check(home)
        urls = {"edge": home.source.url, "main": home.main.url, "broker": home.broker.port}
        print(ADDRESSES.format(**urls, **LOGIN), flush=True)
        await Table(home).run()
    finally:
        async with step("ending all of it"):
            await home.stop()
    return True


async def simulated(checking: bool) -> bool:
    async with Simulated() as house:
        return await house.check() if checking else await house.show()


async def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/demo", description="A home over two Home Assistants.")
    parser.add_argument("--check", action="store_true", help="check it, print the figures, end with 0 or 1")
    parser.add_argument("--simulated", action="store_true", help="a scripted Home Assistant instead")
    arguments = parser.parse_args()
    running = asyncio.current_task()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    try:
        way = simulated if arguments.simulated else real
        return 0 if await way(arguments.check) else 1
    except asyncio.CancelledError:
        return 0
    except (DemoBusy, Unavailable) as reason:
        print(f"demo: {reason}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    with suppress(KeyboardInterrupt):
        sys.exit(asyncio.run(main()))
