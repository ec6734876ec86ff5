"""The command line: exit codes, one line for a mistake, one document for a program, nothing beyond the grants."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics.access.personas import PERSONAS
from analytics.commands import books, run
from analytics.indicators import CATALOGUE
from analytics.methods import METHODS
from analytics.store.store import open_store

ROOT = Path(__file__).parents[2]
LI, WANG, CHEN, ZHAO, SUN, *_OTHERS = (persona.email for persona in PERSONAS)
RECIPE = """
title = "Who moves money"
value = "credit_amount_12m"
indicators = ["transactions_count_12m", "balance_average_3m", "region"]
[method]
key = "kmeans"
segments = 3
"""
VALUE_KEYS = """indicator as_of customers total mean median gini gini_normalised top_share for_80 hhi
    effective_customers whale interval curve warnings""".split()  # noqa: SIM905
SEGMENT_KEYS = """recipe_hash version as_of customers left_out segments quality warnings""".split()  # noqa: SIM905


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    def document(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


Command = Callable[..., Answer]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Run one command in this process, in a warehouse of the test's own unless it names another."""
    monkeypatch.setenv("CLIENTELE_STORE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    monkeypatch.setenv("CLIENTELE_WAREHOUSE", str(tmp_path / "warehouse"))

    def call(*words: object, warehouse: Path | None = None) -> Answer:
        options = ["--warehouse", str(warehouse)] if warehouse else []
        monkeypatch.setattr(sys, "argv", ["analytics", *map(str, words), *options])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            run()
        said = capfd.readouterr()
        return Answer(int(ended.value.code or 0), said.out, said.err)

    return call


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE)
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    rows = "customer_id,booked_at,amount\nA,2026-05-10,100\nB,2026-06-30,-5\nB,gestern,1\n"
    (folder / "transactions.csv").write_text(rows)
    return folder


def assert_refused(answer: Answer, *words: str) -> None:
    assert answer.code == 1
    assert answer.out == ""
    assert answer.err.count("\n") == 1
    assert answer.err.endswith("\n")
    assert "Traceback" not in answer.err
    for word in words:
        assert word in answer.err


def test_the_process_itself_leaves_with_the_code_and_one_line(tmp_path):
    def ended(*words: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "analytics", *words, "--warehouse", str(tmp_path / "none")]
        return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)

    refused = ended("frame", "--user", LI, "--indicators", "region", "--out", "x.csv")
    assert_refused(Answer(refused.returncode, refused.stdout, refused.stderr), "no warehouse", "`demo`")
    listed = ended("versions", "--json")
    assert (listed.returncode, json.loads(listed.stdout), listed.stderr) == (0, [], "")


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_ended_says_nothing_and_leaves_nothing(tmp_path, sign):
    """Neither a bug to report nor the bank's data in a folder for temporary files."""
    source, scratch = tmp_path / "source", tmp_path / "scratch"
    source.mkdir()
    scratch.mkdir()
    rows = "".join(f"C{n % 5000},2026-0{n % 6 + 1}-05,{n % 977}\n" for n in range(400_000))
    (source / "transactions.csv").write_text("customer_id,booked_at,amount\n" + rows)
    line = [sys.executable, "-m", "analytics", "check", str(source)]
    process = subprocess.Popen(
        line,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while not list(scratch.glob("*/staged.duckdb")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(sign)
    assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == 128 + sign
    assert not list(scratch.iterdir())


def test_who_holds_no_grant_is_told_so(command, demo_folder):
    answer = command("volumes", "--user", "typo@bank.example", "--json", warehouse=demo_folder)
    assert answer.code == 0
    assert "typo@bank.example holds no valid grant here" in answer.err.replace("\n", " ")
    assert "valid grant" not in command("volumes", "--user", LI, "--json", warehouse=demo_folder).err


def test_a_version_that_names_nobody_says_so_and_an_owner_is_an_address(command, source):
    first = command("load", source, "--owner", "Me@Bank.example", "--json").document()
    assert not [line for line in first["warnings"] if "no owner" in line]
    second = command("load", source, "--json").document()
    (told,) = [line for line in second["warnings"] if "no owner" in line]
    assert "--owner Me@Bank.example".lower() in told.lower()
    for address in ("", "nobody"):
        assert_refused(command("load", source, "--owner", address), "not an e-mail address")


def test_a_recipe_from_a_windows_editor_is_read(command, demo_folder, recipe):
    recipe.write_bytes(b"\xef\xbb\xbf" + recipe.read_bytes())
    assert command("segment", "--user", CHEN, "--recipe", recipe, "--json", warehouse=demo_folder).document()


def test_amounts_have_no_dust_and_two_commands_agree(command, demo_folder, recipe):
    told = command(
        "value", "--user", CHEN, "--indicator", "profit_12m", "--json", warehouse=demo_folder
    ).document()
    recipe.write_text(RECIPE.replace("credit_amount_12m", "profit_12m"))
    parts = command("segment", "--user", CHEN, "--recipe", recipe, "--json", warehouse=demo_folder).document()
    amounts = [
        told["total"],
        *(row["left"] for row in told["dependence"]),
        *(row["value"] for row in parts["segments"]),
    ]
    assert amounts == [round(amount, 2) for amount in amounts]
    assert round(sum(row["value"] for row in parts["segments"]), 2) == told["total"]


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["frame", "--user", LI],
        ["frame", "--user", LI, "--indicators", "region", "--out", "x.csv", "--colour", "red"],
        ["demo", "--customers", "many"],
        ["value", "--indicator", "profit_12m"],
        ["rollback"],
    ],
)
def test_wrong_syntax_is_2(command, words):
    assert command(*words).code == 2


