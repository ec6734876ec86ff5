from datetime import timedelta

import pytest
from sqlalchemy import create_engine, update

from analytics.errors import UnknownName
from analytics.store.database import now
from analytics.store.owned import OWNED
from analytics.store.people import AddressTaken
from analytics.store.tables import ADDRESS, metadata, people, sign_ins

ISSUER, LI = "https://sign-in.bank.example", "li@bank.example"
LATER = timedelta(hours=1)


@pytest.fixture
def met(store):
    """People who met `li`, with one sign-in under the digest "one"."""
    store.people.met(ISSUER, "1", LI)
    store.people.begin(LI, "one", now() + LATER)
    return store.people


def raw(tmp_path):
    return create_engine(f"sqlite:///{tmp_path / 'store.sqlite'}")


def test_a_person_is_first_met_by_address_however_it_is_written(store):
    assert store.people.met(ISSUER, "1", " Li@Bank.Example ") == LI
    assert store.people.met(ISSUER, "1", LI) == LI


def test_a_known_person_keeps_their_first_address_whatever_the_provider_says_later(met):
    met.met(ISSUER, "2", "chen@bank.example")
    assert met.met(ISSUER, "1", "chen@bank.example") == LI
    assert met.met(ISSUER, "1", "new.name@bank.example") == LI


@pytest.mark.parametrize(("issuer", "subject"), [(ISSUER, "2"), ("https://elsewhere.example", "1")])
def test_an_address_of_somebody_known_is_not_given_to_anybody_else(met, issuer, subject):
    with pytest.raises(AddressTaken):
        met.met(issuer, subject, LI)


def test_a_cookie_that_was_begun_counts_and_any_other_does_not(met):
    assert met.signed_in("one").email == LI
    assert met.signed_in("two") is None


def test_a_cookie_can_be_begun_once(met):
    with pytest.raises(Exception, match="UNIQUE"):
        met.begin(LI, "one", now() + LATER)


def test_a_sign_in_ends_at_its_end(met):
    met.begin(LI, "past", now())
    assert met.signed_in("past") is None


def test_signing_out_ends_every_sign_in_of_the_person_and_of_nobody_else(met):
    met.met(ISSUER, "2", "chen@bank.example")
    met.begin("chen@bank.example", "theirs", now() + LATER)
    met.begin(LI, "two", now() + LATER)
    assert met.sign_out(LI) == 2
    assert [met.signed_in(digest) for digest in ("one", "two")] == [None, None]
    assert met.signed_in("theirs") is not None
    assert met.sign_out(LI) == 0


def test_one_can_sign_in_again_in_the_second_of_signing_out(met):
    met.sign_out(LI)
    met.begin(LI, "again", now() + LATER)
    assert met.signed_in("again") is not None


def test_a_sign_in_from_before_the_last_sign_out_stays_dead_even_if_its_end_is_lost(met, tmp_path):
    met.sign_out(LI)
    with raw(tmp_path).begin() as connection:
        connection.execute(update(sign_ins).values(ended_at=None, began_at=now() - LATER))
    assert met.signed_in("one") is None
    with raw(tmp_path).begin() as connection:
        connection.execute(update(people).values(signed_out_at=None))
    assert met.signed_in("one") is not None


def test_ending_one_sign_in_leaves_the_others(met):
    met.begin(LI, "two", now() + LATER)
    met.end("one")
    assert met.signed_in("one") is None
    assert met.signed_in("two") is not None


def move(store, email, to):
    with store.audit.recorded("steward", "session ended", {}) as (_entry, connection):
        store.people.move(email, to, connection)


def forget(store, email):
    with store.audit.recorded("steward", "session ended", {}) as (_entry, connection):
        store.people.forget(email, connection)


def test_moving_a_person_to_another_address_ends_their_sign_ins_and_keeps_them_known(met, store):
    move(store, LI, "new.name@bank.example")
    assert met.signed_in("one") is None
    assert met.met(ISSUER, "1", LI) == "new.name@bank.example"
    met.met(ISSUER, "2", LI)
    met.begin("new.name@bank.example", "two", now() + LATER)
    before = store.audit.count()
    with pytest.raises(AddressTaken):
        move(store, "new.name@bank.example", LI)
    assert met.signed_in("two") is not None
    assert store.audit.count() == before


def test_a_forgotten_persons_address_is_free_and_their_cookies_are_worth_nothing(met, store):
    forget(store, LI)
    assert met.signed_in("one") is None
    assert met.met(ISSUER, "2", LI) == LI


def test_whoever_has_an_address_next_has_nothing_of_whoever_had_it(met, store):
    """Their own work goes with a person who moves, and stays with nobody who is forgotten, however often."""
    new = "new.name@bank.example"
    for subject in ("2", "3"):
        store.recipes.save(LI, "Mine", "title = 'Mine'", [("person", new)])
        store.notes.add(LI, "C1", "private")
        forget(store, LI)
        assert met.met(ISSUER, subject, LI) == LI
        assert store.notes.of(LI, "C1") == []
        assert store.recipes.visible(LI) == []
    store.notes.add(new, "C1", "of whoever had it")
    store.notes.add(LI, "C1", "mine")
    move(store, LI, new)
    assert [note.text for note in store.notes.of(new, "C1")] == ["mine"]
    assert store.recipes.visible(new) == []
    assert store.notes.of(LI, "C1") == []


def test_nobody_is_moved_to_where_they_are_and_keeps_what_is_theirs(met, store):
    store.notes.add(LI, "C1", "mine")
    with pytest.raises(AddressTaken):
        move(store, LI, LI.upper())
    assert [note.text for note in store.notes.of(LI, "C1")] == ["mine"]


def test_everything_that_an_address_owns_is_known():
    """A new table that says whose a row is must say whether it goes with the person, or records who decided."""
    decided = {"grants.decided_by", "proposals.asked_by", "proposals.decided_by", "policies.changed_by",
               "campaign_members.contacted_by", "campaign_members.responded_by", "audit.person", "grants.user_email",
               "people.email", "feeds.changed_by"}  # fmt: skip
    addresses = {
        str(column) for table in metadata.tables.values() for column in table.columns
        if getattr(column.type, "length", None) == ADDRESS and column.name != "target"
    }  # fmt: skip
    assert addresses == decided | {str(column) for column in OWNED}


def test_somebody_who_never_signed_in_can_be_neither_signed_out_nor_forgotten(store):
    with pytest.raises(UnknownName):
        store.people.sign_out("nobody@bank.example")
    with pytest.raises(UnknownName):
        forget(store, "nobody@bank.example")


def test_sign_ins_that_ended_long_ago_are_forgotten(met, tmp_path):
    met.begin(LI, "old", now() - timedelta(days=40))
    met.begin(LI, "new", now() + LATER)
    with raw(tmp_path).connect() as connection:
        kept = connection.execute(sign_ins.select()).all()
    assert {row.digest for row in kept} == {"one", "new"}
