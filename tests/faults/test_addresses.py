"""Addresses that are numbers: brackets stand where HTTP wants them."""

from __future__ import annotations

import asyncio

from harness.bridge import Bridge, program, write_secret
from harness.process import Process, free_port
from harness.skips import skip


class Requests:
    """Keeps the head of each HTTP request to ::1 and hangs up."""

    async def __aenter__(self) -> Requests:
        self.heads: asyncio.Queue[str] = asyncio.Queue()
        try:
            self._server = await asyncio.start_server(self._hear, "::1", 0)
        except OSError as reason:
            skip(f"this machine has no IPv6: {reason}")
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_) -> None:
        self._server.close()

    async def _hear(self, reader, writer) -> None:
        self.heads.put_nowait((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.close()

    async def host(self) -> str:
        """What the next request says of its host."""
        lines = (await asyncio.wait_for(self.heads.get(), 20)).split("\r\n")
        return next(line.split(": ", 1)[1] for line in lines if line.lower().startswith("host:"))


async def test_the_websocket_names_an_ipv6_address_in_brackets(tmp_path):
    async with Requests() as requests:
        url = f"http://[::1]:{requests.port}"
        bridge = Bridge(tmp_path, "edge", url, "token", f"mqtt://[::1]:{free_port()}")
        await bridge.start()
        assert await requests.host() == f"[::1]:{requests.port}"
        await bridge.stop()


async def test_the_login_names_an_ipv6_address_in_brackets(tmp_path):
    write_secret(tmp_path / "password", "demo")
    async with Requests() as requests:
        login = ["--username", "demo", "--password-file", str(tmp_path / "password")]
        command = [str(program()), "token", f"http://[::1]:{requests.port}", *login]
        process = Process("statebus token", command, tmp_path / "token.log")
        await process.start()
        assert await requests.host() == f"[::1]:{requests.port}"
        assert await process.wait(20) == 1
