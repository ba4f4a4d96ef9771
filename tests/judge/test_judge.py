"""Home Assistant's own schemas and template engine, as judges of the golden cases."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conftest import home_assistant_environment
from harness.environments import NEWEST, OLDEST

pytestmark = pytest.mark.real_ha


def test_home_assistant_accepts_every_golden_announcement():
    for version in (OLDEST, NEWEST):
        home_assistant_environment(version)
    done = subprocess.run([Path(__file__).parent / "run"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
