"""The audit trail: nothing that was read goes unrecorded, and nothing recorded is changed."""

import pytest
from sqlalchemy import text

from analytics.access.book import Book
from analytics.access.reads import Read, collecting
from analytics.errors import AnalyticsError

pytestmark = pytest.mark.both_stores
RM = "own@x.example"


def actions(store):
    return [entry.action for entry in store.audit.entries()]


def test_entries_are_numbered_and_come_back_newest_first(store):
    numbers = [store.audit.append("A@b.example", "signed in", {"way": way}) for way in ("one", "two")]
    assert numbers == [1, 2]
    assert [entry.details["way"] for entry in store.audit.entries(person="a@B.example")] == ["two", "one"]


def test_every_read_of_a_book_is_recorded_before_it_is_handed_out(hand, store):
    book = Book.open(hand, store, RM)
    book.frame(["transactions_count_12m"], where="transactions_count_12m > 0")
    newest = store.audit.entries()[0]
    assert (newest.person, newest.action, newest.version) == (RM, "book read", hand.version)
    assert newest.details["what"] == ["transactions_count_12m"]
    assert newest.details["where"] == "transactions_count_12m > 0"


def test_what_can_not_be_recorded_is_not_shown(hand, store):
    book = Book.open(hand, store, RM)
    with store.audit._engine.begin() as connection:
        connection.execute(text("DROP TABLE audit"))
    with pytest.raises(AnalyticsError, match="not done"):
        book.frame(["transactions_count_12m"])


def test_a_session_is_recorded_once_for_the_same_read_and_another_one_again(hand, store):
    for seen in (session := set(), session, set()):
        Book.open(hand, store, RM, seen).count()
    assert actions(store) == ["book read", "book read"]


def test_a_shared_answer_is_recorded_for_whoever_gets_it(hand, store):
    book = Book.open(hand, store, RM)
    with collecting() as reads:
        book.count()
    assert actions(store) == []
    for read in reads:
        book.record(read)
    assert actions(store) == ["book read"]
    assert reads == [Read(("count",), book.count(), hand.newest_as_of.isoformat())]
