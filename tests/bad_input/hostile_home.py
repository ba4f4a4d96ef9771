"""A server of raw bytes at Home Assistant's place: nothing that is real would answer so."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re

from harness.door import Door

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept_of(request: bytes) -> bytes:
    """What a server of WebSockets answers to the key of a request (RFC 6455 4.2.2)."""
    key = re.search(rb"(?i)sec-websocket-key: *(\S+)", request)[1]
    return base64.b64encode(hashlib.sha1(key + GUID).digest())


def upgraded(request: bytes, *more: bytes) -> bytes:
    lines = [b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade"]
    lines += [b"Sec-WebSocket-Accept: " + accept_of(request), *more]
    return b"\r\n".join(lines) + b"\r\n\r\n"


class HostileHome(Door):
    """Answers each connection with what `answer` makes of its request, and keeps what came."""

    def __init__(self, answer, waits_for_request: bool = True, stays: bool = False):
        """It says no more after that, and hangs up unless it `stays`."""
        self._answer = answer
        self._waits = waits_for_request
        self._stays = stays
        self.got = b""
        self.connections = 0

    async def _serve(self, reader, writer) -> None:
        self.connections += 1
        try:
            request = await reader.readuntil(b"\r\n\r\n") if self._waits else b""
            self.got += request
            writer.write(self._answer(request))
            await writer.drain()
            if not self._stays:
                writer.write_eof()
            while data := await reader.read(4096):
                self.got += data
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        writer.close()
