"""The README's first command, as a user types it."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from conftest import home_assistant_environment
from harness.bridge import REPOSITORY, program
from harness.environments import OLDEST


DEMO = REPOSITORY / "scripts" / "demo"


def environment() -> dict[str, str]:
    """The program under test instead of one more build."""
    return {**os.environ, "STATEBUS_PROGRAM": str(program())}


def demo(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [DEMO, *arguments], env=environment(), capture_output=True, text=True, timeout=600
    )


def processes_of(session: int) -> list[str]:
    """Their names; the session is the fourth field after the name (proc(5))."""
    names = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            name, fields = file.read_text().rsplit(")", 1)
            if int(fields.split()[3]) == session:
                names.append(name)
    return names


def show_and_interrupt(folder: Path, *arguments: str) -> list[str]:
    """Starts the demo as in a terminal, waits for the head of its table and a row, and presses Ctrl-C; gives
    what it has printed."""
    errors = folder / "errors"
    with errors.open("w") as told:
        running = subprocess.Popen(
            [DEMO, *arguments], env=environment(), stdout=subprocess.PIPE, stderr=told, text=True,
            start_new_session=True,
        )  # fmt: skip
        lines: list[str] = []
        for line in running.stdout:
            lines.append(line)
            if any("Ctrl-C" in earlier for earlier in lines[:-2]):
                break
        os.killpg(running.pid, signal.SIGINT)  # a terminal tells all that run in it
        rest, _ = running.communicate(timeout=60)
    lines += rest.splitlines(keepends=True)
    shown = "".join(lines) + errors.read_text()
    assert running.returncode == 0, shown
    assert errors.read_text() == "", shown
    assert processes_of(running.pid) == []
    return lines


def test_the_simulated_demo_passes_its_own_check():
    done = demo("--simulated", "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "check passed" in done.stdout


def test_ctrl_c_ends_the_simulated_demo(tmp_path):
    show_and_interrupt(tmp_path, "--simulated")


@pytest.mark.real_ha
def test_the_demo_passes_its_own_check_and_ctrl_c_ends_its_second_start(tmp_path):
    """The second start finds the house as the first has left it."""
    home_assistant_environment(OLDEST)
    done = demo("--check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "check passed" in done.stdout
    lines = show_and_interrupt(tmp_path)
    assert any("ending all of it" in line for line in lines)


def test_an_unknown_option_is_told_with_the_usage():
    done = demo("--chek")
    assert done.returncode == 2 and "--check" in done.stderr
