"""The project's JSON schemas: which one a topic has, and whether a payload keeps to it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from jsonschema import Draft202012Validator

FOLDER = Path(__file__).resolve().parents[2] / "schemas"
SUFFIX = ".schema.json"


def form_of(schema: dict) -> str:
    """The topic that a schema names, such as statebus/I/state/D/O; empty for that of the file."""
    comment = schema.get("$comment", "")
    return comment.removeprefix("Topic: ") if comment.startswith("Topic: ") else ""


def pattern_of(form: str, root: str) -> re.Pattern:
    """Levels in capitals stand for any text; N for a number, PREFIX and REST for several levels, and
    a,b for either."""
    kinds = {"N": "[0-9]+", "PREFIX": ".+", "REST": ".+"}
    levels = []
    for level in form.split("/"):
        if level == "statebus":
            levels.append(re.escape(root))
        elif level.isupper():
            levels.append(kinds.get(level, "[^/]+"))
        else:
            levels.append("(" + "|".join(re.escape(word) for word in level.split(",")) + ")")
    return re.compile("/".join(levels))


def leaves(schema: dict, path: str = "") -> dict[str, dict]:
    """The keys with a value, such as broker.urls."""
    if "properties" not in schema:
        return {path: schema}
    start = f"{path}." if path else ""
    return {
        name: leaf
        for key, field in schema["properties"].items()
        for name, leaf in leaves(field, start + key).items()
    }


class Schemas:
    def __init__(self, root: str = "statebus"):
        files = sorted(FOLDER.glob("*" + SUFFIX))
        self.by_name = {file.name.removesuffix(SUFFIX): json.loads(file.read_text()) for file in files}
        self._validators = {name: Draft202012Validator(each) for name, each in self.by_name.items()}
        forms = {name: form_of(each) for name, each in self.by_name.items()}
        self._patterns = {name: pattern_of(form, root) for name, form in forms.items() if form}

    def name_of(self, topic: str) -> str | None:
        """The schema of a topic; None: nothing may stand there."""
        found = [name for name, pattern in self._patterns.items() if pattern.fullmatch(topic)]
        assert len(found) <= 1, f"{topic} has several schemas: {found}"
        return found[0] if found else None

    def problems(self, name: str, value) -> list[str]:
        """What is wrong with a value that has been read from JSON or YAML."""
        errors = self._validators[name].iter_errors(value)
        return [f"{name}: {error.json_path}: {error.message}" for error in errors]

    def problems_at(self, topic: str, payload: str) -> list[str]:
        """What is wrong with a payload as it stands at its topic."""
        name = self.name_of(topic)
        if name is None:
            return [f"{topic}: there is no schema for this topic"]
        kinds = self.by_name[name]["type"]
        if kinds == "string" or ("string" in kinds and not payload.startswith("{")):
            return self.problems(name, payload)
        try:
            return [f"{topic}: {each}" for each in self.problems(name, json.loads(payload))]
        except json.JSONDecodeError as fault:
            return [f"{topic}: no JSON ({fault}): {payload[:200]}"]
