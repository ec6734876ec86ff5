"""Replicas as deploy/ starts them: the command of the systemd unit, Debian's nginx with the very configuration."""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.e2e.conftest import PATIENCE, ROOT, environment

DEPLOY = ROOT / "deploy"
PORTS = ("8501", "8502")  # those of deploy/nginx.conf
FURTHER = "# (+)"  # where a line stands there for each replica more
NAME = "localhost"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
MISSING = "These tests need nginx. On Debian or Ubuntu: sudo apt-get install nginx-light. On macOS: brew install nginx."
MAIN = """daemon off; pid {place}/nginx.pid; error_log {place}/nginx-error.log; worker_processes 1;
events {{}}
http {{
access_log off; client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/fastcgi;
uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;
include {place}/nginx.conf;
}}
"""


def free_ports(n: int) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Replica:
    """One process, started by the command that the unit holds."""

    def __init__(self, port: int, warehouse: Path, secrets: Path, settings: dict[str, str]) -> None:
        self.port, self._log = port, secrets.parent / f"replica-{port}.txt"
        unit = (DEPLOY / "clientele@.service").read_text()
        (command,) = re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE)
        places = {"%i": str(port), "/opt/clientele/.venv/bin/python": sys.executable}
        for there, here in (places | {"/etc/clientele/secrets.toml": str(secrets)}).items():
            command = command.replace(there, here)
        with self._log.open("w") as out:
            self._process = subprocess.Popen(
                shlex.split(command), cwd=ROOT, env=environment(warehouse) | settings, stdout=out,
                stderr=subprocess.STDOUT,
            )  # fmt: skip

    @property
    def process(self) -> int:
        return self._process.pid

    def wait(self) -> None:
        wait_for(f"http://127.0.0.1:{self.port}/_stcore/health", self._process, self._log)

    def kill(self) -> None:
        """As a machine that goes out does it."""
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=20)

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=20)


class Nginx:
    """deploy/nginx.conf, with other ports, places and another name in it."""

    def __init__(self, place: Path, port: int, replicas: Sequence[int]) -> None:
        assert Path(NGINX).exists(), MISSING
        self.url = f"https://{NAME}:{port}"
        certificate(place)
        there = dict(zip(PORTS, map(str, replicas[: len(PORTS)]), strict=True))
        there |= {"listen 443": f"listen 127.0.0.1:{port}", "clientele.bank.example": NAME}
        there |= {"/etc/clientele": str(place)}
        for name in ("nginx.conf", "nginx-proxy.conf"):
            text = (DEPLOY / name).read_text()
            for old, new in there.items():
                assert name != "nginx.conf" or old in text
                text = text.replace(old, new)
            (place / name).write_text(with_more(text, replicas[len(PORTS) :]))
        (place / "main.conf").write_text(MAIN.format(place=place))
        log = place / "nginx.txt"
        with log.open("w") as out:
            self._process = subprocess.Popen(
                [NGINX, "-c", str(place / "main.conf"), "-p", str(place), "-e", str(place / "nginx-error.log")],
                stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
        wait_for(f"{self.url}/_stcore/health", self._process, log)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)


def with_more(text: str, replicas: Sequence[int]) -> str:
    """The configuration with these replicas too: at each place marked for it, the line above for each of them."""
    lines = text.splitlines()
    for place in reversed([n for n, line in enumerate(lines) if line.strip() == FURTHER]):
        ports = re.findall(r"\b\d{4,5}\b", lines[place - 1])
        lines[place:place] = [lines[place - 1].replace(ports[-1], str(replica)) for replica in replicas]
    return "\n".join(lines) + "\n"


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until this answers with 200."""
    for _ in range(PATIENCE * 10):
        try:
            if httpx.get(url, verify=False).status_code == 200:  # the certificate is this run's own
                return
        except httpx.TransportError:
            pass
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def certificate(place: Path) -> None:
    """A certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip
    (place / "tls.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    whole = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (place / "tls.key").write_bytes(whole)
