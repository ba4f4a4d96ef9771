"""A network of the test's own: a namespace behind a pair of virtual cables, where packets can be lost."""

from __future__ import annotations

import itertools
import os
import subprocess

import pytest

NUMBERS = itertools.count(1)


class Network:
    """`inside` is the address of whoever runs in it, `outside` this machine's for him.

    Nothing but this namespace knows the rules that are made here; the machine's own stay as they are.
    """

    def __init__(self):
        number = next(NUMBERS)
        # The process id keeps apart those that run side by side, by name and by address.
        self.name = f"sb{os.getpid()}n{number}"
        self._cable = f"sb{os.getpid() % 100000}c{number}"
        net = f"10.{200 + number % 50}.{os.getpid() % 250}"
        self.outside, self.inside = f"{net}.1", f"{net}.2"

    def __enter__(self) -> Network:
        needs_root("a network namespace of the test's own")
        try:
            self._make()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *_) -> None:
        self._remove()

    def _make(self) -> None:
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", self._cable, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        run("ip", "address", "add", f"{self.outside}/24", "dev", self._cable)
        run("ip", "link", "set", self._cable, "up")
        run("ip", "-n", self.name, "address", "add", f"{self.inside}/24", "dev", "eth0")
        run("ip", "-n", self.name, "link", "set", "eth0", "up")
        run("ip", "-n", self.name, "link", "set", "lo", "up")

    def _remove(self) -> None:
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True)
        subprocess.run(["ip", "link", "delete", self._cable], capture_output=True)

    @property
    def prefix(self) -> list[str]:
        """Put before a command, it makes that program run inside."""
        return ["ip", "netns", "exec", self.name]

    def lose(self, port: int, share: float = 1) -> None:
        """Loses that share of all packets to and from a port of this machine, without a word to anybody."""
        some = [] if share == 1 else ["-m", "statistic", "--mode", "random", "--probability", str(share)]
        for chain, side in (("INPUT", "--sport"), ("OUTPUT", "--dport")):
            run(*self.prefix, "iptables", "-A", chain, "-p", "tcp", side, str(port), *some, "-j", "DROP")

    def lose_nothing(self) -> None:
        run(*self.prefix, "iptables", "-F")


def needs_root(what: str) -> None:
    """Skips a test that cannot be made without; under STATEBUS_NO_SKIPS what it does next fails instead."""
    if os.geteuid() != 0 and "STATEBUS_NO_SKIPS" not in os.environ:
        pytest.skip(f"{what} needs root")


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
