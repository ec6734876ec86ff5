"""What a segment has in common: the planted affinities, the figures against plain SQL, and nothing beyond the book."""

import json
from types import SimpleNamespace

import duckdb
import numpy as np
import pandas as pd
import pytest

from analytics.access.masking import SENSITIVE_COLUMNS
from analytics.errors import BadInput, NotEnoughData
from analytics.formats import percent
from analytics.indicators import CATALOGUE
from analytics.needs.associations import MOST, associations
from analytics.needs.gaps import LESS, MORE, common_needs, shortfalls
from analytics.needs.habits import compared, ways
from analytics.needs.matching import MATCHED_ON, Match
from analytics.needs.report import lacking, needs, needs_document, needs_of
from analytics.needs.sentences import (
    headline,
    hint_sentences,
    need_sentences,
    shares_sentence,
    shortfall_sentences,
)
from analytics.recipe import Recipe
from analytics.segmentation import segment_toml
from analytics.warehouse.demo import DemoOptions, generate
from analytics.warehouse.demo.affinities import AFFINITIES, read
from analytics.warehouse.demo.products import PRODUCTS
from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.load import publish_tables
from tests.conftest import HAND

RECIPE = """value = "credit_amount_12m"
indicators = ["balance_average_3m", "transactions_count_12m", "products_held", "tenure_years"]
[method]
key = "kmeans"
segments = 3
"""
ARCHETYPES = tuple(AFFINITIES)
SPECIFIC, OFTEN, FIRST = 3, 0.1, 3  # times as often as others; share of the archetype; of these, the first


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """A bank whose customers' archetypes are known: its folder and the archetype of each customer."""
    folder = tmp_path_factory.mktemp("planted")
    options = DemoOptions(customers=5_000, transactions_per_customer=12, months=26)
    publish_tables(
        folder / "bank", lambda con: generate(con, options, folder / "truth"), demo=True, base_currency="CNY"
    )
    truth = duckdb.sql(f"SELECT customer_id, archetype FROM '{folder / 'truth' / 'archetypes.parquet'}'").df()
    return open_warehouse(folder / "bank"), truth


def by_hand(warehouse, members):
    """A segmentation that somebody made outside: customer_id and segment; its value counts customers."""
    last = int(members["segment"].max())
    named = pd.DataFrame({"segment": range(1, last + 1), "name": [f"Group {n}" for n in range(1, last + 1)]})
    return SimpleNamespace(as_of=warehouse.newest_as_of, members=members.assign(value=1.0), segments=named)


@pytest.fixture(scope="module")
def archetypes(planted):
    warehouse, truth = planted
    numbers = truth["archetype"].map({key: n for n, key in enumerate(ARCHETYPES, start=1)})
    return by_hand(warehouse, pd.DataFrame({"customer_id": truth["customer_id"], "segment": numbers}))


@pytest.fixture(scope="module")
def told(demo, whole_book):
    """The most valuable segment of the shared bank, with its book and its segmentation."""
    book = whole_book(demo)
    found = segment_toml(book, RECIPE)
    return book, found, needs_of(book, found, 1)


def shares(archetype):
    return {
        product: count / 100 for line in AFFINITIES[archetype].values() for product, _, count in read(line)
    }


def specific(archetype, truth):
    """What was planted: sold products that an archetype holds often, and far more often than the rest of the bank."""
    size = truth["archetype"].value_counts(normalize=True)
    own, sold = shares(archetype), {product.product_id for product in PRODUCTS if product.is_active}
    rest = [(size[other], shares(other)) for other in ARCHETYPES if other != archetype]
    others = {key: sum(part * held.get(key, 0) for part, held in rest) / (1 - size[archetype]) for key in own}
    found = [key for key in own if key in sold and own[key] >= OFTEN and own[key] >= SPECIFIC * others[key]]
    return sorted(found, key=lambda key: others[key] - own[key])[:FIRST]


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_what_was_planted_for_an_archetype_is_among_its_top_needs(planted, archetypes, whole_book, archetype):
    warehouse, truth = planted
    found = needs_of(whole_book(warehouse), archetypes, ARCHETYPES.index(archetype) + 1)
    wanted = specific(archetype, truth)
    assert wanted
    assert set(wanted) <= set(common_needs(found.gaps, 5).index)
    assert (found.gaps.loc[wanted, "differs"] == MORE).all()


