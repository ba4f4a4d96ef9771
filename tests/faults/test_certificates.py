"""The bridge's own certificate and key: what cannot be used is told at the start, with its line."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from harness.bridge import program, write_secret
from harness.tls import Authority, openssl


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def files(tmp_path, authority) -> Path:
    """A folder with the certificate of a bridge and its key, and with some that are none of its own."""
    for name in ("hubs", "other"):
        certificate, key = authority.sign(name)
        (tmp_path / certificate.name).write_bytes(certificate.read_bytes())
        write_secret(tmp_path / key.name, key.read_text())
    openssl("ec", "-in", elliptic_key(tmp_path), "-out", tmp_path / "elliptic.key")
    openssl("rsa", "-aes128", "-passout", "pass:secret", "-in", tmp_path / "hubs.key",
            "-out", tmp_path / "locked.key")  # fmt: skip
    write_secret(tmp_path / "text", "no certificate and no key")
    write_secret(tmp_path / "ha.token", "token")
    return tmp_path


def elliptic_key(folder: Path) -> Path:
    openssl("ecparam", "-genkey", "-name", "prime256v1", "-out", folder / "raw.key")
    return folder / "raw.key"


def run(
    folder: Path, command: str, section: str, **keys: str
) -> tuple[subprocess.CompletedProcess, list[str]]:
    """What the command says of a configuration with these keys, and the lines of that."""
    config = {
        "instance": "hubs",
        "home_assistant": {"url": "wss://127.0.0.1:1", "token_file": "ha.token"},
        "broker": {"urls": ["mqtts://127.0.0.1:1"]},
    }
    config[section] |= keys
    file = folder / "statebus.yaml"
    file.write_text(yaml.safe_dump(config))
    arguments = [program(), command, "-c", file]
    # Without a terminal, a question for the passphrase would end at once; so it would with an empty answer.
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)
    return done, file.read_text().splitlines()


UNUSABLE = {
    "no certificate": ({"cert_file": "text", "key_file": "hubs.key"}, "cert_file", "certificate in PEM form"),
    "no key": ({"cert_file": "hubs.pem", "key_file": "text"}, "key_file", "no private key"),
    "another's key": ({"cert_file": "hubs.pem", "key_file": "other.key"}, "key_file", "another certificate"),
    "another kind of key": (
        {"cert_file": "hubs.pem", "key_file": "elliptic.key"},
        "key_file",
        "another certificate",
    ),
    "a locked key": ({"cert_file": "hubs.pem", "key_file": "locked.key"}, "key_file", "passphrase"),
    "no key in it": ({"cert_file": "hubs.pem"}, "cert_file", "name its file in key_file"),
    "a key alone": ({"key_file": "hubs.key"}, "key_file", "cert_file"),
}


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize("section", ["home_assistant", "broker"])
@pytest.mark.parametrize("case", UNUSABLE)
def test_a_certificate_or_key_that_cannot_be_used_is_told_with_its_line(files, command, section, case):
    keys, faulty, words = UNUSABLE[case]
    (files / "hubs.pem").chmod(0o600)  # where the key is looked for in it, it is a secret
    done, lines = run(files, command, section, **keys)
    assert done.returncode == 2, done
    assert f"{section}.{faulty} " in done.stderr and words in done.stderr, done.stderr
    number = done.stderr.split("statebus.yaml:")[1].split(":")[0]
    assert f"{faulty}: {keys[faulty]}" in lines[int(number) - 1]


@pytest.mark.parametrize("section", ["home_assistant", "broker"])
def test_a_certificate_with_its_key_is_taken(files, section):
    done, _ = run(files, "check", section, cert_file="hubs.pem", key_file="hubs.key")
    assert done.returncode == 1, done  # nobody answers
    assert "statebus.yaml is valid" in done.stdout


@pytest.mark.parametrize("section", ["home_assistant", "broker"])
def test_a_key_that_every_user_can_read_is_refused(files, section):
    (files / "hubs.key").chmod(0o644)
    done, _ = run(files, "check", section, cert_file="hubs.pem", key_file="hubs.key")
    assert done.returncode == 2 and f"{section}.key_file names " in done.stderr, done
    assert "every user" in done.stderr and "chmod 600" in done.stderr
