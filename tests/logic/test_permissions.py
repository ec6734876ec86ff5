"""Role by command by column class: every cell of the table, on the command line."""

import json
import sys
from dataclasses import dataclass

import pandas as pd
import pytest

from analytics.commands import run
from analytics.store.store import open_store
from tests.permissions import CLASSES, OPENS, SOMEBODY, WITH_ROWS, hold

RECIPE = 'value = "credit_amount_12m"\nindicators = ["credit_amount_12m"]\n[method]\nkey = "value_tiers"\n'
CLASS_OF = {
    "profit_12m": "profit",
    "lifetime_value_36m": "profit",
    "religion": "sensitive",
    "region": "",
    "age_years": "",
}


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


@pytest.fixture
def held(demo, demo_folder, tmp_path, monkeypatch, capfd):
    """Give somebody one grant, then run a command as them: `held(role, columns)(words)`."""
    monkeypatch.setenv("CLIENTELE_STORE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    monkeypatch.setenv("CLIENTELE_AUDIT_KEY_FILE", str(tmp_path / "audit.key"))
    (tmp_path / "audit.key").write_text("k" * 64)
    store = open_store(None, demo_folder)

    def granted(role, columns="", **said):
        hold(store, demo, role, columns, **said)

        def command(*words):
            line = ["analytics", *map(str, words), "--user", SOMEBODY, "--warehouse", str(demo_folder)]
            monkeypatch.setattr(sys, "argv", line)
            capfd.readouterr()
            with pytest.raises(SystemExit) as ended:
                run()
            told = capfd.readouterr()
            return Said(int(ended.value.code or 0), told.out, told.err)

        return command

    return granted


def is_refused(said):
    return said.code == 1 and not said.out and "Traceback" not in said.err


@pytest.mark.parametrize("role", OPENS)
@pytest.mark.parametrize("may_export", [False, True])
def test_rows_leave_for_roles_that_see_rows_and_may_take_files(held, demo, tmp_path, role, may_export):
    path = tmp_path / "book.csv"
    said = held(role, may_export=may_export)("frame", "--indicators", "region", "--out", path)
    if role in WITH_ROWS and may_export:
        assert len(pd.read_csv(path)) == demo.manifest.customers
    else:
        assert is_refused(said)
        assert not path.exists()


@pytest.mark.parametrize("role", OPENS)
def test_segments_and_values_are_of_ones_own_rows(held, demo, tmp_path, role):
    (tmp_path / "recipe.toml").write_text(RECIPE)
    command = held(role)
    for words in (
        ("value", "--indicator", "credit_amount_12m"),
        ("segment", "--recipe", tmp_path / "recipe.toml"),
        ("compare", "--recipe", tmp_path / "recipe.toml", "--recipe", tmp_path / "recipe.toml"),
        (
            "migrate",
            "--recipe",
            tmp_path / "recipe.toml",
            "--from",
            demo.newest_as_of,
            "--to",
            demo.newest_as_of,
        ),
    ):
        said = command(*words, "--json")
        if role in WITH_ROWS:
            assert said.code == 0, said.err
            assert json.loads(said.out)["customers"] == demo.manifest.customers
        else:
            assert is_refused(said) or json.loads(said.out)["customers"] == 0


@pytest.mark.parametrize("role", OPENS)
def test_volumes_are_for_whoever_sees_rows_and_for_the_back_office(held, role):
    said = held(role)("volumes", "--json")
    told = 0 if is_refused(said) else sum(row["transactions"] for row in json.loads(said.out)["rows"])
    assert bool(told) == (role in WITH_ROWS | {"back_office"})


@pytest.mark.parametrize("columns", CLASSES)
@pytest.mark.parametrize("key", CLASS_OF)
def test_an_indicator_leaves_with_its_class_and_not_without_it(held, tmp_path, columns, key):
    command, path = held("analyst", columns, may_export=True), tmp_path / "book.csv"
    granted = not CLASS_OF[key] or CLASS_OF[key] in columns
    for words in (("--indicators", key), ("--indicators", "region", "--where", f"{key} is known")):
        said = command("frame", *words[:2], "--out", path, *words[2:])
        if granted and len(words) == 2:
            assert said.code == 0, said.err
        elif not granted:
            assert is_refused(said)
            assert not path.exists()
        path.unlink(missing_ok=True)


def test_without_a_grant_every_command_gives_nothing(held, demo, tmp_path):
    command = held("analyst", email="somebody.else@demo.example", may_export=True)
    hold(open_store(None, demo.root), demo, "analyst", "", level="own", employee_id="nobody")
    said = command("frame", "--indicators", "region", "--out", tmp_path / "book.csv")
    assert is_refused(said)
