"""A Mosquitto of the test's own, and reading from and writing to it as any user would."""

from __future__ import annotations

import asyncio
import getpass
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.subscribeoptions import SubscribeOptions

from .process import Process, free_port, wait_until

# What we ship for users says no more than this about limits: a default broker must do.
DEFAULT_CONFIG = "listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n"


def program() -> str:
    return shutil.which("mosquitto") or "/usr/sbin/mosquitto"


class Mosquitto:
    """One broker with its own port, folder and log."""

    watcher: tuple[str, str] | None = None  # the login of those who look on, where nobody gets in without

    def __init__(self, folder: Path, config: str = DEFAULT_CONFIG):
        self.folder = folder
        self.port = free_port()
        self.config = config
        self.command = [program()]  # of another release, if a test sets it
        self.process: Process | None = None

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "mosquitto.conf"
        # As its own user Mosquitto would not end with the test run: the kernel forgets that wish when a
        # program changes its user.
        me = getpass.getuser()
        file.write_text(self.config.format(port=self.port, folder=self.folder) + f"user {me}\n")
        self.process = Process("Mosquitto", [*self.command, "-c", str(file)], self.folder / "mosquitto.log")
        await self.process.start()
        await wait_until(lambda: self.process.listens(self.port), 10, f"Mosquitto on port {self.port}")

    async def stop(self, **kwargs) -> None:
        if self.process is not None:
            await self.process.stop(**kwargs)


class RestrictedMosquitto(Mosquitto):
    """A broker whose user "hubs" may do what `rules` say; without a name all is allowed."""

    password = "secret"
    login = {"broker": {"username": "hubs", "password_file": "mqtt.pw"}}  # a bridge's settings

    def __init__(self, folder: Path, rules: str):
        files = "password_file {folder}/users\nacl_file {folder}/acl\n"
        super().__init__(folder, DEFAULT_CONFIG + files)
        folder.mkdir(parents=True, exist_ok=True)
        users = folder / "users"
        users.touch(mode=0o600)
        subprocess.run(["mosquitto_passwd", "-b", users, "hubs", self.password], check=True)
        self.allow(rules)

    def allow(self, rules: str) -> None:
        """Takes effect at the next start."""
        # What stands before the first user holds for those without a name, the test itself.
        (self.folder / "acl").write_text(f"topic readwrite #\nuser hubs\n{rules}")


class GuardedMosquitto(Mosquitto):
    """A broker that lets nobody in but the users of these files, with the rights that they give."""

    def __init__(self, folder: Path, access_list: Path, passwords: Path):
        files = f"allow_anonymous false\nacl_file {access_list}\npassword_file {passwords}\n"
        super().__init__(folder, DEFAULT_CONFIG.replace("allow_anonymous true\n", files))


@dataclass
class Arrived:
    topic: str
    payload: str
    retained: bool
    qos: int
    properties: object = None


class Listener:
    """An MQTT 5 client that keeps what arrives: the newest of each topic, and all in their order.

    Once entered, it has all that the broker retains: a message of its own comes after all of it.
    """

    def __init__(
        self,
        port: int,
        *filters: str,
        qos: int = 1,
        retained: bool = True,
        login: tuple[str, str] | None = None,
        marker: str = "harness/complete",  # below which that message is sent
    ):
        self.topics: dict[str, str] = {}
        self.reasons: dict[str, int] = {}  # what the broker answered to what was published, by topic
        self.answers: dict[int, int] = {}  # the same by the number that `publish` gave
        self.messages: list[Arrived] = []
        self._filters = filters
        self._qos = qos
        self._retained = retained
        self._port = port
        self._loop = asyncio.get_running_loop()
        self._subscribed = asyncio.Event()
        self._complete = asyncio.Event()
        self._marker = f"{marker}/{id(self)}"
        self._news = asyncio.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._loop.call_soon_threadsafe(self._subscribed.set)
        self._client.on_message = self._on_message
        self._client.on_publish = self._on_publish
        self._sent: dict[int, str] = {}
        if login:
            self._client.username_pw_set(*login)

    async def __aenter__(self) -> Listener:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        await asyncio.wait_for(self._subscribed.wait(), 10)
        if self._filters:
            self._client.publish(self._marker, "1", qos=self._qos)
            await asyncio.wait_for(self._complete.wait(), 30)
        return self

    async def __aexit__(self, *_) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client, *_) -> None:
        if not self._filters:
            self._loop.call_soon_threadsafe(self._subscribed.set)
            return
        handling = SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE
        if not self._retained:
            handling = SubscribeOptions.RETAIN_DO_NOT_SEND
        options = SubscribeOptions(qos=self._qos, retainAsPublished=True, retainHandling=handling)
        client.subscribe([(each, options) for each in (*self._filters, self._marker)])

    def _on_message(self, _client, _userdata, message) -> None:
        # Pictures are no text: encoding it the same way gives their bytes back.
        payload = message.payload.decode(errors="surrogateescape")
        arrived = Arrived(message.topic, payload, message.retain, message.qos, message.properties)
        self._loop.call_soon_threadsafe(self._take, arrived)

    def _on_publish(self, _client, _userdata, number, reason, _properties) -> None:
        self._loop.call_soon_threadsafe(self._answered, number, reason.value)

    def _answered(self, number: int, reason: int) -> None:
        # Comes on the loop, so that `publish` has noted the number.
        self.reasons[self._sent.pop(number, "")] = reason
        self.answers[number] = reason
        self._news.set()

    def _take(self, arrived: Arrived) -> None:
        if arrived.topic == self._marker:
            self._complete.set()
            return
        self.messages.append(arrived)
        if arrived.payload:
            self.topics[arrived.topic] = arrived.payload
        else:
            self.topics.pop(arrived.topic, None)
        self._news.set()

    async def until(self, condition, timeout: float, what: str):
        """Waits, message by message, until `condition` gives a true value."""

        async def wait():
            while not (value := condition()):
                self._news.clear()
                await self._news.wait()
            return value

        try:
            return await asyncio.wait_for(wait(), timeout)
        except asyncio.TimeoutError:
            raise TimeoutError(f"waited {timeout:g} s in vain for {what}") from None

    async def news(self) -> None:
        """Waits for the next message."""
        self._news.clear()
        await self._news.wait()

    def publish(
        self, topic: str, payload: str, retain: bool = False, expiry: int | None = None, **more: str | bytes
    ) -> int:
        """`more` are properties of MQTT 5 by name, such as ResponseTopic. Gives the message's number."""
        properties = Properties(PacketTypes.PUBLISH)
        if expiry is not None:
            properties.MessageExpiryInterval = expiry
        for name, value in more.items():
            setattr(properties, name, value)
        sent = self._client.publish(topic, payload, qos=1, retain=retain, properties=properties)
        self._sent[sent.mid] = topic
        return sent.mid
