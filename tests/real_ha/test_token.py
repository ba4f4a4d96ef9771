"""`statebus token` at real Home Assistant: the token works, and a second of its name is refused clearly."""

from __future__ import annotations

import subprocess

import pytest

from conftest import home_assistant_environment
from harness.bridge import program, write_secret
from harness.client import Client
from harness.environments import NEWEST, OLDEST
from harness.home_assistant import LOGIN, HomeAssistant


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
async def test_a_token_that_was_made_logs_in(work, version):
    folder = work / f"new-token-{version}"
    home = HomeAssistant("edge", home_assistant_environment(version), folder / "edge")
    try:
        await home.start()
        file = folder / "ha.token"
        assert make(home, file).returncode == 0
        async with Client(home.url, file.read_text().strip()) as client:
            assert (await client.get("/api/config"))["state"] == "RUNNING"
        again = make(home, file)
        assert again.returncode == 1 and "--name" in again.stderr
        wrong = make(home, file, "wrong")
        assert wrong.returncode == 1 and "user name or password is wrong" in wrong.stderr
    finally:
        await home.stop()


def make(
    home: HomeAssistant, file, password: str = LOGIN["password"], username: str = LOGIN["username"]
) -> subprocess.CompletedProcess:
    secret = file.with_name("password")
    write_secret(secret, password)
    command = [program(), "token", home.url, "--username", username, "--password-file", secret]
    return subprocess.run([*command, "--write", file], capture_output=True, text=True, timeout=60)
