"""The store's password and the keys are in the environment of real processes, and in nothing that these say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import postgres as servers
from tests.e2e import conftest as serving

PASSWORD = "s3cret-of-the-store"
KEY = "feedface" * 8
ROOT = Path(__file__).parents[2]


@pytest.fixture
def own_server():
    """A PostgreSQL server that this test may stop."""
    server = servers.new_server()
    yield server
    servers.removed(server)


@pytest.fixture
def secret_environment(own_server, tmp_path, monkeypatch):
    """An environment that holds every secret; files that a bug's details go to end in the test's folder."""
    (tmp_path / "audit.key").write_text(KEY[::-1])
    (tmp_path / "tmp").mkdir()
    secret = os.environ | {
        "CLIENTELE_WAREHOUSE": str(tmp_path / "bank"),
        "CLIENTELE_STORE": own_server.url("postgres"),
        "CLIENTELE_WAREHOUSE_KEY": KEY,
        "CLIENTELE_AUDIT_KEY_FILE": str(tmp_path / "audit.key"),
        "TMPDIR": str(tmp_path / "tmp"),
        "PYTHONUNBUFFERED": "1",
    }
    monkeypatch.setattr(serving, "environment", lambda _warehouse: secret)
    return secret


def said_by(environment, *words):
    """What a command printed, and how it ended."""
    command = [sys.executable, "-m", "analytics", *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def without_secrets(text):
    return not any(secret in text for secret in (PASSWORD, KEY, KEY[::-1]))


def test_neither_commands_nor_the_app_ever_say_a_secret(own_server, secret_environment, tmp_path, page: Page):
    demo = ("demo", "--customers", 400, "--transactions-per-customer", 20, "--months", 14)
    frame = (
        "frame",
        "--user",
        "li.wei@demo.example",
        "--indicators",
        "region",
        "--out",
        tmp_path / "book.csv",
    )
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "transactions.csv").write_text("customer_id,booked_at\nA,2026-06-30\n")
    heard = [said_by(secret_environment, *demo), said_by(secret_environment, *frame)]
    heard.append(said_by(secret_environment, "load", tmp_path / "mine"))
    heard.append(said_by(secret_environment | {"CLIENTELE_WAREHOUSE_KEY": KEY[::-1]}, *frame))
    server = serving.Server(tmp_path / "bank", tmp_path / "app.log", "--logger.level", "debug")
    try:
        page.goto(server.url)
        expect(page.get_by_test_id("stMetric").first).to_be_visible(timeout=60_000)
        own_server.stop()
        heard.append(said_by(secret_environment, *frame))
        page.reload()
        expect(page.get_by_text("does not answer").first).to_be_visible(timeout=60_000)
        shown = page.content()
    finally:
        server.stop()
    assert [code for code, _said in heard] == [0, 0, 1, 1, 1]
    assert "does not open the warehouse file" in heard[3][1]
    assert "can't be opened" in heard[4][1]
    written = [path.read_bytes().decode(errors="replace") for path in (tmp_path / "tmp").rglob("*.log")]
    for text in (shown, server.printed, *(said for _code, said in heard), *written):
        assert without_secrets(text)
    kept = [path for path in (tmp_path / "bank").rglob("*") if path.is_file()]
    assert all(without_secrets(path.read_bytes().decode(errors="replace")) for path in kept)
