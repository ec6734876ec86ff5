"""An owner's own data, through the link that the start prints."""

import subprocess
import sys

import pytest

from tests.e2e.conftest import ROOT, environment

OWNER = "owner@bank.example"
PAGES = {"Overview": "12 customers", "Customers": "12 customers", "Segments": "segments", "Value": "12 customers",
         "Glossary": "indicators"}  # fmt: skip


@pytest.fixture(scope="module")
def own_server(tmp_path_factory, start_server):
    folder = tmp_path_factory.mktemp("own_bank")
    rows = [
        f"K{customer},2025-{month:02d}-{1 + customer:02d},{(customer + 1) * month}.50"
        for customer in range(12)
        for month in range(1, 13)
        if month >= customer % 6
    ]
    (folder / "source").mkdir()
    text = "customer_id,booked_at,amount\n" + "\n".join([*rows, "K1,2025-12-31,1", "K2,2026-01-02,5"])
    (folder / "source" / "transactions.csv").write_text(text, encoding="utf-8")
    warehouse = folder / "warehouse"
    command = [sys.executable, "-m", "analytics", "load", str(folder / "source"), "--owner", OWNER]
    command += ["--warehouse", str(warehouse)]
    subprocess.run(command, cwd=ROOT, env=environment(warehouse), check=True, capture_output=True)
    return start_server(warehouse)


def test_the_owner_sees_their_own_data_on_the_five_pages(own_server, visit):
    me = visit(server=own_server)
    me.tab.goto(own_server.url)
    me.complaints.clear()  # the refusal before signing in is a 403
    me.open(own_server.links()[-1])
    assert "token" not in me.tab.url
    for page, said in PAGES.items():
        me.turn_to(page)
        me.until(lambda said=said: said in me.headline or said in me.quiet_line)
        if page != "Glossary":
            assert "your own data" in me.quiet_line
    assert me.tab.get_by_role("combobox", name="You are").count() == 0


def test_nobody_else_sees_any_of_it(own_server, visit):
    other = visit(server=own_server)
    for path in ("/", "/customers", "/segments?value=credit_amount_12m"):
        answer = other.tab.goto(own_server.url + path)
        assert answer.status == 403
        assert "K1" not in other.tab.content()
    other.complaints.clear()
