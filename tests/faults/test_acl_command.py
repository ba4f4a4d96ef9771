"""`statebus acl` itself: which files it writes, and what it refuses."""

from __future__ import annotations

import re

import pytest

from .test_acl import acl


def test_a_password_that_is_there_stays_and_so_do_other_users(tmp_path):
    secrets = tmp_path / "secrets"
    assert acl("--instances", "hubs", "--passwords", secrets).returncode == 0
    assert {each.name for each in secrets.iterdir()} == {"hubs.pw", "passwords"}
    assert {oct(each.stat().st_mode & 0o777) for each in secrets.iterdir()} == {"0o600"}
    assert secrets.stat().st_mode & 0o777 == 0o700
    first = (secrets / "hubs.pw").read_text()
    assert re.fullmatch(r"[\w-]{32}\n", first)
    with (secrets / "passwords").open("a") as file:
        file.write("zigbee2mqtt:$7$101$a$b\n")
    assert acl("--instances", "hubs,media", "--passwords", secrets).returncode == 0
    assert (secrets / "hubs.pw").read_text() == first
    hashes = (secrets / "passwords").read_text()
    assert re.findall(r"^(\w+):", hashes, re.M) == ["hubs", "media", "zigbee2mqtt"]
    (secrets / "hubs.pw").unlink()
    assert acl("--instances", "hubs", "--passwords", secrets).returncode == 0
    assert (secrets / "hubs.pw").read_text() != first


def test_a_file_that_is_there_is_not_written_over_unless_forced(tmp_path):
    file = tmp_path / "acl"
    file.write_text("mine")
    arguments = "--instances", "hubs", "--output", file
    done = acl(*arguments, "--passwords", tmp_path / "secrets")
    assert done.returncode == 2 and "--force" in done.stderr and str(file) in done.stderr
    assert file.read_text() == "mine" and not (tmp_path / "secrets").exists()
    assert acl(*arguments, "--force").returncode == 0
    assert "user hubs" in file.read_text() and list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("name", ["+", "#", "hubs/+", "Hubs", "a b", "a\ntopic readwrite #", "ha%u", ""])
def test_a_name_that_could_be_more_than_a_name_is_refused(name):
    for option in ("--instances", "--home-assistant", "--monitor", "--consumes"):
        done = acl("--instances", "hubs", option, name)
        if option == "--monitor" and not name:
            continue  # without one
        assert done.returncode == 2 and done.stdout == "", (option, done.stdout)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--consumes", "main"], "--consumes: main is none of --instances"),
        (["--monitor", "hubs"], "--monitor: hubs is named already"),
        (["--calls", "ha"], "--calls: there is no user 'ha'"),
        (["--prefix", "home/#"], "--prefix: 'home/#' is none"),
        (["--home-assistant", "ha=+"], "--home-assistant: '+' is none"),
    ],
)
def test_wrong_use_is_told(arguments, text):
    done = acl("--instances", "hubs,media", *arguments)
    assert done.returncode == 2 and done.stdout == "" and text in done.stderr


def test_without_a_folder_the_commands_for_passwords_are_shown(tmp_path):
    done = acl("--instances", "hubs", "--home-assistant", "ha")
    file = "/etc/mosquitto/passwords"
    commands = f"mosquitto_passwd -c {file} hubs", f"mosquitto_passwd {file} ha", f"chown mosquitto {file}"
    assert "".join(f"  {command}\n" for command in commands) in done.stderr
    assert "  allow_anonymous false\n  acl_file" in done.stderr and f"  password_file {file}\n" in done.stderr
