"""The Team page: books and results of the employees whom a manager sees, and their own for everybody else."""

import pytest

from analytics.access.book import Book
from analytics.access.grants import Grant
from analytics.store.store import open_store
from analytics.team.report import team
from analytics.team.sentences import team_sentence
from analytics.warehouse.engine import open_warehouse
from tests.permissions import STEWARD as GIVER
from tests.screens.session import (
    BRANCH_MANAGER,
    NO_SUCH_PAGE,
    RM,
    STEWARD,
    opened,
    payload,
    table_with,
    texts,
    turn_to,
    whole,
)


def team_of(bank, persona):
    return team(Book.open(open_warehouse(bank), open_store(None, bank), persona))


def test_a_branch_manager_reads_the_answer_and_a_row_for_each_employee(bank):
    at = whole(opened("team", persona=BRANCH_MANAGER))
    found = team_of(bank, BRANCH_MANAGER)
    assert texts(at).replace("\u00a0", " ").count(team_sentence(found, "CNY")) == 1
    listed = table_with(at, "employee_id", "result", "expected", "low", "high")
    assert listed["employee_id"].tolist() == found.rows["employee_id"].tolist()
    assert listed["result"].tolist() == found.rows["result"].round(0).tolist()
    assert [tile.label for tile in at.metric][:2] == ["Result", "Five largest, at most"]
    at.session_state["team_groups"] = True
    whole(at.run())
    assert "groups say nothing" in texts(at)


def test_a_hand_over_is_proposed_to_edit_and_to_take(bank):
    at = opened("team", persona=BRANCH_MANAGER)
    at.session_state["team_handover"] = True
    whole(at.run())
    found = team_of(bank, BRANCH_MANAGER).rows
    at.selectbox(key="team_leaver").set_value(found["employee_id"][0]).run()
    seen = texts(whole(at))
    assert f"{found['customers'][0]} customers would go to" in seen
    shared = table_with(at, "gets", "load_after")
    assert shared["gets"].sum() == found["customers"][0]
    assert found["name"][0] not in set(shared["employee"])
    assert len(at.get("download_button")) == 2


def test_a_relationship_manager_sees_their_own_figures_and_no_peer(bank):
    at = whole(opened("overview", persona=RM))
    at.session_state["team_own"] = True
    whole(at.run())
    assert "customers of Li Wei" in texts(at)
    assert "a book of this mix would bring" in texts(at)
    peers = team_of(bank, BRANCH_MANAGER).rows["name"].tolist()[1:]
    sent = payload(at).decode(errors="replace")
    assert peers
    assert not [name for name in peers if name in sent]
    with pytest.raises(ValueError, match=NO_SUCH_PAGE):
        turn_to(at, "team")


def test_without_the_class_profit_the_measure_is_named(bank, bank_store):
    bank_store.grants.give(Grant(STEWARD, "analyst", "bank"), by=GIVER)
    at = whole(turn_to(opened(persona=STEWARD), "team"))
    assert "not profit" in texts(at)
    assert "do not show profit figures" in texts(at)


def test_groups_of_employees_are_worth_what_was_chosen_and_say_whom_they_mean(bank, bank_store, monkeypatch):
    monkeypatch.setattr("analytics.team.staff.FEWEST", 7)  # as many as this bank has
    bank_store.grants.give(Grant(STEWARD, "analyst", "bank"), by=GIVER)
    at = turn_to(opened(persona=STEWARD), "team")
    at.session_state["team_groups"] = True
    whole(at.run())
    assert table_with(at, "employee", "segment_name", "number")["employee"].notna().all()
    assert "No value is chosen" not in texts(at)
    at.selectbox(key="team_method").set_value("named_rules").run()
    assert "Where this speaks of customers, it means the employees." in texts(whole(at))
