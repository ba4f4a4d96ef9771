"""What becomes of an entity on main, and why one is not published, judged apart from the program's filter."""

from __future__ import annotations

from fnmatch import fnmatch

# What becomes of each domain on main, the usual first: what else there is depends on the release of main,
# and on the entity. Every other domain is a sensor there.
COMPONENTS = {
    "alarm_control_panel": ["alarm_control_panel"], "alert": ["switch"], "automation": ["switch"],
    "binary_sensor": ["binary_sensor"], "button": ["button"], "calendar": ["binary_sensor"],
    "camera": ["camera", "sensor"], "climate": ["climate"], "conversation": ["notify", "sensor"],
    "counter": ["number"], "cover": ["cover"], "date": ["date", "text"],
    "datetime": ["datetime", "text"], "device_tracker": ["device_tracker"], "event": ["event"],
    "fan": ["fan"], "group": ["switch", "sensor"], "humidifier": ["humidifier"],
    "image": ["image", "sensor"], "input_boolean": ["switch"], "input_button": ["button"],
    "input_datetime": ["datetime", "date", "time", "text"], "input_number": ["number"],
    "input_select": ["select"], "input_text": ["text"], "lawn_mower": ["lawn_mower"], "light": ["light"],
    "lock": ["lock"], "notify": ["notify", "sensor"], "number": ["number"], "person": ["device_tracker"],
    "plant": ["binary_sensor"], "remote": ["switch"], "scene": ["scene"], "schedule": ["binary_sensor"],
    "script": ["switch"], "select": ["select"], "sensor": ["sensor"], "siren": ["siren"],
    "switch": ["switch"], "text": ["text"], "time": ["time", "text"], "timer": ["sensor"],
    "tts": ["notify", "sensor"], "update": ["update"], "vacuum": ["vacuum"], "valve": ["valve"],
    "water_heater": ["water_heater"],
}  # fmt: skip

# What every Home Assistant has of its own, and no instance publishes (docs/topics.md, "left out").
LEFT_OUT_PLATFORMS = {"sun", "backup", "hassio"}
LEFT_OUT = (
    "sun.*", "zone.home", "update.home_assistant_*", "conversation.home_assistant",
    "tts.home_assistant_cloud", "stt.home_assistant_cloud",
)  # fmt: skip


def components_of(entity_id: str) -> list[str]:
    """The domains, one of which the entity must have on main."""
    return COMPONENTS.get(entity_id.split(".")[0], ["sensor"])


def is_stand_in(entity_id: str, component: str) -> bool:
    """Whether it is on main as a sensor for want of anything nearer."""
    return component == "sensor" and COMPONENTS.get(entity_id.split(".")[0], [""])[0] != "sensor"


def why_not_published(
    entity_id: str, entry: dict | None, state: dict | None, filtered: tuple[str, ...] = ()
) -> str | None:
    """The code of the reason (docs/topics.md), or None for what must be on main."""
    if entry is not None:
        if entry["unique_id"].startswith("statebus-"):
            return "mirror"
        if entry["disabled_by"] is not None:
            return "disabled"
        if entry["platform"] in LEFT_OUT_PLATFORMS:
            return "left_out"
        if entry["hidden_by"] is not None:
            return "hidden"
    if any(fnmatch(entity_id, glob) for glob in LEFT_OUT):
        return "left_out"
    if entity_id.split(".")[0] in filtered:
        return "filtered"
    return "no_state" if state is None else None
