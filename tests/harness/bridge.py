"""The bridge itself: the program that users run, with a configuration file."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import yaml

from .process import Process, wait_until

REPOSITORY = Path(__file__).resolve().parents[2]


def program() -> Path:
    """The built program; STATEBUS_PROGRAM names another one than the build for tests."""
    named = os.environ.get("STATEBUS_PROGRAM")
    return Path(named) if named else REPOSITORY / "build" / "dev" / "statebus"


def write_secret(file: Path, text: str) -> None:
    """As a bridge takes it: its owner alone can read it."""
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(text)


def clean_environment(**more: str) -> dict[str, str]:
    """That of this process without what is set for the tests alone."""
    return {key: value for key, value in os.environ.items() if not key.startswith("STATEBUS_")} | more


class Bridge:
    """One `statebus run`."""

    def __init__(self, folder: Path, instance: str, ha_url: str, token: str, broker_url: str, **config):
        self.folder = folder
        self.instance = instance
        folder.mkdir(parents=True, exist_ok=True)
        write_secret(folder / "ha.token", token)
        settings = {
            "instance": instance,
            "home_assistant": {"url": ha_url.replace("http", "ws"), "token_file": "ha.token"},
            "broker": {"urls": [broker_url]},
        }
        for key, value in config.items():
            settings.setdefault(key, {})
            settings[key] = {**settings[key], **value} if isinstance(value, dict) else value
        self.config = folder / "statebus.yaml"
        self.config.write_text(yaml.safe_dump(settings, sort_keys=False))
        self.process: Process | None = None
        self.log = folder / "statebus.log"
        self._log_start = 0
        self.prefix: list[str] = []  # what the program is started through, a namespace say

    async def start(self) -> None:
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        command = [*self.prefix, str(program()), "run", "-c", str(self.config)]
        self.process = Process(f"bridge {self.instance}", command, self.log)
        await self.process.start()

    async def online(self, timeout: float = 60) -> None:
        """Waits until this start says that all states are on the bus."""

        def is_online() -> bool:
            if not self.process.running:
                raise self.process.explain("ended while starting")
            return "online: all states" in self.output()

        await wait_until(is_online, timeout, f"{self.process.name} to be online")

    def output(self) -> str:
        """What it has logged since its last start."""
        with self.log.open(errors="replace") as log:
            log.seek(self._log_start)
            return log.read()

    def complaints(self) -> list[str]:
        """The lines of warnings and errors of its last start; as text: date, time, level, sentence."""
        level = re.compile(' (warning|error) |"level":"(warning|error)"')
        return [line for line in self.output().splitlines() if level.search(line)]

    async def stop(self) -> int | None:
        return await self.process.stop(signal.SIGTERM)

    def kill(self) -> None:
        self.process.signal(signal.SIGKILL)
