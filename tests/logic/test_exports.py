"""Files that leave the house: only with the right to, recorded first, text as text, and a receipt of what was taken."""

import csv
import io
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analytics import exports
from analytics.access.book import Book
from analytics.access.grants import Grant
from analytics.defusing import defused, would_run
from analytics.errors import AnalyticsError, BadInput, NotAllowed
from analytics.exports import export, export_sql, require_export, take
from analytics.store.store import Store

JUNE = date(2026, 6, 30)
SOME = "some@x.example"
ROWS = pd.DataFrame(
    {
        "customer_id": ["C1", "007", "=1+1"],
        "name": ["=HYPERLINK(\"http://x.example\")", "@SUM(A1)", "http://x.example"],
        "profit_12m": [1234.5, None, -0.01],
    }
)  # fmt: skip
DEFUSED = ROWS.assign(
    customer_id=["C1", "007", "'=1+1"],
    name=['\'=HYPERLINK("http://x.example")', "'@SUM(A1)", "http://x.example"],
)


@pytest.fixture
def book_of(hand, store) -> Callable[..., Book]:
    """The book of somebody with these grants, given in this test's store."""

    def opened(*rows: dict[str, object]) -> Book:
        for row in rows:
            store.grants.give(Grant.from_row({"user_email": SOME, **row}), by="steward@x.example")
        return Book.open(hand, store, SOME)

    return opened


@pytest.fixture
def book(book_of):
    own = {
        "role": "manager",
        "level": "own",
        "employee_id": "E1",
        "columns": "profit,pii",
        "may_export": True,
    }
    return book_of(own, {"role": "manager", "level": "bank", "departments": "Wealth"})


def taken(store: Store) -> list[dict[str, object]]:
    return [entry.details for entry in store.audit.entries(action="file taken")]


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


def test_a_parquet_file_holds_what_the_book_gave_unchanged(book, tmp_path):
    export(ROWS, tmp_path / "x.parquet", book, as_of=JUNE)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "x.parquet"), ROWS, check_dtype=False)


def test_a_csv_file_holds_it_too_but_what_would_run_is_marked_as_text(book, tmp_path):
    export(ROWS, tmp_path / "x.csv", book, as_of=JUNE)
    found = pd.read_csv(tmp_path / "x.csv", dtype={"customer_id": "str"})
    pd.testing.assert_frame_equal(found, DEFUSED, check_dtype=False)


def test_in_excel_what_would_run_stays_text_when_its_cell_is_edited(book, tmp_path):
    export(ROWS.rename(columns={"name": "=name"}), tmp_path / "x.xlsx", book, as_of=JUNE)
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx")["data"]
    marked = {cell.value for row in sheet.iter_rows() for cell in row if cell.quotePrefix}
    assert marked == {"=1+1", '=HYPERLINK("http://x.example")', "@SUM(A1)", "=name"}


def test_a_receipt_says_who_took_what_when_and_of_which_version(book, tmp_path, hand, store):
    export(ROWS, tmp_path / "x.csv", book, as_of=JUNE, recipe_hash="abc")
    note = json.loads((tmp_path / "x.csv.receipt.json").read_text(encoding="utf-8"))
    assert datetime.fromisoformat(note.pop("taken_at")).tzinfo is not None
    assert note.pop("audit_entry") == store.audit.entries(action="file taken")[0].id
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
        "format": "csv",
        "policy_version": 0,
    }
    assert {"rows": 3, "format": "csv", "recipe_hash": "abc"}.items() <= taken(store)[0].items()


def test_the_receipt_is_a_sheet_of_its_own_in_excel(book, tmp_path, hand):
    export(ROWS, tmp_path / "x.xlsx", book, as_of=JUNE)
    lines = dict(
        openpyxl.load_workbook(tmp_path / "x.xlsx")["receipt"].iter_rows(min_row=2, values_only=True)
    )
    assert lines["warehouse_version"] == hand.version
    assert not (tmp_path / "x.xlsx.receipt.json").exists()


def test_the_receipt_is_in_a_parquet_file_itself_too(book, tmp_path):
    export(ROWS, tmp_path / "x.parquet", book, as_of=JUNE)
    beside = json.loads((tmp_path / "x.parquet.receipt.json").read_text(encoding="utf-8"))
    inside = pq.read_schema(tmp_path / "x.parquet").metadata[exports.IN_PARQUET]
    assert json.loads(inside) == beside


def test_a_browser_gets_a_table_and_its_receipt_in_one_file(book):
    file = take(ROWS, ".csv", book, as_of=JUNE)
    with ZipFile(io.BytesIO(file.zipped("x.csv"))) as packed:
        assert packed.namelist() == ["x.csv", "x.csv.receipt.json"]
        assert packed.read("x.csv") == file.content
        assert json.loads(packed.read("x.csv.receipt.json")) == file.receipt


