"""Home Assistant's login in front of the scripted one, which has none: one user, one password."""

from __future__ import annotations

import asyncio

from aiohttp import ClientSession, WSMsgType, web

from .scripted import ScriptedHomeAssistant

USER = {"username": "demo", "password": "demo"}


class LoginDoor:
    """Answers below /auth/ as Home Assistant does, and passes the WebSocket on."""

    def __init__(self, home: ScriptedHomeAssistant):
        self._home = home
        self.revoked: list[str] = []  # tokens that were logged out
        self.logins = 0

    async def __aenter__(self) -> LoginDoor:
        app = web.Application()
        app.add_routes(
            [
                web.post("/auth/login_flow", self._begin),
                web.post("/auth/login_flow/flow", self._log_in),
                web.post("/auth/token", self._token),
                web.post("/auth/revoke", self._revoke),
                web.get("/api/websocket", self._pass_on),
            ]
        )
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_) -> None:
        await self._runner.cleanup()

    async def _begin(self, request) -> web.Response:
        return web.json_response({"type": "form", "flow_id": "flow", "step_id": "init", "errors": {}})

    async def _log_in(self, request) -> web.Response:
        self.logins += 1
        given = await request.json()
        if {key: given.get(key) for key in USER} == USER:
            return web.json_response({"type": "create_entry", "flow_id": "flow", "result": "code"})
        errors = {"base": "invalid_auth"}
        return web.json_response({"type": "form", "flow_id": "flow", "step_id": "init", "errors": errors})

    async def _token(self, request) -> web.Response:
        assert (await request.post())["code"] == "code"
        return web.json_response({"access_token": self._home.token, "refresh_token": "refresh"})

    async def _revoke(self, request) -> web.Response:
        self.revoked.append((await request.post())["token"])
        return web.Response()

    async def _pass_on(self, request) -> web.WebSocketResponse:
        client = web.WebSocketResponse()
        await client.prepare(request)
        url = f"{self._home.url}/api/websocket"
        async with ClientSession() as session, session.ws_connect(url) as behind:
            await asyncio.wait(
                [asyncio.create_task(copy(client, behind)), asyncio.create_task(copy(behind, client))],
                return_when=asyncio.FIRST_COMPLETED,
            )
        return client


async def copy(source, target) -> None:
    async for message in source:
        if message.type == WSMsgType.TEXT:
            await target.send_str(message.data)