def test_what_is_decided_together_is_held_together(planted, archetypes, whole_book):
    """Half of a family decide on insurance as they did on the loan: home loan and family cover."""
    warehouse, _truth = planted
    found = needs_of(whole_book(warehouse), archetypes, ARCHETYPES.index("salary_family") + 1)
    pairs = [{*row["if"], row["then"]} for row in found.associations.to_dict("records")]
    assert {"I01", "L01"} in pairs


def test_a_segment_drawn_by_lot_needs_nothing(planted, whole_book):
    warehouse, truth = planted
    calls = 0
    for seed in range(10):
        numbers = np.random.default_rng(seed).integers(1, 3, len(truth))
        members = pd.DataFrame({"customer_id": truth["customer_id"], "segment": numbers})
        found = needs_of(whole_book(warehouse), by_hand(warehouse, members), 1)
        calls += int((found.gaps["differs"] != 0).sum())
    assert calls <= 2


# --- the figures, by another way


PLAIN = """
SELECT product_id, count(*) FILTER (segment = 1) AS holders, count(*) AS everybody
FROM (
    SELECT DISTINCT customer_id, product_id FROM accounts
    WHERE (opened_on IS NULL OR opened_on <= $day) AND (closed_on IS NULL OR closed_on > $day)
) JOIN members USING (customer_id) GROUP BY product_id
"""


def test_shares_and_counts_are_those_of_plain_sql(told, demo, open_raw):
    _book, found, rows = told
    con = open_raw(demo)
    con.register("members", found.members[["customer_id", "segment"]].astype({"customer_id": str}))
    plain = {row[0]: row[1:] for row in con.execute(PLAIN, {"day": found.as_of}).fetchall()}
    size = int((found.members["segment"] == 1).sum())
    assert set(rows.gaps.index) <= set(plain)
    for product, row in rows.gaps.iterrows():
        assert row["segment"] == size
        assert row["customers"] == size - plain[product][0]
        assert row["holders"] <= plain[product][0]
        if rows.match.count == size:
            assert row["held_share"] == pytest.approx(plain[product][0] / size)
    assert (rows.gaps["held_share"] == rows.gaps["holders"] / rows.match.count).all()
    with_peers = rows.gaps[rows.gaps["peer_share"] > 0]
    assert np.allclose(with_peers["lift"], with_peers["held_share"] / with_peers["peer_share"])
    assert (rows.gaps["low"] <= rows.gaps["difference"]).all()
    assert (rows.gaps["difference"] <= rows.gaps["high"]).all()


def test_the_peers_share_is_the_mean_over_strata_weighted_to_the_segment(told, demo, open_raw):
    """Post-stratification by SQL over what the match says of each customer."""
    _book, found, rows = told
    con = open_raw(demo)
    peers = pd.DataFrame({"customer_id": rows.ids.to_pylist(), "weight": rows.match.weights})
    con.register("members", peers[peers["weight"] > 0])
    plain = con.execute(
        """SELECT product_id, sum(weight), count(*) FROM (
            SELECT DISTINCT customer_id, product_id FROM accounts
            WHERE (opened_on IS NULL OR opened_on <= $day) AND (closed_on IS NULL OR closed_on > $day)
        ) JOIN members USING (customer_id) GROUP BY product_id""",
        {"day": found.as_of},
    ).fetchall()
    for product, share, count in plain:
        assert rows.gaps.loc[product, "peer_share"] == pytest.approx(share)
        assert rows.gaps.loc[product, "peer_holders"] == count