@pytest.mark.parametrize(
    "name", ["segment-1-../../../.bashrc.csv", "..\\..\\x.csv", "/etc/x.csv", "C:x.csv", "../x.csv"]
)
def test_what_is_unpacked_lies_where_it_is_unpacked(book, name):
    """A name of a branch or manager may hold anything."""
    with ZipFile(io.BytesIO(take(ROWS, ".csv", book, as_of=JUNE).zipped(name))) as packed:
        for inside in packed.namelist():
            assert not set(inside) & set("/\\:")
            assert not inside.startswith(".")


@pytest.mark.parametrize("name", ["x.csv", "x.xlsx", "x.txt"])
def test_without_the_right_nothing_is_written(book_of, store, tmp_path, name):
    book = book_of({"role": "analyst", "level": "bank"})
    with pytest.raises(NotAllowed):
        require_export(book)
    with pytest.raises(NotAllowed):
        export(ROWS, tmp_path / name, book, as_of=JUNE)
    with pytest.raises(NotAllowed):
        export_sql("SELECT 1", tmp_path / "x.sql", book, as_of=JUNE)
    assert not list(tmp_path.glob("x*"))
    assert taken(store) == []


@pytest.mark.parametrize("name", ["x.txt", "x", "x.csv.gz"])
def test_another_ending_is_refused_and_nothing_is_written(book, tmp_path, name):
    with pytest.raises(BadInput, match=r"\.csv, \.parquet or \.xlsx"):
        export(ROWS, tmp_path / name, book, as_of=JUNE)
    assert not list(tmp_path.glob("x*"))


def test_the_ending_counts_in_any_case(book, tmp_path):
    export(ROWS, tmp_path / "X.CSV", book, as_of=JUNE)
    assert {path.name for path in tmp_path.glob("X*")} == {"X.CSV", "X.CSV.receipt.json"}


def test_more_rows_than_excel_holds_are_refused_in_words_and_not_counted(book, store, monkeypatch):
    monkeypatch.setattr(exports, "EXCEL_ROWS", 2)
    with pytest.raises(BadInput, match="2 rows, and these are 3"):
        take(ROWS, ".xlsx", book, as_of=JUNE)
    assert taken(store) == []


def test_an_empty_book_gives_a_file_with_only_a_header(book, tmp_path):
    export(ROWS.head(0), tmp_path / "x.csv", book, as_of=JUNE)
    assert (tmp_path / "x.csv").read_text() == "customer_id,name,profit_12m\n"


def test_a_column_that_the_book_may_not_show_does_not_leave_whoever_made_the_frame(book_of, store):
    book = book_of({"role": "manager", "level": "bank", "may_export": True})
    with pytest.raises(NotAllowed, match="profit_12m"):
        take(ROWS, ".csv", book, as_of=JUNE)
    assert taken(store) == []


def test_a_scoring_statement_is_a_file_that_was_taken(book, store, tmp_path):
    export_sql("SELECT 1", tmp_path / "x.sql", book, as_of=JUNE, recipe_hash="abc")
    assert (tmp_path / "x.sql").read_text() == "SELECT 1"
    assert json.loads((tmp_path / "x.sql.receipt.json").read_text())["audit_entry"]
    assert [(entry["format"], entry["recipe_hash"]) for entry in taken(store)] == [("sql", "abc")]


def test_what_can_not_be_recorded_is_not_handed_out(book, store, tmp_path):
    with store.audit._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE audit")
    with pytest.raises(AnalyticsError, match="not done"):
        export(ROWS, tmp_path / "x.csv", book, as_of=JUNE)
    assert not list(tmp_path.glob("x*"))


def test_a_book_that_nobody_records_gives_no_files(hand, book_with):
    nobody = book_with(hand, {"role": "manager", "level": "bank", "columns": "profit", "may_export": True})
    with pytest.raises(AnalyticsError, match="not done"):
        take(ROWS, ".csv", nobody, as_of=JUNE)


def test_beyond_the_files_of_a_day_nothing_leaves_until_a_day_has_passed(hand, book, store, monkeypatch):
    store.policies.change(5, 2, by="steward@x.example")
    book = Book.open(hand, store, SOME)
    for _ in range(2):
        take(ROWS, ".csv", book, as_of=JUNE)
    with pytest.raises(NotAllowed, match="2 files within 24 hours"):
        take(ROWS, ".csv", book, as_of=JUNE)
    assert len(taken(store)) == 2
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=24, seconds=1)
    monkeypatch.setattr("analytics.store.audit.now", lambda: later)
    take(ROWS, ".csv", book, as_of=JUNE)


