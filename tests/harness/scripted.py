"""The scripted Home Assistant (tests/scripted_ha): starts it and tells it, by lines, what happens."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

from .bridge import program
from .process import ProcessError, end_with_parent

LINE_MAX = 64 * 1024 * 1024  # `states` of a large house is one line


def scripted_program() -> Path:
    """Built beside the program under test."""
    return program().parent / "tests" / "scripted_ha" / "scripted_ha"


class ScriptedHomeAssistant:
    """One instance. `arguments` are those of the program, such as "--demo" or "--entities", "1000"."""

    def __init__(self, folder: Path, *arguments: str, token: str = "secret"):
        self.folder = folder
        self.token = token
        self.port = 0  # kept over stop and start, as a real one keeps its address
        self.calls: list[dict] = []  # service calls of its clients, oldest first
        self.log = folder / "scripted_ha.log"
        self._arguments = [str(argument) for argument in arguments]
        self._child: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task | None = None
        self._answers: asyncio.Queue[dict] = asyncio.Queue()
        self._turn = asyncio.Lock()
        self._news = asyncio.Event()
        self._load: asyncio.Future[dict] | None = None  # what a load that was begun will answer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self._child.pid

    async def __aenter__(self) -> ScriptedHomeAssistant:
        await self.start()
        return self

    async def __aexit__(self, *_) -> None:
        await self.stop()

    async def start(self, timeout: float = 20) -> None:
        """Starts the program and waits until it says where it listens."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._answers = asyncio.Queue()
        self._load = None
        command = [scripted_program(), "--port", self.port, "--token", self.token, *self._arguments]
        with self.log.open("ab") as log:
            self._child = await asyncio.create_subprocess_exec(
                *[str(part) for part in command],
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                limit=LINE_MAX,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        first = (await asyncio.wait_for(self._child.stdout.readline(), timeout)).decode()
        if not first.startswith("listening on "):
            raise ProcessError(f"scripted Home Assistant: did not start: {first or self.log.read_text()}")
        self.port = int(first.rsplit(":", 1)[1])
        self._reader = asyncio.create_task(self._read())

    async def stop(self) -> int | None:
        """Ends it as a crash would: its clients see the connection close. Gives its exit code."""
        if self._child is None:
            return None
        if self._child.returncode is None:
            self._child.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._child.wait(), 10)
            except asyncio.TimeoutError:
                self._child.kill()
                await self._child.wait()
        if self._reader is not None:
            await self._reader
            self._reader = None
        return self._child.returncode

    async def send(self, line: dict, timeout: float = 30) -> dict:
        """One control line and its answer; raises ProcessError when the answer is an error.

        `restart` and `load` answer when they are done, so they need a timeout that is long enough.
        """
        async with self._turn:
            self._child.stdin.write(json.dumps(line).encode() + b"\n")
            await self._child.stdin.drain()
            answer = await asyncio.wait_for(self._answers.get(), timeout)
        if "error" in answer:
            raise ProcessError(f"scripted Home Assistant: {line}: {answer['error']}")
        return answer

    async def begin_load(self, **plan) -> None:
        """A load that goes on while other lines are sent, until `end_load`."""
        self._load = asyncio.get_running_loop().create_future()
        async with self._turn:
            self._child.stdin.write(json.dumps({"load": plan}).encode() + b"\n")
            await self._child.stdin.drain()

    async def end_load(self) -> int:
        """Ends what `begin_load` began; gives the number of changes that were made."""
        if self._load is None:
            return 0  # it ended with the program
        await self.send({"load": False})
        return await self.load_ended(30)

    async def load_ended(self, timeout: float) -> int:
        """Waits until the load ends by itself; gives the number of changes that were made."""
        ended = await asyncio.wait_for(self._load, timeout)
        self._load = None
        return ended["sent"]

    async def called(self, condition, timeout: float = 10, since: int = 0) -> dict:
        """Waits for a service call, of those after the first `since`, that meets `condition`."""

        async def wait() -> dict:
            while True:
                for call in self.calls[since:]:
                    if condition(call):
                        return call
                self._news.clear()
                await self._news.wait()

        try:
            return await asyncio.wait_for(wait(), timeout)
        except asyncio.TimeoutError:
            seen = self.calls[since:]
            raise TimeoutError(f"no such service call in {timeout:g} s; there were {seen}") from None

    async def _read(self) -> None:
        """Sorts what it prints into service calls and answers, until it ends."""
        while text := await self._child.stdout.readline():
            line = json.loads(text)
            if "call" in line:
                self.calls.append(line["call"])
                self._news.set()
            elif "sent" in line and self._load is not None:
                self._load.set_result(line)
            else:
                self._answers.put_nowait(line)
        self._answers.put_nowait({"error": "the program ended"})
