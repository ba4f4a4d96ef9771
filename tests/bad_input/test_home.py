"""A Home Assistant that speaks no TLS, no HTTP or no WebSocket, or another one than was asked for."""

from __future__ import annotations

import pytest

from harness.bad_input_table import Row, same_everywhere
from harness.bridge import Bridge
from harness.process import wait_until

from .hostile_home import HostileHome, upgraded

DOOR = "Home Assistant's connection"
SECRET = "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0"


def row(number: str, what: str, message: str) -> Row:
    outcome = "the connection is given up, and tried again with waits that grow; no token is sent"
    return Row(number, DOOR, what, message, outcome)


def page(status: str, *headers: str):
    head = "\r\n".join([f"HTTP/1.1 {status}", "Content-Type: text/html", "Content-Length: 6", *headers])
    return lambda request: head.encode() + b"\r\n\r\n<html>"


REDIRECT = "HTTP/1.1 301 Moved Permanently\r\nLocation: http://127.0.0.1:{}/\r\nContent-Length: 0\r\n\r\n"
BARE = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate"
LONG = b"\x81\x7f" + (300 * 1024 * 1024).to_bytes(8, "big")  # a text frame of 300 MB begins

PLAIN = [
    (page("200 OK"), row("B22", "a web page, 200 OK",
         "Home Assistant at ws://127.0.0.1:PORT: it answered 200 OK instead of a WebSocket; "
         "see whether home_assistant.url is that of a Home Assistant; trying again")),
    (page("502 Bad Gateway"), row("B22", "502 Bad Gateway of a proxy",
         "Home Assistant at ws://127.0.0.1:PORT: it answered 502 Bad Gateway instead of a "
         "WebSocket; see whether home_assistant.url is that of a Home Assistant; trying again")),
    (page("401 Unauthorized", "WWW-Authenticate: Basic"), row("B22", "401 with a request to log in",
         "Home Assistant at ws://127.0.0.1:PORT: it answered 401 Unauthorized instead of a "
         "WebSocket; see whether home_assistant.url is that of a Home Assistant; trying again")),
    (lambda _: BARE + b"\r\n", row("B22", "101 without an accept key",
         "Home Assistant at ws://127.0.0.1:PORT: no WebSocket: The WebSocket handshake "
         "Sec-WebSocket-Accept field is missing; see whether home_assistant.url is that of a "
         "Home Assistant; trying again")),
    (lambda _: BARE + b"Sec-WebSocket-Accept: bm8=\r\n\r\n", row("B22", "101 with a wrong accept key",
         "Home Assistant at ws://127.0.0.1:PORT: no WebSocket: The WebSocket handshake "
         "Sec-WebSocket-Accept field is invalid; see whether home_assistant.url is that of a "
         "Home Assistant; trying again")),
    (lambda _: b"\x00\xff" * 500, row("B22", "bytes that are no HTTP",
         "Home Assistant at ws://127.0.0.1:PORT: no WebSocket: bad version; see whether "
         "home_assistant.url is that of a Home Assistant; trying again")),
    (lambda _: b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 1_000_000, row("B22", "headers of 1 MB",
         "Home Assistant at ws://127.0.0.1:PORT: no WebSocket: header limit exceeded; see "
         "whether home_assistant.url is that of a Home Assistant; trying again")),
    (lambda request: upgraded(request, DEFLATE), row("B22", "compression that was not asked for",
         "Home Assistant at ws://127.0.0.1:PORT: the connection was lost: "
         "End of file; trying again")),
    (lambda request: upgraded(request) + b"\xc1\x02\x4b\x04", row("B22", "a compressed frame",
         "Home Assistant at ws://127.0.0.1:PORT: the connection was lost: "
         "The WebSocket frame contained illegal reserved bits; trying again")),
    (lambda request: upgraded(request) + b"\x81\x82\0\0\0\0{}", row("B22", "a masked frame",
         "Home Assistant at ws://127.0.0.1:PORT: the connection was lost: "
         "The WebSocket frame was masked; trying again")),
    (lambda request: upgraded(request) + b"\x83\x01x", row("B22", "a frame of a kind that is none",
         "Home Assistant at ws://127.0.0.1:PORT: the connection was lost: "
         "The WebSocket frame contained an illegal opcode; trying again")),
    (lambda request: upgraded(request) + b"\x81\x02\xc0\xaf", row("B10", "a text frame that is no UTF-8",
         "Home Assistant at ws://127.0.0.1:PORT: the connection was lost: "
         "The WebSocket frame payload was not valid utf8; trying again")),
    (lambda request: upgraded(request) + LONG, row("B3", "a frame that is said to have 300 MB",
         "Home Assistant at ws://127.0.0.1:PORT: it sent a message of more than 256 MB, and "
         "no list of a home has as much; trying again")),
]  # fmt: skip
OVER_TLS = [
    (lambda _: b"\x15\x03\x03\xff\xff" + b"garbage" * 50, row("B22", "bytes that are no TLS",
         "Home Assistant at wss://localhost:PORT: TLS: packet length too long (SSL "
         "routines); trying again")),
    (lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n", row("B22", "plain HTTP where TLS is expected",
         "Home Assistant at wss://localhost:PORT: TLS: it speaks no TLS at this port; look "
         "at port and scheme in home_assistant.url; trying again")),
]
STAYS = row("B22", "a compressed frame, and then nothing, on a line that stays",
         "Home Assistant at ws://127.0.0.1:PORT: it did not answer within 30 s; trying again")