def test_somebody_elses_files_are_not_counted_and_no_limit_is_no_limit(hand, book, store):
    for _ in range(3):
        take(ROWS, ".csv", book, as_of=JUNE)
    store.policies.change(5, 1, by="steward@x.example")
    other = replace(
        Grant.from_row({"user_email": "b@x.example", "role": "analyst", "level": "bank"}), may_export=True
    )
    store.grants.give(other, by="steward@x.example")
    take(ROWS[["customer_id"]], ".csv", Book.open(hand, store, "b@x.example"), as_of=JUNE)
    with pytest.raises(NotAllowed):
        take(ROWS, ".csv", Book.open(hand, store, SOME), as_of=JUNE)


def test_many_tabs_that_press_at_once_get_no_more_than_the_files_of_a_day(hand, book, store):
    store.policies.change(5, 3, by="steward@x.example")

    def press(_):
        try:
            return take(ROWS, ".csv", Book.open(hand, store, SOME), as_of=JUNE).receipt["audit_entry"]
        except NotAllowed:
            return None

    with ThreadPoolExecutor(8) as pool:
        entries = [entry for entry in pool.map(press, range(12)) if entry]
    assert len(entries) == len(set(entries)) == len(taken(store)) == 3


# What OWASP's page on CSV injection names, its full-width forms, and what spreadsheets pass over before it.
STARTS = "=+-@＝＋－＠"
WHOLE = st.text(alphabet=st.characters(exclude_categories=["Cs"]))  # half a character is in no file
NUMBERS = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def begins_a_formula(cell: str) -> bool:
    """A spreadsheet's rule, more suspicious than any of them: also where a cell might be cut in two."""
    pieces = re.split("[;\\t\\r\\n]", cell)
    begins = any(piece.lstrip().startswith(tuple(STARTS)) for piece in pieces) or cell.startswith(
        ("\t", "\r")
    )
    return begins and not NUMBERS.fullmatch(cell)


def unmarked(cell: str) -> str:
    return cell.replace("'", "")


def csv_bytes(rows: pd.DataFrame) -> bytes:
    return exports._csv(rows, {})


TEXTS = st.one_of(
    WHOLE,
    st.builds(
        lambda blanks, start, rest: blanks + start + rest,
        st.text(alphabet=" \t\r\n\u00a0\u3000", max_size=3),
        st.sampled_from(STARTS),
        st.text(alphabet="0123456789.eE+-=@;\t\r\n|'\"A ", max_size=8),
    ),
)


@example(cells=["-0'"], heading="x", figures=[0.0] * 5)  # no number, for all that its apostrophe is taken off
@given(
    cells=st.lists(TEXTS, min_size=1, max_size=5),
    heading=TEXTS,
    figures=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=5, max_size=5),
)
def test_no_cell_of_a_csv_starts_a_formula_and_all_else_is_as_it_was(cells, heading, figures):
    heading = heading or "x"
    rows = pd.DataFrame({heading: cells, "figure ": figures[: len(cells)]})
    text = csv_bytes(rows).decode("utf-8")
    found = list(csv.reader(io.StringIO(text, newline="")))
    assert {len(row) for row in found} == {2}
    back = [row[0] for row in found]
    assert not [cell for cell in back if begins_a_formula(cell)]
    assert [unmarked(cell) for cell in back] == [unmarked(cell) for cell in (heading, *cells)]
    pairs = zip((heading, *cells), back, strict=True)
    assert all(given == got for given, got in pairs if not would_run(given))
    assert [float(row[1]) for row in found[1:]] == figures[: len(cells)]


@given(text=TEXTS)
def test_what_would_not_run_is_not_touched_and_what_was_defused_does_not_run(text):
    if not would_run(text):
        assert defused(text) == text
    assert not would_run(defused(text))


@pytest.mark.parametrize(
    "text", ["-5", "+86138", "-1.5e3", "5", "A=1", "C-1", "a@b.example", "", "Li+Wei", "1-2"]
)
def test_numbers_kept_as_text_and_harmless_texts_stay(text):
    assert defused(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "=1",
        "+A1",
        "-A1",
        "@A1",
        "\t=1",
        "\rx",
        " =1",
        "\u3000＝1",
        "\ufeff=1",
        "\u200b@x",
        "-1+2",
        "+1+cmd|x",
        "--5",
        "a;=1",
        "x\n=1",
        "x\r-y",
    ],
)
def test_what_a_spreadsheet_might_run_is_marked(text):
    assert would_run(text)
    assert not would_run(defused(text))
