"""The steward's page of what was loaded: counts and reasons, and no row of it."""

import json
import re
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.warehouse.tables import TABLES
from analytics.warehouse.versions import Manifest, current_version
from tests.screens.session import NEWER, OWNER, STEWARD, opened, table_with, texts, turn_to, whole

GRANTS = f"user_email,role,level\n{OWNER},steward,bank\n"
ROWS = ["secret-customer,2026-02-05,secret-amount", "secret-customer,2026-01-05,100"] + [
    f"{'secret-customer' if n < 40 else f'secret-{n}'},2026-02-28,{n}" for n in range(60)
]
TRANSACTIONS = "\n".join(["customer_id,booked_at,amount", *ROWS])


def with_versions(at: AppTest) -> AppTest:
    """With the list of versions open."""
    at.session_state["data_versions"] = True
    return whole(at.run())


def test_the_demo_bank_is_whole_and_each_table_is_listed(bank: Path) -> None:
    at = whole(opened("data", persona=STEWARD))
    assert at.title[0].value.replace("\\", "").endswith("were accepted; figures reach to 31 October 2026.")
    shown = table_with(at, "label", "state", "read")
    assert sorted(shown["file"]) == sorted(TABLES)
    assert set(shown["state"]) == {"All rows accepted"}
    tiles = {metric.label: metric.value for metric in at.metric}
    assert tiles["Customers"] == "1,500"
    assert (tiles["Rows refused"], tiles["Tables"], tiles["Figures not to be had"]) == ("0", "16 of 16", "0")
    assert "Every figure of the catalogue can be had." in texts(at)
    assert "What was refused" not in texts(at)


def test_refused_rows_are_counted_by_reason_and_none_is_shown(own_bank) -> None:
    own_bank(transactions=TRANSACTIONS, grants=GRANTS)
    at = whole(turn_to(whole(opened()), "data"))
    assert re.search(
        r"1 of 63 rows loaded on .* was refused, of transactions; figures reach to 28 Feb", texts(at)
    )
    why = table_with(at, "label", "reason", "rows")
    assert why.to_dict("records") == [
        {"label": "Transaction records", "reason": "amount: not a number", "rows": 1.0}
    ]
    assert "rejects/v" in texts(at)
    assert "There is no table of customers" in texts(at)
    assert len(table_with(at, "figure", "lacks")) > 20
    assert "One customer id holds 41 of the transactions" in texts(at)
    seen = texts(at) + "".join(table.value.to_csv() for table in at.dataframe)
    assert "secret" not in seen


@pytest.mark.usefixtures("damaged")
def test_the_version_that_is_damaged_is_told_from_the_one_that_serves(bank: Path) -> None:
    at = with_versions(opened("data", persona=STEWARD))
    listed = table_with(at, "version", "state", "published").set_index("version")["state"]
    assert listed[NEWER].startswith("Damaged")
    assert sorted(listed.drop(NEWER)) == ["Serves"]


def test_a_version_whose_manifest_is_gone_is_listed_all_the_same(
    demo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(demo_folder, tmp_path / "bank")
    monkeypatch.setenv("CLIENTELE_WAREHOUSE", str(folder))
    monkeypatch.delenv("CLIENTELE_STORE", raising=False)
    serves = str(current_version(folder))
    broken = "v20200101T000000-0000"
    shutil.copy(folder / "versions" / f"{serves}.duckdb", folder / "versions" / f"{broken}.duckdb")
    (folder / "versions" / f"{broken}.json").write_text("{")
    listed = table_with(with_versions(opened("data", persona=STEWARD)), "version", "state", "published")
    assert list(listed["version"]) == [serves, broken]
    assert listed["published"].iloc[1] == "–"
    assert listed["state"].iloc[1].startswith("Can't be read")


def test_a_load_of_which_nothing_is_known_says_so(bank: Path) -> None:
    """A release before this one may have kept no report."""
    versions, last = (bank / "versions").resolve(), str(current_version(bank))
    (bank / "versions").unlink()
    shutil.copytree(versions, bank / "versions", copy_function=shutil.copy)
    told = json.loads(json.dumps(vars(Manifest.read(bank, last))))
    Manifest(**{**told, "report": {}}).write(bank)
    at = whole(opened("data", persona=STEWARD))
    assert "Nothing is known of what was loaded" in texts(at)
