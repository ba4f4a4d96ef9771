"""A broker that says what no broker says, to a bridge that has to survive it and come back."""

from __future__ import annotations

import pytest

from harness.bad_input_table import Row, same_everywhere
from harness.bridge import Bridge

from .conftest import sentences
from .hostile_broker import HostileBroker

DOOR = "the broker's connection"


def row(what: str, message: str = "", number: str = "B21") -> Row:
    return Row(number, DOOR, what, message, "the program lives on, and is online with all states")


def packet(first: int, body: bytes) -> bytes:
    length = b""
    left = len(body)
    while left >= 0x80:
        length += bytes([left & 0x7F | 0x80])
        left >>= 7
    return bytes([first]) + length + bytes([left]) + body


def connack(properties: bytes, length: int | None = None) -> bytes:
    return packet(0x20, b"\x00\x00" + bytes([len(properties) if length is None else length]) + properties)


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return len(raw).to_bytes(2, "big") + raw


def message(topic: str | bytes, qos: int = 0, rest: bytes = b"\x00hi") -> bytes:
    return packet(0x30 | qos << 1, text(topic) + rest)


COMMAND = "statebus/edge/command/light/ceiling"

TAKES_NOTHING = connack(b"\x21\x00\x00")
INSTEAD = [
    (b"\x00\xff" * 200, row("bytes that are no MQTT in place of a CONNACK",
         "the broker at mqtt://127.0.0.1:PORT: cannot connect; check that it runs and "
         "speaks MQTT 5, its host name and port, and with mqtts:// broker.ca_file; trying again")),
    (b"HTTP/1.1 400 Bad Request\r\n\r\n", row("an answer of HTTP",
         "the broker at mqtt://127.0.0.1:PORT: cannot connect; check that it runs and "
         "speaks MQTT 5, its host name and port, and with mqtts:// broker.ca_file; trying again")),
    (b"\x20\x7f\x00", row("a CONNACK that is cut off",
         "the broker at mqtt://127.0.0.1:PORT: cannot connect; check that it runs and "
         "speaks MQTT 5, its host name and port, and with mqtts:// broker.ca_file; trying again")),
    (connack(b"\x7f\x01"), row("a CONNACK with a property that there is none of",
         "the broker at mqtt://127.0.0.1:PORT: cannot connect; check that it runs and "
         "speaks MQTT 5, its host name and port, and with mqtts:// broker.ca_file; trying again")),
    (TAKES_NOTHING, row("a CONNACK with a receive maximum of 0",
         "the broker at mqtt://127.0.0.1:PORT: it has stopped answering while it was read; trying again\n"
         "the broker at mqtt://127.0.0.1:PORT: it has stopped acknowledging messages; trying again")),
    (connack(b"\x27\x00\x00\x00\x00"), row("a CONNACK with a maximum packet size of 0", "")),
    (connack(b"", length=100), row("a CONNACK whose properties are longer than itself",
         "the broker at mqtt://127.0.0.1:PORT: cannot connect; check that it runs and "
         "speaks MQTT 5, its host name and port, and with mqtts:// broker.ca_file; trying again")),
    (connack(b"\x12" + text("x" * 100)[:50]), row("a CONNACK with a text that is longer than itself",
         "the broker at mqtt://127.0.0.1:PORT: cannot connect; check that it runs and "
         "speaks MQTT 5, its host name and port, and with mqtts:// broker.ca_file; trying again")),
    (packet(0x20, b"\x00\x8c\x00"), row("a CONNACK that refuses with the code 0x8c",
         "the broker at mqtt://127.0.0.1:PORT: it refused the connection with reason code "
         "0x8c; trying again")),
    (packet(0x20, b"\x00\x9d\x00"), row("a CONNACK that wants another server used",
         "the broker at mqtt://127.0.0.1:PORT: it refused the connection with reason code "
         "0x9d; trying again")),
    (packet(0xE0, b"\x8d\x00"), row("a DISCONNECT in place of a CONNACK",
         "the broker at mqtt://127.0.0.1:PORT: it closed the connection with reason code "
         "0x8d; trying again")),
]
AFTER = [
    (packet(0x90, b"\x00\x01\x00"), row("a SUBACK without codes",
         "the broker at mqtt://127.0.0.1:PORT: the connection was lost; trying again")),
    (packet(0x90, b"\xff\xff\x00" + b"\x00" * 300),
     row("a SUBACK of 300 codes for what was never asked", "")),
    (packet(0x40, b"\x77\x77\x00"), row("a PUBACK for what was never sent", "")),
    (message("other/topic"), row("a message at a topic that was never subscribed to", "")),
    (message(COMMAND, qos=3, rest=b"\x00\x07\x00hi"), row("a message of QoS 3", "")),
    (message(COMMAND, qos=1, rest=b"\x00\x00\x00hi"), row("a message with the packet id 0",
         "refused a command for light.ceiling (not_published): this instance publishes no "
         "such entity\nthe broker at mqtt://127.0.0.1:PORT: the connection was lost; trying "
         "again")),
    (message("", rest=b"\x03\x23\xff\xffhi"), row("a topic alias, 65535, and no topic", "")),
    (message(b"statebus/edge/command/\x00/\xc0\xaf"), row("a topic with NUL and no UTF-8",
         "refused a command for \"\\u0000.��\" (not_published): this instance publishes no such "
         "entity")),
    (message("statebus/edge/command/+/#"), row("a topic with wildcards",
         "refused a command for \"+.#\" (not_published): this instance publishes no such entity")),
    (b"\x30\xff\xff\xff\xff\x7f", row("a length of five bytes",
         "the broker at mqtt://127.0.0.1:PORT: the connection was lost; trying again")),
    (b"\x00\x00", row("a packet of the kind 0", "")),
    (packet(0xE0, b"\x8b\x00"), row("a DISCONNECT because the server ends",
         "the broker at mqtt://127.0.0.1:PORT: it closed the connection with reason code "
         "0x8b; trying again")),
    (connack(b""), row("a second CONNACK",
         "the broker at mqtt://127.0.0.1:PORT: the connection was lost; trying again")),
]  # fmt: skip
DEADLY = message(COMMAND, rest=b"\x05\x02\xff")
ENDS = Row(
    "B21",
    DOOR,
    "a message whose properties are longer than itself",
    "",
    "Paho C ends the program, and its supervisor starts it anew; argued below",
    stands="does not hold",
)
TABLES = {
    "test_a_broker_that_greets_with_nonsense": [each for _, each in INSTEAD],
    "test_a_broker_that_sends_nonsense_later": [each for _, each in AFTER],
    "test_one_message_of_a_broker_ends_the_program": [ENDS],
}


