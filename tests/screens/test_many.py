"""Many people at once: who is served, and which version each of them sees."""

import time
from threading import Event

import pytest

from analytics.overview import overview
from analytics.warehouse.versions import current_version, point_to
from pages._ui import admission, attendance
from tests.newer import newer
from tests.screens.session import MAIN, RM, opened, settled, texts, turn_to, whole

PAGES = MAIN.parent


@pytest.fixture
def crowd(monkeypatch):
    """Two sessions that have all places; those that are put into what this gives have gone."""
    gone = set()
    monkeypatch.setenv("CLIENTELE_MOST_SESSIONS", "2")
    monkeypatch.setattr(admission, "PLACES", admission.Places())
    monkeypatch.setattr(admission, "is_here", lambda session: session not in gone)
    assert admission.PLACES.take("first", 2)
    assert admission.PLACES.take("second", 2)
    return gone


# --- admission


def test_whoever_comes_beyond_the_places_is_told_that_the_bank_is_busy_and_sees_nothing_else(bank, crowd):
    at = opened(persona=RM)
    assert not at.exception
    assert "The service is busy." in texts(at)
    assert not at.metric
    assert not at.sidebar.selectbox


def test_a_place_whose_session_is_gone_or_quiet_is_given_to_the_next(bank, crowd, monkeypatch):
    at = opened(persona=RM)
    assert not at.metric
    crowd.add("first")
    assert whole(at.run()).metric
    assert not admission.PLACES.take("third", 2)
    monkeypatch.setattr(admission, "QUIET_SECONDS", 0.0)
    assert admission.PLACES.take("third", 2)


def test_whoever_has_a_place_keeps_it_while_others_wait(crowd):
    assert not admission.PLACES.take("third", 2)
    assert admission.PLACES.take("first", 2)


# --- sessions that are gone


def test_work_ends_when_nobody_is_there_for_it_and_not_before(bank, monkeypatch):
    here, ended = {"one", "other"}, Event()
    monkeypatch.setattr(attendance, "is_here", lambda visitor: visitor in here)
    monkeypatch.setattr(attendance, "LOOK_SECONDS", 0.02)

    class Work:
        waiting = frozenset(here)
        is_over = False

        def end(self):
            self.is_over = True
            ended.set()

    attendance.Watch().over(Work())
    here.remove("one")
    assert not ended.wait(0.2)
    here.remove("other")
    assert ended.wait(5)


# --- one version a screen


@pytest.fixture
def own_versions(bank):
    """The bank's versions as files of this test's own, to publish beside them."""
    shared = (bank / "versions").resolve()
    (bank / "versions").unlink()
    (bank / "versions").mkdir()
    for path in shared.iterdir():
        (bank / "versions" / path.name).symlink_to(path)
    return bank


def test_a_run_holds_the_version_that_it_began_with_and_the_next_one_sees_the_new_one_everywhere(
    own_versions, monkeypatch
):
    old, new = current_version(own_versions), newer(own_versions)
    read = []

    def publishes_meanwhile(book, change):
        point_to(own_versions, new)
        read.append(book.warehouse.version)
        return overview(book, change)

    publishes_meanwhile.__qualname__ = f"publishes_{time.monotonic_ns()}"
    monkeypatch.setattr("analytics.overview.overview", publishes_meanwhile)
    at = settled(opened(persona=RM))
    assert at.session_state["book"].warehouse.version == read[-1]
    shown = texts(at)
    assert (old in shown) != (new in shown)
    at = turn_to(at, "value")
    assert new in texts(settled(at))
    assert old not in texts(at)


def test_what_draws_figures_in_part_asks_for_the_version_and_the_right():
    """A part that is drawn by itself after a new version is out would show two versions on one screen: those of
    `fragments` look first (tests/e2e/test_permissions.py), the others draw no figure."""
    parts = [path.stem for path in PAGES.rglob("*.py") if "st.fragment" in path.read_text(encoding="utf-8")]
    assert sorted(parts) == ["admission", "cache", "choices", "fragments", "versions"]
