"""Role by page, in a real browser: what the navigation offers, and what an address that was typed opens."""

import pytest

from analytics.store.store import open_store
from analytics.warehouse.engine import open_warehouse
from pages._ui.navigation import PAGE_ROWS
from tests.permissions import OPENS, PAGES, hold, opened_by

TITLES = {row.key: row.title for row in PAGE_ROWS if not row.hidden}


@pytest.fixture(scope="module")
def ranked_server(start_server, demo_warehouse, tmp_path_factory):
    """The app over the demo bank with a store of its own: grants are changed here while it runs."""
    folder = tmp_path_factory.mktemp("ranked") / "warehouse"
    folder.mkdir()
    (folder / "versions").symlink_to(demo_warehouse / "versions")
    (folder / "current").write_bytes((demo_warehouse / "current").read_bytes())
    return (
        start_server(folder),
        open_store(f"sqlite:///{folder / 'store.sqlite'}", folder),
        open_warehouse(folder),
    )


@pytest.mark.parametrize("role", OPENS)
def test_a_role_is_offered_its_pages_and_a_typed_address_opens_no_other(visit, ranked_server, role):
    server, store, bank = ranked_server
    hold(store, bank, role, "pii,sensitive,profit")
    me = visit(server=server)
    me.open()
    offered = me.tab.get_by_test_id("stSidebarNav").get_by_role("link").all_inner_texts()
    assert {text.strip().split("\n")[-1] for text in offered} == {
        TITLES[page] for page in opened_by(role) & set(TITLES)
    }
    # A third of the closed pages each: tests/screens/test_permissions.py asks for every one.
    for page in sorted(set(PAGES) - opened_by(role))[list(OPENS).index(role) % 3 :: 3]:
        me.open(f"/{page}")
        me.tab.get_by_text("is not open to you").first.wait_for()
        assert "customer_id" not in me.tab.content()
        assert not me.tab.get_by_text("Page not found").count()


@pytest.mark.parametrize("columns", ["", "pii"])
def test_names_reach_the_browser_with_their_class_alone(visit, ranked_server, columns):
    server, store, bank = ranked_server
    hold(store, bank, "analyst", columns)
    row = bank.query("SELECT customer_id, name FROM customers ORDER BY customer_no LIMIT 1").to_pylist()[0]
    me = visit(server=server)
    received: list[bytes] = []
    me.tab.on(
        "websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(_bytes(frame)))
    )
    me.open("/customers")
    box = me.tab.get_by_role("textbox", name="Find a customer")
    box.fill(row["customer_id"])
    box.press("Enter")
    me.until(lambda: any(row["customer_id"].encode() in frame for frame in received))
    me.settle()
    assert any(row["name"].encode() in frame for frame in received) == ("pii" in columns)


def test_a_part_that_is_drawn_by_itself_shows_nothing_after_the_right_to_it_is_gone(visit, ranked_server):
    server, store, bank = ranked_server
    hold(store, bank, "analyst", "profit")
    me = visit(server=server)
    me.open("/value")
    before = me.headline
    hold(store, bank, "analyst", "")
    me.tab.get_by_role("radio", name="Lorenz").click()
    me.until(lambda: me.headline != before)
    me.settle()
    assert me.tab.get_by_text("not profit").is_visible()


def _bytes(frame: str | bytes) -> bytes:
    return frame if isinstance(frame, bytes) else frame.encode()