def test_who_lacks_a_product_is_who_does_not_hold_it(told):
    book, found, rows = told
    product = str(common_needs(rows.gaps, 1).index[0])
    listed = lacking(book, found, 1, product)
    assert len(listed) == rows.gaps.loc[product, "customers"]
    assert set(listed["customer_id"]) <= set(rows.customers)
    assert listed["value"].is_monotonic_decreasing


def test_habits_are_those_of_plain_sql(told, demo, open_raw):
    book, found, rows = told
    seen = ways(book, found, 1)
    con = open_raw(demo)
    compared = pd.Series(rows.ids.to_pylist())[rows.match.compared]
    con.register("members", pd.DataFrame({"customer_id": compared}))
    window = "booked_at >= DATE '2025-11-01' AND booked_at < DATE '2026-11-01'"
    assert str(found.as_of) == "2026-10-31"
    for table, what in (
        (seen.channels, "channel"),
        (seen.weekdays, "dayname(booked_at)"),
        (seen.hours, "hour(booked_at)"),
    ):
        plain = con.execute(
            f"""WITH acts AS (
                SELECT customer_id, {what} AS what FROM transactions SEMI JOIN members USING (customer_id) WHERE {window}
            ), wholes AS (SELECT customer_id, count(*) AS whole FROM acts GROUP BY 1)
            SELECT what, sum(1 / whole) / (SELECT count(*) FROM wholes) FROM acts JOIN wholes USING (customer_id) GROUP BY 1"""
        ).fetchall()
        given = table.set_index("what")["here"]
        assert given[given > 0].to_dict() == pytest.approx({str(key): share for key, share in plain})


@pytest.mark.parametrize("known", [[np.nan] * 4, [5.0, np.nan, 1.0, 2.0]])
def test_what_too_few_on_a_side_have_is_not_compared(known):
    """One figure has no interval, and none at all is no difference."""
    inside = np.array([True, True, False, False])
    beside = Match(inside, inside, np.where(inside, 0.0, 0.5), (), {})
    rows = compared(["Monday", "Sunday"], np.array([known, [1.0, 2.0, 3.0, 5.0]]).T, beside)
    assert rows["what"].tolist() == ["Sunday"]
    assert shares_sentence(rows.iloc[:0], []).startswith("Too few of these customers")


def test_what_changed_is_the_mean_of_the_differences(told):
    """Of all who were customers then; who held nothing had nothing of it, at either date."""
    book, found, rows = told
    changes = ways(book, found, 1).changes.set_index("what")
    now, then = (
        book.frame(["balance_average_3m"], as_of=day).set_index("customer_id")["balance_average_3m"].fillna(0)
        for day in (found.as_of, ways(book, found, 1).since)
    )
    moved = (now - then).reindex(np.array(rows.ids.to_pylist())[rows.match.compared]).dropna()
    assert changes.loc["balance_average_3m", "here"] == pytest.approx(moved.mean())
    assert changes.loc["balance_average_3m", "size"] == len(moved)


def test_answers_are_counted_once_a_customer_and_their_shares_add_up(told, demo, open_raw):
    book, found, rows = told
    said = ways(book, found, 1)
    con = open_raw(demo)
    compared = pd.Series(rows.ids.to_pylist())[rows.match.compared]
    con.register("members", pd.DataFrame({"customer_id": compared}))
    ((mean, count),) = con.execute(
        "SELECT avg(nps), count(*) FROM surveys SEMI JOIN members USING (customer_id) WHERE surveyed_on <= $day",
        {"day": found.as_of},
    ).fetchall()
    score = said.scores.iloc[0]
    assert (score["here"], score["size"]) == (pytest.approx(mean), count)
    for side in ("here", "there"):
        assert said.attitudes[side].sum() == pytest.approx(1)
    assert said.attitudes[["own_low", "own_high"]].stack().between(0, 1).all()


# --- products held together, counted by hand


BASKETS = [("A", "B", "C")] * 6 + [("A", "B")] * 4 + [("A",)] * 4 + [("C",)] * 2 + [("D",)] * 8 + [()] * 6


