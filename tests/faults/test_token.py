"""`statebus token`: a login, a file that its owner alone can read, and clear words when it fails."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest

from harness.bridge import program, write_secret
from harness.login_door import LoginDoor
from harness.process import free_port
from harness.scripted import ScriptedHomeAssistant


@pytest.fixture
async def door(tmp_path):
    async with ScriptedHomeAssistant(tmp_path / "ha", "--demo") as home, LoginDoor(home) as door:
        yield door


async def token(tmp_path: Path, url: str, *options: str, password: str = "demo") -> tuple[int, str, str]:
    """The exit code, standard output and standard error."""
    write_secret(tmp_path / "password", password + "\n")
    login = ["--username", "demo", "--password-file", tmp_path / "password"]
    command = [program(), "token", url, *login, *options]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*map(str, command), stdout=pipe, stderr=pipe)
    out, err = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode, out.decode(), err.decode()


async def test_the_token_is_printed_alone_and_the_login_ended(tmp_path, door):
    code, out, err = await token(tmp_path, door.url)
    assert code == 0, err
    assert len(out.split()) == 1
    assert door.revoked == ["refresh"]


async def test_a_file_gets_the_token_and_is_its_owners_alone(tmp_path, door):
    file = tmp_path / "ha.token"
    file.write_text("an old token that is longer than any new one will be, by far, and more\n" * 10)
    file.chmod(0o644)
    code, out, err = await token(tmp_path, door.url, "--write", str(file))
    assert code == 0, err
    assert out == "" and "secret" not in err
    assert len(file.read_text().split()) == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_file_that_cannot_be_written_is_told_before_any_login(tmp_path, door):
    file = tmp_path / "nowhere" / "ha.token"
    code, _, err = await token(tmp_path, door.url, "--write", str(file))
    assert code == 2
    assert str(file) in err and "No such file or directory" in err
    assert door.logins == 0


async def test_a_wrong_password_is_told_and_leaves_the_file_as_it_was(tmp_path, door):
    file = tmp_path / "ha.token"
    file.write_text("old\n")
    code, _, err = await token(tmp_path, door.url, "--write", str(file), password="wrong")
    assert code == 1
    assert "user name or password is wrong" in err
    assert file.read_text() == "old\n"
    assert door.logins == 1


async def test_who_does_not_answer_is_named(tmp_path):
    url = f"http://127.0.0.1:{free_port()}"
    code, _, err = await token(tmp_path, url)
    assert code == 1
    assert url in err and "refused" in err


async def test_an_address_that_is_none_is_wrong_use(tmp_path):
    for url in ("127.0.0.1:8123", "ftp://127.0.0.1", "http://::1", "http://127.0.0.1:port"):
        code, _, err = await token(tmp_path, url)
        assert code == 2, url
        assert url in err
