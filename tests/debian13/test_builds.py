"""Debian 13: the tree is built from its packages, and units and golden cases pass there.

The root, the build in it and its compiler cache stay in the cache folder, so that only the first run
takes minutes. The repository is seen there read-only; nothing of it is installed.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from harness.bridge import REPOSITORY
from harness.environments import Unavailable, debian_root
from harness.skips import skip

pytestmark = [pytest.mark.debian13, pytest.mark.alone]

PACKAGES = (
    "ca-certificates,g++,cmake,ninja-build,ccache,pkg-config,libpaho-mqttpp-dev,libpaho-mqtt-dev,"
    "nlohmann-json3-dev,libcli11-dev,doctest-dev,libboost-dev,libssl-dev,libyaml-cpp-dev,libspdlog-dev,"
    "libfmt-dev,libsimdjson-dev,libsystemd-dev"
)

# A mount namespace of its own leaves none of these mounts behind, a PID namespace no process.
ENTER = (
    'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && mount -t tmpfs tmpfs "$0/tmp" && '
    'mkdir -p "$0/statebus" && mount --bind "$1" "$0/statebus" && mount -o remount,bind,ro "$0/statebus" && '
    'exec chroot "$0" env HOME=/root LANG=C.UTF-8 CCACHE_DIR=/ccache '
    'CCACHE_MAXSIZE=500M sh -c "cd /statebus && $2"'
)

# What `cmake --preset dev` builds, but for the sanitizers: those have their run on Debian 12.
CONFIGURE = "cmake --preset dev -B /build -DSTATEBUS_SANITIZE=OFF"
BUILD = "nice cmake --build /build --target statebus unit_tests golden_tests"


def in_root(root: Path, command: str) -> str:
    """What the command prints; it has to succeed."""
    enter = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER]
    done = subprocess.run(
        [*enter, str(root), str(REPOSITORY), command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=3600,
    )
    # Of a compiler that gives up, the first error tells what the last one does not.
    errors = [line for line in done.stdout.splitlines() if "error" in line][:10]
    assert done.returncode == 0, "\n".join([f"{command} failed:", *errors, "...", done.stdout[-4000:]])
    return done.stdout


@pytest.fixture(scope="module")
def built() -> Path:
    """The Debian 13 root with statebus and its test programs in /build."""
    try:
        root = debian_root("trixie", PACKAGES)
    except Unavailable as reason:
        skip(str(reason))
    in_root(root, f"{CONFIGURE} && {BUILD}")
    return root


def test_the_program_tells_its_version(built):
    version = in_root(built, "/build/statebus --version")
    assert f"project(statebus VERSION {version.strip()} " in (REPOSITORY / "CMakeLists.txt").read_text()


@pytest.mark.parametrize("program", ["unit_tests", "golden_tests"])
def test_tests_of_the_core_pass(built, program):
    assert "Status: SUCCESS" in in_root(built, f"/build/tests/{program}")
