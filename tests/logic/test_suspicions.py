"""Suspicious data are told, not swallowed."""

from pathlib import Path

import pytest

from analytics.warehouse.load import check, load
from analytics.warehouse.versions import current_manifest

HEADER = "customer_id,booked_at,amount,kind\n"
MONTHS = ("2026-01-05", "2026-02-05", "2026-03-05")


def lines(customers: int = 40) -> list[str]:
    """An ordinary ledger: every customer in every month, money in and out, kinds that differ."""
    return [
        f"C{number},{month},{(-1) ** number * (number + place + 1)},{'card' if place else 'cash'}\n"
        for place, month in enumerate(MONTHS)
        for number in range(customers)
    ]


def told(folder: Path, ledger: list[str], **others: str) -> str:
    (folder / "transactions.csv").write_text(HEADER + "".join(ledger))
    ids = sorted({line.split(",")[0] for line in ledger})
    texts = {"customers": "customer_id,gender\n" + "".join(f"{i},{i[-1]}\n" for i in ids), **others}
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text)
    return "\n".join(check(folder)["warnings"])


def test_an_ordinary_ledger_raises_no_suspicion(tmp_path: Path) -> None:
    assert told(tmp_path, lines()) == ""


@pytest.mark.parametrize("stand_in", ["0", "UNKNOWN"])
def test_an_id_with_an_outsized_share_is_named_with_its_rows_and_share(tmp_path: Path, stand_in: str) -> None:
    extra = [f"{stand_in},2026-02-01,{number - 20},cash\n" for number in range(80)]
    said = told(tmp_path, lines() + extra)
    assert f"Customer id {stand_in} holds 80 of the transactions, 40.0% of all" in said
    assert said.count("Customer id") == 1


def test_what_a_version_keeps_of_its_load_names_no_customer(tmp_path: Path) -> None:
    extra = [f"STANDIN,2026-02-01,{number - 20},cash\n" for number in range(80)]
    (tmp_path / "transactions.csv").write_text(HEADER + "".join(lines() + extra))
    said = load(tmp_path, tmp_path / "bank")["warnings"]
    kept = current_manifest(tmp_path / "bank").report["warnings"]
    assert any("Customer id STANDIN holds 80" in line for line in said)
    assert any("One customer id holds 80" in line for line in kept)
    assert len(kept) == len(said)
    assert "STANDIN" not in "".join(kept)


def test_a_large_customer_among_few_is_no_stand_in(tmp_path: Path) -> None:
    extra = [f"BIG,2026-02-01,{number - 5},cash\n" for number in range(10)]
    assert told(tmp_path, lines(4) + extra) == ""


def test_a_constant_column_is_named(tmp_path: Path) -> None:
    constant = [line.replace("cash", "card") for line in lines()]
    assert "transactions: every row has the same value in kind." in told(tmp_path, constant)


def test_a_column_that_is_empty_in_part_is_not_constant(tmp_path: Path) -> None:
    partly = [line.replace("cash", "") for line in lines()]
    assert told(tmp_path, partly) == ""


def test_a_month_without_data_is_named(tmp_path: Path) -> None:
    gap = [line for line in lines() if "2026-02" not in line]
    assert "1 month between the first and the last transaction has none: 2026-02." in told(tmp_path, gap)


def test_many_months_without_data_are_counted(tmp_path: Path) -> None:
    late = [*lines(), "C1,2020-01-01,4,cash\n"]
    said = told(tmp_path, late)
    assert (
        "71 months between the first and the last transaction have none: 2020-02, 2020-03, 2020-04, …" in said
    )


@pytest.mark.parametrize(
    ("keep", "said"), [("in", "No amount is negative"), ("out", "No amount is positive")]
)
def test_amounts_of_one_sign_are_told(tmp_path: Path, keep: str, said: str) -> None:
    sign = [line for line in lines() if (",-" in line) == (keep == "out")]
    assert said in told(tmp_path, sign)


def test_amounts_that_are_all_zero_are_told(tmp_path: Path) -> None:
    zero = [f"C{number},2026-01-01,0,{number % 2}\n" for number in range(9)]
    assert "Every amount is zero" in told(tmp_path, zero)


def test_unknown_branches_are_counted_where_branches_are_given(tmp_path: Path) -> None:
    customers = "customer_id,branch_id,manager_id\n" + "".join(f"C{n},B{n % 2},E1\n" for n in range(40))
    said = told(tmp_path, lines(), customers=customers, branches="branch_id\nB1\n")
    assert "customers: 20 rows have a branch_id that is not in branches; they are kept." in said
    assert "that is not in employees" not in said
