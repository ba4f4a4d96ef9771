"""What the program says of a configuration, without anything running that it could reach."""

from __future__ import annotations

import functools
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml

from .bridge import program
from .process import free_port
from .tls import Authority

SECRETS = ("ha.token", "mqtt.pw", "ca.pem", "hubs.pem", "hubs.key")


@functools.cache
def authority() -> str:
    """The certificate of an authority."""
    with tempfile.TemporaryDirectory() as folder:
        return Authority(Path(folder)).certificate.read_text()


def write_secrets(folder: Path) -> None:
    """The files that the examples of configurations name."""
    for name in SECRETS:
        (folder / name).write_text(authority() if name == "ca.pem" else "secret\n")


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
    """Has `statebus check` read it; a text is written as it stands. The files of SECRETS are there."""
    write_secrets(folder)
    file = folder / "statebus.yaml"
    file.write_text(config if isinstance(config, str) else yaml.safe_dump(config, sort_keys=False))
    return check(["-c", str(file)], env, folder)


def check(arguments: list[str], env: dict[str, str] | None, folder: Path) -> Verdict:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("STATEBUS_")}
    done = subprocess.run(
        [program(), "check", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env={**clean, **(env or {})},
    )
    assert done.returncode in (0, 1, 2), done.stderr
    return Verdict(done.returncode != 2, done.stdout + done.stderr)
