"""A systemd of the test's own: the first process of a namespace, with one service and nothing else.

It runs no unit but that one, so that nothing of this machine is set up, cleaned or ended.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

from .process import UNSHARE, Process, wait_until

PROGRAM = "/lib/systemd/systemd"
TARGET = "[Unit]\nDefaultDependencies=no\nWants={name}\n"
# The service manager makes the folder of credentials in a mount that its services get by propagation.
SCRIPT = """\
mount --make-rprivate / && mount --make-rshared / && mount -t tmpfs tmpfs /run || exit 1
mkdir -p /run/lock /run/systemd && cp -r {units} /run/systemd/system || exit 1
exec env -i container=lxc PATH="$PATH" {program} --system --unit=alone.target --log-target=console
"""


def lacking() -> str | None:
    """Why there can be none here."""
    if os.geteuid() != 0:
        return "needs root: namespaces of its own"
    return None if Path(PROGRAM).exists() and shutil.which("nsenter") else "needs systemd and nsenter"


class Systemd:
    """`unit` is the service; `drop_in` changes it as `systemctl edit` would."""

    def __init__(self, folder: Path, unit: Path, drop_in: str):
        self.name = unit.name
        self._folder = folder
        units = folder / "units"
        (units / f"{unit.name}.d").mkdir(parents=True)
        # Its wishes for others' units would bring the whole of a start with them.
        text = re.sub(r"^(Wants|After)=.*\n", "", unit.read_text(), flags=re.M)
        (units / unit.name).write_text(text.replace("[Unit]\n", "[Unit]\nDefaultDependencies=no\n"))
        (units / f"{unit.name}.d" / "test.conf").write_text(drop_in)
        (units / "alone.target").write_text(TARGET.format(name=unit.name))
        script = SCRIPT.format(units=units, program=PROGRAM)
        spaces = ["--pid", "--fork", "--mount-proc", "--cgroup", "--uts", "--ipc", "--mount", "--kill-child"]
        command = [*UNSHARE, *spaces, "sh", "-c", script]
        self.process = Process("systemd", command, folder / "systemd.log")

    async def __aenter__(self) -> Systemd:
        await self.process.start()
        await wait_until(self._first, 10, "the first process of the namespace")
        return self

    async def __aexit__(self, *_) -> None:
        # The kernel ends all that is in the namespace with its first process.
        await self.process.stop(number=signal.SIGKILL)

    def _first(self) -> str:
        """The process that systemd is, or will be; as it is counted out here."""
        own = self.process.pid
        return Path(f"/proc/{own}/task/{own}/children").read_text().strip()

    def systemctl(self, *arguments: str) -> subprocess.CompletedProcess:
        command = ["nsenter", "--target", self._first(), "--all", "systemctl", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    async def until(self, state: str, timeout: float = 60) -> None:
        def is_so() -> bool:
            return self.systemctl("is-active", self.name).stdout.strip() == state

        await wait_until(is_so, timeout, f"{self.name} to be {state}; see {self.process.log}")
