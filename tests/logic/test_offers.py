"""Offers: probability times margin, in order, with reasons; what they may know; whether they come true."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from analytics import charts
from analytics.access.book import Book
from analytics.access.earnings import product_lines
from analytics.access.reads import Read
from analytics.calendar import months_before
from analytics.errors import NotAllowed, NotEnoughData
from analytics.indicators import CATALOGUE
from analytics.needs import offers as of
from analytics.needs import propensity
from analytics.needs.backtest import auc, backtest, calibration, calibration_sentence, lift, lift_sentence
from analytics.needs.margins import margins
from analytics.needs.offers import LEAST_CHANCE, offering, offers, offers_table, write_offers
from analytics.needs.propensity import learnt, propensities, taken
from analytics.needs.suitability import standing
from analytics.needs.traits import TRAITS, people
from analytics.translation import in_language
from tests.conftest import write_tables


@pytest.fixture(scope="module")
def whole(demo, whole_book):
    return whole_book(demo)


@pytest.fixture(scope="module")
def found(whole, demo):
    return offering(whole, demo.newest_as_of)


@pytest.fixture(scope="module")
def year_before(whole, demo):
    """The customers a year ago, and what each opened since."""
    seen = people(whole, months_before(demo.newest_as_of, 12))
    return seen, taken(whole, seen, demo.newest_as_of)


# --- worth and rank, by hand


def tiny():
    """Forty customers alike but for two products: ten took P1 and five P2 in the year to June 2026; P2 brings
    ten times as much. L is long held by everybody in the first half."""
    ids = [f"C{n:02}" for n in range(40)]
    rows = [(f"K{n}", ids[n], "L", "2024-01-01") for n in range(20)]
    rows += [(f"M{n}", ids[n], "P1", "2025-09-01") for n in range(10)]
    rows += [(f"N{n}", ids[n + 10], "P2", "2025-09-01") for n in range(5)]
    accounts = pd.DataFrame(rows, columns=["account_id", "customer_id", "product_id", "opened_on"])
    brings = {"L": 0, "P1": 100, "P2": 1000}  # an account's fee in the year
    fees = accounts.assign(
        booked_at="2026-06-30", amount=-5, fee=accounts["product_id"].map(brings), channel="mobile"
    )
    old = accounts.assign(booked_at="2024-05-02", amount=5, fee=0, channel="mobile")
    return {
        "customers": pd.DataFrame(
            {"customer_id": ids, "risk_tolerance": 3, "risk_assessed_on": "2026-01-01", "marketing_consent": True}
        ),
        "accounts": accounts,
        "products": pd.DataFrame({"product_id": ["L", "P1", "P2"], "category": ["loan", "card", "fund"], "risk_level": 1}),
        "transactions": pd.concat([old, fees])[["customer_id", "account_id", "booked_at", "amount", "fee", "channel"]],
        "balances": pd.DataFrame({"account_id": ["K0"], "month_end": ["2026-06-30"], "average_balance": [0.0]}),
        "product_rates": pd.DataFrame(
            {"product_id": ["L"], "effective_from": ["2020-01-01"], "customer_rate": [0.01], "transfer_rate": [0.01]}
        ),
    }  # fmt: skip


@pytest.fixture
def tiny_book(bank_of, whole_book):
    return whole_book(bank_of(**{name: rows.to_csv(index=False) for name, rows in tiny().items()}))


def test_worth_ranks_by_probability_times_what_a_holder_brings(tiny_book, monkeypatch):
    monkeypatch.setattr(propensity, "FEWEST_TAKERS", 10_000)  # shares alone, which paper can follow
    june = tiny_book.warehouse.newest_as_of
    seen = offering(tiny_book, june)
    # By hand: means of 10 and of 5 holders, each alone in its category, so that nothing is drawn anywhere.
    assert seen.margins["margin"].round(6).to_dict() == {"L": 0.0, "P1": 100.0, "P2": 1000.0}
    takers, free = {"L": 0, "P1": 10, "P2": 5}, {"L": 20, "P1": 40, "P2": 40}
    overall = 15.5 / 101
    share = {name: (takers[name] + 20 * overall) / (free[name] + 20) for name in takers}
    table = seen.best(["C39"])
    assert table["product_id"].tolist() == ["P2", "P1"]  # rarer, but worth more; L brings nothing
    assert table["rank"].tolist() == [1, 2]
    np.testing.assert_allclose(table["probability"], [share["P2"], share["P1"]], rtol=0.02)
    np.testing.assert_allclose(table["worth"], table["probability"] * [1000, 100])


def test_margins_are_the_mean_contribution_of_those_who_hold_it(whole, demo, found):
    day = demo.newest_as_of
    lines = product_lines(whole, day)
    known = standing(whole, day)
    place = list(known.products.index).index("L01")
    holders = set(known.ids[known.held[:, place]])
    mine = lines[(lines["product"] == "L01") & lines["customer_id"].isin(holders)]["cents"].sum() / 100
    loans = [name for name in known.products.index if known.products.loc[name, "category"] == "loan"]
    together = of_those_who_hold(lines, known, loans)
    usual = together / known.held[:, [list(known.products.index).index(name) for name in loans]].sum()
    assert found.margins.loc["L01", "margin"] == pytest.approx((mine + 10 * usual) / (len(holders) + 10))
    assert found.margins.loc["I01", "assumed"]
    assert not found.margins.loc["L01", "assumed"]


def of_those_who_hold(lines, known, names):
    total = 0.0
    for name in names:
        holders = set(known.ids[known.held[:, list(known.products.index).index(name)]])
        total += lines[(lines["product"] == name) & lines["customer_id"].isin(holders)]["cents"].sum() / 100
    return total


def test_the_table_is_in_order_of_worth_within_each_customer(found):
    table = found.best(most=5)
    assert (table["rank"] == table.groupby("customer_id").cumcount() + 1).all()
    assert (table.groupby("customer_id")["worth"].diff().dropna() <= 1e-6 * table["worth"].max()).all()
    assert (table["worth"] > 0).all()
    assert (table["probability"] >= LEAST_CHANCE).all()
    np.testing.assert_allclose(table["worth"], table["probability"] * table["margin"])
    pd.testing.assert_frame_equal(
        table[table["rank"] <= 3].reset_index(drop=True), found.best(), check_dtype=False
    )


def test_each_offer_has_a_reason_with_its_share_and_what_speaks_for_it(found):
    table = found.best()
    assert table["reason"].str.contains("% of customers like this took it within a year").all()
    assert table["reason"].str.contains("; ").mean() > 0.8
    for row in table[table["reason"].str.contains("holds ")].head(50).to_dict("records"):
        names = found.seen.known.products["name"]
        held = found.seen.known.held[found.places([row["customer_id"]])[0]]
        told = [name for name in names if f"holds {name}" in row["reason"]]
        assert told
        assert all(held[list(names).index(name)] for name in told)
    with in_language("zh_CN"):
        assert len(found.best(table["customer_id"].head(3))) > 0


def test_planted_affinities_are_found(found):
    """Half of the demonstration bank's customers decide on insurance as on a loan: holders are likelier to take it."""
    products = list(found.seen.known.products.index)
    loan, insurance = products.index("L01"), products.index("I01")
    free = ~found.seen.known.held[:, insurance]
    borrowers = found.seen.known.held[:, loan]
    chance = found.probability[:, insurance]
    assert chance[free & borrowers].mean() > 2 * chance[free & ~borrowers].mean()


