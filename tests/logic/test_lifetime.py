"""Lifetime value in the warehouse and the book: fitted at the build, asked for a book, held against what came."""

import json
import sys
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics.access.histories import KEY, fitted, histories, purchases, standing
from analytics.access.personas import PERSONAS
from analytics.calendar import months_before
from analytics.charts import LIGHT, foretold
from analytics.commands import run
from analytics.errors import BadInput, NotAllowed, NotEnoughData
from analytics.lifetime.bgnbd import fit_bgnbd, merged
from analytics.lifetime.models import Margins, Purchases, model_of
from analytics.lifetime.survival import Survival
from analytics.value.lifetime.backtest import backtest, by_prediction
from analytics.value.lifetime.outlook import outlook
from analytics.value.lifetime.report import lifetime_document
from analytics.value.lifetime.sentences import backtest_sentence, model_words, outlook_sentence
from analytics.value.quantity import Quantity
from analytics.warehouse.engine import Warehouse, open_warehouse
from analytics.warehouse.load import load
from tests.conftest import SHARED_DATA, write_tables

ANALYST = PERSONAS[2].email
OWN = {"role": "relationship_manager", "level": "own", "employee_id": "E0001", "columns": "profit"}


CUT = "2025-06-30"


def purchases_of_a_shop() -> list[tuple[str, str, float]]:
    """Three columns over three years: customers who come at their own rate until they stay away for good."""
    chance = np.random.default_rng(7)
    rows = [("S0", CUT, 5.0), ("S0", "2026-06-30", 5.0)]
    for who in range(400):
        day, rate, usual = int(chance.integers(0, 500)), chance.gamma(1.0, 1 / 40), chance.gamma(6.0, 10.0)
        going = chance.beta(0.8, 4.0)
        while day < 1_096:
            booked = date(2023, 7, 1) + timedelta(days=day)
            rows.append((f"S{who}", booked.isoformat(), round(float(chance.gamma(4.0, usual / 4.0)), 2)))
            if chance.random() < going:
                break
            day += 1 + int(chance.exponential(1 / rate))
    return rows


def loaded(folder, rows) -> Warehouse:
    text = "customer_id,booked_at,amount\n" + "\n".join(",".join(map(str, row)) for row in rows)
    load(write_tables(folder / "source", {"transactions": text}), folder / "warehouse")
    return open_warehouse(folder / "warehouse")


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Warehouse:
    return loaded(tmp_path_factory.mktemp("shop"), purchases_of_a_shop())


def cdnow_warehouse(folder) -> Warehouse:
    path = SHARED_DATA / "cdnow_sample.txt"
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    staging = SHARED_DATA.parents[1] / "main" / "docs" / "staging" / "cdnow"
    load(path, folder, staging=staging, base_currency="USD")
    return open_warehouse(folder)


