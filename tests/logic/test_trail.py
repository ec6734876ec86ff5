"""The trail in words: every action has some, figures are right, and few kinds make a picture."""

import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.charts import entries_by_day
from analytics.charts.palette import LIGHT
from analytics.errors import NotAllowed, NotEnoughData
from analytics.indicators import SENSITIVITIES
from analytics.store.chain import Head, Verdict
from analytics.trail import (
    ACTIONS,
    KINDS,
    NAMES,
    details_of,
    kind_labels,
    per_day,
    require_auditor,
    rows_of,
    summary,
    trail_sentence,
)
from analytics.translation import in_language

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.fixture
def at(monkeypatch, store):
    """Record something a number of days before NOW."""

    def told(days, action, person="a@x.example", **details):
        monkeypatch.setattr("analytics.store.audit.now", lambda: NOW - timedelta(days=days))
        return store.audit.append(person, action, details)

    return told


RECORDING = {"append", "recorded", "_record", "Act", "_at_once_or_later"}


def recorded_in(source):
    """The actions that a module names where it records something."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    named = [
        call
        for call in calls
        if (getattr(call.func, "attr", "") or getattr(call.func, "id", "")) in RECORDING
    ]
    given = [arg for call in named for arg in call.args[:2]]
    told = [
        part for arg in given for part in ((arg.body, arg.orelse) if isinstance(arg, ast.IfExp) else (arg,))
    ]
    texts = [part.value for part in told if isinstance(part, ast.Constant)]
    return {text for text in texts if re.fullmatch("[a-z]+( [a-z]+)+", str(text))}


def test_every_action_that_is_recorded_anywhere_has_words():
    sources = [path.read_text("utf-8") for path in ROOT.glob("analytics/**/*.py") if path.name != "trail.py"]
    written = set().union(*map(recorded_in, sources))
    assert written >= {
        "file taken",
        "target set",
        "comment deleted",
        "store restored",
        "policy proposed",
        "grant given",
    }
    assert written <= set(ACTIONS)
    assert {action for _, actions in KINDS.values() for action in actions} <= set(ACTIONS)


def asked_in(source):
    """What a module names where it joins something to a book."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    named = [call for call in calls if getattr(call.func, "id", "") in {"told", "_read"}]
    given = [arg for call in named for arg in call.args[2:]]
    joined = [call for call in calls if getattr(call.func, "attr", "") == "joined"]
    given += [word.value for call in joined for word in call.keywords if word.arg == "what"]
    return {part.value for part in given if isinstance(part, ast.Constant)} - SENSITIVITIES.keys()


def test_everything_that_is_joined_to_a_book_has_words():
    written = set().union(*(asked_in(path.read_text("utf-8")) for path in ROOT.glob("analytics/**/*.py")))
    assert written >= {"large outflow", "product lines", "holdings", "campaign answers"}
    assert written <= NAMES.keys()


def test_what_has_several_words_is_told_whole_in_the_readers_language(store, at):
    at(0, "book read", what=["large outflow"])
    with in_language("zh_CN"):
        [row] = rows_of(store.audit.entries())["details"]
    assert "大额流出" in row


def test_the_sentence_counts_what_is_there(store, at):
    at(7.5, "refused")
    at(6, "refused")
    at(1, "file taken")
    at(0, "book read", "b@x.example")
    at(0, "book read", "b@x.example")
    found = summary(store.audit, NOW)
    assert (found.entries, found.today, found.people_today, found.refusals, found.files) == (5, 2, 1, 1, 1)
    assert trail_sentence(Verdict(Head(5, "")), found) == (
        "The trail is whole: 5 entries since 3 June 2026, 2 of them today; 1 refusal in the last seven days."
    )
    assert "being verified" in trail_sentence(None, found)
    assert "NOT whole: entry 3" in trail_sentence(Verdict(Head(2, ""), 3, "Missing."), found)


def test_an_empty_trail_says_so(store):
    assert "empty" in trail_sentence(store.audit.verify(), summary(store.audit, NOW))


def test_days_are_counted_by_at_most_seven_kinds_and_nothing_is_lost(store, at):
    for days, action in enumerate(ACTIONS):
        at(days % 20, action)
    at(0, "something nobody described")
    at(40, "book read")
    counted = per_day(store.audit, NOW)
    assert set(counted["kind"]) == set(kind_labels())
    assert len(kind_labels()) <= 7
    assert counted["entries"].sum() == len(ACTIONS) + 1
    assert counted["day"].max() == NOW.date()
    drawn = entries_by_day(counted, kind_labels(), palette=LIGHT)
    assert sum(sum(bar.y) for bar in drawn.data) == len(ACTIONS) + 1
    assert len({bar.marker.color for bar in drawn.data}) == len(drawn.data)


def test_the_first_day_of_a_trail_is_one_bar_of_a_fortnight(store, at):
    at(0, "book read")
    drawn = entries_by_day(per_day(store.audit, NOW), kind_labels(), palette=LIGHT)
    assert [list(bar.y) for bar in drawn.data] == [[0] * 13 + [1]]


def test_days_without_entries_are_no_picture(store):
    with pytest.raises(NotEnoughData):
        entries_by_day(per_day(store.audit, NOW), kind_labels(), palette=LIGHT)


def test_an_entry_is_told_in_words_and_not_in_keys(store, at):
    at(0, "book read", what=["profit_12m", "by_month profit_cents"], customers=1_204, scope="manager_id: E1")
    [entry] = store.audit.entries()
    [row] = rows_of([entry])["details"]
    assert row == "What: Profit, sums by month; Customers: 1,204"
    assert ("Scope", "manager: E1") in details_of(entry)
    assert not [
        label for label, text in details_of(entry) if "_" in label + text and label != "Warehouse version"
    ]


def test_nobody_but_an_auditor_reads_it(hand, book_with):
    with pytest.raises(NotAllowed):
        require_auditor(book_with(hand, {"role": "steward", "level": "bank"}))
    require_auditor(book_with(hand, {"role": "auditor", "level": "bank"}))
