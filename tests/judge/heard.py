"""What main hears of an entity in a golden case, and which payload each template is for."""

from __future__ import annotations

import json
from pathlib import Path

# What stands in the view that tells whether an entity is there.
AVAILABLE = ("online", "offline")


class Heard:
    """What main hears of one entity, by topic."""

    def __init__(self, document: str, views: dict | None = None, capabilities: dict | None = None):
        self.text = document
        self.views = views or {}
        self.capabilities = capabilities or {}

    @classmethod
    def of_case(cls, folder: Path) -> Heard:
        view = folder / "view.json"
        return cls(
            (folder / "document.json").read_text(),
            json.loads(view.read_text()) if view.exists() else {},
            json.loads((folder / "description.json").read_text())["capabilities"],
        )

    @property
    def document(self) -> dict:
        return json.loads(self.text)

    def at(self, topic: str) -> str:
        if "/view/" not in topic:
            return self.text
        payload = self.views[topic.split("/")[-1]]
        return payload if isinstance(payload, str) else json.dumps(payload)


def topic_key(template_key: str, config: dict) -> str:
    """The key of the topic whose payloads a template is for; Home Assistant names them in several ways."""
    stem = template_key.removesuffix("_template")
    plain = stem.removesuffix("_value")
    for key in (f"{stem}_topic", f"{plain}_topic", f"{plain}_state_topic", "state_topic", "topic"):
        if key in config:
            return key
    raise LookupError(f"no topic belongs to {template_key}")


def silenced(payload: str, capabilities: dict) -> list[str]:
    """The same document while the entity is unavailable or unknown and keeps capabilities only."""
    if not is_object(payload) or "attributes" not in json.loads(payload):
        return []
    silent = {**json.loads(payload), "attributes": capabilities}
    return [json.dumps({**silent, "state": state}) for state in ("unavailable", "unknown")]


def is_object(text: str | None) -> bool:
    try:
        return isinstance(json.loads(text or ""), dict)
    except ValueError:
        return False