def test_the_command_says_of_cdnow_what_was_published(tmp_path, whole_book):
    book = whole_book(cdnow_warehouse(tmp_path / "warehouse"), columns="")
    found = lifetime_document(book, date(1997, 9, 30))
    assert found["customers"] == 2357
    rounded = {name: round(value, 3) for name, value in found["bgnbd"].items() if name != "log_likelihood"}
    assert rounded == {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    assert round(found["bgnbd"]["log_likelihood"], 1) == -9582.4
    spend = [round(found["gamma_gamma"][name], 2) for name in ("p", "q", "v")]
    assert spend == pytest.approx([6.25, 3.74, 15.44], abs=0.006)
    assert found["survival"] is None
    assert found["expected"]["model"] == "purchases"
    assert any("The warehouse has no" in warning for warning in found["warnings"])


def test_histories_are_those_of_a_hand_made_customer(bank_of, whole_book):
    text = """customer_id,booked_at,amount
A,2025-01-10 09:00,10
A,2025-01-10 18:00,5
A,2025-02-01 09:00,0
A,2025-03-01 09:00,-7
A,2025-04-11 09:00,8
A,2025-06-30 09:00,100
B,2025-03-01 09:00,-7
C,2025-05-31 09:00,3
"""
    found = purchases(whole_book(bank_of(transactions=text)), date(2025, 5, 31)).set_index("customer_id")
    assert sorted(found.index) == ["A", "C"]  # B only paid out
    # Two purchases of a day are one, an amount of zero counts, one out does not, nor what came after the date.
    assert found.loc["A", ["repeats", "last", "age"]].tolist() == [2, 91, 141]
    assert found.loc["A", "mean"] == pytest.approx(4.0)
    assert found.loc["C", ["repeats", "last", "age"]].tolist() == [0, 0, 0]
    assert np.isnan(found.loc["C", "mean"])


def test_standing_counts_whole_months_of_tenure(hand, whole_book):
    found = standing(whole_book(hand), date(2026, 6, 30)).set_index("customer_id")
    assert "C5" not in found.index  # no balance, no transaction
    c1 = found.loc["C1"]  # joined January 2024, first seen May 2025, here in June 2026
    assert c1[["entered", "reached", "tenure", "months"]].tolist() == [16, 27, 29, 12]
    assert (c1["is_here"], c1["has_left"]) == (True, False)
    c6 = found.loc["C6"]
    assert c6[["tenure", "months"]].tolist() == [0, 1]
    assert c6["reached"] < c6["entered"]  # too new for anybody to know whether they stay
    early = standing(whole_book(hand), date(2025, 10, 31)).set_index("customer_id")
    assert early.loc["C1", ["reached", "has_left"]].tolist() == [18, True]  # nothing since July 2025


def test_an_earlier_date_uses_only_what_was_known_then(shop, demo, whole_book):
    for warehouse in (shop, demo):
        book, day = whole_book(warehouse), warehouse.month_ends[-7]
        model = fitted(book, day)
        cut = histories(book, model, day)
        if isinstance(model, Purchases):
            assert (cut["last"] <= cut["age"]).all()
            again = fit_bgnbd(merged(cut["repeats"], cut["last"], cut["age"]))
            assert [model.activity.r, model.activity.b] == pytest.approx([again.r, again.b], rel=1e-4)
        else:
            again = Margins.fit(cut)
            assert model.survival.log_likelihood == pytest.approx(again.survival.log_likelihood, rel=1e-9)
            assert model.credibility == again.credibility
            assert 0 < model.credibility.k <= 24
        newest = fitted(book, warehouse.newest_as_of)
        assert model != newest


def test_what_follows_a_date_does_not_change_its_values(shop, tmp_path, whole_book):
    before = loaded(tmp_path, [row for row in purchases_of_a_shop() if row[1] <= CUT])
    assert before.newest_as_of == date.fromisoformat(CUT)
    values = [
        whole_book(warehouse)
        .frame((KEY,), as_of=date.fromisoformat(CUT))
        .set_index("customer_id")[KEY]
        .dropna()
        for warehouse in (before, shop)
    ]
    assert len(values[0]) > 200
    pd.testing.assert_series_equal(values[0].sort_index(), values[1].sort_index(), rtol=1e-4)


def test_the_indicator_is_the_models_word_on_each_customer(shop, demo, whole_book, book_with):
    for warehouse, kind in ((shop, Purchases), (demo, Margins)):
        for book in (whole_book(warehouse), book_with(warehouse, OWN)):
            day = warehouse.month_ends[-3]
            if book.count(day) == 0:
                continue
            model = fitted(book, day)
            assert isinstance(model, kind)
            rows = histories(book, model, day).set_index("customer_id")
            got = book.frame((KEY,), as_of=day).set_index("customer_id")[KEY].dropna()
            want = pd.Series(model.worth(rows.reset_index()), index=rows.index)
            assert (got - want.loc[got.index]).abs().max() <= 0.0051
            assert len(got) == len(want)


def test_a_bank_without_losses_but_purchases_is_fitted_by_purchases_and_says_so(shop, whole_book):
    book = whole_book(shop)
    assert book.available[KEY] is None
    assert "BG/NBD" in model_words(fitted(book, shop.newest_as_of))
    assert len(shop.manifest.fitted[KEY]) == 13
    assert model_of(shop.manifest.fitted[KEY][shop.newest_as_of.isoformat()]) == fitted(
        book, shop.newest_as_of
    )


def test_no_fit_is_refused_in_words_and_greys_the_indicator(hand, bank_of, whole_book):
    reason = whole_book(hand).available[KEY]
    assert reason is not None
    assert "customers have left" in reason
    assert "customers came on a second day" in reason  # purchases neither
    with pytest.raises(NotAllowed, match="have left"):
        whole_book(hand).frame((KEY,))
    short = bank_of(transactions="customer_id,booked_at,amount\nA,2026-01-31,1\nA,2026-03-31,1\n")
    assert "year of history" in str(whole_book(short).available[KEY])


def test_it_is_for_those_who_may_see_profit(demo, whole_book):
    assert "profit" in str(whole_book(demo, columns="pii").available[KEY])
    with pytest.raises(NotAllowed):
        outlook(whole_book(demo, columns="pii"), demo.newest_as_of)
    with pytest.raises(NotAllowed):
        standing(whole_book(demo, columns=""), demo.newest_as_of)


def test_a_date_without_a_model_says_which_dates_have_one(demo, whole_book):
    with pytest.raises(NotEnoughData, match="Models are kept from"):
        fitted(whole_book(demo), demo.month_ends[2])
    assert whole_book(demo).frame((KEY,), as_of=demo.month_ends[2])[KEY].isna().all()


def test_the_outlook_of_36_months_at_10_percent_is_the_indicator(demo, book_with):
    book = book_with(demo, OWN)
    found = outlook(book, demo.newest_as_of)
    got = book.frame((KEY,))[KEY]
    assert found.total == pytest.approx(got.sum(), abs=0.005 * len(got))
    assert found.losses == pytest.approx(-got[got < 0].sum(), abs=0.005 * len(got))
    assert found.customers["worth"].is_monotonic_decreasing
    sentence = outlook_sentence(found, demo.newest_as_of, "CNY")
    assert f"{found.count} customers can be expected to" in sentence
    assert "36 months" in sentence


def test_a_longer_horizon_brings_more_and_a_dearer_one_less(shop, whole_book):
    book, day = whole_book(shop), shop.newest_as_of
    worth = {(m, d): outlook(book, day, m, d).total for m in (12, 36) for d in (0.0, 0.1)}
    assert worth[12, 0.1] < worth[12, 0.0] < worth[36, 0.1] < worth[36, 0.0]
    with pytest.raises(BadInput, match="0 months"):
        outlook(book, day, 0)
    with pytest.raises(BadInput, match="discount"):
        outlook(book, day, 12, 7.0)


def test_losses_go_on_as_long_as_the_customer_stays():
    rows = pd.DataFrame({"profit_cents": [-1200_00, 1200_00, 1200_00], "months": [12, 12, 6], "tenure": [0, 0, 5],
                         "is_here": [True, True, False]})  # fmt: skip
    worth = Margins(Survival(1.0, 9.0, 0.0, 9)).worth(rows, 12, 0.0)
    assert worth[0] == -worth[1] < 0
    assert worth[2] == 0.0  # gone


def test_last_years_prediction_of_the_demo_bank_came_true(demo, whole_book):
    tested = backtest(whole_book(demo), demo.newest_as_of)
    assert tested.made == months_before(demo.newest_as_of, 12)
    assert 0.8 < tested.ratio < 1.2
    assert tested.order > 0.8
    assert tested.table["predicted"].is_monotonic_decreasing
    assert tested.table["observed"].corr(tested.table["predicted"]) > 0.95
    profit = whole_book(demo).frame(("profit_12m",)).set_index("customer_id")["profit_12m"]
    there = histories(whole_book(demo), tested.model, tested.made)["customer_id"]
    assert tested.table["observed_total"].sum() == pytest.approx(profit.loc[there].sum())
    assert tested.table["customers"].sum() == len(there) == tested.customers


def test_last_years_purchases_came_as_foretold(shop, whole_book):
    book = whole_book(shop)
    tested = backtest(book, shop.newest_as_of)
    assert 0.6 < tested.ratio < 1.5
    assert tested.table["observed"].iloc[0] > tested.table["observed"].iloc[-1]
    credit = book.frame(("credit_amount_12m",)).set_index("customer_id")["credit_amount_12m"]
    there = histories(book, tested.model, tested.made)["customer_id"]
    assert tested.observed == pytest.approx(credit.loc[there].sum())
    said = backtest_sentence(tested, "CNY")
    assert "would have predicted" in said
    assert "for the year;" in said
    assert "the prediction was" in said


def test_groups_of_a_prediction_are_equal_and_add_up():
    rows = pd.DataFrame({"predicted": np.arange(103.0), "observed": np.ones(103)})
    table = by_prediction(rows)
    assert len(table) == 10
    assert set(table["customers"]) == {10, 11}
    assert table["observed_total"].sum() == 103
    assert table["predicted"].is_monotonic_decreasing


def test_the_chart_shows_what_came_and_what_was_said():
    table = by_prediction(
        pd.DataFrame({"predicted": np.linspace(-50, 500, 60), "observed": np.linspace(-40, 700, 60)})
    )
    figure = foretold(table, Quantity("mean", "Mean", "currency", "CNY"), palette=LIGHT)
    bars, marks = figure.data
    assert list(bars.x) == table["observed"].tolist()
    assert list(marks.x) == table["predicted"].tolist()
    assert bars.marker.color[-1] == LIGHT.loss
    low, high = figure.layout.xaxis.range
    assert low < 0 < max(table["observed"]) < high
    with pytest.raises(NotEnoughData):
        foretold(table.head(0), Quantity("mean", "Mean"), palette=LIGHT)


@pytest.fixture
def command(monkeypatch, capfd, tmp_path):
    """Run a command in this process over a warehouse: exit code, stdout, stderr."""
    monkeypatch.setenv("CLIENTELE_STORE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    (tmp_path / "audit.key").write_text("k" * 64)  # one store for two banks has one key
    monkeypatch.setenv("CLIENTELE_AUDIT_KEY_FILE", str(tmp_path / "audit.key"))

    def call(warehouse: Warehouse, *words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["analytics", *words, "--warehouse", str(warehouse.root)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            run()
        said = capfd.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def test_the_command_prints_one_document_or_one_line_of_why_not(shop, demo, command):
    code, out, _err = command(demo, "lifetime", "--user", ANALYST, "--horizon", "12", "--json")
    assert code == 0
    assert json.loads(out)["expected"]["months"] == 12
    code, out, _err = command(demo, "lifetime", "--user", ANALYST)
    assert code == 0
    assert "bgnbd" in out
    code, out, said = command(shop, "lifetime", "--user", "nobody@x.example", "--json")
    assert (code, out, said.count("\n")) == (1, "", 1)
    assert "came on a second day" in said
    assert command(demo, "lifetime", "--user", ANALYST, "--discount", "3")[0] == 1
    assert command(demo, "lifetime", "--user", ANALYST, "--horizon", "x")[0] == 2


def test_the_catalogue_says_why_it_was_not_fitted(shop, hand, command):
    told = {}
    for warehouse in (shop, hand):
        rows = json.loads(command(warehouse, "indicators", "--json")[1])
        told[warehouse] = next(row for row in rows if row["key"] == KEY)
    assert (told[shop]["available"], told[shop]["why_not"]) == (True, None)
    assert told[hand]["available"] is False
    assert "customers have left" in told[hand]["why_not"]


def test_a_version_from_before_there_were_fits_asks_to_be_loaded_again(demo, whole_book):
    older = Warehouse(demo.root, replace(demo.manifest, fitted={}))
    assert "load the data again" in str(whole_book(older).available[KEY])


def test_the_document_has_every_key_of_the_contract(demo, whole_book, book_with):
    found = lifetime_document(whole_book(demo))
    assert {"customers", "bgnbd", "gamma_gamma", "warnings"} <= set(found)
    assert set(found["bgnbd"]) == {"r", "alpha", "a", "b", "log_likelihood"}
    json.dumps(found, default=str, allow_nan=False)
    assert found["expected"]["model"] == "survival"
    rows = standing(whole_book(demo), demo.newest_as_of)
    assert found["expected"]["customers"] == len(rows) != found["customers"]
    assert found["expected"]["per_customer"] * len(rows) == pytest.approx(found["expected"]["total"])
    without = lifetime_document(whole_book(demo, columns=""))
    assert without["survival"] is None
    assert without["bgnbd"] == found["bgnbd"]
    small = lifetime_document(book_with(demo, OWN))
    assert any("is rough" in warning for warning in small["warnings"])
