"""The trail from the command line: who saw and took what, and an exit code for a program that watches it."""

import json
import sqlite3

import pytest

from analytics.commands.shell import os_account
from analytics.errors import AnalyticsError
from analytics.store.audit import Audit
from analytics.store.store import open_store
from tests.logic.test_commands import CHEN, LI, assert_refused, command, recipe, source

__all__ = ["command", "recipe", "source"]  # fixtures


@pytest.fixture
def ask(command, demo_folder):
    return lambda *words: command(*words, warehouse=demo_folder)


@pytest.fixture
def frame(ask, tmp_path):
    def taken(user=LI):
        return ask("frame", "--user", user, "--indicators", "tenure_years", "--out", tmp_path / "f.csv")

    return taken


def test_what_a_command_read_and_took_is_in_the_trail_with_the_systems_account(frame, ask, tmp_path):
    assert frame().code == 0
    entries = ask("audit", "--json").document()
    assert [entry["action"] for entry in entries] == ["audit read", "file taken", "book read"]
    assert [entry["entry"] for entry in entries] == [3, 2, 1]
    assert {entry["details"]["os_account"] for entry in entries} == {os_account()}
    assert entries[2]["details"]["what"] == ["tenure_years"]
    note = json.loads((tmp_path / "f.csv.receipt.json").read_text())
    assert note["audit_entry"] == entries[1]["entry"]


def test_the_account_is_the_systems_whatever_the_environment_says(monkeypatch):
    before = os_account()
    for name in ("USER", "LOGNAME", "USERNAME", "LNAME"):
        monkeypatch.setenv(name, "somebody-else")
    assert os_account() == before != "somebody-else"


def test_who_was_refused_is_in_the_trail(frame, ask, recipe, tmp_path):
    assert_refused(frame(CHEN), "do not allow files")
    assert_refused(ask("segment", "--user", CHEN, "--recipe", recipe, "--sql", tmp_path / "x.sql"), "files")
    refused = [entry for entry in ask("audit", "--json").document() if entry["action"] == "refused"]
    assert [entry["person"] for entry in refused] == [CHEN, CHEN]
    assert all("do not allow files" in entry["details"]["said"] for entry in refused)


def test_a_scoring_statement_counts_as_a_file(ask, recipe, tmp_path):
    assert ask("segment", "--user", LI, "--recipe", recipe, "--sql", tmp_path / "x.sql").code == 0
    taken = [entry for entry in ask("audit", "--json").document() if entry["action"] == "file taken"]
    assert [entry["details"]["format"] for entry in taken] == ["sql"]


def test_commands_keep_to_the_files_of_a_day(frame, demo_folder, tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}", demo_folder)
    store.policies.change(5, 1, by="s@x.example")
    assert frame().code == 0
    (tmp_path / "f.csv").unlink()
    assert_refused(frame(), "1 file within 24 hours")
    assert not (tmp_path / "f.csv").exists()


def test_one_person_and_one_day_can_be_asked_for(frame, ask):
    frame()
    frame(CHEN)
    mine = ask("audit", "--user", LI.upper(), "--json").document()
    assert {entry["person"] for entry in mine} == {LI}
    assert ask("audit", "--since", "2999-01-01", "--json").document() == []
    assert len(ask("audit", "--since", "2020-01-01", "--json").document()) >= 4
    assert_refused(ask("audit", "--since", "yesterday"), "YYYY-MM-DD")


def test_for_people_it_is_a_table(frame, ask):
    frame()
    said = ask("audit").out
    assert "file taken" in said
    assert LI in said


def test_a_whole_trail_is_code_0_with_a_head_to_keep(frame, ask):
    frame()
    found = ask("audit", "verify", "--json").document()
    assert (found["whole"], found["entries"], found["first_misfit"], found["why"]) == (True, 2, None, None)
    said = ask("audit", "verify")
    assert said.code == 0
    assert found["head"] in said.out
    frame()
    assert ask("audit", "verify", "--known", found["head"]).code == 0


def test_a_trail_that_was_changed_is_code_1_with_one_line(frame, ask, tmp_path):
    frame()
    with sqlite3.connect(tmp_path / "store.sqlite") as connection:
        connection.execute("UPDATE audit SET person = 'x' WHERE id = 2")
    connection.close()
    assert_refused(ask("audit", "verify"), "not whole", "entry 2", "first that does not fit")
    answer = ask("audit", "verify", "--json")
    assert answer.code == 1
    assert json.loads(answer.out)["first_misfit"] == 2
    assert answer.err.count("\n") == 1


def test_a_trail_that_was_cut_back_is_found_by_its_kept_head(frame, ask, tmp_path):
    frame()
    known = ask("audit", "verify", "--json").document()["head"]
    assert_refused(ask("audit", "verify", "--known", "9" + known), "not whole", "written down")
    assert_refused(ask("audit", "verify", "--known", "head"), "not a head")


def test_where_nothing_is_published_no_store_is_made(command, tmp_path):
    for words in (("audit",), ("audit", "verify")):
        assert command(*words).code == 1
    assert not (tmp_path / "store.sqlite").exists()


def test_another_word_is_wrong_syntax(ask):
    assert ask("audit", "polish").code == 2


def test_what_serves_is_in_the_trail_with_who_let_it(command, source):
    first = command("load", source, "--owner", "me@x.example", "--json").document()["version"]
    second = command("load", source, "--append", "--json").document()["version"]
    assert command("rollback", first).code == 0
    assert_refused(command("rollback", "v1"), "v1")
    entries = [one for one in command("audit", "--json").document() if one["action"].startswith("version")]
    assert [(one["action"], one["version"]) for one in entries] == [
        ("version chosen", first), ("version published", second), ("version published", first),
    ]  # fmt: skip
    assert {one["details"]["os_account"] for one in entries} == {os_account()}
    assert [one["details"]["transactions"] for one in entries] == [2, 4, 2]
    assert {one["details"]["owner"] for one in entries} == {"me@x.example"}


@pytest.mark.parametrize("words", [["demo", "--customers", 120, "--months", 4], ["load"], ["rollback"]])
def test_what_can_not_be_recorded_does_not_serve(command, source, words, monkeypatch):
    first = command("load", source, "--json").document()["version"]
    second = command("load", source, "--append", "--json").document()["version"]
    monkeypatch.setattr(Audit, "append", unwritable)
    more = {"load": [source], "rollback": [first]}.get(words[0], [])
    assert_refused(command(*words, *more), "disk of the trail")
    listed = command("versions", "--json").document()
    assert [row["version"] for row in listed if row["current"]] == [second]
    assert len(listed) == 2


def unwritable(*_arguments, **_options):
    raise AnalyticsError("The disk of the trail is full.")
