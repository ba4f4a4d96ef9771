"""What the program says of a configuration, without anything running that it could reach."""

from __future__ import annotations

import functools
import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml

from .bridge import Bridge, clean_environment, program, write_secret
from .process import free_port
from .tls import Authority

SECRETS = ("ha.token", "mqtt.pw")

# The smallest one, at whose addresses nobody listens.
MINIMAL = {
    "instance": "hubs",
    "home_assistant": {"url": "ws://127.0.0.1:1", "token_file": "ha.token"},
    "broker": {"urls": ["mqtt://127.0.0.1:1"]},
}


@functools.cache
def certificates() -> dict[str, str]:
    """An authority, and what it has signed for a bridge."""
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        authority.sign("hubs")
        return {name: (Path(folder) / name).read_text() for name in ("ca.pem", "hubs.pem", "hubs.key")}


def write_secrets(folder: Path) -> None:
    """The files that the examples of configurations name."""
    for name in SECRETS:
        write_secret(folder / name, "secret\n")
    for name, text in certificates().items():
        write_secret(folder / name, text)


@dataclass
class Verdict:
    accepted: bool
    text: str


def unreachable(config: dict) -> dict:
    """The same configuration with addresses at which nobody listens, so that `check` ends at once."""
    address = f"127.0.0.1:{free_port()}"
    config = {**config}
    if "url" in (config.get("home_assistant") or {}):
        config["home_assistant"] = {**config["home_assistant"], "url": f"ws://{address}"}
    if "urls" in (config.get("broker") or {}):
        config["broker"] = {**config["broker"], "urls": [f"mqtt://{address}"]}
    return config


def judge(folder: Path, config: dict | str, env: dict[str, str] | None = None) -> Verdict:
    """Has `statebus check` read it; a text is written as it stands. Secrets are there, as credentials too."""
    write_secrets(folder)
    file = folder / "statebus.yaml"
    file.write_text(config if isinstance(config, str) else yaml.safe_dump(config, sort_keys=False))
    return check(["-c", str(file)], env, folder)


def check(arguments: list[str], env: dict[str, str] | None, folder: Path) -> Verdict:
    done = subprocess.run(
        [program(), "check", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env=clean_environment(**{"CREDENTIALS_DIRECTORY": str(folder), **(env or {})}),
    )
    assert done.returncode in (0, 1, 2), done.stderr
    return Verdict(done.returncode != 2, done.stdout + done.stderr)


def broker_findings(bridge: Bridge) -> tuple[int, list[dict]]:
    """The exit code of `statebus check`, and what it says of the broker: mark and text."""
    command = [program(), "check", "--json", "-c", bridge.config]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90)
    return done.returncode, [each for each in json.loads(done.stdout) if each["about"] == "broker"]


def problems_of(findings: list[dict]) -> list[str]:
    return [each["text"] for each in findings if each["mark"] == "problem"]