def test_a_bank_of_ones_own_is_checked_loaded_listed_and_rolled_back(command, source):
    checked = command("check", source, "--json", warehouse=source / "nowhere").document()
    assert list(checked) == ["published", "version", "tables", "warnings"]
    assert (checked["published"], checked["version"]) == (False, None)
    table = {"read": 3, "accepted": 2, "rejected": 1, "reasons": {"booked_at: not a date": 1}}
    assert checked["tables"] == {"transactions": table}
    assert command("versions", "--json").document() == []

    first = command("load", source, "--owner", "me@x.example", "--json").document()
    assert first["published"]
    assert first["tables"] == checked["tables"]
    second = command("load", source, "--append", "--json").document()
    listed = command("versions", "--json").document()
    assert [row["version"] for row in listed] == [first["version"], second["version"]]
    assert set(listed[0]) == {
        "version",
        "published_at",
        "current",
        "customers",
        "transactions",
        "newest_as_of",
        "demo",
        "encrypted",
    }
    assert [(row["current"], row["transactions"]) for row in listed] == [(False, 2), (True, 4)]
    assert listed[0]["newest_as_of"] == "2026-06-30"

    assert command("rollback", first["version"]).code == 0
    assert [row["current"] for row in command("versions", "--json").document()] == [True, False]
    assert_refused(command("rollback", "v1"), "v1")

    value = command(
        "value", "--user", "me@x.example", "--indicator", "credit_amount_12m", "--json"
    ).document()
    assert (value["customers"], value["total"]) == (2, 100.0)


def test_the_demo_bank_publishes_like_any_load(command):
    words = ("demo", "--customers", 120, "--transactions-per-customer", 5, "--months", 4, "--json")
    report = command(*words).document()
    assert report["published"]
    assert report["tables"]["customers"] == {"read": 120, "accepted": 120, "rejected": 0, "reasons": {}}
    assert command("versions", "--json").document()[0]["demo"] is True
    assert_refused(command("demo", "--customers", 0), "--customers")


def test_a_source_that_is_not_there_is_one_line(command, tmp_path):
    assert_refused(command("load", tmp_path / "nowhere", "--json"), "nowhere")
    assert_refused(command("check", tmp_path / "nowhere"), "nowhere")


def test_the_catalogue_of_indicators_says_what_is_missing(command, demo_folder, source):
    rows = command("indicators", "--json", warehouse=demo_folder).document()
    assert [row["key"] for row in rows] == list(CATALOGUE)
    assert all(row["available"] and row["why_not"] is None for row in rows)
    command("load", source)
    few = {row["key"]: row for row in command("indicators", "--json").document()}
    assert few["transactions_count_12m"]["available"]
    assert not few["profit_12m"]["available"]
    assert "product_rates.transfer_rate" in few["profit_12m"]["why_not"]
    assert {"key", "label", "family", "unit", "available", "why_not"} <= set(few["region"])


def test_the_catalogue_of_methods_lists_their_settings(command):
    rows = command("methods", "--json").document()
    assert [row["key"] for row in rows] == list(METHODS)
    assert all({"key", "label", "settings", "available", "why_not"} <= set(row) for row in rows)
    kmeans = next(row for row in rows if row["key"] == "kmeans")
    assert "segments" in [setting["key"] for setting in kmeans["settings"]]


