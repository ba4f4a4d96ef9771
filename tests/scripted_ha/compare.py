"""Holds the scripted Home Assistant against a real one: the same dialogue, the same bytes.

    tests/scripted_ha/compare.py PROGRAM [VERSION ...]

PROGRAM is the built scripted_ha. It plays the house of the real instance, both are told the same,
and every message must be the same text once ids, times and tokens are masked. Differences are
printed as a diff, and the exit code is then 1. It needs aiohttp, like the harness.
"""

from __future__ import annotations

import asyncio
import difflib
import json
import re
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

import aiohttp
from compare_steps import DIALOGUES
from harness.environments import NEWEST, OLDEST, environment
from harness.home_assistant import HomeAssistant

YAML = "demo:\ninput_boolean: {guests: {name: Guests}, second: {name: Second}}\n"

# Left: what each run makes anew. Right: what stands for it.
MASKS = [
    (r'"01[0-9A-Z]{24}"', '"ULID"'),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00", "TIME"),
    (r'"(lc|lu|created_at|modified_at)":\d+\.\d+', r'"\1":TIME'),
    (r'"eyJ[^"]*"', '"TOKEN"'),
]


def masked(text: str) -> str:
    for pattern, replacement in MASKS:
        text = re.sub(pattern, replacement, text)
    return text


class Side:
    """One of the two instances, its client and what that client has heard since the last look."""

    def __init__(self, http, url: str, token: str):
        self.http, self.url, self.token = http, url, token
        self.socket: aiohttp.ClientWebSocketResponse | None = None

    async def connect(self) -> None:
        self.socket = await self.http.ws_connect(f"{self.url}/api/websocket", max_msg_size=0)

    async def heard(self, quiet: float = 0.3) -> list[str]:
        """The messages until nothing comes for `quiet` seconds, masked."""
        found = []
        while not self.socket.closed:
            try:
                message = await self.socket.receive(timeout=quiet)
            except asyncio.TimeoutError:
                break
            if message.type == aiohttp.WSMsgType.TEXT:
                found.append(masked(message.data))
            else:
                found.append(f"({message.type.name} {self.socket.close_code})")
        return found


class Scripted:
    """The program, and its control lines."""

    def __init__(self, program: str, house: Path):
        self.command = [program, "--house", str(house)]

    async def start(self) -> str:
        pipe = asyncio.subprocess.PIPE
        self.child = await asyncio.create_subprocess_exec(*self.command, stdin=pipe, stdout=pipe)
        first = (await self.child.stdout.readline()).decode()
        return first.split()[-1].replace("ws://", "http://")

    async def tell(self, line: dict) -> None:
        self.child.stdin.write(json.dumps(line).encode() + b"\n")
        while True:
            answer = json.loads(await self.child.stdout.readline())
            if "error" in answer:
                raise RuntimeError(f"{line}: {answer['error']}")
            if answer.get("ok"):
                return

    async def stop(self) -> None:
        self.child.stdin.close()
        await self.child.wait()


async def act(real: HomeAssistant, scripted: Scripted, step: tuple) -> None:
    (target, body), line = step
    if target.startswith("DELETE "):
        url = real.url + target.removeprefix("DELETE ")
        headers = {"Authorization": f"Bearer {real.client.token}"}
        async with aiohttp.request("DELETE", url, headers=headers) as response:
            response.raise_for_status()
    elif target.startswith("/"):
        await real.client.post(target, body)
    else:
        await real.client.ask(target, **body)
    await scripted.tell(line)


def shown(name: str, what, sides: list[list[str]]) -> bool:
    """Prints how the two differ; whether they do."""
    if sides[0] == sides[1]:
        return False
    print(f"--- {name}: {what}")
    # Messages can be long; a diff of their members shows the place.
    lines = ["\n".join(side).replace(',"', ',\n"').split("\n") for side in sides]
    for line in difflib.unified_diff(*lines, "real", "scripted", n=1, lineterm=""):
        print("   ", line[:300])
    return True


async def dialogue(
    name: str, steps: list, real: HomeAssistant, scripted: Scripted, sides: list[Side]
) -> int:
    """Plays one dialogue and gives the number of steps in which the two differ."""
    different = 0
    for side in sides:
        await side.connect()
    different += shown(name, "greeting", [await side.heard() for side in sides])
    for side in sides:
        await side.socket.send_json({"type": "auth", "access_token": side.token})
    different += shown(name, "login", [await side.heard() for side in sides])
    number = 0
    for step in steps:
        if isinstance(step, tuple):
            await act(real, scripted, step)
        else:
            if isinstance(step, dict):
                given = step.get("id")
                number = max(number, given) if isinstance(given, int) else number + 1
                step = json.dumps({"id": number, **step})
            else:
                number = max([number, *map(int, re.findall(r'"id":(\d+)', step))])
            for side in sides:
                await side.socket.send_str(step)
        different += shown(name, step, [await side.heard() for side in sides])
    for side in sides:
        await side.socket.close()
    return different


async def house_file(real: HomeAssistant, folder: Path) -> Path:
    """What the real instance holds, as a house file."""
    house = {"token": real.client.token, "location_name": "compare"}
    house["version"] = (await real.client.get("/api/config"))["version"]
    user = await real.client.ask("auth/current_user")
    house["user_id"] = user["id"]
    for plural, name in (("entities", "entity"), ("devices", "device"), ("areas", "area")):
        house[plural] = await real.client.ask(f"config/{name}_registry/list")
    house["states"] = await real.client.states()
    path = folder / "house.json"
    path.write_text(json.dumps(house))
    return path


async def compare(program: str, version: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        real = HomeAssistant("compare", environment(version), Path(folder) / "real", YAML)
        await real.start()
        scripted = Scripted(program, await house_file(real, Path(folder)))
        url = await scripted.start()
        different = 0
        async with aiohttp.ClientSession() as http:
            sides = [Side(http, base, real.client.token) for base in (real.url, url)]
            for name, steps in DIALOGUES.items():
                different += await dialogue(name, steps, real, scripted, sides)
        await scripted.stop()
        await real.stop()
    steps = sum(map(len, DIALOGUES.values()))
    print(f"{version}: {different} of {steps} steps differ")
    return different


async def main(program: str, *versions: str) -> int:
    different = 0
    for version in versions or (OLDEST, NEWEST):
        different += await compare(program, version)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
