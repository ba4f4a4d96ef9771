"""Certificates of the test's own, and a TLS door before a server that has none."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from pathlib import Path

from .door import Door, pass_on


class Authority:
    """A certificate authority in a folder, made with openssl."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.certificate = folder / "ca.pem"
        self._key = folder / "ca.key"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test authority",
                "-keyout", self._key, "-out", self.certificate)  # fmt: skip

    def sign(self, name: str, begins: int = 0) -> tuple[Path, Path]:
        """A certificate for that host name, or user name, and its key: two days from `begins` on, in days."""
        key, request, certificate = (self.folder / f"{name}.{end}" for end in ("key", "csr", "pem"))
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}",
                "-keyout", key, "-out", request)  # fmt: skip
        names = self.folder / f"{name}.ext"
        names.write_text(f"subjectAltName=DNS:{name}\n")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key, "-days", "2",
                "-CAcreateserial", "-extfile", names, "-out", certificate, day=begins)  # fmt: skip
        certificate.chmod(0o644)
        return certificate, key


def openssl(*arguments, day: int = 0) -> None:
    """On another day, as far as openssl knows."""
    clock = ["faketime", "-f", f"{day:+d}d"] if day else []
    subprocess.run([*clock, "openssl", *map(str, arguments)], check=True, capture_output=True)


class TlsDoor(Door):
    """Listens with TLS and passes everything on to a plain port of this machine."""

    def __init__(self, port: int, certificate: Path, key: Path, clients: Path | None = None):
        """`clients`: it lets in who has a certificate of that authority, and nobody else."""
        self._behind = port
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        if clients:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(clients)

    async def _serve(self, reader, writer) -> None:
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._behind)
        await asyncio.gather(pass_on(reader, behind_writer), pass_on(behind_reader, writer))
