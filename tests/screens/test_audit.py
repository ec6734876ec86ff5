"""The auditor's page: whether all is recorded and the trail is whole, and no customer by name."""

import sqlite3
from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from analytics.access.book import Book
from analytics.access.personas import PERSONAS
from analytics.store.store import Store
from analytics.warehouse.engine import open_warehouse
from tests.screens.session import (
    AUDITOR,
    NO_SUCH_PAGE,
    RM,
    opened,
    table_with,
    texts,
    turn_to,
    whole,
)


@pytest.fixture
def audited(bank, bank_store) -> Store:
    """The store of a bank whose auditor may look, where somebody has read, taken and been refused something."""
    book = Book.open(open_warehouse(bank), bank_store, RM)
    customer = book.frame(["tenure_years"])["customer_id"].iloc[0]
    book.attributes(customer)
    book.append("file taken", {"rows": 3, "format": "csv"})
    bank_store.audit.append("x@x.example", "refused", {"said": "No [such](http://x.example) *page*."})
    return bank_store


def finished(at: AppTest) -> AppTest:
    """The page once the verification is done."""
    for _ in range(50):
        if not any(button.key == "stop_trail" for button in at.button):
            return whole(at)
        at.run()
    raise AssertionError("still verifying")


def page() -> AppTest:
    return finished(opened("audit", persona=AUDITOR))


def headline(at: AppTest) -> str:
    return texts(at).split("\n")[0]


def entries(at: AppTest):
    return table_with(at, "entry", "action")


def test_the_first_sentence_says_that_the_trail_is_whole_and_how_much_is_in_it(audited):
    said = headline(page())
    assert said.startswith("The trail is whole: 5 entries since ")
    assert "5 of them today; 1 refusal in the last seven days." in said


def test_entries_are_listed_newest_first_in_words_and_reading_them_is_one(audited):
    found = entries(page())
    assert list(found["entry"]) == [5, 4, 3, 2, 1]
    assert list(found["action"]) == [
        "Read this trail",
        "Refused",
        "Took a file",
        "Opened a customer",
        "Read their book",
    ]
    assert [entry.action for entry in audited.audit.entries(person=AUDITOR)] == ["audit read"]


def test_a_rerun_of_the_same_question_is_not_recorded_again_and_another_one_is(audited):
    at = page()
    finished(at.run())
    assert audited.audit.count(action="audit read") == 1
    at.selectbox(key="trail_action").set_value("file taken")
    found = entries(finished(at.run()))
    assert list(found["action"]) == ["Took a file"]
    assert audited.audit.entries(action="audit read")[0].details == {"action": "file taken"}


def test_a_person_a_day_and_a_text_narrow_it(audited):
    at = page()
    at.selectbox(key="trail_person").set_value(RM)
    assert set(entries(finished(at.run()))["person"]) == {RM}
    at.selectbox(key="trail_person").set_value(None)
    at.text_input(key="trail_text").set_value("such](http")
    assert list(entries(finished(at.run()))["action"]) == ["Read this trail", "Refused"]
    at.text_input(key="trail_text").set_value("nothing has this")
    finished(at.run())
    at.text_input(key="trail_text").set_value("")
    at.date_input(key="trail_since").set_value(date.today() + timedelta(days=30))
    assert "Nothing was recorded that fits" in texts(finished(at.run()))


def test_no_customer_is_named_and_no_raw_key_is_shown(audited, bank):
    at = page()
    names = open_warehouse(bank).query("SELECT DISTINCT name FROM customers")["name"].to_pylist()
    shown = texts(at) + "".join(table.value.to_string() for table in at.dataframe)
    assert not [name for name in names if name and name in shown]
    assert "customer_id" not in shown
    assert "os_account" not in shown


def test_a_trail_that_was_changed_is_the_first_thing_said(audited, bank):
    with sqlite3.connect(bank / "store.sqlite") as connection:
        connection.execute("UPDATE audit SET person = 'x@x.example' WHERE id = 2")
    connection.close()
    at = page()
    assert headline(at) == "The trail is NOT whole: entry 2 is the first that does not fit."
    assert "not what was recorded" in texts(at)


def test_verifying_again_finds_what_happened_meanwhile(audited, bank):
    at = page()
    with sqlite3.connect(bank / "store.sqlite") as connection:
        connection.execute("DELETE FROM audit WHERE id = 3")
    connection.close()
    assert "is whole" in headline(finished(at.run()))
    assert "NOT whole: entry 3" in headline(finished(at.button(key="trail_again").click().run()))


def test_a_store_whose_head_was_forged_still_shows_the_verdict_and_lets_nothing_be_read(audited, bank):
    with sqlite3.connect(bank / "store.sqlite") as connection:
        connection.execute("UPDATE audit_head SET seal = ''")
    connection.close()
    at = page()
    assert "NOT whole" in headline(at)
    assert "does not fit its key" in texts(at)
    assert not at.dataframe


def test_nobody_but_an_auditor_gets_the_page(bank):
    for persona in [one.email for one in PERSONAS if one.role != "auditor"]:
        at = opened(persona=persona)
        with pytest.raises(ValueError, match=NO_SUCH_PAGE):
            turn_to(at, "audit")


def test_what_a_person_is_refused_on_a_page_is_recorded_once_a_session(bank, bank_store):
    at = opened("customer", persona=RM)
    at.session_state["shown_customer"] = "NOBODY"
    for _ in range(3):
        assert "no customer NOBODY" in texts(at.run())
    assert [entry.details["customer_id"] for entry in bank_store.audit.entries(action="refused")] == [
        "NOBODY"
    ]


def test_a_page_that_is_not_theirs_and_was_asked_for_by_its_address_is_recorded(
    bank, bank_store, monkeypatch
):
    monkeypatch.setattr("pages._ui.navigation.asked_page", lambda: "audit")
    for _ in range(2):
        at = opened(persona=RM)
        assert not at.exception
    refused = bank_store.audit.entries(action="refused")
    assert [(entry.person, entry.details["said"]) for entry in refused] == [
        (RM, "The page Audit is not open to you.")
    ] * 2
