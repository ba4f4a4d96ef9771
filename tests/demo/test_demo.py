"""The README's first command, as a user types it."""

from __future__ import annotations

import os
import subprocess

import pytest

from conftest import home_assistant_environment
from harness.bridge import REPOSITORY, program
from harness.environments import OLDEST


def demo(*arguments: str) -> subprocess.CompletedProcess:
    # The program under test instead of one more build.
    env = {**os.environ, "STATEBUS_PROGRAM": str(program())}
    command = [REPOSITORY / "scripts" / "demo", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=600)


def test_the_simulated_demo_passes_its_own_check():
    done = demo("--simulated", "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "check passed" in done.stdout


@pytest.mark.real_ha
def test_the_demo_passes_its_own_check_twice():
    """The second start finds the house as the first has left it."""
    home_assistant_environment(OLDEST)
    for _ in range(2):
        done = demo("--check")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "check passed" in done.stdout


def test_an_unknown_option_is_told_with_the_usage():
    done = demo("--chek")
    assert done.returncode == 2 and "--check" in done.stderr