def test_rules_are_what_one_counts_by_hand():
    rows = associations(BASKETS).set_index(["then"])
    rule = rows.loc["A"]
    assert rule["if"] == ["B"]
    assert rule["customers"] == 10
    assert rule["support"] == pytest.approx(10 / 30)
    assert rule["confidence"] == 1
    assert rule["base"] == pytest.approx(14 / 30)
    assert rule["lift"] == pytest.approx(30 / 14)


def test_a_combination_is_told_once_and_no_simpler_rule_says_as_much():
    rows = associations(BASKETS)
    wholes = [frozenset([*row["if"], row["then"]]) for row in rows.to_dict("records")]
    assert len(wholes) == len(set(wholes))
    for row in rows.to_dict("records"):
        for other in rows.to_dict("records"):
            if other["then"] == row["then"] and set(other["if"]) < set(row["if"]):
                assert row["lift"] >= 1.1 * other["lift"]


def test_what_few_hold_or_chance_would_give_is_no_rule():
    assert associations([("A", "B")] * 4 + [("C",)] * 40).empty
    rng = np.random.default_rng(3)
    held = rng.random((2_000, 8)) < 0.3
    lucky = associations([tuple(np.flatnonzero(row).astype(str)) for row in held])
    assert len(lucky) <= 3
    assert associations([]).empty


def test_there_are_never_many_rules(told):
    assert 0 < len(told[2].associations) <= MOST
    assert (told[2].associations["lift"] > 1).all()
    assert (told[2].associations["customers"] >= 5).all()


# --- in words


def test_sentences_say_the_tables_figures(told):
    rows = told[2]
    best = common_needs(rows.gaps, 1)
    row, name = best.iloc[0], rows.names[str(best.index[0])]
    assert headline(rows).startswith(f"{percent(row['held_share'])} of segment 1 “")
    said = need_sentences(rows)
    assert 0 < len(said) <= 3
    assert name in said[0]
    assert (
        f"against {percent(row['peer_share'])} of comparable customers" in said[0]
        or "no comparable" in said[0]
    )
    assert said[0].endswith(f"{row['customers']:,} of its {row['segment']:,} customers have none yet.")
    assert len(shortfall_sentences(rows)) == len(shortfalls(rows.gaps))
    assert (shortfalls(rows.gaps)["differs"] == LESS).all()
    assert len(hint_sentences(rows)) <= 3


def test_a_product_that_is_not_sold_any_more_is_no_need(planted, archetypes, whole_book):
    warehouse, _truth = planted
    found = needs_of(whole_book(warehouse), archetypes, ARCHETYPES.index("branch_heavy") + 1)
    assert not found.gaps.loc["D05", "is_active"]
    assert "D05" not in common_needs(found.gaps, 99).index


# --- the document, the book, the bounds


def test_the_document_has_the_contracts_keys_and_is_json(told):
    book, found, _rows = told
    document = needs_document(book, Recipe.from_toml(RECIPE))
    json.dumps(document, allow_nan=False, default=lambda value: value.item())
    assert set(document["segments"]) <= set(found.segments["name"])
    for part in document["segments"].values():
        for gap in part["gaps"]:
            assert {"product", "held_share", "peer_share", "lift", "customers", "low", "high"} <= set(gap)
        for rule in part["associations"]:
            assert {"if", "then", "support", "confidence", "lift", "customers"} == set(rule)
        assert part["offers"] == []
    alone = needs_document(
        book, Recipe.from_toml(RECIPE), 1, offers=lambda *asked: [{"product": len(asked[1])}]
    )
    (part,) = alone["segments"].values()
    assert part["offers"] == [{"product": part["customers"]}]


def test_all_segments_at_once_are_each_as_alone(told):
    book, found, rows = told
    everything = {one.number: one for one in needs(book, RECIPE)}
    assert set(everything) <= set(found.segments["segment"])
    pd.testing.assert_frame_equal(everything[1].gaps, rows.gaps)