def test_a_method_that_reads_what_the_warehouse_lacks_says_so(command, demo_folder, tmp_path):
    source = tmp_path / "three-columns"
    source.mkdir()
    text = "customer_id,booked_at,amount\n" + "".join(f"C{n},2026-0{n}-15,{n}0\n" for n in range(1, 7))
    (source / "transactions.csv").write_text(text, encoding="utf-8")
    assert command("load", source).code == 0
    poor = {row["key"]: row for row in command("methods", "--json").document()}
    assert poor["rfm"]["available"]
    assert not poor["matrix"]["available"]
    assert "balance_average_3m" in poor["matrix"]["why_not"]
    assert all(row["available"] for row in command("methods", "--json", warehouse=demo_folder).document())


def test_the_methods_that_fit_the_indicators_are_suggested_with_the_reason(command):
    words = ["methods", "--indicators", "profit_12m, balance_average_3m"]
    rows = {row["key"]: row["suggested"] for row in command(*words, "--json").document()}
    assert rows["matrix"].startswith("Two indicators, profit, average balance")
    assert rows["rfm"] is None
    assert "Two indicators" in command(*words).out
    refused = command("methods", "--indicators", "profit_12")
    assert refused.code == 1
    assert "Did you mean 'profit_12m'" in refused.err


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_a_frame_can_be_taken_and_read_back_with_its_receipt(command, demo_folder, tmp_path, ending):
    out = tmp_path / f"book.{ending}"
    words = ["frame", "--user", LI, "--indicators", "profit_12m, region", "--where", "age_years >= 30"]
    written = command(*words, "--out", out, "--json", warehouse=demo_folder).document()
    read = {"csv": pd.read_csv, "parquet": pd.read_parquet, "xlsx": pd.read_excel}[ending]
    rows = read(out)
    assert rows.columns.tolist() == ["customer_id", "profit_12m", "region"]
    assert len(rows) == written["customers"] > 20
    if ending == "xlsx":
        receipt = dict(pd.read_excel(out, sheet_name="receipt").to_numpy().tolist())
    else:
        receipt = json.loads(out.with_name(f"book.{ending}.receipt.json").read_text())
    assert receipt["taken_by"] == LI
    assert int(receipt["rows"]) == len(rows)
    assert receipt["as_of"] == written["as_of"] == "2026-10-31"


def test_a_frame_at_an_earlier_month_end_is_of_then(command, demo_folder, tmp_path):
    sizes = []
    for day in ("2024-12-31", "2026-10-31"):
        words = (
            "frame",
            "--user",
            WANG,
            "--indicators",
            "tenure_years",
            "--as-of",
            day,
            "--out",
            tmp_path / "f.csv",
        )
        assert command(*words, warehouse=demo_folder).code == 0
        sizes.append(len(pd.read_csv(tmp_path / "f.csv")))
    assert 0 < sizes[0] < sizes[1]


def test_who_may_not_export_gets_no_file(command, demo_folder, tmp_path, recipe):
    out = tmp_path / "book.csv"
    for user in (CHEN, ZHAO, SUN, "nobody@x.example"):
        words = ("frame", "--user", user, "--indicators", "transactions_count_12m", "--out", out)
        assert_refused(command(*words, warehouse=demo_folder), "do not allow files")
    words = ("segment", "--user", CHEN, "--recipe", recipe, "--out", out)
    assert_refused(command(*words, warehouse=demo_folder), "do not allow files")
    assert not list(tmp_path.glob("book*"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--indicators", "profit12m"], ["profit_12m"]),
        (["--indicators", "religion"], ["religion", "permissions"]),
        (["--indicators", "region", "--where", "religion = 'none'"], ["religion", "permissions"]),
        (["--indicators", "region", "--where", "profit_12m >"], ["position"]),
        (["--indicators", "region", "--as-of", "2026-02-30"], ["2026-02-30", "YYYY-MM-DD"]),
        (["--indicators", "region", "--as-of", "2026-10-30"], ["not a month end"]),
    ],
)
def test_what_a_manager_asks_wrongly_is_refused_in_one_line(command, demo_folder, tmp_path, options, words):
    line = ["frame", "--user", LI, "--out", tmp_path / "x.csv", *options]
    assert_refused(command(*line, warehouse=demo_folder), *words)


