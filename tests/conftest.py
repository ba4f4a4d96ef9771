"""What all tests in Python share."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

from harness.bad_input_table import bad_input_table
from harness.environments import Environment, Unavailable, environment
from harness.fault_table import fault_table
from harness.skips import skip


class BySetting(LoadScopeScheduling):
    """Where tests run side by side, those that share what takes long to start stay in one process."""

    def _split_scope(self, nodeid: str) -> str:
        pair = re.search(r"\[([\d.]+-to-[\d.]+)", nodeid)
        release = re.search(r"\[([\d.]+)[]-]", nodeid)
        return pair[1] if pair else nodeid.split("::")[0] + (release[1] if release else "")


def pytest_xdist_make_scheduler(config, log):
    return BySetting(config, log)


def pytest_terminal_summary(terminalreporter):
    """Prints the tables that tests have recorded, with their titles."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    recorded = [each for report in reports for each in report.user_properties]
    for title, table in (value for name, value in recorded if name == "table"):
        terminalreporter.section(title)
        terminalreporter.write_line(table)
    if faults := [value for name, value in recorded if name == "fault"]:
        terminalreporter.section("fault matrix")
        terminalreporter.write_line(fault_table(faults))
    if inputs := [value for name, value in recorded if name == "bad_input"]:
        terminalreporter.section("bad input")
        terminalreporter.write_line(bad_input_table(inputs))


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
        skip(f"Home Assistant {version} cannot run here: {reason}")
