"""`rates` on the command line: exit codes, one document, one line for a mistake, notes of old rates."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analytics.commands import run
from analytics.store.store import open_store
from analytics.warehouse.versions import current_version

GOOD = "currency,rate_date,rate\nUSD,2026-06-30,7.30\n"
USER = "everyone@x.example"
KEYS = {"published", "version", "tables", "new", "changed", "unchanged", "newest", "warnings"}
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def bank(tmp_path: Path, hand_folder: Path) -> Path:
    return shutil.copytree(hand_folder, tmp_path / "bank")


@pytest.fixture
def command(bank: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run one command over the bank of six customers; its code, and what it wrote where."""
    monkeypatch.delenv("CLIENTELE_STORE", raising=False)
    monkeypatch.setenv("CLIENTELE_WAREHOUSE", str(bank))

    def call(*words: Any) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["analytics", *map(str, words)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            run()
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    return call


def written(folder: Path, text: str) -> Path:
    (folder / "rates.csv").write_text(text)
    return folder / "rates.csv"


def test_rates_are_imported_and_told_in_one_document(command, bank, tmp_path):
    file = written(tmp_path, GOOD)
    code, out, _err = command("rates", "fx", file, "--json")
    document = json.loads(out)
    assert (code, document.keys(), document["new"]) == (0, KEYS, 1)
    assert document["version"] == current_version(bank)
    code, out, _err = command("rates", "fx", file)
    assert code == 0
    assert "Nothing new to publish." in out
    assert open_store(None, bank).feeds.get("fx").outcome == "good"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<html>", "web page"),
        ("", "empty"),
        (GOOD[:-8], "half"),
        (GOOD.replace("7.30", "-1"), "above zero"),
        ("currency,rate_date,rate\nUSD,2026-07-02,70\n", "--accept"),
    ],
)
def test_a_mistake_is_one_line_on_stderr_and_changes_nothing(command, bank, tmp_path, text, said):
    before = current_version(bank)
    code, out, err = command("rates", "fx", written(tmp_path, text), "--json")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert said in err
    assert current_version(bank) == before


def test_what_is_absurd_can_be_accepted(command, bank, tmp_path):
    file = written(tmp_path, "currency,rate_date,rate\nUSD,2026-07-02,70\n")
    assert command("rates", "fx", file)[0] == 1
    assert open_store(None, bank).feeds.get("fx").outcome == "waiting"
    assert command("rates", "fx", file, "--accept")[0] == 0
    assert open_store(None, bank).feeds.get("fx").waiting is None


def test_wrong_syntax_is_2_and_no_warehouse_is_1(command, tmp_path):
    assert command("rates", "gold", "x")[0] == 2
    assert command("rates", "fx")[0] == 2
    code, _out, err = command("rates", "fx", "x.csv", "--warehouse", tmp_path / "nowhere")
    assert (code, "no warehouse" in err) == (1, True)
    assert not (tmp_path / "nowhere").exists()


def test_figures_from_old_rates_come_with_a_note(command, tmp_path):
    asked = ("value", "--user", USER, "--indicator", "profit_12m", "--json")
    _code, out, err = command(*asked)
    assert json.loads(out)
    assert "USD for 30 June 2026 is of 29 May 2026, 32 days before." in " ".join(err.split())
    assert "29 May" not in command(*asked, "--as-of", "2026-05-31")[2]
    command("rates", "fx", written(tmp_path, GOOD))
    assert "USD" not in command(*asked)[2]