REDIRECTED = row("B22", "a redirect to another host",
         "Home Assistant at ws://127.0.0.1:PORT: it answered 301 Moved Permanently instead of "
         "a WebSocket; it points to \"http://127.0.0.1:PORT/\", which is not followed: write "
         "the right address into home_assistant.url; trying again")
TABLES = {
    "test_what_is_no_home_assistant_is_told_and_gets_no_token": [each for _, each in PLAIN],
    "test_what_speaks_no_tls_is_told_and_gets_no_token": [each for _, each in OVER_TLS],
    "test_one_who_says_nothing_more_is_given_up": [STAYS],
    "test_a_redirect_is_not_followed": [REDIRECTED],
}


async def told_of(folder, broker, url: str, hostile: HostileHome) -> str:
    """The first warning that names Home Assistant; the bridge has tried again after it."""
    bridge = Bridge(folder, "edge", url, SECRET, broker.url)
    await bridge.start()

    def warned() -> str | None:
        lines = bridge.output().splitlines()
        return next((line for line in lines if " warning Home" in line or " error Home" in line), None)

    line = await wait_until(warned, 60, "what it says")
    await wait_until(lambda: hostile.connections > 1, 60, "another attempt")
    assert await bridge.stop() == 0
    assert SECRET not in bridge.output() and SECRET.encode() not in hostile.got
    return same_everywhere(line.partition("Home Assistant at ")[1] + line.partition("Home Assistant at ")[2])


@pytest.mark.parametrize("answer, row", PLAIN, ids=lambda each: getattr(each, "input", ""))
async def test_what_is_no_home_assistant_is_told_and_gets_no_token(tmp_path, keep, broker, answer, row):
    async with HostileHome(answer) as hostile:
        keep(row, await told_of(tmp_path, broker, f"http://127.0.0.1:{hostile.port}", hostile))


@pytest.mark.parametrize("answer, row", OVER_TLS, ids=lambda each: getattr(each, "input", ""))
async def test_what_speaks_no_tls_is_told_and_gets_no_token(tmp_path, keep, broker, answer, row):
    async with HostileHome(answer, waits_for_request=False) as hostile:
        keep(row, await told_of(tmp_path, broker, f"https://localhost:{hostile.port}", hostile))


async def test_one_who_says_nothing_more_is_given_up(tmp_path, keep, broker):
    async with HostileHome(lambda request: upgraded(request) + b"\xc1\x02\x4b\x04", stays=True) as hostile:
        keep(STAYS, await told_of(tmp_path, broker, f"http://127.0.0.1:{hostile.port}", hostile))


async def test_a_redirect_is_not_followed(tmp_path, keep, broker):
    async with HostileHome(lambda _: b"") as elsewhere:
        async with HostileHome(lambda _: REDIRECT.format(elsewhere.port).encode()) as hostile:
            keep(REDIRECTED, await told_of(tmp_path, broker, f"http://127.0.0.1:{hostile.port}", hostile))
        assert elsewhere.connections == 0
