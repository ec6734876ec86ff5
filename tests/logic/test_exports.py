"""Files that leave the house: only with the right to, text as text, and a receipt of what was taken."""

import json
from datetime import date, datetime

import openpyxl
import pandas as pd
import pytest

from analytics import exports
from analytics.errors import BadInput, NotAllowed
from analytics.exports import as_bytes, export, receipt, require_export

JUNE = date(2026, 6, 30)
ROWS = pd.DataFrame(
    {
        "customer_id": ["C1", "007", "=1+1"],
        "name": ["=HYPERLINK(\"http://x.example\")", "@SUM(A1)", "http://x.example"],
        "profit_12m": [1234.5, None, -0.01],
    }
)  # fmt: skip


@pytest.fixture
def book(hand, book_with):
    own = {
        "role": "manager",
        "level": "own",
        "employee_id": "E1",
        "columns": "profit,pii",
        "may_export": True,
    }
    return book_with(hand, own, {"role": "manager", "level": "bank", "departments": "Wealth"})


def test_in_excel_text_stays_text(book, tmp_path):
    export(ROWS, tmp_path / "x.xlsx", book, as_of=JUNE)
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx")["data"]
    assert [cell.value for cell in sheet[1]] == list(ROWS)
    for line, row in zip(ROWS.itertuples(index=False), sheet.iter_rows(min_row=2), strict=True):
        assert [cell.value for cell in row[:2]] == [line.customer_id, line.name]
        assert {cell.data_type for cell in row[:2]} == {"s"}
        assert all(cell.hyperlink is None for cell in row)
    assert sheet["C2"].value == 1234.5
    assert sheet["C3"].value is None


def test_csv_and_parquet_hold_what_the_book_gave_unchanged(book, tmp_path):
    for ending, read in (
        ("csv", lambda path: pd.read_csv(path, dtype={"customer_id": "str"})),
        ("parquet", pd.read_parquet),
    ):
        path = tmp_path / f"x.{ending}"
        export(ROWS, path, book, as_of=JUNE)
        pd.testing.assert_frame_equal(read(path), ROWS, check_dtype=False)


def test_a_receipt_says_who_took_what_when_and_of_which_version(book, tmp_path, hand):
    export(ROWS, tmp_path / "x.csv", book, as_of=JUNE, recipe_hash="abc")
    note = json.loads((tmp_path / "x.csv.receipt.json").read_text(encoding="utf-8"))
    assert datetime.fromisoformat(note.pop("taken_at")).tzinfo is not None
    assert note == {
        "taken_by": "some@x.example",
        "rows": 3,
        "columns": ["customer_id", "name", "profit_12m"],
        "as_of": "2026-06-30",
        "warehouse_version": hand.version,
        "demo": False,
        "scope": ["manager_id: E1", "department: Wealth"],
        "column_classes": ["pii", "profit"],
        "recipe_hash": "abc",
    }


def test_the_receipt_is_a_sheet_of_its_own_in_excel(book, tmp_path, hand):
    export(ROWS, tmp_path / "x.xlsx", book, as_of=JUNE)
    lines = dict(
        openpyxl.load_workbook(tmp_path / "x.xlsx")["receipt"].iter_rows(min_row=2, values_only=True)
    )
    assert lines["warehouse_version"] == hand.version
    assert not (tmp_path / "x.xlsx.receipt.json").exists()


@pytest.mark.parametrize("name", ["x.csv", "x.xlsx", "x.txt"])
def test_without_the_right_nothing_is_written(hand, book_with, tmp_path, name):
    book = book_with(hand, {"role": "analyst", "level": "bank"})
    with pytest.raises(NotAllowed):
        require_export(book)
    with pytest.raises(NotAllowed):
        export(ROWS, tmp_path / name, book, as_of=JUNE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x.txt", "x", "x.csv.gz"])
def test_another_ending_is_refused_and_nothing_is_written(book, tmp_path, name):
    with pytest.raises(BadInput, match=r"\.csv, \.parquet or \.xlsx"):
        export(ROWS, tmp_path / name, book, as_of=JUNE)
    assert list(tmp_path.iterdir()) == []


def test_the_ending_counts_in_any_case(book, tmp_path):
    export(ROWS, tmp_path / "X.CSV", book, as_of=JUNE)
    assert {path.name for path in tmp_path.iterdir()} == {"X.CSV", "X.CSV.receipt.json"}


def test_more_rows_than_excel_holds_are_refused_in_words(book, monkeypatch):
    monkeypatch.setattr(exports, "EXCEL_ROWS", 2)
    with pytest.raises(BadInput, match="2 rows, and these are 3"):
        as_bytes(ROWS, ".xlsx", receipt(book, ROWS, JUNE))


def test_an_empty_book_gives_a_file_with_only_a_header(book, tmp_path):
    export(ROWS.head(0), tmp_path / "x.csv", book, as_of=JUNE)
    assert (tmp_path / "x.csv").read_text() == "customer_id,name,profit_12m\n"
