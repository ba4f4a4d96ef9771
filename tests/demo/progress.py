"""One line for each long step: what is done now, for how long, and how long it took."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager


@asynccontextmanager
async def step(title: str):
    """Shows `title` with the seconds that pass, on a terminal, and its duration at the end."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    ticking = asyncio.create_task(tick(title, begun)) if sys.stdout.isatty() else None
    try:
        yield
    finally:
        if ticking is not None:
            ticking.cancel()
            print("\r\033[K", end="")
    print(f"  {title}: {loop.time() - begun:.1f} s", flush=True)


async def tick(title: str, begun: float) -> None:
    loop = asyncio.get_running_loop()
    while True:
        print(f"\r\033[K  {title} … {loop.time() - begun:.0f} s", end="", flush=True)
        await asyncio.sleep(1)
