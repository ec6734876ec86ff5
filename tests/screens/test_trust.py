"""The Segments page's check of a result: asked for, computed beside the page, stopped, kept."""

import time
from functools import partial
from threading import Event

import pytest

from analytics.jobs import checkpoint
from analytics.trust import evidence, report, separation
from analytics.trust.stability import stability
from tests.screens.session import (
    ANALYST,
    BRANCH_MANAGER,
    RM,
    opened,
    segments_of,
    table_with,
    texts,
    turn_to,
    whole,
)

LINK = {"method": "kmeans", "set_segments": "3", "indicators": "profit_12m,balance_average_3m,tenure_years"}


def checked(at):
    """The session once the check is done."""
    if any(button.key == "check_trust" for button in at.button):
        at.button(key="check_trust").click().run()
    for _ in range(600):
        if not any(button.key == "stop_trust" for button in at.button):
            return whole(at)
        time.sleep(0.1)
        at.run()
    raise AssertionError("still checking")


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch):
    """What a check finds and how surely is claimed in tests/logic, with all its draws; here is how it is shown."""
    monkeypatch.setattr(evidence, "RESAMPLES", 10)
    monkeypatch.setattr(evidence, "stability", partial(stability, resamples=10))
    monkeypatch.setattr(separation, "DRAWS", 5)


@pytest.fixture
def slow(bank, monkeypatch):
    """The check waits until it is let go, or stopped."""
    go_on, ended = Event(), Event()

    def slow_trust(book, text):
        try:
            while not go_on.wait(0.02):
                checkpoint(0.25, "Drawing customers")
        finally:
            ended.set()
        return report.trust_toml(book, text)

    slow_trust.__qualname__ = f"slow_trust_{time.monotonic_ns()}"
    monkeypatch.setattr("pages._ui.trust.trust_toml", slow_trust)
    yield go_on, ended
    go_on.set()


def test_the_result_is_there_while_its_check_is_computed(slow):
    at = whole(opened("segments", persona=RM, link=LINK))
    at.button(key="check_trust").click().run()
    assert len(segments_of(at)) == 3
    assert at.button(key="stop_trust")
    assert table_with(at, "customer_id", "segment_name") is not None


def test_a_stopped_check_ends_and_is_offered_again(slow):
    go_on, ended = slow
    at = whole(opened("segments", persona=RM, link=LINK))
    at.button(key="check_trust").click().run()
    at.button(key="stop_trust").click().run()
    assert ended.wait(60)  # the queue may be busy with another
    assert "Stopped." in texts(whole(at))
    go_on.set()
    at.button(key="run_again_trust").click().run()
    assert "Stopped." not in texts(checked(at))


def test_another_question_ends_the_check_of_the_one_before(slow):
    _go_on, ended = slow
    at = whole(opened("segments", persona=RM, link=LINK))
    at.button(key="check_trust").click().run()
    at.slider(key="form_kmeans_segments").set_value(4).run()
    assert ended.wait(60)  # the queue may be busy with another


def test_the_check_says_its_verdict_and_what_each_indicator_did(bank):
    at = checked(opened("segments", persona=RM, link=LINK))
    found = table_with(at, "indicator", "agreement", "moved_customers")
    assert len(found) == 3
    assert (found["agreement"] <= 100).all()
    assert "Jaccard" in texts(at)


@pytest.mark.parametrize(("customers", "begins"), [(10, False), (1_000_000, True)])
def test_who_asked_once_gets_every_result_over_a_small_book_checked(slow, monkeypatch, customers, begins):
    monkeypatch.setattr("pages._ui.trust.SMALL", customers)
    at = whole(opened("segments", persona=ANALYST, link=LINK))
    assert not any(button.key == "stop_trust" for button in at.button)
    at.button(key="check_trust").click().run()
    at.slider(key="form_kmeans_segments").set_value(4).run()
    assert any(button.key == "stop_trust" for button in at.button) == begins


def test_a_segment_is_called_as_the_person_likes_and_that_is_saved_with_the_recipe(bank, bank_store):
    at = checked(opened("segments", persona=RM, link=LINK))
    made = segments_of(at)["name"][0]
    at.text_input(key=f"rename_{made}").set_value("Stars").run()
    assert segments_of(checked(at))["name"][0] == "Stars"
    at.text_input(key="recipe_name").set_value("Mine").run()
    at.button(key="save_recipe").click().run()
    whole(at)
    (kept,) = bank_store.recipes.visible(RM)
    assert "Stars" in kept.toml
    (gave,) = bank_store.results.of(kept.id, RM, at.session_state["book"].sight)
    assert gave.document["segments"][0]["name"] == "Stars"
    assert gave.document["quality"]["verdict"] in ("structure", "weak", "none")


def test_an_empty_name_brings_the_made_one_back(bank):
    at = checked(opened("segments", persona=RM, link=LINK))
    made = segments_of(at)["name"][0]
    at.text_input(key=f"rename_{made}").set_value("Stars").run()
    at.text_input(key=f"rename_{made}").set_value("").run()
    assert segments_of(checked(at))["name"][0] == made


def test_what_a_recipe_gave_is_listed_with_it(bank):
    at = checked(opened("segments", persona=RM, link=LINK))
    at.text_input(key="recipe_name").set_value("Mine").run()
    at.button(key="save_recipe").click().run()
    assert "3 segments of" in texts(checked(at))


def test_what_one_person_found_out_is_not_kept_with_anothers_result(bank, bank_store):
    at = checked(opened("segments", persona=RM, link=LINK))
    assert "Jaccard" in texts(at)
    at.selectbox(key="persona").set_value(BRANCH_MANAGER).run()
    whole(turn_to(at, "segments"))
    at.text_input(key="recipe_name").set_value("Theirs").run()
    at.button(key="save_recipe").click().run()
    (kept,) = bank_store.recipes.visible(BRANCH_MANAGER)
    (gave,) = bank_store.results.of(kept.id, BRANCH_MANAGER, whole(at).session_state["book"].sight)
    mine = gave.document["customers"]
    assert gave.document["quality"].get("sampled", mine) == mine


def test_a_check_that_was_done_is_not_done_again(bank, monkeypatch):
    asked = []

    def counted(book, text):
        asked.append(text)
        return report.trust_toml(book, text)

    counted.__qualname__ = f"counted_{time.monotonic_ns()}"
    monkeypatch.setattr("pages._ui.trust.trust_toml", counted)
    at = checked(opened("segments", persona=RM, link=LINK))
    for segments in (4, 3):
        at.slider(key="form_kmeans_segments").set_value(segments).run()
        checked(at)
    assert len(asked) == 2


def test_who_leaves_a_check_does_not_end_it_for_others(slow):
    go_on, ended = slow
    one, other = (whole(opened("segments", persona=RM, link=LINK)) for _session in range(2))
    for at in (one, other):
        at.button(key="check_trust").click().run()
    one.button(key="stop_trust").click().run()
    assert not ended.wait(1)
    go_on.set()
    assert "Jaccard" in texts(checked(other))
