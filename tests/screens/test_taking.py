"""Files from a page: made when the button is pressed, with the rights of that moment, and recorded."""

import io
from dataclasses import replace
from zipfile import ZipFile

import pandas as pd
import pytest
import streamlit as st

from analytics.access.book import Book
from analytics.access.grants import Grant
from analytics.errors import NotAllowed
from analytics.warehouse.engine import open_warehouse
from pages._ui.taking import Press, Table, taken
from tests.screens.session import RM, STEWARD, opened, turn_to, whole

GRANT = Grant("some@x.example", "manager", "bank", columns=frozenset({"profit"}), may_export=True)


@pytest.fixture
def shown(bank, bank_store):
    """The book that a page was drawn from."""
    bank_store.grants.give(GRANT, by=STEWARD)
    return Book.open(open_warehouse(bank), bank_store, GRANT.user_email)


@pytest.fixture
def table(shown):
    return Table(shown.frame(["profit_12m"]).head(3), "segments-abc", shown.as_of(), "abc")


def actions(store) -> list[str]:
    return [entry.action for entry in store.audit.entries(person=GRANT.user_email)]


def test_a_file_is_recorded_when_it_is_pressed_and_every_time(shown, bank_store, table):
    for _ in range(2):
        assert taken(shown, bank_store, table, ".csv").receipt["rows"] == 3
    assert actions(bank_store) == ["file taken", "file taken", "book read"]


def test_a_right_that_was_revoked_meanwhile_refuses_and_is_recorded_at_every_press(shown, bank_store, table):
    bank_store.grants.revoke(GRANT, by=STEWARD)
    for _ in range(2):
        with pytest.raises(NotAllowed, match="do not allow files"):
            taken(shown, bank_store, table, ".csv")
    assert actions(bank_store) == ["refused", "refused", "book read"]


def test_a_scope_that_was_narrowed_meanwhile_refuses_what_the_page_still_shows(shown, bank_store, table):
    bank_store.grants.give(replace(GRANT, departments=("Wealth",)), by=STEWARD)
    with pytest.raises(NotAllowed, match="have changed since this page was drawn"):
        taken(shown, bank_store, table, ".csv")
    assert actions(bank_store)[0] == "refused"


def test_a_limit_that_was_set_meanwhile_holds(shown, bank_store, table):
    bank_store.policies.change(5, 0, by=STEWARD)
    with pytest.raises(NotAllowed, match="No files may be taken"):
        taken(shown, bank_store, table, ".xlsx")


def test_the_page_is_told_why_there_was_no_file_in_the_persons_language():
    def refuse() -> bytes:
        raise NotAllowed("No.", "Ask.")

    press = Press(refuse)
    with pytest.raises(NotAllowed):
        press.content()
    press.told()
    assert st.session_state["file_refused"] is press.error
    del st.session_state["file_refused"]
    good = Press(lambda: b"x")
    assert good.content() == b"x"
    good.told()
    assert "file_refused" not in st.session_state


def test_drawing_the_page_makes_no_file_and_a_refusal_is_shown_once(bank, bank_store):
    at = whole(opened("segments", persona=RM))
    turn_to(at, "segments")
    assert bank_store.audit.count(action="file taken") == 0
    at.session_state["file_refused"] = NotAllowed("You had enough.", "Wait.")
    assert "You had enough" in whole(at.run()).error[0].value
    assert not whole(at.run()).error


def test_what_a_browser_gets_holds_only_what_the_page_showed(shown, bank_store, table):
    packed = ZipFile(io.BytesIO(taken(shown, bank_store, table, ".csv").zipped("x.csv")))
    found = pd.read_csv(packed.open("x.csv"), dtype={"customer_id": str})
    assert set(found["customer_id"]) == set(table.rows["customer_id"])
