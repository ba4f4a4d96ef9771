"""TLS on both sides: who cannot prove to be whom it is taken for is not talked to, and the log says why."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

import pytest

from harness.bridge import Bridge
from harness.mosquitto import Mosquitto
from harness.process import free_port
from harness.tls import Authority, TlsDoor

from .test_bad_starts import said

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


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """An authority that nobody trusts."""
    return Authority(tmp_path_factory.mktemp("other"))


async def tls_broker(folder, authority: Authority, shown, required: bool = False) -> Mosquitto:
    certificate, key = shown
    config = CONFIG.format(
        certificate=certificate, key=key, authority=authority.certificate, required=str(required).lower()
    )
    broker = Mosquitto(folder, config)
    await broker.start()
    return broker


def own(pair) -> dict[str, str]:
    certificate, key = pair
    return {"cert_file": str(certificate), "key_file": str(key)}


async def test_broker_and_home_assistant_that_ask_for_certificates_of_an_own_authority(
    tmp_path, authority, home
):
    shown = authority.sign("localhost")
    files = {"ca_file": str(authority.certificate), **own(authority.sign("hubs"))}
    broker = await tls_broker(tmp_path / "broker", authority, shown, required=True)
    async with TlsDoor(home.port, *shown, clients=authority.certificate) as door:
        bridge = Bridge(
            tmp_path / "bridge",
            "hubs",
            f"https://localhost:{door.port}",
            home.token,
            f"mqtts://localhost:{broker.port}",
            home_assistant=files,
            broker=files,
        )
        await bridge.start()
        await bridge.online()
        assert bridge.complaints() == []
        await bridge.stop()
    assert "as statebus-hubs (p5, c1, k10, u'hubs')" in broker.process.output()  # the name in its certificate
    await broker.stop()


async def test_certificate_and_key_may_stand_in_one_file(tmp_path, authority, home):
    certificate, key = authority.sign("hubs")
    both = tmp_path / "both.pem"
    both.touch(mode=0o600)
    both.write_text(certificate.read_text() + key.read_text())
    files = {"ca_file": str(authority.certificate), "cert_file": str(both)}
    shown = authority.sign("localhost")
    broker = await tls_broker(tmp_path / "broker", authority, shown, required=True)
    async with TlsDoor(home.port, *shown, clients=authority.certificate) as door:
        ha, mqtt = f"https://localhost:{door.port}", f"mqtts://localhost:{broker.port}"
        bridge = Bridge(
            tmp_path / "bridge", "hubs", ha, home.token, mqtt, home_assistant=files, broker=files
        )
        await bridge.start()
        await bridge.online()
        await bridge.stop()
    await broker.stop()


@dataclass
class Wrong:
    """What is wrong with the server's certificate or with the bridge's, and what the log says of it."""

    words: list[str]  # SIDE stands for home_assistant or broker
    host: str = "localhost"
    begins: int = 0
    trusted: bool = True
    own: str = "none"  # whose authority has signed the certificate that the bridge shows
    tls_1_2: bool = False


WRONG = {
    "another host": Wrong(["for DNS:elsewhere, not for localhost", "SIDE.ur"], host="elsewhere"),
    "expired": Wrong(["its certificate has expired, on", "renew"], begins=-9),
    "not yet valid": Wrong(["its certificate is valid from", "clock"], begins=9),
    "another authority": Wrong(
        ["test authority', which is no authority", "SIDE.ca_file"], trusted=False
    ),
    "none to show": Wrong(["asks for a certificate", "SIDE.cert_file", "SIDE.key_file"], own="lacking"),
    "none to show, TLS 1.2": Wrong(["asks for a certificate", "SIDE.cert_file"], own="lacking", tls_1_2=True),
    "its own of another authority": Wrong(["does not accept the certificate of SIDE.cert_file"], own="other"),
}


def expect(side: str, case: str) -> list[str]:
    return [word.replace("SIDE", side) for word in WRONG[case].words]


def files_for(wrong: Wrong, authority: Authority, other: Authority) -> dict[str, str]:
    files = {"ca_file": str((authority if wrong.trusted else other).certificate)}
    return files | (own(other.sign("hubs")) if wrong.own == "other" else {})


@pytest.mark.parametrize("case", WRONG)
async def test_a_broker_that_cannot_be_trusted_is_told_with_the_remedy(
    tmp_path, authority, other, home, case
):
    wrong = WRONG[case]
    shown = authority.sign(wrong.host, wrong.begins)
    broker = await tls_broker(tmp_path / "broker", authority, shown, required=wrong.own != "none")
    if wrong.tls_1_2:
        await broker.stop()
        broker.config += "tls_version tlsv1.2\nciphers ECDHE-RSA-AES128-GCM-SHA256\n"
        await broker.start()
    url = f"mqtts://localhost:{broker.port}"
    settings = {"broker": files_for(wrong, authority, other)}
    bridge = Bridge(tmp_path / "bridge", "hubs", home.url, home.token, url, **settings)
    await bridge.start()
    await said(bridge, f"the broker at {url}: TLS: ", *expect("broker", case))
    assert "online" not in bridge.output()
    await bridge.stop()
    await broker.stop()


@pytest.mark.parametrize("case", WRONG)
async def test_a_home_assistant_that_cannot_be_trusted_is_told_with_the_remedy(
    tmp_path, authority, other, home, broker, case
):
    wrong = WRONG[case]
    clients = None if wrong.own == "none" else authority.certificate
    async with TlsDoor(home.port, *authority.sign(wrong.host, wrong.begins), clients) as door:
        if wrong.tls_1_2:
            door.context.maximum_version = ssl.TLSVersion.TLSv1_2
        url = f"https://localhost:{door.port}"
        settings = {"home_assistant": files_for(wrong, authority, other)}
        bridge = Bridge(tmp_path / "bridge", "hubs", url, home.token, broker.url, **settings)
        await bridge.start()
        await said(bridge, f"Home Assistant at wss://localhost:{door.port}", *expect("home_assistant", case))
        assert "connected to Home Assistant" not in bridge.output()
        await bridge.stop()


async def test_an_address_has_to_stand_in_the_certificate_too(tmp_path, authority, home, broker):
    async with TlsDoor(home.port, *authority.sign("localhost")) as door:
        settings = {"home_assistant": {"ca_file": str(authority.certificate)}}
        url = f"https://127.0.0.1:{door.port}"
        bridge = Bridge(tmp_path / "bridge", "hubs", url, home.token, broker.url, **settings)
        await bridge.start()
        await said(bridge, "Home Assistant", "for DNS:localhost, not for 127.0.0.1")
        await bridge.stop()


async def test_who_speaks_no_tls_is_told(tmp_path, authority, home):
    plain = Mosquitto(tmp_path / "broker")
    await plain.start()
    bridge = Bridge(
        tmp_path / "bridge",
        "hubs",
        home.url.replace("http", "https"),
        home.token,
        f"mqtts://127.0.0.1:{plain.port}",
    )
    await bridge.start()
    await said(bridge, "Home Assistant", "TLS", "home_assistant.url")
    assert "online" not in bridge.output()
    await bridge.stop()
    await plain.stop()


async def test_files_that_have_become_unusable_are_told_with_their_names(tmp_path, authority):
    certificate, key = authority.sign("hubs")
    copies = {}
    for name, file in {"ca_file": authority.certificate, "cert_file": certificate, "key_file": key}.items():
        copies[name] = tmp_path / name
        copies[name].touch(mode=0o600)
        copies[name].write_bytes(file.read_bytes())
    files = {name: str(file) for name, file in copies.items()}
    shown = authority.sign("localhost")
    broker = await tls_broker(tmp_path / "broker", authority, shown)
    url, mqtt = f"https://127.0.0.1:{free_port()}", f"mqtts://localhost:{broker.port}"
    bridge = Bridge(tmp_path / "bridge", "hubs", url, "token", mqtt, home_assistant=files, broker=files)
    await bridge.start()
    await said(bridge, "Home Assistant", "refused")
    copies["ca_file"].write_text("no certificate")
    assert "PEM" in await said(bridge, "Home Assistant", f"home_assistant.ca_file names {files['ca_file']}")
    await broker.stop()
    await broker.start()
    assert "PEM" in await said(bridge, "the broker", f"broker.ca_file names {files['ca_file']}")
    await bridge.stop()
    await broker.stop()
