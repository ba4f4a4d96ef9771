"""Certificates of the test's own, and a TLS door before a server that has none."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from pathlib import Path


class Authority:
    """A certificate authority in a folder, made with openssl."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.certificate = folder / "ca.pem"
        self._key = folder / "ca.key"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test authority",
                "-keyout", self._key, "-out", self.certificate)  # fmt: skip

    def sign(self, name: str) -> tuple[Path, Path]:
        """A certificate for that host name, or user name, and its key."""
        key, request, certificate = (self.folder / f"{name}.{end}" for end in ("key", "csr", "pem"))
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}",
                "-keyout", key, "-out", request)  # fmt: skip
        names = self.folder / f"{name}.ext"
        names.write_text(f"subjectAltName=DNS:{name}\n")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key, "-days", "2",
                "-CAcreateserial", "-extfile", names, "-out", certificate)  # fmt: skip
        for file in (key, certificate):
            file.chmod(0o644)
        return certificate, key


def openssl(*arguments) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class TlsDoor:
    """Listens with TLS and passes everything on to a plain port of this machine."""

    def __init__(self, port: int, certificate: Path, key: Path):
        self._behind = port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> TlsDoor:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_) -> None:
        self._server.close()

    async def _serve(self, reader, writer) -> None:
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._behind)
        await asyncio.gather(pass_on(reader, behind_writer), pass_on(behind_reader, writer))


async def pass_on(reader, writer) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, ssl.SSLError):
        pass
    writer.close()
