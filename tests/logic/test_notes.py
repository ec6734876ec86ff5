"""Notes and next steps: one's own, of one's book, and nobody else's; marks of alerts likewise."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from analytics.access.book import Book
from analytics.access.grants import Grant
from analytics.alerts.marking import mark_alert, unmark_alert
from analytics.errors import AnalyticsError, BadInput, UnknownName
from analytics.notes import LONGEST, MOST, cleaned, forget, notes_on, settle, steps_due, write

pytestmark = pytest.mark.both_stores
ANN, BEN = "ann@bank.example", "ben@bank.example"
MAY = date(2026, 5, 31)
PERIOD = date(2026, 6, 30)


@pytest.fixture
def book_of(hand, store):
    """The book of somebody who may see the customers of one manager, as the store has it now."""

    def opened(email=ANN, employee="E2"):
        for grant in store.grants.effective(email, [], date(2026, 6, 1)):
            store.grants.revoke(grant, by="steward@bank.example")
        row = {"user_email": email, "role": "relationship_manager", "level": "own", "employee_id": employee}
        store.grants.give(Grant.from_row(row), by="steward@bank.example")
        return Book.open(hand, store, email)

    return opened


def texts(store, book, customer="C2"):
    return [note.text for note in notes_on(store, book, customer)]


def test_what_was_written_is_there_for_its_writer_and_for_nobody_else(store, book_of):
    mine, theirs = book_of(ANN), book_of(BEN)
    write(store, mine, "C2", "Call back")
    write(store, mine, "C3", "Something else")
    assert texts(store, mine) == ["Call back"]
    assert texts(store, theirs) == []
    write(store, theirs, "C2", "My own")
    assert texts(store, mine) == ["Call back"]
    number = notes_on(store, mine, "C2")[0].id
    for change in (lambda: settle(store, theirs, number), lambda: forget(store, theirs, number)):
        with pytest.raises(UnknownName, match="no such note"):
            change()
    assert texts(store, mine) == ["Call back"]


def test_the_address_is_the_same_however_it_is_written(store, book_of):
    write(store, book_of(ANN), "C2", "Call back")
    assert [note.text for note in store.notes.of(" ANN@bank.example ", "C2")] == ["Call back"]


def test_notes_about_a_customer_who_left_the_book_are_hidden_and_back_when_they_return(store, book_of):
    number = write(store, book_of(ANN), "C2", "Call back", MAY)
    elsewhere = book_of(ANN, "E1")  # C2 is E2's
    for ask in (
        lambda: notes_on(store, elsewhere, "C2"),
        lambda: write(store, elsewhere, "C2", "more"),
        lambda: settle(store, elsewhere, number),
        lambda: forget(store, elsewhere, number),
    ):
        with pytest.raises(UnknownName, match="no customer C2"):
            ask()
    assert list(steps_due(store, elsewhere, MAY)) == []
    back = book_of(ANN)
    assert texts(store, back) == ["Call back"]
    assert [step.id for step in steps_due(store, back, MAY)] == [number]


def test_steps_are_due_until_they_are_done(store, book_of):
    book = book_of(ANN)
    late = write(store, book, "C3", "Late", MAY - timedelta(days=9))
    soon = write(store, book, "C2", "Soon", MAY)
    write(store, book, "C2", "Later", MAY + timedelta(days=1))
    write(store, book, "C2", "Only a note")
    assert [step.id for step in steps_due(store, book, MAY)] == [late, soon]
    settle(store, book, late)
    assert [step.id for step in steps_due(store, book, MAY)] == [soon]
    assert notes_on(store, book, "C3")[0].done_at is not None
    settle(store, book, late, done=False)
    assert notes_on(store, book, "C3")[0].done_at is None
    forget(store, book, soon)
    assert [step.id for step in steps_due(store, book, MAY)] == [late]


def test_the_trail_says_that_something_was_written_and_not_what(store, book_of):
    book = book_of(ANN)
    number = write(store, book, "C2", "a secret of theirs", MAY)
    settle(store, book, number)
    settle(store, book, number, done=False)
    forget(store, book, number)
    told = store.audit.entries(person=ANN)
    assert [entry.action for entry in told if entry.action not in ("customer opened", "book read")] == [
        "note deleted", "step reopened", "step done", "note written",
    ]  # fmt: skip
    assert not any("secret" in str(entry.details) for entry in told)
    assert {entry.details["customer_id"] for entry in told if entry.action == "note written"} == {"C2"}


def test_what_can_not_be_recorded_is_not_written(store, book_of, whole_book, hand):
    with pytest.raises(AnalyticsError, match="can't be recorded"):
        write(store, whole_book(hand), "C2", "unrecorded")
    assert store.notes.of("some@x.example", "C2") == []


@pytest.mark.parametrize("text", ["", "  \n ", "\x00\x07", "x" * (LONGEST + 1)])
def test_nothing_and_too_much_are_refused(store, book_of, text):
    with pytest.raises(BadInput):
        write(store, book_of(ANN), "C2", text)


def test_there_is_room_for_so_many_notes_and_no_more(store, book_of):
    book = book_of(ANN)
    for n in range(MOST):
        store.notes.add(ANN, "C2", str(n))
    with pytest.raises(BadInput, match="no room"):
        write(store, book, "C2", "one more")
    write(store, book, "C3", "another customer")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=some.text(max_size=300))
def test_any_text_comes_back_as_it_was_cleaned(store, book_of, text):
    book = book_of(ANN)
    try:
        kept = cleaned(text)
    except BadInput:
        return
    number = write(store, book, "C2", text)
    assert store.notes.get(ANN, number).text == kept == cleaned(kept)
    forget(store, book, number)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=some.lists(
        some.tuples(
            some.sampled_from([ANN, BEN]),
            some.sampled_from(["write", "forget", "settle"]),
            some.sampled_from(["C2", "C3"]),
        ),
        max_size=12,
    )
)
def test_whatever_two_people_do_each_has_their_own_notes(store, book_of, steps):
    books = {email: book_of(email) for email in (ANN, BEN)}
    expected = {
        (email, customer): notes_of(store, email, customer) for email in books for customer in ("C2", "C3")
    }
    for n, (email, verb, customer) in enumerate(steps):
        mine = expected[email, customer]
        if verb == "write":
            mine.append(write(store, books[email], customer, f"{n} {email}"))
        elif mine and verb == "forget":
            forget(store, books[email], mine.pop())
        elif mine:
            settle(store, books[email], mine[-1])
    assert {key: notes_of(store, *key) for key in expected} == expected


def notes_of(store, email, customer):
    return sorted(note.id for note in store.notes.of(email, customer))


def test_a_mark_is_ones_own_for_a_customer_of_ones_book_and_can_be_taken_back(store, book_of):
    mine, theirs = book_of(ANN), book_of(BEN, "E1")
    mark_alert(store, mine, "outflow", "C2", PERIOD, "dismissed")
    mark_alert(store, mine, "outflow", "C2", PERIOD, "done")
    assert [(mark.customer_id, mark.outcome) for mark in store.marks.of(ANN)] == [("C2", "done")]
    assert store.marks.of(BEN) == []
    with pytest.raises(UnknownName, match="no customer C2"):
        mark_alert(store, theirs, "outflow", "C2", PERIOD, "done")
    with pytest.raises(UnknownName, match="no alert"):
        mark_alert(store, mine, "unheard_of", "C2", PERIOD, "done")
    with pytest.raises(BadInput, match="done or dismissed"):
        mark_alert(store, mine, "outflow", "C2", PERIOD, "forgotten")
    unmark_alert(store, mine, "outflow", "C2", PERIOD)
    assert store.marks.of(ANN) == []
    actions = [entry.action for entry in store.audit.entries(person=ANN)]
    assert actions.count("alert marked") == 2
    assert actions.count("alert reopened") == 1
