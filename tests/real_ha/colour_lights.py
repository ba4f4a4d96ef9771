"""Lights of every colour mode, which the demo integration lacks: MQTT lights on a broker of the source's own,
announced there as any device would announce itself."""

from __future__ import annotations

import json

MODES = {
    "onoff": ["onoff"],
    "dimmer": ["brightness"],
    "white_spectrum": ["color_temp"],
    "hs": ["hs"],
    "xy": ["xy", "color_temp"],
    "rgb": ["rgb"],
    "rgbw": ["rgbw"],
    "rgbww": ["rgbww"],
    "white": ["hs", "white"],
}


def announcements(version: str) -> dict[str, str]:
    """Discovery topics and payloads for a source of that version."""
    payloads = {}
    for name, modes in MODES.items():
        payload = {
            "schema": "json",
            "name": None,
            "unique_id": f"colour_{name}",
            "command_topic": f"colour/{name}/set",
            "supported_color_modes": modes,
            "brightness": modes != ["onoff"],
            "effect": True,
            "effect_list": ["colorloop", "candle"],
            "device": {"identifiers": [f"colour_{name}"], "name": f"Colour {name}"},
        }
        # 2024.3 asks for the flag, and releases after it warn about it.
        if version < "2024.4":
            payload["color_mode"] = True
        payloads[f"homeassistant/light/colour_{name}/config"] = json.dumps(payload)
    return payloads