# --- the same for all who may see the same


def test_the_same_question_has_the_same_answer(whole, demo, found):
    again = offering(whole, demo.newest_as_of)
    pd.testing.assert_frame_equal(again.best(), found.best())
    assert again.warnings == found.warnings


def test_the_order_of_customers_does_not_matter(year_before):
    seen, outcome = year_before
    order = np.random.default_rng(5).permutation(len(seen))
    known = seen.known
    moved = replace(
        seen, levels=seen.levels[order],
        known=replace(
            known, ids=known.ids[order], tolerance=known.tolerance[order], assessed=known.assessed[order],
            consents=known.consents[order], held=known.held[order],
        ),
    )  # fmt: skip
    one, other = learnt(seen, outcome, known.as_of), learnt(moved, outcome[order], known.as_of)
    np.testing.assert_array_equal(one.weights, other.weights)
    np.testing.assert_array_equal(one.intercepts, other.intercepts)


def test_batches_do_not_matter(whole, demo, found, monkeypatch):
    monkeypatch.setattr(of, "BATCH", 97)
    pd.testing.assert_frame_equal(offering(whole, demo.newest_as_of).best(), found.best())


# --- what it may know


def test_no_trait_has_a_column_class_or_is_known_only_as_of_today():
    told = {trait.key for trait in TRAITS}
    assert {CATALOGUE[key].sensitivity for key in told} == {None}
    today = {key for key in told if CATALOGUE[key].source == "customers"}
    assert today == {"customer_type", "age_years", "tenure_years"}  # these follow the date, or never change
    unfair = {
        "gender",
        "marital_status",
        "religion",
        "education",
        "occupation",
        "risk_tolerance",
        "annual_income",
    }
    assert not told & unfair


