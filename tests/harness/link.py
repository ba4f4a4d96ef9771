"""A line to a port of this machine that can be cut, and be slow, as netem would make it."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import random
import socket
import struct

from .process import free_port

QUEUED_MAX = 64 * 1024  # bytes on the way; what a slow line's own buffers hold


class Link:
    """Passes bytes on in both directions, each way `delay` seconds late, give or take `jitter`."""

    def __init__(
        self,
        behind: int,
        host: str = "127.0.0.1",
        port: int = 0,
        delay: float = 0,
        jitter: float = 0,
        bytes_per_second: float = 0,
    ):
        self.host = host
        self.port = port or free_port()
        self.delay = delay
        self.jitter = jitter
        self.bytes_per_second = bytes_per_second
        self.connections = 0  # that were ever made
        self._behind = behind
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._chance = random.Random(7)

    @property
    def url(self) -> str:
        return f"mqtt://{self.host}:{self.port}"

    async def __aenter__(self) -> Link:
        await self.open()
        return self

    async def __aexit__(self, *_) -> None:
        self.close()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, self.host, self.port)

    def close(self) -> None:
        """Nobody listens any more, and what was connected is cut."""
        self._server.close()
        self.cut()

    def cut(self) -> None:
        """Ends all connections at once, with a reset."""
        for writer in [*self._open]:
            held = writer.get_extra_info("socket")
            if held is not None:
                held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def _serve(self, reader, writer) -> None:
        self.connections += 1
        try:
            behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._behind)
        except OSError:
            writer.close()
            return
        self._open |= {writer, behind_writer}
        ways = (self._pass_on(reader, behind_writer), self._pass_on(behind_reader, writer))
        await asyncio.gather(*ways)
        self._open -= {writer, behind_writer}

    async def _pass_on(self, reader, writer) -> None:
        way = Way(self, writer)
        with contextlib.suppress(OSError):
            while data := await reader.read(4096):
                await way.send(data)
            await way.flushed()
        writer.close()

    def lateness(self) -> float:
        return max(0.0, self.delay + self._chance.uniform(-self.jitter, self.jitter))


class Way:
    """One direction of one connection: what is sent arrives in its order, later."""

    def __init__(self, link: Link, writer: asyncio.StreamWriter):
        self._link = link
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._queued = 0
        self._pieces: collections.deque[bytes] = collections.deque()
        self._free_at = 0.0  # when the last byte will have left
        self._arrives_at = 0.0
        self._moved = asyncio.Event()

    async def send(self, data: bytes) -> None:
        now = self._loop.time()
        rate = self._link.bytes_per_second
        self._free_at = max(self._free_at, now) + (len(data) / rate if rate else 0)
        self._arrives_at = max(self._arrives_at, self._free_at + self._link.lateness())
        self._queued += len(data)
        # Of two pieces that arrive at one time the loop may take either first, so the timer bears none.
        self._pieces.append(data)
        self._loop.call_at(self._arrives_at, self._deliver)
        while self._queued > QUEUED_MAX:
            await self._movement()

    async def flushed(self) -> None:
        while self._queued:
            await self._movement()

    async def _movement(self) -> None:
        self._moved.clear()
        await self._moved.wait()

    def _deliver(self) -> None:
        data = self._pieces.popleft()
        self._queued -= len(data)
        self._moved.set()
        if not self._writer.transport.is_closing():
            self._writer.write(data)