def test_peers_are_of_the_viewers_book_alone(demo, book_with):
    managers = demo.query(
        "SELECT manager_id, count(*) AS n FROM customers GROUP BY 1 ORDER BY n DESC LIMIT 1"
    ).to_pylist()
    manager = managers[0]["manager_id"]
    book = book_with(
        demo, {"role": "relationship_manager", "level": "own", "employee_id": manager, "columns": "profit"}
    )
    found = segment_toml(book, RECIPE)
    told = needs_of(book, found, int(found.segments.sort_values("customers")["segment"].iloc[-1]))
    mine = demo.query("SELECT customer_id FROM customers WHERE manager_id = ?", [manager])[
        "customer_id"
    ].to_pylist()
    assert set(told.ids.to_pylist()) <= set(mine)


def test_what_it_reads_needs_no_class_and_shows_none(demo, whole_book):
    """Who has no class at all gets the same figures as who has every one, and no sensitive answer."""
    plain, full = (whole_book(demo, columns) for columns in ("", "pii,sensitive,profit"))
    assert all(CATALOGUE[key].sensitivity is None for key in MATCHED_ON)
    found = segment_toml(plain, RECIPE)
    pd.testing.assert_frame_equal(needs_of(plain, found, 1).gaps, needs_of(full, found, 1).gaps)
    assert not set(ways(plain, found, 1).attitudes["question"]) & set(SENSITIVE_COLUMNS)


def test_a_survey_about_something_sensitive_needs_its_class(bank_of, whole_book):
    rows = "\n".join(f"C{n},2026-0{1 + n % 5}-10,8,{'other' if n % 2 else 'none'},glad" for n in range(60))
    bank = bank_of(
        transactions="customer_id,booked_at,amount\n" + "\n".join(f"C{n},2026-06-30,{n}" for n in range(60)),
        surveys=f"customer_id,surveyed_on,nps,religion,mood\n{rows}\n",
    )
    members = pd.DataFrame({"customer_id": [f"C{n}" for n in range(30)], "segment": 1})
    found = by_hand(bank, members)
    asked = {
        columns: set(ways(whole_book(bank, columns), found, 1).attitudes["question"])
        for columns in ("", "sensitive")
    }
    assert asked == {"": {"mood"}, "sensitive": {"religion", "mood"}}


def test_without_accounts_it_is_said_what_is_missing(bank_of, whole_book):
    bank = bank_of(transactions=HAND["transactions"].replace(",A", ",X"))
    with pytest.raises(NotEnoughData, match="accounts"):
        needs_of(whole_book(bank), by_hand(bank, pd.DataFrame({"customer_id": ["C1"], "segment": [1]})), 1)


def test_a_segment_that_is_not_there_and_one_that_is_too_small_are_refused(told, hand, whole_book):
    book, found, _rows = told
    with pytest.raises(BadInput, match="numbered 1 to 3"):
        needs_of(book, found, 4)
    few = by_hand(hand, pd.DataFrame({"customer_id": ["C1", "C2"], "segment": [1, 1]}))
    with pytest.raises(NotEnoughData, match="2 customers"):
        needs_of(whole_book(hand), few, 1)


def test_what_is_not_known_is_not_matched_on_and_that_is_said(bank_of, whole_book):
    many = range(60)
    bank = bank_of(
        transactions="customer_id,booked_at,amount\n" + "\n".join(f"C{n},2026-06-30,{n}" for n in many),
        accounts="account_id,customer_id,product_id\n"
        + "\n".join(f"A{n},C{n},{'X' if n < 25 else 'Y'}" for n in many),
    )
    members = pd.DataFrame({"customer_id": [f"C{n}" for n in range(30)], "segment": 1})
    told = needs_of(whole_book(bank), by_hand(bank, members), 1)
    assert told.match.used == ()
    assert "Not matched on average balance, age" in told.doubts[0]
    assert told.gaps.loc["X", ["held_share", "peer_share"]].tolist() == [25 / 30, 0]
    assert np.isnan(told.gaps.loc["X", "lift"])
    assert told.names["X"] == "X"
    assert "no comparable customer does" in need_sentences(told)[0]