@pytest.mark.parametrize("name", ["x.txt", "x", "no/such/folder/x.csv"])
def test_a_file_that_cannot_be_written_is_refused_in_one_line(command, demo_folder, tmp_path, name):
    line = ["frame", "--user", LI, "--indicators", "region", "--out", tmp_path / name]
    assert_refused(command(*line, warehouse=demo_folder))
    trail = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}", demo_folder).audit
    assert not trail.entries(action="file taken")  # nothing was


def test_segments_come_as_the_contract_says_and_as_a_file(command, demo_folder, tmp_path, recipe):
    out = tmp_path / "members.csv"
    document = command(
        "segment", "--user", LI, "--recipe", recipe, "--out", out, "--json", warehouse=demo_folder
    ).document()
    assert set(SEGMENT_KEYS) <= set(document)
    keys = {"segment", "name", "rule", "customers", "share_of_customers", "value", "share_of_value"}
    assert all(keys <= set(row) for row in document["segments"])
    members = pd.read_csv(out)
    assert members.columns.tolist() == ["customer_id", "segment", "segment_name"]
    sizes = members[members["segment"] > 0].groupby("segment").size()
    assert sizes.tolist() == [row["customers"] for row in document["segments"]]
    assert (
        json.loads((tmp_path / "members.csv.receipt.json").read_text())["recipe_hash"]
        == document["recipe_hash"]
    )


def test_trust_adds_the_slow_part_of_quality(command, demo_folder, recipe):
    answer = command("segment", "--user", LI, "--recipe", recipe, "--trust", "--json", warehouse=demo_folder)
    document = json.loads(answer.out)
    quality = document["quality"]
    assert quality["verdict"] in ("structure", "weak", "none")
    assert list(quality["stability"]) == [str(row["segment"]) for row in document["segments"]]
    assert all(0 <= index <= 1 for index in quality["stability"].values())
    told = {"indicator", "agreement", "moved_customers", "moved_value"}
    assert all(told <= set(row) for row in quality["sensitivity"])
    assert all(isinstance(row["moved_customers"], int) for row in quality["sensitivity"])
    assert isinstance(quality["duplicates"], list)


def test_value_comes_as_the_contract_says(command, demo_folder, recipe):
    words = ["value", "--user", CHEN, "--indicator", "profit_12m", "--json"]
    whole = command(*words, warehouse=demo_folder).document()
    assert set(VALUE_KEYS) <= set(whole)
    assert set(whole["top_share"]) == {"0.01", "0.05", "0.1", "0.2"}
    assert {"customers", "share"} <= set(whole["for_80"])
    assert {"peak_share", "peak_customers", "losses"} <= set(whole["whale"])
    low, high = whole["interval"]["top_share_0.2"]
    assert low < whole["top_share"]["0.2"] < high
    assert whole["interval"]["level"] == 0.9
    assert whole["customers"] == 1500
    parts = command(*words, "--recipe", recipe, warehouse=demo_folder).document()
    assert parts["book"] == whole
    assert all(set(VALUE_KEYS) <= set(part) for part in parts["segments"].values())
    total = sum(part["total"] for part in parts["segments"].values())
    assert total == pytest.approx(whole["total"])
    assert len(parts["segments"]) == 3


def test_segments_stay_those_of_the_recipe_whatever_is_measured(command, demo_folder, recipe):
    words = ["--user", CHEN, "--recipe", recipe, "--json"]
    shown = command("segment", *words, warehouse=demo_folder).document()["segments"]
    money_in = command("value", "--indicator", "credit_amount_12m", *words, warehouse=demo_folder).document()
    sizes = {row["name"]: row["customers"] for row in shown}
    assert {name: part["customers"] for name, part in money_in["segments"].items()} == sizes


def test_value_by_label_by_segment_and_by_product(command, demo_folder, recipe):
    words = ["value", "--user", CHEN, "--indicator", "profit_12m"]
    document = command(*words, "--by", "region", "--json", warehouse=demo_folder).document()
    whole, groups = document["book"], document["groups"]
    assert all(set(VALUE_KEYS) <= set(part) for part in (whole, *groups.values()))
    assert sum(part["total"] for part in groups.values()) == pytest.approx(whole["total"])
    parts = document["decomposition"]
    assert parts["between"] + parts["within"] == pytest.approx(parts["total"])
    assert parts["gains_only"] is True
    assert set(parts["groups"]) == set(groups)
    assert [row["leave"] for row in whole["dependence"]] == [1, 5, 10]
    assert sum(whole["abc"].values()) == sum(whole["abc_fixed"].values()) == whole["customers"]
    segments = command(
        *words, "--recipe", recipe, "--by", "segment", "--json", warehouse=demo_folder
    ).document()
    assert len(segments["segments"]) == 3
    assert segments["decomposition"]["between"] > 0
    products = command(*words, "--by", "product", "--json", warehouse=demo_folder).document()
    assert sum(part["total"] for part in products["groups"].values()) == pytest.approx(whole["total"])
    assert products["decomposition"] is None
    assert "East" in command(*words, "--by", "region", warehouse=demo_folder).out
    assert_refused(command(*words, "--by", "segment", warehouse=demo_folder), "--recipe")
    assert_refused(command(*words, "--by", "age_years", warehouse=demo_folder), "makes no groups")
    assert_refused(command(*words, "--by", "regoin", warehouse=demo_folder), "region")


