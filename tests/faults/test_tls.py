"""TLS on both sides: who cannot prove to be the host that was asked for is not talked to."""

from __future__ import annotations

import pytest

from harness.bridge import Bridge
from harness.mosquitto import Mosquitto
from harness.process import free_port
from harness.scripted import ScriptedHomeAssistant
from harness.tls import Authority, TlsDoor

from .test_bad_starts import complaints, said

CONFIG = """\
listener {{port}} 127.0.0.1
certfile {certificate}
keyfile {key}
cafile {authority}
require_certificate {required}
use_identity_as_username {required}
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
async def home(tmp_path):
    async with ScriptedHomeAssistant(tmp_path / "ha", "--demo") as home:
        yield home


async def tls_broker(folder, authority: Authority, name: str, required: bool = False) -> Mosquitto:
    certificate, key = authority.sign(name)
    config = CONFIG.format(
        certificate=certificate, key=key, authority=authority.certificate, required=str(required).lower()
    )
    broker = Mosquitto(folder, config)
    await broker.start()
    return broker


async def test_broker_and_home_assistant_with_certificates_of_an_own_authority(tmp_path, authority, home):
    broker = await tls_broker(tmp_path / "broker", authority, "localhost", required=True)
    certificate, key = authority.sign("hubs")
    async with TlsDoor(home.port, *authority.sign("localhost")) as door:
        bridge = Bridge(
            tmp_path / "bridge",
            "hubs",
            f"https://localhost:{door.port}",
            home.token,
            f"mqtts://localhost:{broker.port}",
            home_assistant={"ca_file": str(authority.certificate)},
            broker={
                "ca_file": str(authority.certificate),
                "cert_file": str(certificate),
                "key_file": str(key),
            },
        )
        await bridge.start()
        await bridge.online()
        assert complaints(bridge) == []
        await bridge.stop()
    await broker.stop()


async def test_a_broker_with_the_certificate_of_another_host_is_refused(tmp_path, authority, home):
    broker = await tls_broker(tmp_path / "broker", authority, "elsewhere")
    url, ca_file = f"mqtts://localhost:{broker.port}", str(authority.certificate)
    bridge = Bridge(tmp_path / "bridge", "hubs", home.url, home.token, url, broker={"ca_file": ca_file})
    await bridge.start()
    assert url in await said(bridge, "the broker", "ca_file")
    assert "online" not in bridge.output()
    await bridge.stop()
    await broker.stop()


async def test_a_home_assistant_with_the_certificate_of_another_host_is_refused(tmp_path, authority, home):
    broker = Mosquitto(tmp_path / "broker")
    await broker.start()
    async with TlsDoor(home.port, *authority.sign("elsewhere")) as door:
        bridge = Bridge(
            tmp_path / "bridge",
            "hubs",
            f"https://localhost:{door.port}",
            home.token,
            broker.url,
            home_assistant={"ca_file": str(authority.certificate)},
        )
        await bridge.start()
        assert "certificate" in await said(bridge, "Home Assistant")
        assert "connected to Home Assistant" not in bridge.output()
        await bridge.stop()
    await broker.stop()


async def test_an_authority_that_has_become_unusable_is_told_with_its_file(tmp_path, authority):
    broker = Mosquitto(tmp_path / "broker")
    await broker.start()
    ca_file = tmp_path / "own.pem"
    ca_file.write_bytes(authority.certificate.read_bytes())
    url = f"https://127.0.0.1:{free_port()}"
    bridge = Bridge(
        tmp_path / "bridge", "hubs", url, "token", broker.url, home_assistant={"ca_file": str(ca_file)}
    )
    await bridge.start()
    await said(bridge, "Home Assistant", "refused")
    ca_file.write_text("no certificate")
    assert "PEM" in await said(bridge, "Home Assistant", f"home_assistant.ca_file names {ca_file}")
    await bridge.stop()
    await broker.stop()


async def test_a_certificate_of_an_unknown_authority_is_refused_with_the_remedy(tmp_path, authority, home):
    broker = Mosquitto(tmp_path / "broker")
    await broker.start()
    async with TlsDoor(home.port, *authority.sign("localhost")) as door:
        url = f"https://localhost:{door.port}"
        bridge = Bridge(tmp_path / "bridge", "hubs", url, home.token, broker.url)
        await bridge.start()
        assert "home_assistant.ca_file" in await said(bridge, "Home Assistant")
        await bridge.stop()
    await broker.stop()
