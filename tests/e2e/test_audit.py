"""The auditor in a real browser, on a desk and on a phone: what was taken and refused is there, and stays."""

import re
import shutil
import sqlite3
from contextlib import closing

import pytest

from analytics.access.grants import Grant
from analytics.store.store import open_store

RM, AUDITOR, STEWARD = "li.wei@demo.example", "zhao.min@demo.example", "sun.tao@demo.example"


@pytest.fixture(scope="module")
def audited(demo_warehouse, start_server, tmp_path_factory):
    """A bank of its own whose back-office officer is the auditor."""
    folder = tmp_path_factory.mktemp("audited") / "bank"
    shutil.copytree(demo_warehouse, folder, ignore=shutil.ignore_patterns("store.sqlite*", "audit.key"))
    store = open_store(f"sqlite:///{folder / 'store.sqlite'}", folder)
    store.grants.give(Grant(AUDITOR, "auditor", "bank"), by=STEWARD)
    return start_server(folder), folder, store


@pytest.mark.parametrize("width", [1440])
def test_a_file_that_was_taken_is_in_the_trail_and_a_change_to_it_is_found(visit, audited, width):
    server, folder, store = audited
    before = store.audit.count(action="file taken")
    me = visit(width=width, server=server)
    me.open("/segments")
    me.tab.get_by_role("button", name="Members as CSV").wait_for(timeout=60_000)
    with me.tab.expect_download() as started:
        me.tab.get_by_role("button", name="Members as CSV").click()
    assert started.value.suggested_filename.endswith(".zip")
    assert store.audit.count(action="file taken") == before + 1
    me.settle()
    assert not me.tab.get_by_role("button", name="Download as CSV").count()

    store.policies.change(5, 0, by=STEWARD)
    me.tab.get_by_role("button", name="Members as CSV").click()
    me.tab.get_by_text("No files may be taken at present").wait_for(timeout=60_000)
    store.policies.change(5, None, by=STEWARD)
    assert store.audit.count(action="file taken") == before + 1

    auditor = visit(width=width, server=server)
    auditor.open()
    auditor.tab.get_by_test_id("stSidebar").wait_for(state="attached", timeout=60_000)
    if width < 640:
        auditor.tab.get_by_role("button", name="Expand sidebar").click()
    auditor.choose("You are", "Back-office officer")
    auditor.turn_to("Audit")
    auditor.until(lambda: auditor.headline.startswith("The trail is whole"))
    assert re.search(r"[1-9]\d* refusal", auditor.headline)
    auditor.tab.locator(".st-key-trail_days .main-svg").first.wait_for()
    if width < 640:
        auditor.tab.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    auditor.click_row("trail_entries", 0)
    auditor.tab.get_by_test_id("stText").filter(has_text="read this trail").wait_for(timeout=60_000)
    auditor.settle()
    wide = auditor.tab.evaluate("document.documentElement.scrollWidth")
    assert wide <= width

    with closing(sqlite3.connect(folder / "store.sqlite", isolation_level=None)) as connection:
        [(kept,)] = connection.execute("SELECT details FROM audit WHERE id = 1").fetchall()
        connection.execute("UPDATE audit SET details = '{}' WHERE id = 1")
        try:
            auditor.tab.get_by_text("How is this known?").click()
            auditor.settle()
            auditor.press("Verify it again")
            auditor.until(lambda: "NOT whole: entry 1" in auditor.headline)
        finally:
            connection.execute("UPDATE audit SET details = ? WHERE id = 1", (kept,))
