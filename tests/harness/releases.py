"""Mosquitto as other Debian releases have it, each in a root of its own that is made once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .environments import Unavailable, debian_root, package_version
from .skips import skip

SUITES = ("bullseye", "trixie", "forky")


@dataclass
class Release:
    version: str
    command: list[str]  # that starts its Mosquitto


def loader(root: Path) -> Path:
    """What starts a program of the root with the libraries of the root, without entering it."""
    found = sorted(root.glob("usr/lib/*-linux-*/ld-linux*.so*"))
    if not found:
        raise Unavailable(f"{root} has no usr/lib/*/ld-linux*.so")
    return found[-1]


def mosquitto_of(suite: str) -> Release:
    """Skips with the reason where there is none; under STATEBUS_NO_SKIPS that is a failure."""
    try:
        root = debian_root(suite, "mosquitto", folder=f"mosquitto-{suite}")
    except Unavailable as reason:
        skip(f"no Mosquitto of Debian {suite}: {reason}")
    libraries = ":".join(str(each) for each in root.glob("usr/lib/*-linux-*"))
    command = [str(loader(root)), "--library-path", libraries, str(root / "usr/sbin/mosquitto")]
    return Release(package_version(root, "mosquitto"), command)