@pytest.mark.parametrize("columns", ["", "pii,sensitive"])
def test_without_the_class_of_profit_the_rank_is_by_probability(demo, whole_book, found, columns):
    book = whole_book(demo, columns)
    mine = offering(book, demo.newest_as_of)
    assert mine.margins is None
    np.testing.assert_array_equal(mine.probability, found.probability)
    table = mine.best()
    assert table[["margin", "worth"]].isna().all(axis=None)
    assert (table.groupby("customer_id")["probability"].diff().dropna() <= 0).all()
    assert any(text.startswith("Offers are ranked by probability, not by worth.") for text in mine.warnings)
    with pytest.raises(NotAllowed):
        margins(book, mine.seen.known, demo.newest_as_of)


def test_what_came_after_the_date_does_not_change_what_was_learnt(tmp_path, whole_book):
    """A bank with a later year cut off gives the same model as of the earlier date."""
    from analytics.warehouse.engine import open_warehouse
    from analytics.warehouse.load import load

    late = tiny()
    more = late["accounts"].head(15).assign(
        account_id=[f"Z{n}" for n in range(15)], customer_id=[f"C{n + 20}" for n in range(15)], product_id="P1",
        opened_on="2026-07-10",
    )  # fmt: skip
    late["accounts"] = pd.concat([late["accounts"], more])
    then = late["transactions"].head(1).assign(booked_at="2026-10-31")
    late["transactions"] = pd.concat([late["transactions"], then])
    models = []
    for name, tables in (("early", tiny()), ("late", late)):
        folder = tmp_path / name
        texts = {key: rows.to_csv(index=False) for key, rows in tables.items()}
        load(write_tables(folder / "source", texts), folder / "warehouse")
        bank = open_warehouse(folder / "warehouse")
        models.append(propensities(whole_book(bank), date(2026, 6, 30)))
        assert bank.newest_as_of.month == (6 if name == "early" else 10)
    np.testing.assert_array_equal(models[0].weights, models[1].weights)
    np.testing.assert_array_equal(models[0].takers, [0, 10, 5])


def test_everything_that_is_read_is_recorded(demo, whole_book):
    book = whole_book(demo)
    told = []
    offers(
        Book(book.person, book.scope, demo, record=told.append),
        None,
        demo.newest_as_of,
        where="age_years > 90",
    )
    assert all(isinstance(read, Read) for read in told)
    assert {"suitability", "products opened", "product lines", "customer_type"} <= {
        name for read in told for name in read.what
    }


def test_a_manager_gets_offers_for_their_own_customers_alone(demo, book_with):
    book = book_with(
        demo, {"role": "relationship_manager", "level": "own", "employee_id": "E0001", "columns": "profit"}
    )
    mine = set(book.frame(())["customer_id"])
    got = offers(book, [f"C{n:07}" for n in range(1, 1501)], demo.newest_as_of)
    assert got.customers == len(mine)
    assert set(got.table["customer_id"]) <= mine
    assert 0 < got.served <= got.customers
    assert any("rough" in text for text in got.warnings)


# --- files


def test_the_file_has_the_contracts_columns_and_is_recorded(bank_of, tiny_book, tmp_path, store):
    book = Book(tiny_book.person, tiny_book.scope, tiny_book.warehouse, tiny_book.record)
    with pytest.raises(Exception, match="recorded"):  # this book has no trail: nothing leaves
        write_offers(book, None, book.as_of(), tmp_path / "offers.csv")
    assert not (tmp_path / "offers.csv").exists()
    opened = Book.open(tiny_book.warehouse, store, "nobody@x.example")
    real = Book(tiny_book.person, tiny_book.scope, tiny_book.warehouse, opened.record)
    n = write_offers(real, None, real.as_of(), tmp_path / "offers.csv")
    rows = pd.read_csv(tmp_path / "offers.csv")
    assert list(rows.columns) == ["customer_id", "product_id", "rank", "reason"]
    assert len(rows) == n > 0
    assert (tmp_path / "offers.csv.receipt.json").exists()
    pd.testing.assert_frame_equal(rows, offers_table(real, None, real.as_of()), check_dtype=False)


