"""What all tests in Python share."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from harness.environments import Environment, Unavailable, environment


@pytest.fixture(scope="session")
def work():
    """A folder for all that this run starts; kept when STATEBUS_KEEP is set."""
    folder = Path(tempfile.mkdtemp(prefix="statebus-test-"))
    yield folder
    if "STATEBUS_KEEP" not in os.environ:
        shutil.rmtree(folder, ignore_errors=True)


def home_assistant_environment(version: str, more: list[str] | None = None) -> Environment:
    """That version, or a skip with the reason; under STATEBUS_NO_SKIPS a failure instead."""
    try:
        return environment(version, more=more)
    except Unavailable as reason:
        if "STATEBUS_NO_SKIPS" in os.environ:
            raise
        pytest.skip(f"Home Assistant {version} cannot run here: {reason}")
