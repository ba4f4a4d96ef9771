"""A real, headless Home Assistant: started, onboarded and set up by its API alone."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path

import aiohttp

from .client import ApiError, Client
from .environments import Environment
from .process import Process, free_port, wait_until

LOGIN = {"username": "demo", "password": "demo"}

# `default_config` is left out: it pulls in much that no test needs and that costs start-up time.
BASE = """\
homeassistant: {{name: {name}, country: DE, time_zone: Europe/Berlin, unit_system: metric}}
api:
config:
websocket_api:
onboarding:
person:
logger: {{default: warning}}
"""


class HomeAssistant:
    """One instance with its own folder, port and log."""

    def __init__(self, name: str, environment: Environment, folder: Path, yaml: str = "", port: int = 0):
        self.name = name
        self.environment = environment
        self.folder = folder
        self.yaml = yaml
        self.use_port(port or free_port())
        self.client: Client | None = None
        self.process: Process | None = None

    def use_port(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    async def start(self, timeout: float = 300) -> None:
        """Starts it, onboards it when it is new, and opens `client`."""
        self._write_configuration()
        self.process = Process(
            f"Home Assistant {self.environment.version} ({self.name})",
            self.environment.command(self.folder),
            self.folder / "output.log",
            {"SETUP_PORT": str(self.port)},
        )
        await self.process.start()
        token_file = self.folder / "token"
        async with aiohttp.ClientSession() as session:
            await wait_until(lambda: self._answers(session), timeout, f"{self.url} to answer")
            if not token_file.exists():
                token_file.write_text(await self._onboard(session))
        self.client = Client(self.url, token_file.read_text())
        await self.client.open()
        await wait_until(self._is_running, timeout, f"{self.name} to be RUNNING")

    async def stop(self) -> None:
        if self.client is not None:
            await self.client.close()
            self.client = None
        if self.process is not None:
            await self.process.stop(signal.SIGTERM, timeout=60)

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    def problems(self, *names: str) -> list[str]:
        """The log's WARNING and ERROR lines that mention one of `names` (all of them without any).

        That something took long is said of the machine, and not of what Home Assistant was sent."""
        # Its own folder may bear one of the names.
        output = self.process.output().replace(str(self.folder), "…")
        lines = re.findall(r"^.*? (?:WARNING|ERROR|CRITICAL) .*$", output, re.M)
        lines = [line for line in lines if not re.search(r"Updating state for .* took [\d.]+ seconds", line)]
        return [line for line in lines if not names or any(name in line for name in names)]

    async def set_up_mqtt(self, port: int, **login: str) -> None:
        """Adds the MQTT integration by its configuration flow, as a user does, unless it is there."""
        entries = await self.client.get("/api/config/config_entries/entry")
        if any(entry["domain"] == "mqtt" for entry in entries):
            return
        broker = {"broker": "127.0.0.1", "port": port, **login}
        if await self.client.version() >= (2025, 1):
            broker["other_settings"] = {"set_client_cert": False, "set_ca_cert": "off"}
        await self.set_up("mqtt", [broker])

    async def listen_under(self, prefix: str, port: int) -> None:
        """Gives the MQTT integration another discovery prefix in its options, as a user does."""
        entries = await self.client.get("/api/config/config_entries/entry")
        [entry] = [each["entry_id"] for each in entries if each["domain"] == "mqtt"]
        path = "/api/config/config_entries/options/flow"
        answer = await self.client.post(path, {"handler": entry})
        if answer["step_id"] == "broker":
            step = {"broker": "127.0.0.1", "port": port}
            answer = await self.client.post(f"{path}/{answer['flow_id']}", step)
        message = {"enable": True, "topic": "homeassistant/status", "qos": 0, "retain": False}
        messages = {
            f"{name}_{key}": value
            for name, payload in (("birth", "online"), ("will", "offline"))
            for key, value in {**message, "payload": payload}.items()
        }
        options = {"discovery": True, "discovery_prefix": prefix, **messages}
        answer = await self.client.post(f"{path}/{answer['flow_id']}", options)
        if answer.get("type") != "create_entry":
            raise ApiError(f"{self.name}: the discovery prefix was not set: {answer}")

    async def set_up(self, handler: str, steps: list[dict]) -> None:
        """Goes through an integration's configuration flow; each step is what a user fills in or picks."""
        path = "/api/config/config_entries/flow"
        answer = await self.client.post(path, {"handler": handler})
        for step in steps:
            answer = await self.client.post(f"{path}/{answer['flow_id']}", step)
        if answer.get("type") != "create_entry":
            raise ApiError(f"{self.name}: the integration {handler} was not set up: {answer}")

    def _write_configuration(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        text = BASE.format(name=self.name) + self.yaml
        # Since 2026 a port in YAML is only "pending" and reverted after five minutes; there the
        # environment variable SETUP_PORT names the port instead.
        if self.environment.version < "2026":
            text += f"http: {{server_host: 127.0.0.1, server_port: {self.port}}}\n"
        (self.folder / "configuration.yaml").write_text(text)
        storage = self.folder / ".storage"
        if not storage.exists():
            # The step `core_config` sets up integrations that call out to the Internet; it counts as
            # done from the start.
            storage.mkdir()
            onboarding = {"version": 4, "minor_version": 1, "key": "onboarding"}
            onboarding["data"] = {"done": ["core_config"]}
            (storage / "onboarding").write_text(json.dumps(onboarding))

    async def _answers(self, session: aiohttp.ClientSession) -> bool:
        if not self.process.running:
            raise self.process.explain("ended while starting")
        try:
            async with session.get(f"{self.url}/api/onboarding") as response:
                return response.status in (200, 404)
        except aiohttp.ClientError:
            return False

    async def _is_running(self) -> bool:
        return (await self.client.get("/api/config"))["state"] == "RUNNING"

    async def _onboard(self, session: aiohttp.ClientSession) -> str:
        """Creates the first user and gives a long-lived token of that user."""
        client_id = f"{self.url}/"

        async def post(path: str, headers: dict | None = None, **kwargs) -> dict:
            async with session.post(f"{self.url}{path}", headers=headers, **kwargs) as response:
                if response.status >= 400:
                    raise ApiError(f"{path}: {response.status} {await response.text()}")
                return await response.json()

        user = {"client_id": client_id, "name": "Demo", "language": "en", **LOGIN}
        code = (await post("/api/onboarding/users", json=user))["auth_code"]
        grant = {"grant_type": "authorization_code", "code": code, "client_id": client_id}
        access = (await post("/auth/token", data=grant))["access_token"]
        async with Client(self.url, access) as client:
            token = await client.ask("auth/long_lived_access_token", client_name="harness", lifespan=30)
        headers = {"Authorization": f"Bearer {access}"}
        await post("/api/onboarding/analytics", headers, json={})
        redirect = {"client_id": client_id, "redirect_uri": client_id}
        await post("/api/onboarding/integration", headers, json=redirect)
        return token
