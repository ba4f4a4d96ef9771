"""Home Assistant's own schemas and template engine, as judges of the golden cases and of varied entities."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from conftest import home_assistant_environment
from harness.environments import NEWEST, OLDEST
from judge.bulk import JUDGE, RELEASES, judged
from judge.variations import varied

pytestmark = pytest.mark.real_ha

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


@pytest.mark.parametrize("count", [2_000, pytest.param(10_000, marks=pytest.mark.full)])
def test_home_assistant_accepts_what_is_made_of_varied_entities(count: int, work: Path):
    # The same entities each time, so that a change that breaks something is the one that is told of it.
    seed = int(os.environ.get("JUDGE_SEED", "1"))
    judged(varied(count, seed, known_words()), work / f"entities-{count}")
