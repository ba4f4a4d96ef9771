"""A door before a broker that lets some of its answers through changed, or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from .door import Door

PUBACK, SUBSCRIBE, SUBACK = 0x4, 0x8, 0x9
NOT_AUTHORIZED = 0x87


@dataclass
class Packet:
    kind: int
    head: bytes  # with the length
    body: bytes

    def __bytes__(self) -> bytes:
        return self.head + self.body


async def read_packet(reader: asyncio.StreamReader) -> Packet:
    head = await reader.readexactly(1)
    length = shift = 0
    while True:
        head += await reader.readexactly(1)
        length |= (head[-1] & 0x7F) << shift
        shift += 7
        if head[-1] < 0x80:
            return Packet(head[0] >> 4, head, await reader.readexactly(length))


def behind_properties(body: bytes, at: int) -> int:
    """Where MQTT 5's properties that begin at `at` end; they are short here."""
    assert body[at] < 0x80
    return at + 1 + body[at]


class MqttDoor(Door):
    """Passes MQTT 5 on to a port of this machine."""

    def __init__(self, port: int, refused: str | None = None):
        """Subscriptions to filters that end with `refused` get "not authorized" as their answer."""
        self._behind = port
        self._refused = refused
        self._refusals: set[bytes] = set()  # packet ids
        self.swallows_acknowledgements = False

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    async def _serve(self, reader, writer) -> None:
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._behind)
        await asyncio.gather(
            self._pass_on(reader, behind_writer, self._from_client),
            self._pass_on(behind_reader, writer, self._from_broker),
        )

    async def _pass_on(self, reader, writer, change) -> None:
        try:
            while True:
                packet = change(await read_packet(reader))
                if packet is not None:
                    writer.write(bytes(packet))
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _from_client(self, packet: Packet) -> Packet:
        if packet.kind == SUBSCRIBE and self._refused:
            begin = behind_properties(packet.body, 2)
            length = int.from_bytes(packet.body[begin : begin + 2], "big")
            if packet.body[begin + 2 : begin + 2 + length].decode().endswith(self._refused):
                self._refusals.add(packet.body[:2])
        return packet

    def _from_broker(self, packet: Packet) -> Packet | None:
        if packet.kind == PUBACK and self.swallows_acknowledgements:
            return None
        if packet.kind == SUBACK and packet.body[:2] in self._refusals:
            self._refusals.discard(packet.body[:2])
            begin = behind_properties(packet.body, 2)
            packet.body = packet.body[:begin] + bytes([NOT_AUTHORIZED]) * (len(packet.body) - begin)
        return packet
