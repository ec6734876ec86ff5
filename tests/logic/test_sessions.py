import pytest

from analytics.access import sessions as module
from analytics.access.sessions import COOKIE, LINK_SECONDS, SESSION_SECONDS, Sessions, signed_in_owner


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = 1_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sessions(clock):
    return Sessions(clock)


def cookie(key, name=COOKIE):
    return {"other": "1", name: key}


def test_a_link_begins_one_session_and_no_second(sessions):
    token = sessions.new_link("Owner@Bank.example")
    key = sessions.begin(token)
    assert sessions.person(cookie(key)) == "owner@bank.example"
    assert sessions.begin(token) is None


def test_a_link_is_refused_from_its_last_second_on(sessions, clock):
    token = sessions.new_link("owner@bank.example")
    clock.time += LINK_SECONDS
    assert sessions.begin(token) is None


def test_a_wrong_token_neither_opens_nor_spends_the_link(sessions):
    token = sessions.new_link("owner@bank.example")
    assert sessions.begin("guess") is None
    assert sessions.begin("") is None
    assert sessions.begin(token) is not None


def test_only_one_link_is_open_at_a_time(sessions, clock):
    first = sessions.new_link("owner@bank.example")
    assert sessions.new_link("owner@bank.example") is None
    clock.time += LINK_SECONDS
    second = sessions.new_link("owner@bank.example")
    assert second is not None
    assert sessions.begin(first) is None
    assert sessions.begin(second) is not None


def test_a_link_for_another_owner_closes_the_earlier_one(sessions):
    first = sessions.new_link("old@bank.example")
    second = sessions.new_link("new@bank.example")
    assert sessions.begin(first) is None
    assert sessions.person(cookie(sessions.begin(second))) == "new@bank.example"


def test_a_session_ends_by_itself(sessions, clock):
    key = sessions.begin(sessions.new_link("owner@bank.example"))
    clock.time += SESSION_SECONDS - 1
    assert sessions.person(cookie(key)) is not None
    clock.time += 1
    assert sessions.person(cookie(key)) is None


def test_a_restart_ends_every_session(sessions, clock):
    key = sessions.begin(sessions.new_link("owner@bank.example"))
    assert Sessions(clock).person(cookie(key)) is None


def test_a_made_up_cookie_is_nobody(sessions):
    key = sessions.begin(sessions.new_link("owner@bank.example"))
    assert sessions.person({}) is None
    assert sessions.person(cookie(key[:-1])) is None
    assert sessions.person(cookie(key, name="session")) is None


def test_neither_token_nor_key_is_kept_in_memory(sessions):
    token = sessions.new_link("owner@bank.example")
    kept = repr(vars(sessions))
    key = sessions.begin(token)
    assert token not in kept
    assert key not in repr(vars(sessions))


def test_a_session_is_worth_nothing_at_a_warehouse_of_another_owner(sessions, monkeypatch):
    monkeypatch.setattr(module, "SESSIONS", sessions)
    held = cookie(sessions.begin(sessions.new_link("owner@bank.example")))
    assert signed_in_owner("Owner@bank.example", held) == "owner@bank.example"
    assert signed_in_owner("next@bank.example", held) is None
    assert signed_in_owner(None, held) is None
