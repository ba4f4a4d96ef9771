"""Brokers that are no Mosquitto, each in a Debian root or a Python environment of its own, made once."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

from harness.environments import Unavailable, cache_dir, debian_root, package_version, run
from harness.process import UNSHARE, Process, free_port, wait_until
from harness.skips import skip

# $0 is the root, $1 the folder with the configuration, $2 the name of the package's folders and of its user.
# What the broker writes is in memory, and gone with it. The shell stays (no exec): a namespace ends with its
# first process, and a broker that has changed its user is not told when the test ends.
ENTER = (
    'mount -t proc proc "$0/proc" && for each in lib log; do '
    'mount -t tmpfs tmpfs "$0/var/$each/$2" && chroot "$0" chown "$2:" "/var/$each/$2" || exit 1; done; '
    'mount --bind "$1" "$0/etc/$2" && chroot "$0" chown -R "$2:" "/etc/$2" && '
    'chroot "$0" setpriv --reuid "$2" --regid "$2" --init-groups env -i '
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME="/var/lib/$2" $3; exit'
)


class Tried:
    """What a house needs of its broker, as a Mosquitto has it."""

    package = ""
    watcher: tuple[str, str] | None = None  # the login of those who look on

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self.process: Process | None = None

    def version(self) -> str:
        raise NotImplementedError

    def command(self) -> list[str]:
        """What starts it; writes its configuration into `folder`."""
        raise NotImplementedError

    async def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = Process(self.package, self.command(), self.folder.with_suffix(".log"))
        await self.process.start()
        await wait_until(lambda: self.process.listens(self.port), 90, f"{self.package} on port {self.port}")

    async def stop(self, **kwargs) -> None:
        if self.process is not None:
            await self.process.stop(**{"number": signal.SIGKILL, **kwargs})


class Rooted(Tried):
    """Of a Debian suite."""

    name = ""  # of its folders below /etc, /var/lib and /var/log, and of its user
    suite = "bookworm"

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.root = debian_root(self.suite, self.package, folder=f"{self.package}-{self.suite}")
        (self.root / "etc/hosts").write_text("127.0.0.1 localhost\n")  # Erlang asks for its node's name

    def version(self) -> str:
        return package_version(self.root, self.package)

    def command(self) -> list[str]:
        enter = [*UNSHARE, "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER]
        return [*enter, str(self.root), str(self.folder), self.name, self.configure()]

    def configure(self) -> str:
        """Writes the configuration; the command that starts it inside."""
        raise NotImplementedError


class Ejabberd(Rooted):
    package = name = "ejabberd"
    watcher = ("watcher", "any")  # it lets nobody in without a name
    settings = "match_retained_limit: infinity, max_queue: 100000"

    def configure(self) -> str:
        (self.folder / "ejabberd.yml").write_text(
            "hosts: [localhost]\n"
            "auth_method: [anonymous]\nanonymous_protocol: login_anon\nallow_multiple_connections: true\n"
            f"listen: [{{port: {self.port}, ip: 127.0.0.1, module: mod_mqtt}}]\n"
            f"modules: {{mod_mqtt: {{{self.settings}}}}}\n"
        )
        # Other nodes of this machine are none of its.
        (self.folder / "ejabberdctl.cfg").write_text(f"ERLANG_NODE=test{self.port}@localhost\n")
        return "ejabberdctl foreground"


class RabbitMQ(Rooted):
    package = "rabbitmq-server"
    name = "rabbitmq"
    watcher = ("guest", "guest")

    def configure(self) -> str:
        (self.folder / "enabled_plugins").write_text("[rabbitmq_mqtt].\n")
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp = none\nmqtt.listeners.tcp.default = 127.0.0.1:{self.port}\n"
        )
        environment = f"NODENAME=test{self.port}@localhost\nDIST_PORT={free_port()}\n"
        (self.folder / "rabbitmq-env.conf").write_text(environment)
        return "/usr/lib/rabbitmq/bin/rabbitmq-server"


class NewRabbitMQ(RabbitMQ):
    suite = "forky"


class Amqtt(Tried):
    """Of PyPI."""

    package = "amqtt"

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.home = cache_dir() / f"amqtt-{self.version()}"
        done = self.home / ".complete"
        if done.exists():
            return
        shutil.rmtree(self.home, ignore_errors=True)
        run(["python3", "-m", "venv", self.home], "making a virtual environment")
        run([self.home / "bin/pip", "install", "--quiet", f"amqtt=={self.version()}"], "pip install amqtt")
        done.touch()

    def version(self) -> str:
        return "0.12.1"

    def command(self) -> list[str]:
        config = self.folder / "amqtt.yaml"
        config.write_text(
            f"listeners: {{default: {{type: tcp, bind: '127.0.0.1:{self.port}'}}}}\n"
            "plugins: {amqtt.plugins.authentication.AnonymousAuthPlugin: {allow_anonymous: true}}\n"
        )
        return [str(self.home / "bin/amqtt"), "-c", str(config)]


def made(kind: type[Tried], folder: Path) -> Tried:
    """That broker, or a skip with the reason; under STATEBUS_NO_SKIPS a failure."""
    try:
        return kind(folder)
    except Unavailable as reason:
        skip(f"{kind.package} cannot be had: {reason}")
