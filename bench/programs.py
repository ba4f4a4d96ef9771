"""What a measurement needs besides the bridge: plain Paho programs, and the subscriber that counts."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Self

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from harness.bridge import program  # noqa: E402
from harness.mosquitto import Listener  # noqa: E402
from harness.process import end_with_parent  # noqa: E402
from harness.truth import OWN  # noqa: E402


class BenchError(RuntimeError):
    """What was measured does not count; the message says why."""


class Staged:
    """Several programs that `_start` starts and puts on `_stack`, and that end in turn, also when one of them
    does not start."""

    def __init__(self) -> None:
        self._stack = contextlib.AsyncExitStack()

    async def _start(self) -> None:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_) -> None:
        await self._stack.aclose()


def tool(name: str) -> str:
    """Built beside the program under test."""
    return str(program().parent / "bench" / f"bench_{name}")


def stay_on_one_core() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


async def told_by(*command, one_core: bool = False, timeout: float = 300) -> dict:
    """What a program prints as JSON, if wished with all of its threads on one core."""
    child = await asyncio.create_subprocess_exec(
        *map(str, command), stdout=asyncio.subprocess.PIPE,
        preexec_fn=stay_on_one_core if one_core else end_with_parent,
    )  # fmt: skip
    try:
        output, _ = await asyncio.wait_for(child.communicate(), timeout)
    except asyncio.TimeoutError:
        child.kill()
        await child.wait()
        raise BenchError(f"{' '.join(map(str, command))} had not ended after {timeout:g} s") from None
    if child.returncode != 0:
        raise BenchError(f"{' '.join(map(str, command))} ended with {child.returncode}")
    return json.loads(output)


async def answered_by(*command, timeout: float = 300) -> tuple[float, dict]:
    """Seconds from the start of a program to its answer, and the answer. Its end is not waited for in them:
    the threads of Paho take up to a second to end, in any program."""
    begun = time.monotonic()
    child = await asyncio.create_subprocess_exec(
        *map(str, command), stdout=asyncio.subprocess.PIPE, preexec_fn=end_with_parent
    )
    try:
        first = await asyncio.wait_for(child.stdout.read(1), timeout)
        seconds = time.monotonic() - begun
        rest = await asyncio.wait_for(child.stdout.read(), timeout)
    except asyncio.TimeoutError:
        child.kill()
        raise BenchError(f"{' '.join(map(str, command))} had not ended after {timeout:g} s") from None
    finally:
        code = await child.wait()
    if code != 0:
        raise BenchError(f"{' '.join(map(str, command))} ended with {code}")
    return seconds, json.loads(first + rest)


@contextlib.asynccontextmanager
async def running(*command) -> AsyncIterator[asyncio.subprocess.Process]:
    """A program that has said on its output that it is ready, and ends when its input does."""
    child = await asyncio.create_subprocess_exec(
        *map(str, command), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        preexec_fn=end_with_parent,
    )  # fmt: skip
    try:
        if not await asyncio.wait_for(child.stdout.readline(), 60):
            raise BenchError(f"{' '.join(map(str, command))} ended before it was ready")
        yield child
    finally:
        child.stdin.close()
        try:
            await asyncio.wait_for(child.wait(), 10)
        except asyncio.TimeoutError:
            child.kill()
            await child.wait()


class Subscriber:
    """The measuring end."""

    def __init__(self, port: int):
        self._command = (tool("subscriber"), port, "statebus/+/state/#")

    async def __aenter__(self) -> Subscriber:
        self._running = running(*self._command)
        self._child = await self._running.__aenter__()
        return self

    async def __aexit__(self, *_) -> None:
        await self._running.__aexit__(None, None, None)

    async def measure(self, count: int, action: Awaitable, timeout: float = 60) -> tuple[dict, object]:
        """Starts `action`, waits for `count` messages and for its end; gives what both tell. A measurement
        counts only when each value has come, and has come once."""
        self._child.stdin.write(f"expect {count}\n".encode())
        await self._child.stdin.drain()
        # A child of its own must be running before the messages of the action come.
        await asyncio.sleep(0.05)
        told = asyncio.create_task(action)
        try:
            line = await asyncio.wait_for(self._child.stdout.readline(), timeout)
        except asyncio.TimeoutError:
            self._child.stdin.write(b"end\n")
            line = await self._child.stdout.readline()
        got = json.loads(line)
        result = await told
        if got["messages"] != count or got["distinct"] != count:
            raise BenchError(f"{count} distinct values were to come, and these came: {got}")
        return got, result


async def announced(port: int, instance: str, entities: int, timeout: float) -> None:
    """Waits until the broker has all announcements of an instance: they are paced, so the bridge looks idle
    while it sends them."""
    async with Listener(port, f"homeassistant/+/{instance}/#", qos=0) as heard:
        await heard.until(lambda: len(heard.topics) >= entities + len(OWN), timeout, "all announcements")
