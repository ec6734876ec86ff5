from datetime import timedelta

import pytest
from sqlalchemy import create_engine, update

from analytics.errors import UnknownName
from analytics.store.database import now
from analytics.store.people import AddressTaken
from analytics.store.tables import people, sign_ins

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


def test_moving_a_person_to_another_address_ends_their_sign_ins_and_keeps_them_known(met):
    met.move(LI, "new.name@bank.example")
    assert met.signed_in("one") is None
    assert met.met(ISSUER, "1", LI) == "new.name@bank.example"
    met.met(ISSUER, "2", LI)
    with pytest.raises(AddressTaken):
        met.move("new.name@bank.example", LI)


def test_a_forgotten_persons_address_is_free_and_their_cookies_are_worth_nothing(met):
    met.forget(LI)
    assert met.signed_in("one") is None
    assert met.met(ISSUER, "2", LI) == LI


def test_somebody_who_never_signed_in_can_be_neither_signed_out_nor_forgotten(store):
    for ask in (store.people.sign_out, store.people.forget):
        with pytest.raises(UnknownName):
            ask("nobody@bank.example")


def test_sign_ins_that_ended_long_ago_are_forgotten(met, tmp_path):
    met.begin(LI, "old", now() - timedelta(days=40))
    met.begin(LI, "new", now() + LATER)
    with raw(tmp_path).connect() as connection:
        kept = connection.execute(sign_ins.select()).all()
    assert {row.digest for row in kept} == {"one", "new"}