def test_value_at_an_earlier_month_end_is_of_then(command, demo_folder):
    words = ["value", "--user", CHEN, "--indicator", "profit_12m", "--as-of", "2025-06-30", "--json"]
    then = command(*words, warehouse=demo_folder).document()
    assert then["as_of"] == "2025-06-30"
    assert then["customers"] < 1500


@pytest.mark.parametrize(
    ("user", "indicator", "refused"),
    [
        (LI, "profit_12m", False),
        (WANG, "profit_12m", False),
        (CHEN, "profit_12m", False),
        (CHEN, "religion", True),
        (ZHAO, "profit_12m", True),
        (SUN, "revenue_12m", True),
        ("nobody@x.example", "profit_12m", True),
        (CHEN, "region", True),
    ],
)
def test_a_persona_gets_the_values_of_its_column_classes(command, demo_folder, user, indicator, refused):
    answer = command("value", "--user", user, "--indicator", indicator, "--json", warehouse=demo_folder)
    if refused:
        assert_refused(answer, indicator)
    else:
        assert answer.document()["customers"] > 0


@pytest.mark.parametrize("user", [ZHAO, SUN, "nobody@x.example"])
def test_without_customer_rows_there_is_nothing_to_count_or_segment(command, demo_folder, user, recipe):
    words = ("value", "--user", user, "--indicator", "transactions_count_12m", "--json")
    assert command(*words, warehouse=demo_folder).document()["customers"] == 0
    assert_refused(command("segment", "--user", user, "--recipe", recipe, "--json", warehouse=demo_folder))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("not toml at all [", ""),
        ('indicators = ["profit12m"]\n[method]\nkey = "kmeans"', "profit_12m"),
        ('indicators = ["region"]\n[method]\nkey = "kmean"', "kmeans"),
        ('indicators = ["region"]\ncolour = 1\n[method]\nkey = "kmeans"', "colour"),
        ('indicators = ["region"]\n[method]\nkey = "kmeans"\nsegments = 9999', "segments"),
        ('indicators = ["lifestyle"]\n[method]\nkey = "kmeans"', "lifestyle"),
        (b"title = '\xff'", "UTF-8"),
        (None, "recipe.toml"),
    ],
)
def test_a_recipe_that_cannot_be_used_is_refused_in_one_line(command, demo_folder, recipe, text, word):
    recipe.unlink()
    if text is not None:
        recipe.write_bytes(text if isinstance(text, bytes) else text.encode())
    for words in (("segment",), ("value", "--indicator", "profit_12m")):
        answer = command(*words, "--user", LI, "--recipe", recipe, "--json", warehouse=demo_folder)
        assert_refused(answer, word)


def test_tables_for_people_have_no_document_and_notes_go_to_stderr(command, demo_folder, recipe):
    answer = command("segment", "--user", LI, "--recipe", recipe, warehouse=demo_folder)
    assert answer.code == 0
    assert "share_of_value" in answer.out
    assert "Note:" not in answer.out
    assert command("indicators", warehouse=demo_folder).out.count("\n") == len(CATALOGUE) + 1


def test_brackets_in_names_are_printed_as_they_are(capfd):
    books.print_rows([{"name": "[red]A[/]"}], ("name",))
    books.print_warnings(["customer [x] holds 90%"])
    said = capfd.readouterr()
    assert "[red]A[/]" in said.out
    assert "Note: customer [x] holds 90%" in said.err


def test_a_bug_is_one_line_and_its_details_a_private_file(command, monkeypatch, tmp_path):
    monkeypatch.setattr(books, "METHODS", None)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    answer = command("methods")
    (kept,) = tmp_path.glob("clientele-*.log")
    assert_refused(answer, str(kept))
    assert "AttributeError" in kept.read_text()
    if os.name == "posix":
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
