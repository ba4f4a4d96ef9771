"""The systemd unit: it is valid, as hardened as the documentation says, and the bridge can live in it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.bridge import REPOSITORY, Bridge, program, write_secret
from harness.mosquitto import Listener, RestrictedMosquitto
from harness.process import lasts, wait_until
from harness.skips import skip
from harness.systemd import Systemd, lacking

UNIT = REPOSITORY / "packaging" / "systemd" / "statebus.service"
ANALYZE = shutil.which("systemd-analyze")
DOCUMENTED = REPOSITORY / "docs" / "security.md"


@pytest.fixture
def analyze():
    if ANALYZE is None:
        skip("systemd-analyze is lacking; scripts/setup installs it")
    return lambda *arguments: subprocess.run(
        [ANALYZE, *map(str, arguments)], capture_output=True, text=True, timeout=60
    )


def test_the_unit_is_valid(tmp_path, analyze):
    """With the built program in the place of the installed one."""
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/usr/bin/statebus", str(program())))
    done = analyze("verify", unit)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    unit.write_text(unit.read_text().replace("ProtectHome=yes", "ProtectHouse=yes"))
    assert "ProtectHouse" in analyze("verify", unit).stderr  # so it does look


def test_the_unit_is_as_hardened_as_the_documentation_says(analyze):
    done = analyze("security", "--offline=true", "--no-pager", UNIT)
    assert done.returncode == 0, done
    exposure = re.search(r"Overall exposure level for statebus.service: ([\d.]+)", done.stdout)[1]
    shown, release = re.search(r"gives it ([\d.]+) \(systemd (\d+)\)", DOCUMENTED.read_text()).groups()
    ours = re.search(r"systemd (\d+)", analyze("--version").stdout)[1]
    # Later releases look at more, and so come to another figure.
    assert exposure == shown if release == ours else float(exposure) < float(shown) + 1


def test_the_user_that_the_unit_names_is_made():
    user = re.search(r"^User=(\w+)$", UNIT.read_text(), re.M)[1]
    made = (UNIT.parent / "statebus.sysusers").read_text()
    assert re.search(rf'^u {user} - "', made, re.M)


def test_the_program_that_the_unit_starts_takes_those_arguments(tmp_path):
    """In another folder: where statebus is installed, they would start that one's bridge once more."""
    (line,) = re.findall(r"^ExecStart=/usr/bin/statebus (.*)$", UNIT.read_text(), re.M)
    words = line.replace("/etc/statebus", str(tmp_path)).split()
    done = subprocess.run([program(), *words], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and f"{tmp_path}/statebus.yaml: cannot be read" in done.stderr, done
    assert "RestartPreventExitStatus=2" in Path(UNIT).read_text()  # a restart would change nothing


def test_an_installation_has_the_program_its_unit_and_its_user(tmp_path):
    built = program().parent
    done = subprocess.run(
        ["cmake", "--install", built, "--prefix", tmp_path], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    installed = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert installed == {
        "bin/statebus",
        "lib/systemd/system/statebus.service",
        "lib/sysusers.d/statebus.conf",
    }
    shown = subprocess.run([tmp_path / "bin" / "statebus", "--version"], capture_output=True, text=True)
    assert shown.returncode == 0, shown


# What an installation has: program, configuration and a user; and a log to look at. LeakSanitizer, of the
# build for tests, wants to trace the process, which the unit does not allow.
DROP_IN = """\
[Service]
ExecStart=
ExecStart={program} run -c {folder}/statebus.yaml
User=daemon
Group=daemon
BindReadOnlyPaths={program} {folder}/statebus.yaml
LoadCredential=ha.token:{folder}/ha.token
LoadCredential=mqtt.pw:{folder}/mqtt.pw
Environment=ASAN_OPTIONS=detect_leaks=0
StandardError=append:{folder}/statebus.log
"""


async def test_the_bridge_lives_in_the_unit_with_credentials_of_systemd(tmp_path, home):
    """A real systemd starts it, hands it its secrets, reloads and stops it."""
    if reason := lacking():
        skip(reason)
    broker = RestrictedMosquitto(tmp_path / "broker", "topic readwrite #\n")
    await broker.start()
    files = {"token_file": "credential:ha.token"}, {"password_file": "credential:mqtt.pw"}
    login = {**broker.login["broker"], **files[1]}
    bridge = Bridge(
        tmp_path, "hubs", home.url, home.token, broker.url, home_assistant=files[0], broker=login
    )
    write_secret(tmp_path / "mqtt.pw", broker.password)  # root's alone, as the token is
    drop_in = DROP_IN.format(program=program(), folder=tmp_path)
    async with Systemd(tmp_path / "systemd", UNIT, drop_in) as systemd:
        await systemd.until("active")
        await wait_until(lambda: "online: all states" in bridge.output(), 60, "the bridge to be online")
        assert bridge.complaints() == []
        assert systemd.systemctl("show", "-P", "WatchdogUSec", systemd.name).stdout.strip() == "1min"
        assert systemd.systemctl("reload", systemd.name).returncode == 0
        await wait_until(lambda: "read the configuration again" in bridge.output(), 20, "the reload")
        async with Listener(broker.port, "statebus/hubs/status") as listener:
            assert systemd.systemctl("stop", systemd.name).returncode == 0
            await listener.until(lambda: "offline" in listener.topics.values(), 20, "offline")
        shown = systemd.systemctl("show", "-P", "Result", "-P", "ExecMainStatus", systemd.name).stdout
        assert shown.split() == ["success", "0"]
    await broker.stop()


async def test_a_bridge_that_hangs_is_started_anew(tmp_path, home, broker):
    """SIGSTOP is what a hang looks like from outside."""
    if reason := lacking():
        skip(reason)
    files = {"token_file": "credential:ha.token"}
    bridge = Bridge(tmp_path, "hubs", home.url, home.token, broker.url, home_assistant=files)
    write_secret(tmp_path / "mqtt.pw", "unused")
    drop_in = DROP_IN.format(program=program(), folder=tmp_path) + "WatchdogSec=2\nRestartSec=0\n"
    async with Systemd(tmp_path / "systemd", UNIT, drop_in) as systemd:
        await systemd.until("active")
        await wait_until(lambda: "online: all states" in bridge.output(), 60, "the bridge to be online")
        # So long a bridge that turns would have been killed, too, if it did not say so.
        await lasts(3)
        assert bridge.output().count("info statebus ") == 1
        assert systemd.systemctl("kill", "--signal=STOP", systemd.name).returncode == 0
        await wait_until(lambda: bridge.output().count("info statebus ") == 2, 60, "another start")
        await wait_until(lambda: bridge.output().count("online: all states") == 2, 60, "it to be online")
