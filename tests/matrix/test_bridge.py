"""Faults of the bridge's own process: killed, frozen, another time, no room, no descriptors, no memory."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from pathlib import Path

import pytest

from harness.mosquitto import DEFAULT_CONFIG, Listener, Mosquitto
from harness.network import needs_root
from harness.process import lasts, wait_until
from harness.skips import skip

from .commands import REFUSED, Commands
from .house import EVERYTHING, STATUS, House, now

INFO = "statebus/edge/info"

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)  # Debian's package faketime


async def kill_somewhere(house: House, chance: random.Random, commands: Commands) -> None:
    """Starts the bridge and kills it after some messages: few or many, as often the one as the other.

    A command comes on the way, which reaches a bridge that lives to run it, or does not, or nobody.
    """
    async with Listener(house.broker.port, *EVERYTHING, qos=0) as listener:
        begun = len(listener.messages)
        await house.bridge.start()
        some = int(10 ** chance.uniform(0, 3.5))

        def hears_commands() -> bool:
            return any(each.topic == INFO for each in listener.messages[begun:])

        await listener.until(hears_commands, 60, "its info")
        commands.send(times=2)
        await listener.until(lambda: len(listener.messages) - begun >= some, 60, f"{some} messages")
        house.bridge.kill()
        await house.bridge.process.wait(10)


@pytest.mark.parametrize("times", [4, pytest.param(20, marks=pytest.mark.full)])
async def test_f13_a_bridge_is_killed_at_random_points(house, row, times):
    await house.settle()
    chance = random.Random(13)
    house.bridge.kill()
    await house.bridge.process.wait(10)
    async with Listener(house.broker.port, REFUSED) as client:
        commands = Commands(house, client)
        for _ in range(times):
            for topic in await some_topics(house, chance):
                client.publish(topic, "", retain=True)
            await kill_somewhere(house, chance, commands)
        await house.bridge.start()
        outcome = await house.recovers(now(), notes=[f"killed {times + 1} times"])
        last = commands.send(times=2)
        await house.home.called(lambda call: call["service_data"].get("value") == last, 20)
        assert commands.twice() == []
        outcome.notes.append(commands.account())
        row("F13", "bridge killed while it starts, some topics lost", outcome)


async def some_topics(house: House, chance: random.Random) -> list[str]:
    """Of what the broker holds, up to all: so the next start has much or little to send."""
    async with Listener(house.broker.port, *EVERYTHING, qos=0) as listener:
        held = sorted(listener.topics)
        return chance.sample(held, chance.randint(0, len(held)))


async def test_f18_a_bridge_freezes(house, row):
    await house.settle()
    async with Listener(house.broker.port, STATUS, REFUSED, qos=0) as client:
        commands = Commands(house, client)
        house.bridge.process.signal(signal.SIGSTOP)
        late = commands.send(expiry=1)
        await client.until(lambda: client.topics.get(STATUS) == "offline", 20, "its will")
        await wait_until(commands.nobody_listens, 5, "the broker to forget the bridge")
        nobody_had = commands.send()
        house.bridge.process.signal(signal.SIGCONT)
        outcome = await house.recovers(now(), notes=["its will says offline after 1.5 × keepalive"])
        last = commands.send()
        await house.home.called(lambda call: call["service_data"].get("value") == last, 20)
        assert late not in commands.runs() and commands.met_nobody() == {nobody_had}
        outcome.notes.append(commands.account())
        row("F18", "bridge frozen (SIGSTOP) until the broker gave it up", outcome)


async def test_f19_the_clock_jumps_an_hour_on_and_back(house, row, tmp_path):
    """Only the wall clock: the one that timers go by has no jumps on any Linux."""
    assert FAKETIME is not None, "libfaketime is missing; run scripts/setup"
    clock = tmp_path / "clock"
    clock.write_text("+0")
    timers = tmp_path / "timers.so"
    source = Path(__file__).with_name("timers_of_the_kernel.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", timers, source], check=True)
    fake = {"LD_PRELOAD": f"{timers}:{FAKETIME}", "FAKETIME_TIMESTAMP_FILE": clock, "FAKETIME_NO_CACHE": 1,
            "FAKETIME_DONT_FAKE_MONOTONIC": 1}  # fmt: skip
    await house.settle(prefix=["env", *(f"{key}={value}" for key, value in fake.items())])
    async with Listener(house.broker.port, REFUSED, "statebus/edge/info", qos=0) as client:
        commands = Commands(house, client)
        for offset in ("+3600", "-3600", "+0"):
            clock.write_text(offset)
            number = commands.send()
            await house.home.called(lambda call: call["service_data"].get("value") == number, 20)
            await house.broker.stop(number=signal.SIGKILL)
            await house.said("connection was lost")
            await house.broker.start()
            await house.said("connected to the broker")
            house.fault_begins()
        outcome = await house.recovers(now())
        assert commands.twice() == [] and not commands.unanswered()
        outcome.notes.append(commands.account())
        row("F19", "the bridge's clock jumps ±1 h, broker killed each time", outcome)


async def test_f20_no_room_for_the_log_and_nothing_can_be_written(house, row):
    """It keeps nothing on the disk; the log is all that it writes, and each line of it fails here."""
    needs_root("a folder that nobody can write")
    bridge = house.make_bridge()
    script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@" >/dev/full 2>&1'
    await house.settle(bridge, ["unshare", "--mount", "sh", "-c", script, str(bridge.folder)])
    await house.broker.stop(number=signal.SIGKILL)
    await house.broker.start()
    row("F20", "disk full and read-only, broker killed", await house.recovers(now()))
    assert house.bridge.output() == "" and house.bridge.process.running


async def test_f21_no_file_descriptors_are_left(house, row):
    await house.settle()
    pid = house.bridge.process.pid
    limit = ["prlimit", "--pid", str(pid)]
    subprocess.run([*limit, "--nofile=4:1024"], check=True)
    await house.broker.stop(number=signal.SIGKILL)
    await house.home.send({"drop": True})
    await house.said("Home Assistant")
    await house.said("the broker")
    await house.broker.start()
    await lasts(3)
    assert house.bridge.process.running
    subprocess.run([*limit, "--nofile=1024:1024"], check=True)
    row("F21", "no file descriptors (RLIMIT_NOFILE)", await house.recovers(now()))


class MemoryLimit:
    """A control group of the test's own, of either version."""

    root = Path("/sys/fs/cgroup")

    def __init__(self):
        old = self.root / "memory"
        self.folder = (old if old.is_dir() else self.root) / f"statebus-test-{os.getpid()}"
        self.file = "memory.limit_in_bytes" if old.is_dir() else "memory.max"

    def __enter__(self) -> MemoryLimit:
        try:
            self.folder.mkdir()
            (self.folder / self.file).write_text(str(1 << 30))
        except OSError as reason:
            skip(f"no control group for memory can be made here: {reason}")
        return self

    def __exit__(self, *_) -> None:
        self.folder.rmdir()

    def set(self, size: int) -> None:
        (self.folder / self.file).write_text(str(size))

    @property
    def prefix(self) -> list[str]:
        return ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(self.folder / "cgroup.procs")]


async def test_f28_the_memory_of_its_group_is_used_up(tmp_path, row):
    # A default broker would not pass on so much at once, and whoever looks would see it as a loss.
    broker = Mosquitto(tmp_path / "broker", DEFAULT_CONFIG + "max_queued_messages 1000000\n")
    with MemoryLimit() as limit:
        async with House(tmp_path, broker=broker) as house:
            await use_up_memory(house, limit, row)


async def use_up_memory(house: House, limit: MemoryLimit, row) -> None:
    await house.settle(prefix=limit.prefix)
    limit.set(int((house.memory() + 8) * 1024 * 1024))
    large = {"state": "1", "attributes": {"text": "x" * 200_000}}
    for number in range(200):
        if not house.bridge.process.running:
            break
        await house.home.send({"set": {f"sensor.generated_{number}": large}})
    assert await house.bridge.process.wait(60) == -signal.SIGKILL
    limit.set(1 << 30)
    await house.bridge.start()
    row("F28", "killed for memory, started by its supervisor", await house.recovers(now()))
