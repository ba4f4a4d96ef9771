"""A door before a real broker that once says something hostile to each of a bridge's connections."""

from __future__ import annotations

import asyncio

from harness.door import Door
from harness.mqtt_door import SUBACK, Packet, read_packet

CONNACK = 0x2


def client_of(connect: Packet) -> str:
    """The client id of an MQTT 5 CONNECT, whose properties are short here."""
    begin = 10 + 1 + connect.body[10]
    length = int.from_bytes(connect.body[begin : begin + 2], "big")
    return connect.body[begin + 2 : begin + 2 + length].decode()


class HostileBroker(Door):
    """Of each client's first connection, `instead` is said in place of the CONNACK, or `after` the SUBACK."""

    def __init__(self, port: int, instead: bytes = b"", after: bytes = b""):
        self._behind = port
        self._instead = instead
        self._after = after
        self._met: set[str] = set()

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    async def _serve(self, reader, writer) -> None:
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._behind)
        try:
            connect = await read_packet(reader)
            client = client_of(connect)
            is_first = client not in self._met
            self._met.add(client)
            behind_writer.write(bytes(connect))
            await asyncio.gather(
                self._pass_on(reader, behind_writer, False), self._pass_on(behind_reader, writer, is_first)
            )
        except (asyncio.IncompleteReadError, OSError):
            writer.close()
            behind_writer.close()

    async def _pass_on(self, reader, writer, is_hostile: bool) -> None:
        try:
            while True:
                packet = await read_packet(reader)
                hostile = b""
                if is_hostile and packet.kind == CONNACK:
                    hostile = self._instead
                if is_hostile and packet.kind == SUBACK:
                    hostile, is_hostile = bytes(packet) + self._after, False
                writer.write(hostile or bytes(packet))
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            writer.close()
