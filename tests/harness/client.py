"""Home Assistant's own REST and WebSocket API, as a user's browser would call it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json

import aiohttp


# Home Assistant pings after 55 s, and hangs up when nobody answers; nobody does while nothing is asked.
IDLE_MAX = 30


class ApiError(RuntimeError):
    """Home Assistant answered a command with an error; the message is its text."""


class Client:
    """One login at one Home Assistant."""

    def __init__(self, url: str, token: str):
        self.url = url
        self.token = token
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._ids = itertools.count(1)
        self._asked = 0.0  # when the last answer came, by the loop's clock

    async def __aenter__(self) -> Client:
        await self.open()
        return self

    async def __aexit__(self, *_) -> None:
        await self.close()

    async def open(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        self._session = aiohttp.ClientSession(headers=headers)
        await self._connect()

    async def _connect(self) -> None:
        if self._socket is not None:
            await self._socket.close()
        self._ids = itertools.count(1)
        self._socket = await self._log_in()
        self._asked = asyncio.get_running_loop().time()

    async def _log_in(self) -> aiohttp.ClientWebSocketResponse:
        socket = await self._session.ws_connect(f"{self.url}/api/websocket", max_msg_size=0)
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": self.token})
        answer = await socket.receive_json()
        if answer["type"] != "auth_ok":
            raise ApiError(f"{self.url}: {answer}")
        return socket

    async def events(self, event_type: str):
        """Yields the data of each event of that type from now on."""
        async with await self._log_in() as socket:
            await socket.send_json({"id": 1, "type": "subscribe_events", "event_type": event_type})
            async for message in socket:
                if (event := json.loads(message.data))["type"] == "event":
                    yield event["event"]["data"]

    @contextlib.asynccontextmanager
    async def subscribed(self, type: str, **arguments):
        """A subscription that stands; gives a function that waits for its next event."""
        async with await self._log_in() as socket:
            await socket.send_json({"id": 1, "type": type, **arguments})
            answer = await socket.receive_json()
            if not answer["success"]:
                raise ApiError(f"{type}: {answer['error']['message']}")

            async def next_event(timeout: float = 10) -> dict:
                return (await asyncio.wait_for(socket.receive_json(), timeout))["event"]

            yield next_event

    async def changes(self):
        """Yields (old, new) of each state that changes from now on; of a removed one, new is None."""
        async for data in self.events("state_changed"):
            yield data["old_state"], data["new_state"]

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
        if self._session is not None:
            await self._session.close()

    async def ask(self, type: str, **arguments):
        """One WebSocket command and its result."""
        idle = asyncio.get_running_loop().time() - self._asked
        if self._socket is None or self._socket.closed or idle > IDLE_MAX:
            await self._connect()
        number = next(self._ids)
        await self._socket.send_json({"id": number, "type": type, **arguments})
        while True:
            message = await self._socket.receive()
            if message.type != aiohttp.WSMsgType.TEXT:
                raise ApiError(f"{self.url}: the connection closed while waiting for {type}")
            self._asked = asyncio.get_running_loop().time()
            answer = json.loads(message.data)
            if answer.get("id") == number and answer["type"] == "result":
                if not answer["success"]:
                    raise ApiError(f"{type}: {answer['error']['message']}")
                return answer["result"]

    async def call(self, service: str, entity_id: str | None = None, **data):
        """Calls `domain.service` and waits until Home Assistant says that it is done."""
        domain, name = service.split(".")
        target = {"target": {"entity_id": entity_id}} if entity_id else {}
        return await self.ask("call_service", domain=domain, service=name, service_data=data, **target)

    async def get(self, path: str):
        async with self._session.get(f"{self.url}{path}") as response:
            if response.status == 404:
                return None
            response.raise_for_status()
            return await response.json()

    async def post(self, path: str, body: dict):
        async with self._session.post(f"{self.url}{path}", json=body) as response:
            if response.status >= 400:
                raise ApiError(f"POST {path}: {response.status} {await response.text()}")
            return await response.json()

    async def states(self) -> dict[str, dict]:
        """All states by entity id, read over REST."""
        return {state["entity_id"]: state for state in await self.get("/api/states")}

    async def state(self, entity_id: str) -> dict | None:
        return await self.get(f"/api/states/{entity_id}")

    async def entities(self) -> dict[str, dict]:
        """The entity registry by entity id."""
        return {entry["entity_id"]: entry for entry in await self.ask("config/entity_registry/list")}

    async def devices(self) -> dict[str, dict]:
        """The device registry by device id."""
        return {entry["id"]: entry for entry in await self.ask("config/device_registry/list")}

    async def areas(self) -> dict[str, dict]:
        return {entry["area_id"]: entry for entry in await self.ask("config/area_registry/list")}

    async def version(self) -> tuple[int, int]:
        year, month = (await self.get("/api/config"))["version"].split(".")[:2]
        return int(year), int(month)
