"""What the command templates of each platform are rendered with."""

from __future__ import annotations

from datetime import date, datetime, time, timezone

# Values of the kinds that are moments, as Home Assistant gives them to a template.
MOMENTS = {
    "date": date(2026, 12, 24),
    "time": time(6, 30),
    "datetime": datetime(2026, 12, 24, 18, tzinfo=timezone.utc),
}
# Kinds whose commands have more than one datum, or one in another form than the value's.
CONVERTING = {*MOMENTS, "siren", "valve"}

HARD_TEXT = "it's \"x\" {{ y }} {% z %}\n\\ ü"

# What a command template is rendered with: `value` and the platform's own variables.
POSITION = {"position_open": 100, "position_closed": 0, "tilt_min": 0, "tilt_max": 100}
SAMPLES = {
    "set_position_template": [{"value": n, "position": n, **POSITION} for n in (0, 42)],
    "tilt_command_template": [{"value": n, "tilt_position": n, **POSITION} for n in (0, 49, 50)],
    "percentage_command_template": [{"value": 1}, {"value": 2}],
    "temperature_command_template": [{"value": 0.0}, {"value": 21.5}],
    "temperature_low_command_template": [{"value": 0.0}, {"value": 21.5}],
    "temperature_high_command_template": [{"value": 0.0}, {"value": 21.5}],
    "target_humidity_command_template": [{"value": 0}, {"value": 50}],
}
# Templates that make something else of a value than the value itself.
CONVERTED = {*SAMPLES, "oscillation_command_template"}


def samples(component: str, key: str, config: dict) -> list[dict]:
    """The variables that a platform may render this command template with."""
    if component in MOMENTS:
        return [{"value": MOMENTS[component]}]
    if component == "alarm_control_panel":
        words = [word for name, word in config.items() if name.startswith("payload_") and "_" in word]
        return [{"value": None, "action": word, "code": code} for word in words for code in (None, "1234")]
    if component == "siren":
        return [{"value": "ON"}, {"value": "ON", "tone": HARD_TEXT, "volume_level": 0.5, "duration": 3}]
    if component == "valve" and config.get("reports_position"):
        return [{"value": "stop_valve"}, {"value": 30, "position": 30, **POSITION}]
    if component == "humidifier" and key == "target_humidity_command_template":
        return [{"value": 0}, {"value": 50}]
    if key in SAMPLES:
        return SAMPLES[key]
    if key == "oscillation_command_template":
        return [{"value": config[f"payload_oscillation_{word}"]} for word in ("on", "off")]
    if "payload_lock" in config:
        keys = ("payload_lock", "payload_unlock", "payload_open")
        words = [config[word] for word in keys if word in config]
        return [{"value": word, "code": code} for word in words for code in (None, HARD_TEXT)]
    if key == "command_template" and "payload_on" in config:
        return [{"value": config["payload_on"]}, {"value": config["payload_off"]}]
    if "min" in config and "step" in config:
        return [{"value": 0}, {"value": 21.5}]
    return [{"value": HARD_TEXT}, {"value": "off"}, {"value": ""}]
