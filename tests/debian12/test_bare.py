"""The README's first command on a Debian 12 that has only git and Python."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from harness.bridge import REPOSITORY, clean_environment
from harness.environments import Unavailable, cache_dir, debian_root
from harness.skips import skip

pytestmark = pytest.mark.full

# A PID namespace of its own ends whatever the demo would leave behind.
ENTER = (
    'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && mount -t tmpfs tmpfs "$0/tmp" && '
    'exec chroot "$0" env HOME=/root LANG=C.UTF-8 sh -c "$1"'
)


def in_root(root, command: str) -> subprocess.CompletedProcess:
    enter = ["unshare", "--mount", "--pid", "--fork", "sh", "-c", ENTER, str(root), command]
    # Nothing that is set for these tests has a say there.
    return subprocess.run(enter, capture_output=True, text=True, timeout=3600, env=clean_environment())


def test_the_demo_passes_its_check_where_nothing_is_installed():
    try:
        # Made anew each time, for the demo installs what is missing in it.
        shutil.rmtree(cache_dir() / "bookworm", ignore_errors=True)
        root = debian_root("bookworm", "git,python3,ca-certificates")
    except Unavailable as reason:
        skip(str(reason))
    subprocess.run(["git", "clone", "-q", REPOSITORY, root / "root" / "statebus"], check=True)
    first = in_root(root, "cd /root/statebus && scripts/demo --check")
    assert first.returncode == 0, first.stdout[-5000:] + first.stderr[-5000:]
    assert "check passed" in first.stdout
    simulated = in_root(root, "cd /root/statebus && scripts/demo --simulated --check")
    assert simulated.returncode == 0, simulated.stdout[-5000:] + simulated.stderr[-5000:]
    shutil.rmtree(root, ignore_errors=True)
