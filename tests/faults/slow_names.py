"""A DNS server of the test's own that answers late, seen only by programs that are started for it."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from pathlib import Path

ADDRESS = "127.0.0.153"


class SlowNames(asyncio.DatagramProtocol):
    """Answers A questions for `names` after `seconds`; everything else does not exist."""

    def __init__(self, folder: Path, names: dict[str, str], seconds: float, address: str = ADDRESS):
        self.names = names
        self.address = address
        self.seconds = seconds
        self.asked = 0
        self.answered = 0
        self._resolv = folder / "resolv.conf"
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        """Raises PermissionError without the right to use port 53 and mount namespaces."""
        if os.geteuid() != 0:
            raise PermissionError("not root")
        self._resolv.write_text(f"nameserver {self.address}\noptions timeout:20 attempts:1\n")
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self.address, 53))

    async def stop(self) -> None:
        self._transport.close()

    def command_prefix(self) -> list[str]:
        """Put before a command, it makes that program alone ask this server."""
        script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
        return ["unshare", "--mount", "sh", "-c", script, str(self._resolv)]

    def connection_made(self, transport) -> None:
        self._transport = transport

    def datagram_received(self, question: bytes, sender) -> None:
        self.asked += 1
        asyncio.get_running_loop().call_later(self.seconds, self._answer, question, sender)

    def _answer(self, question: bytes, sender) -> None:
        labels, position = [], 12
        while length := question[position]:
            labels.append(question[position + 1 : position + 1 + length].decode())
            position += 1 + length
        (kind,) = struct.unpack_from(">H", question, position + 1)
        asked = question[12 : position + 5]
        address = self.names.get(".".join(labels).lower())
        answers = 1 if address and kind == 1 else 0
        reply = question[:2] + struct.pack(">HHHHH", 0x8180 if address else 0x8183, 1, answers, 0, 0) + asked
        if answers:
            reply += b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 1, 4) + socket.inet_aton(address)
        self.answered += 1
        self._transport.sendto(reply, sender)
