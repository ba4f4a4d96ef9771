"""Mosquittos that are joined as docs/brokers.md shows it: the blocks of that page are what runs here."""

from __future__ import annotations

from pathlib import Path

from docs import pages
from docs.pages import DOCS

from .mosquitto import DEFAULT_CONFIG, Mosquitto


def shown(beginning: str) -> str:
    """The block of that page in which a line begins so: a connection, or what the other side needs."""
    found = [each.text for each in pages.blocks(DOCS / "brokers.md", "conf")]
    (block,) = [text for text in found if any(line.startswith(beginning) for line in text.splitlines())]
    return block


def joined(folder: Path, connection: str, port: int) -> Mosquitto:
    """A broker that connects to the one behind `port` as the page says, wherever that names a host."""
    text = "\n".join(
        f"address 127.0.0.1:{port}" if line.startswith("address ") else line
        for line in shown(f"connection {connection}").splitlines()
    )
    return Mosquitto(folder, f"{DEFAULT_CONFIG}{text}\n")