# Paho C 1.3.12 does not free some of what was on its way when a connection broke (docs/reliability.md).
NO_LEAKS = ["env", "ASAN_OPTIONS=detect_leaks=0"]


async def survived(folder, home, door: HostileBroker, keepalive: str = "60s") -> str:
    """What the bridge says of the broker until it is online, each sentence once."""
    bridge = Bridge(folder, "edge", home.url, home.token, door.url, broker={"keepalive": keepalive})
    bridge.prefix = NO_LEAKS
    await bridge.start()
    try:
        await bridge.online(90)
    finally:
        code = await bridge.stop()
    assert code == 0, bridge.output()
    assert "Sanitizer" not in bridge.output() and "runtime error" not in bridge.output()
    return "\n".join(dict.fromkeys(same_everywhere(each) for each in sentences(bridge)))


@pytest.mark.parametrize("said, row", INSTEAD, ids=lambda each: getattr(each, "input", ""))
async def test_a_broker_that_greets_with_nonsense(tmp_path, keep, home, broker, said, row):
    # What the bridge has to miss it shall miss soon; a busy machine is slow as well.
    keepalive = "2s" if said == TAKES_NOTHING else "60s"
    async with HostileBroker(broker.port, instead=said) as door:
        keep(row, await survived(tmp_path, home, door, keepalive))


@pytest.mark.parametrize("said, row", AFTER, ids=lambda each: getattr(each, "input", ""))
async def test_a_broker_that_sends_nonsense_later(tmp_path, keep, home, broker, said, row):
    async with HostileBroker(broker.port, after=said) as door:
        keep(row, await survived(tmp_path, home, door))


async def test_one_message_of_a_broker_ends_the_program(tmp_path, keep, home, broker):
    """When this fails, Paho has been mended: then the message is one of those above."""
    async with HostileBroker(broker.port, after=DEADLY) as door:
        bridge = Bridge(tmp_path, "edge", home.url, home.token, door.url)
        bridge.prefix = NO_LEAKS
        await bridge.start()
        assert await bridge.process.wait(60) != 0
    keep(ENDS, "\n".join(bridge.complaints()))
