"""A child process with a log file, ended by its own id and never by name."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import socket
from pathlib import Path


class ProcessError(RuntimeError):
    """A program of the test did not do what was asked; the message holds the end of its log."""


def free_port() -> int:
    """A TCP port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def wait_until(condition, timeout: float, what: str, interval: float = 0.05):
    """Asks `condition` (which may be a coroutine) until it gives a true value, and returns that."""
    deadline = asyncio.get_running_loop().time() + timeout
    while True:
        value = condition()
        if asyncio.iscoroutine(value):
            value = await value
        if value:
            return value
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError(f"waited {timeout:g} s in vain for {what}")
        await asyncio.sleep(interval)


async def lasts(seconds: float) -> None:
    """A fault goes on for so long. For waiting there are events; this is for how long a fault is made."""
    await asyncio.sleep(seconds)


def end_with_parent() -> None:
    """Runs in the child: it is to be ended when the test run is, however that ends."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


# `unshare --fork` hears no SIGTERM. This way it ends with the test run as well, and with it, by --kill-child,
# whatever it has started; to be stopped by SIGKILL.
UNSHARE = ["setpriv", "--pdeathsig", "KILL", "unshare"]


class Process:
    """One running program. Its output, both streams, goes to `log`."""

    def __init__(self, name: str, command: list[str], log: Path, env: dict[str, str] | None = None):
        self.name = name
        self.command = [str(part) for part in command]
        self.log = log
        self.env = env or {}
        self._child: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.returncode is None

    async def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._child = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **self.env},
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    async def listens(self, port: int) -> bool:
        """Whether it answers there; raises ProcessError when it has ended."""
        if not self.running:
            raise self.explain("ended while starting")
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    async def stop(self, number: int = signal.SIGTERM, timeout: float = 30) -> int | None:
        """Asks the program to end and waits; a program that does not is killed. Gives its exit code."""
        if self._child is None:
            return None
        if self._child.returncode is None:
            self._child.send_signal(number)
            try:
                await asyncio.wait_for(self._child.wait(), timeout)
            except asyncio.TimeoutError:
                self._child.kill()
                await self._child.wait()
        return self._child.returncode

    async def wait(self, timeout: float) -> int:
        return await asyncio.wait_for(self._child.wait(), timeout)

    def signal(self, number: int) -> None:
        self._child.send_signal(number)

    def end(self, number: int) -> None:
        """The same for a program that may have ended already."""
        if self.running:
            self._child.send_signal(number)

    def output(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def explain(self, problem: str, lines: int = 30) -> ProcessError:
        tail = "\n".join(self.output().splitlines()[-lines:])
        return ProcessError(f"{self.name}: {problem}; the end of {self.log}:\n{tail}")