# --- does it come true


def test_a_year_ago_it_would_have_beaten_chance(whole, demo):
    tested = backtest(whole, demo.newest_as_of)
    assert tested.top > 2
    assert tested.auc > 0.7
    assert tested.brier < tested.brier_share
    assert tested.lift["takers"].sum() == pytest.approx(tested.takers)
    assert tested.calibration["takers"].sum() == tested.takers
    assert 0.7 < tested.foretold / tested.takers < 1.4
    assert f"{tested.takers:,} products taken" in lift_sentence(tested)
    assert "of 10 groups" in calibration_sentence(tested)


def test_probabilities_are_what_comes_of_customers_that_were_not_learnt_from(year_before):
    """Each half foretold from the other: in nearly every tenth the probability lies within the 95 % interval."""
    seen, outcome = year_before
    half = np.arange(len(seen)) % 2 == 0
    chance = np.empty(outcome.shape)
    for learn in (half, ~half):
        rows = np.flatnonzero(learn)
        known = seen.known
        part = replace(
            seen, levels=seen.levels[rows], known=replace(known, ids=known.ids[rows], held=known.held[rows])
        )
        chance[~learn] = learnt(part, outcome[rows], known.as_of).probability(
            seen.columns(np.flatnonzero(~learn))
        )
    free = ~seen.known.held
    table = calibration(chance[free], outcome[free])
    inside = (table["low"] <= table["predicted"]) & (table["predicted"] <= table["high"])
    assert inside.sum() >= 8, table
    assert chance[free].sum() == pytest.approx(outcome[free].sum(), rel=0.15)
    assert auc(chance, outcome, free) > 0.7


def test_the_lift_of_a_perfect_and_of_a_blind_model():
    came = np.zeros((100, 1), dtype=bool)
    came[:10] = True
    free = np.ones((100, 1), dtype=bool)
    perfect = lift(came.astype(float), came, free)
    assert perfect["lift"].round(9).tolist() == [10.0] + [0.0] * 9
    blind = lift(np.full((100, 1), 0.1), came, free)
    assert blind["lift"].round(9).tolist() == [1.0] * 10
    assert blind["reached"].round(9).tolist() == [round(0.1 * n, 9) for n in range(1, 11)]


def test_the_area_is_scikit_learns_weighted_by_takers():
    chance = np.random.default_rng(1)
    said, did = chance.random((200, 2)), chance.random((200, 2)) < [0.1, 0.3]
    free = np.ones_like(did)
    parts = [roc_auc_score(did[:, n], said[:, n]) for n in range(2)]
    assert auc(said, did, free) == pytest.approx(np.average(parts, weights=did.sum(axis=0)))


def test_too_short_a_history_still_tells_who_may_be_offered_something(demo, whole_book):
    book, early = whole_book(demo), demo.month_ends[5]
    found = offering(book, early)
    assert found.best().empty
    assert found.served() > 0
    assert any("can't be learnt" in text for text in found.warnings)
    with pytest.raises(NotEnoughData, match="can't be learnt"):
        backtest(book, months_before(demo.newest_as_of, 6))


# --- pictures


@pytest.mark.parametrize("palette", [charts.LIGHT, charts.DARK])
def test_the_pictures_show_every_tenth(whole, demo, palette):
    tested = backtest(whole, demo.newest_as_of)
    curve = charts.lift_curve(tested.lift, palette=palette)
    assert list(curve.data[1].y)[1:] == pytest.approx(tested.lift["reached"].tolist())
    plot = charts.calibration_plot(tested.calibration, palette=palette)
    assert len(plot.data[1].x) == len(tested.calibration)
    for empty in (charts.lift_curve, charts.calibration_plot):
        with pytest.raises(NotEnoughData):
            empty(tested.lift.head(0), palette=palette)
