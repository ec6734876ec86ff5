"""Whoever closes the tab leaves no query behind."""

import asyncio
import shutil
import time

from tests.e2e.conftest import PATIENCE
from tests.visitor import finished, visitor


def test_a_query_is_interrupted_when_the_session_that_asked_is_gone(start_server, demo_warehouse, tmp_path):
    warehouse = tmp_path / "warehouse"
    shutil.copytree(demo_warehouse, warehouse, ignore=shutil.ignore_patterns("store.sqlite*"))
    said = warehouse / "endless.txt"
    server = start_server(warehouse, app="tests/e2e/endless_app.py")

    async def come_and_go():
        async with visitor(server.url) as me:
            await me.ask()
            await asyncio.to_thread(until, said, "begun")
            await asyncio.sleep(1.5)
            assert said.read_text() == "begun"  # nobody interrupts it while somebody waits

    finished(come_and_go())
    until(said, "Cancelled")


def until(file, text):
    for _ in range(PATIENCE * 10):
        if file.exists() and file.read_text() == text:
            return
        time.sleep(0.1)
    raise AssertionError(file.read_text() if file.exists() else "never begun")
