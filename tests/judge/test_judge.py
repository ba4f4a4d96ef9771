"""Home Assistant's own schemas and template engine, as judges of the golden cases and of varied entities."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from conftest import home_assistant_environment
from harness.bridge import program
from harness.environments import NEWEST, OLDEST
from judge.variations import varied

pytestmark = pytest.mark.real_ha

JUDGE = Path(__file__).parent / "run"
RELEASES = ["2024.3", "2026.11"]
GENERATED = Path(__file__).parents[2] / "discovery" / "classes_generated.cpp"


@pytest.fixture(scope="module", autouse=True)
def environments():
    for version in (OLDEST, NEWEST):
        home_assistant_environment(version)


def test_home_assistant_accepts_every_golden_announcement():
    for version in RELEASES:
        done = subprocess.run([JUDGE, version, "announcements.py"], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def known_words() -> dict:
    """Device classes by component, state classes, and the units of each class."""
    text = GENERATED.read_text()
    words: dict = {"units": {}}
    for component, word in re.findall(r'^    \{"(\w+)", "(\w+)", \{', text, re.M):
        words.setdefault(component, []).append(word)
    for name, units in re.findall(r"\bunits_of_(\w+)\[\] = \{([^}]*)\}", text):
        words["units"][name] = re.findall(r'"([^"]*)"', units)
    return words


def fed(entities: list[dict]) -> str:
    """What discovery/ makes of them, as entities.py reads it."""
    names = [entity.pop("case") for entity in entities]
    feed = program().parent / "tests" / "judge_feed"
    lines = "\n".join(map(json.dumps, entities))
    done = subprocess.run([feed], input=lines, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    made = done.stdout.removesuffix("\n").split("\n")  # U+2028 ends no line here
    assert len(made) == len(names)
    return "\n".join(f"[{json.dumps(name)},{line}]" for name, line in zip(names, made, strict=True))


@pytest.mark.parametrize("count", [2_000, pytest.param(10_000, marks=pytest.mark.full)])
def test_home_assistant_accepts_what_is_made_of_varied_entities(count: int, work: Path):
    # The same entities each time, so that a change that breaks something is the one that is told of it.
    seed = int(os.environ.get("JUDGE_SEED", "1"))
    lines = work / f"entities-{count}"
    lines.write_text(fed(varied(count, seed, known_words())))
    judges = []
    for version in RELEASES:
        with lines.open() as file:
            pipes = {"stdin": file, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
            judges.append(subprocess.Popen([JUDGE, version, "entities.py"], **pipes))
    said = [judge.communicate()[0] for judge in judges]
    print(*said, sep="\n")
    assert [judge.returncode for judge in judges] == [0, 0], f"seed {seed}\n" + "\n".join(said)
