"""Whether what was loaded is whole, against the load's own document and the file."""

from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from analytics.access.book import Book
from analytics.access.personas import PERSONAS
from analytics.data_status import (
    LABELS,
    STATES,
    lacking,
    loaded,
    loaded_on,
    loaded_sentence,
    published,
    require_steward,
    warnings,
)
from analytics.errors import NotAllowed
from analytics.formats import day
from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.load import load
from analytics.warehouse.rates.importing import import_rates
from analytics.warehouse.tables import TABLES
from analytics.warehouse.versions import version_file

TRANSACTIONS = """customer_id,booked_at,amount,transaction_id
C1,2026-01-05,100,T1
C1,2026-02-05,100,T2
C1,2026-02-07,abc,T3
C2,2026-03-06,70,T2
C2,not a day,70,T5
C2,2026-03-31,70,T6
"""
SURVEYS = "customer_id,surveyed_on,nps\nC1,2026-01-05,99\n"
CUSTOMERS = "customer_id,name\nC1,An\nC2,\n"


@pytest.fixture
def bank_of(tmp_path):
    """A warehouse loaded from CSV texts by table name, on top of what was loaded before where it is to be."""

    def loaded_from(*, append=False, **tables):
        source = tmp_path / f"source{datetime.now(UTC):%H%M%S%f}"
        source.mkdir()
        for name, text in tables.items():
            (source / f"{name}.csv").write_text(text)
        load(source, tmp_path / "bank", append=append)
        return open_warehouse(tmp_path / "bank")

    return loaded_from


def by_table(found):
    return {one.table: one for one in found}


def test_every_table_of_the_contract_is_there_once_with_a_label(demo):
    assert set(LABELS) == set(TABLES)
    assert sorted(one.table for one in loaded(demo)) == sorted(TABLES)


def test_counts_are_those_of_the_file(demo):
    for one in loaded(demo):
        columns = TABLES[one.table].names
        counted = ", ".join(f"count({column}) AS {column}" for column in columns)
        rows = demo.query(f"SELECT count(*) AS rows, {counted} FROM {one.table}").to_pylist()[0]
        assert (one.state, one.accepted, one.refused) == ("whole", rows.pop("rows"), 0)
        assert one.blank == tuple(name for name, held in rows.items() if not held)


def test_what_presses_most_comes_first_and_is_the_answer(bank_of):
    bank = bank_of(transactions=TRANSACTIONS, surveys=SURVEYS, customers=CUSTOMERS)
    found = loaded(bank)
    order = list(STATES)
    assert [order.index(one.state) for one in found] == sorted(order.index(one.state) for one in found)
    told = by_table(found)
    assert told["surveys"].state == "nothing"
    assert told["transactions"].reasons == Counter(
        {
            "amount: not a number": 1,
            "booked_at: not a date": 1,
            "transaction_id: same as in an earlier row": 1,
        }
    )
    assert (told["transactions"].read, told["transactions"].accepted) == (6, 3)
    assert told["customers"].state == "whole"
    assert told["customers"].blank == TABLES["customers"].names[1:2] + TABLES["customers"].names[3:]
    assert told["accounts"].state == "absent"
    assert loaded_sentence(found, bank) == (
        f"Not one row of surveys was accepted on {day(loaded_on(bank))}, of 1 that were read; figures reach to 31 March 2026."
    )
    assert any("No row of surveys was accepted" in said for said in warnings(bank))


def test_a_report_that_names_customers_stays_hidden_when_new_rates_copy_it(bank_of):
    bank = bank_of(transactions=TRANSACTIONS)
    assert len(warnings(bank)) > 1
    told = {**bank.manifest.report, "warnings": ["Customer id C1 holds everything."]}
    replace(bank.manifest, report=told, unnamed=False, edition=2).write(bank.root)
    import_rates(bank.root, "fx", b"currency,rate_date,rate\nUSD,2026-03-30,7\n", "fx.csv")
    said = "".join(warnings(open_warehouse(bank.root)))
    assert "An earlier release noticed something" in said
    assert "C1" not in said


def test_a_file_with_a_header_alone_is_no_refusal(bank_of):
    sound = TRANSACTIONS.replace("abc", "1").replace("not a day", "2026-03-02").replace("70,T2", "70,T4")
    bank = bank_of(transactions=sound, surveys=SURVEYS.split("\n")[0] + "\n")
    found = loaded(bank)
    assert by_table(found)["surveys"].state == "empty"
    assert not by_table(found)["surveys"].is_there
    assert loaded_sentence(found, bank).startswith("All 6 rows loaded")


def test_one_row_is_told_as_one(bank_of):
    bank = bank_of(transactions="customer_id,booked_at,amount\nC1,2026-04-02,9\n")
    assert loaded_sentence(loaded(bank), bank).startswith("The 1 row loaded on")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            TRANSACTIONS,
            "3 of 8 rows loaded on {} were refused, most of them of transactions; figures reach to 31 March 2026.",
        ),
        (
            TRANSACTIONS.replace("abc", "1").replace("not a day", "2026-03-02"),
            "1 of 8 rows loaded on {} was refused, of transactions; figures reach to 31 March 2026.",
        ),
        (
            TRANSACTIONS.replace("abc", "1").replace("not a day", "2026-03-02").replace("70,T2", "70,T4"),
            "All 8 rows loaded on {} were accepted; figures reach to 31 March 2026.",
        ),
    ],
)  # fmt: skip
def test_the_answer_tells_how_many_of_the_rows_were_refused(bank_of, rows, said):
    bank = bank_of(transactions=rows, customers=CUSTOMERS)
    assert loaded_sentence(loaded(bank), bank) == said.format(day(loaded_on(bank)))


def test_a_table_of_a_load_before_is_told_from_one_that_never_came(bank_of):
    bank_of(transactions=TRANSACTIONS, customers=CUSTOMERS)
    told = by_table(
        loaded(bank_of(append=True, transactions="customer_id,booked_at,amount\nC1,2026-04-02,9\n"))
    )
    assert told["customers"].state == "other"
    assert not told["customers"].is_told
    assert told["surveys"].state == "absent"
    assert (told["transactions"].state, told["transactions"].read) == ("whole", 1)


def test_what_can_not_be_had_is_what_nobody_is_offered(demo, bank_of, whole_book):
    for bank in (demo, bank_of(transactions=TRANSACTIONS)):
        book = whole_book(bank)
        refused = {key for key, reason in book.available.items() if reason}
        assert set(lacking(bank)) == refused
        assert all(lacking(bank).values())
    assert lacking(bank)["nps"] == "surveys.nps"


def test_the_version_that_serves_the_one_it_stands_in_for_and_the_others_are_told_apart(bank_of):
    first = bank_of(transactions=TRANSACTIONS).version
    bank = bank_of(transactions=TRANSACTIONS)
    assert [(one.name, one.state) for one in published(bank)] == [(bank.version, "serves"), (first, "kept")]
    version_file(bank.root, first).write_bytes(b"cut")
    newest, older = published(bank)
    assert older.state == "unreadable"
    assert (newest.customers, newest.transactions, newest.newest_as_of) == (2, 3, date(2026, 3, 31))
    assert newest.published_at.tzinfo is not None


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.role)
def test_only_a_steward_is_told(demo, store, persona):
    book = Book.open(demo, store, persona.email)
    with nullcontext() if persona.role == "steward" else pytest.raises(NotAllowed):
        require_steward(book)
