"""Files of secrets that hold something else, and what of a secret is ever shown: nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from harness.bad_input_table import Row, same_everywhere
from harness.bridge import Bridge, clean_environment, program, write_secret
from harness.process import wait_until

TOKEN_FILE = "the file of the token"
PASSWORD_FILE = "the file of the password"
REFUSED = "the program ends with code 2 and shows nothing of the file"
SECRET = "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0"


def token(what: str, message: str = "") -> Row:
    return Row("B23", TOKEN_FILE, what, message, REFUSED)


def password(what: str, message: str = "") -> Row:
    return Row("B23", PASSWORD_FILE, what, message, REFUSED)


CASES = [
    (f"{SECRET}\n{SECRET}\n", token("two lines",
         "statebus: FOLDER/statebus.yaml:2:43: home_assistant.token_file names FOLDER/bad, "
         "which holds more than one word")),
    (f"{SECRET[:9]} {SECRET[9:]}", token("a blank within",
         "statebus: FOLDER/statebus.yaml:2:43: home_assistant.token_file names FOLDER/bad, "
         "which holds more than one word")),
    (SECRET * 3_500, token("100 kB",
         "statebus: FOLDER/statebus.yaml:2:43: home_assistant.token_file names FOLDER/bad, "
         "which holds more than 4096 bytes and so no secret")),
    ("", token("nothing",
         "statebus: FOLDER/statebus.yaml:2:43: home_assistant.token_file names FOLDER/bad, "
         "which is empty")),
    (" \r\n\t\n", token("nothing but white space",
         "statebus: FOLDER/statebus.yaml:2:43: home_assistant.token_file names FOLDER/bad, "
         "which is empty")),
    (Path("/dev/zero"), token("a device without an end",
         "statebus: FOLDER/statebus.yaml:2:43: home_assistant.token_file names /dev/zero, "
         "which holds more than 4096 bytes and so no secret")),
    (Path("/"), token("a folder",
         "statebus: FOLDER/statebus.yaml:2:43: home_assistant.token_file names /, which "
         "cannot be read")),
    (Path("/no/such/file"), token("a file that there is not",
         "statebus: FOLDER/statebus.yaml:2:43: home_assistant.token_file names /no/such/file, "
         "which is not there or not to be reached (paths are relative to the configuration "
         "file)")),
    (f"{SECRET}\n{SECRET}\n", password("two lines",
         "statebus: FOLDER/statebus.yaml:3:43: broker.password_file names FOLDER/bad, which "
         "holds more than one line")),
    (SECRET * 3_500, password("100 kB",
         "statebus: FOLDER/statebus.yaml:3:43: broker.password_file names FOLDER/bad, which "
         "holds more than 4096 bytes and so no secret")),
    ("", password("nothing",
         "statebus: FOLDER/statebus.yaml:3:43: broker.password_file names FOLDER/bad, which "
         "is empty")),
]
TAKEN = [
    Row("B23", TOKEN_FILE, "white space around the token", "", "the token is taken without it"),
    Row("B23", TOKEN_FILE, "a token that is of another Home Assistant",
        "Home Assistant at ws://127.0.0.1:PORT: it refuses the bridge: it does not accept the token (Invalid "
        "access token or password); make a new one with `statebus token ws://127.0.0.1:PORT` and put it into "
        "home_assistant.token_file. The next attempt is in 15 minutes, at a restart of the bridge, or with "
        "another token at a reload (SIGHUP)",
        "one login, and the next a quarter of an hour later; the token is not shown"),
]  # fmt: skip
TABLES = {
    "test_a_file_that_holds_no_secret_is_refused": [row for _, row in CASES],
    "test_white_space_around_a_token_does_not_matter": TAKEN[:1],
    "test_a_token_that_is_not_taken_is_not_shown": TAKEN[1:],
}


def refusal(folder: Path, row: Row, content: str | Path) -> str:
    write_secret(folder / "good", "good-secret")
    bad = content if isinstance(content, Path) else folder / "bad"
    if bad is not content:
        write_secret(bad, content)
    names = {TOKEN_FILE: (bad, "good"), PASSWORD_FILE: ("good", bad)}[row.door]
    file = folder / "statebus.yaml"
    file.write_text(
        f"instance: edge\nhome_assistant: {{url: ws://h, token_file: {names[0]}}}\n"
        f"broker: {{urls: [mqtt://h], password_file: {names[1]}}}\n"
    )
    command = [program(), "run", "-c", file]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env=clean_environment())
    assert done.returncode == 2, done
    assert SECRET[:9] not in done.stdout + done.stderr and "good-secret" not in done.stderr
    return same_everywhere(done.stderr.strip(), folder)


@pytest.mark.parametrize("content, row", CASES, ids=lambda each: getattr(each, "input", ""))
def test_a_file_that_holds_no_secret_is_refused(tmp_path, keep, content, row):
    keep(row, refusal(tmp_path, row, content))


async def test_white_space_around_a_token_does_not_matter(tmp_path, keep, home, broker):
    bridge = Bridge(tmp_path, "edge", home.url, f"\n  {home.token}\r\n\n", broker.url, log={"level": "debug"})
    await bridge.start()
    await bridge.online()
    await bridge.stop()
    assert home.token not in bridge.output()
    keep(TAKEN[0], "\n".join(bridge.complaints()))


async def test_a_token_that_is_not_taken_is_not_shown(tmp_path, keep, home, broker):
    bridge = Bridge(tmp_path, "edge", home.url, SECRET, broker.url, log={"level": "debug"})
    await bridge.start()

    def told() -> str | None:
        return next((line for line in bridge.output().splitlines() if " error " in line), None)

    line = await wait_until(told, 30, "the refusal")
    await bridge.stop()
    assert SECRET not in bridge.output()
    keep(TAKEN[1], same_everywhere(line.split(" error ")[1]))
