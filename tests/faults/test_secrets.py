"""Where tokens and passwords may come from: files that are kept, and systemd's credentials."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
import yaml

from harness.bridge import Bridge, program, write_secret
from harness.config import MINIMAL, check
from harness.network import needs_root
from harness.process import wait_until

from .test_bad_starts import said

KEYS = {"home_assistant": "token_file", "broker": "password_file"}


def written(folder: Path, section: str, value: str, **more) -> Path:
    """A configuration that takes one of its secrets from `value`, and the other from a file that is kept."""
    write_secret(folder / "kept", "kept")
    config = {**MINIMAL, **more}
    for each, key in KEYS.items():
        config[each] = {**config[each], key: value if each == section else "kept"}
    file = folder / "statebus.yaml"
    file.write_text(yaml.safe_dump(config))
    return file


def verdict(folder: Path, section: str, value: str, env: dict[str, str] | None = None, **more):
    return check(["-c", str(written(folder, section, value, **more))], env, folder)


EVERY, CHANGE = "every user of this machine can read", "others than its owner can change"
REFUSED = {0o644: EVERY, 0o604: EVERY, 0o660: CHANGE, 0o606: CHANGE, 0o622: CHANGE}


@pytest.mark.parametrize("section", KEYS)
@pytest.mark.parametrize("mode", REFUSED, ids=oct)
def test_a_secret_that_is_not_kept_is_refused_with_its_line_and_the_remedy(tmp_path, section, mode):
    secret = tmp_path / "open"
    write_secret(secret, "secret")
    secret.chmod(mode)
    told = verdict(tmp_path, section, "open")
    assert not told.accepted
    assert f"{section}.{KEYS[section]} names {secret}" in told.text and "statebus.yaml:" in told.text
    assert REFUSED[mode] in told.text and f"(mode {mode:04o})" in told.text
    assert f"chmod 600 {secret}" in told.text


@pytest.mark.parametrize("section", KEYS)
@pytest.mark.parametrize("mode", [0o400, 0o600, 0o440, 0o640], ids=oct)
def test_a_secret_of_its_owner_and_its_group_is_taken(tmp_path, section, mode):
    write_secret(tmp_path / "mine", "secret")
    (tmp_path / "mine").chmod(mode)
    assert verdict(tmp_path, section, "mine").accepted


def test_a_key_takes_what_every_user_can_read_but_not_what_others_can_change(tmp_path):
    write_secret(tmp_path / "open", "secret")
    (tmp_path / "open").chmod(0o444)
    assert verdict(tmp_path, "broker", "open", secrets_readable_by_all=True).accepted
    assert verdict(tmp_path, "broker", "open", {"STATEBUS_SECRETS_READABLE_BY_ALL": "true"}).accepted
    (tmp_path / "open").chmod(0o666)
    assert not verdict(tmp_path, "broker", "open", secrets_readable_by_all=True).accepted


def test_where_containers_have_their_secrets_every_mode_is_taken(tmp_path):
    """Docker and Podman mount them there, for root and with mode 0444."""
    needs_root("a mount of the test's own at /run")
    config = written(tmp_path, "broker", "/run/secrets/mqtt.pw")
    other = tmp_path / "other"
    other.mkdir()
    elsewhere = written(other, "broker", "/run/elsewhere")
    script = (
        "mount -t tmpfs tmpfs /run && mkdir /run/secrets && echo secret > /run/secrets/mqtt.pw && "
        f"cp /run/secrets/mqtt.pw /run/elsewhere && chmod 444 /run/secrets/mqtt.pw /run/elsewhere && "
        f"{program()} check -c {config}; {program()} check -c {elsewhere}"
    )
    command = ["unshare", "--mount", "sh", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert f"{config} is valid" in done.stdout, done
    assert "/run/elsewhere, which every user" in done.stderr, done


@pytest.fixture
def credentials(tmp_path) -> Path:
    """A folder as systemd hands it over: to be read by the service alone."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "secret").touch(mode=0o400)
    (folder / "secret").write_text("secret\n")
    folder.chmod(0o500)
    return folder


@pytest.mark.parametrize("section", KEYS)
def test_a_credential_of_systemd_is_taken_by_its_name(tmp_path, credentials, section):
    env = {"CREDENTIALS_DIRECTORY": str(credentials)}
    assert verdict(tmp_path, section, "credential:secret", env).accepted
    lacking = verdict(tmp_path, section, "credential:other", env)
    assert not lacking.accepted and "LoadCredential=other:" in lacking.text
    named = f"{section}.{KEYS[section]} names the credential other"
    assert f"{named}, which is not in {credentials}" in lacking.text
    for name in ("", "../statebus.yaml"):
        assert "credential:NAME" in verdict(tmp_path, section, f"credential:{name}", env).text


def test_without_systemd_there_is_no_credential(tmp_path):
    config = written(tmp_path, "broker", "credential:secret")
    env = {key: value for key, value in os.environ.items() if key != "CREDENTIALS_DIRECTORY"}
    command = [program(), "run", "-c", config]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=20)
    assert done.returncode == 2
    assert "$CREDENTIALS_DIRECTORY is not set" in done.stderr and "LoadCredential=secret:" in done.stderr


async def test_a_bridge_runs_with_credentials_alone(tmp_path, home, broker, credentials, monkeypatch):
    (credentials / "secret").chmod(0o600)
    (credentials / "secret").write_text(home.token)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    settings = {"home_assistant": {"token_file": "credential:secret"}}
    bridge = Bridge(tmp_path / "bridge", "hubs", home.url, "another", broker.url, **settings)
    await bridge.start()
    await bridge.online()
    await bridge.stop()


async def test_a_token_that_was_opened_to_all_meanwhile_is_used_no_more(tmp_path, home, broker):
    bridge = Bridge(tmp_path / "bridge", "hubs", home.url, home.token, broker.url)
    await bridge.start()
    await bridge.online()
    token = bridge.folder / "ha.token"
    token.chmod(0o644)
    await home.stop()
    await home.start()
    await said(bridge, "does not log in", f"home_assistant.token_file names {token}", "chmod 600")
    token.chmod(0o600)
    bridge.process.signal(1)
    await wait_until(lambda: bridge.output().count("connected to Home Assistant") == 2, 30, "the next login")
    await bridge.stop()


def test_the_program_takes_what_it_has_written(tmp_path):
    options = ["--instances", "hubs", "--output", tmp_path / "acl", "--passwords", tmp_path / "pw"]
    subprocess.run([program(), "acl", *options], check=True, capture_output=True)
    password = tmp_path / "pw" / "hubs.pw"
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    assert verdict(tmp_path, "broker", str(password)).accepted
