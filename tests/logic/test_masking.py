"""What is made of masked columns is masked too, and no way of asking goes around it."""

import io
from datetime import date

import pandas as pd
import pytest

from analytics.access.earnings import account_lines, at_other_rates, channel_lines, product_lines
from analytics.access.histories import fitted, standing
from analytics.access.masking import SENSITIVE_COLUMNS, mask_columns
from analytics.change import change
from analytics.errors import NotAllowed, UnknownName
from analytics.indicators import CATALOGUE
from analytics.indicators.sources import FITTED
from analytics.methods import METHODS
from analytics.needs.plan import margin
from analytics.overview import overview
from analytics.people import feature, listing
from analytics.recipe import MethodChoice, Recipe
from analytics.segmentation import segment
from analytics.shock import Shock
from analytics.trust.report import trust
from analytics.value.group_view import group_history, group_view
from analytics.value.over_time import points
from analytics.value.profit import profit_frame, profit_view, statement
from analytics.value.report import book_amounts, value_view
from tests.conftest import HAND

HIDDEN = sorted(key for key, row in CATALOGUE.items() if row.sensitivity)
HIDDEN_NUMBERS = [key for key in HIDDEN if CATALOGUE[key].is_number]
PII = ("name", "id_number", "phone", "email")
JUNE = date(2026, 6, 30)


# --- what an indicator is made of, found by changing it


def with_attitudes(suffix=""):
    """The bank by hand, its customers with every sensitive column, all of them ending in this."""
    rows = pd.read_csv(io.StringIO(HAND["customers"]), dtype=str)
    rows = rows.assign(
        **{name: [f"{name} {n % 2}{suffix}" for n in range(len(rows))] for name in SENSITIVE_COLUMNS}
    )
    return HAND | {"customers": rows.to_csv(index=False)}


def other_persons():
    rows = pd.read_csv(io.StringIO(with_attitudes()["customers"]), dtype=str)
    rows = rows.assign(**{name: [f"{name}{n}@other.example" for n in range(len(rows))] for name in PII})
    return HAND | {"customers": rows.to_csv(index=False)}


def other_prices():
    """What makes profit beside balances and transactions: rates, costs, risk."""
    prices = HAND["product_rates"].replace("0.01,0.03", "0.005,0.04").replace("0.06,0.03", "0.08,0.02")
    costs = "channel,unit_cost\nmobile,0.90\nbranch,61.00\nonline,0.80\n"
    return with_attitudes() | {
        "product_rates": prices,
        "channel_costs": costs,
        "products": HAND["products"].replace("0.01", "0.05"),
    }


CHANGED = {
    "sensitive": lambda: with_attitudes(" changed"),
    "pii": other_persons,
    "profit": other_prices,
}


def figures(warehouse, whole_book):
    book = whole_book(warehouse)
    return book.frame(tuple(book.usable())).set_index("customer_id")


@pytest.mark.parametrize("kind", CHANGED)
def test_an_indicator_that_follows_a_masked_column_has_its_class(tmp_path_factory, whole_book, kind):
    found = []
    for tables in (with_attitudes(), CHANGED[kind]()):
        folder = tmp_path_factory.mktemp("changed")
        found.append(figures(opened(folder, tables), whole_book))
    before, after = found
    moved = {key for key in before if not before[key].equals(after[key])}
    assert {key: CATALOGUE[key].sensitivity for key in moved} == dict.fromkeys(moved, kind)
    if kind != "pii":  # nothing is made of names
        assert moved


def opened(folder, tables):
    from analytics.warehouse.engine import open_warehouse
    from analytics.warehouse.load import load
    from tests.conftest import write_tables

    load(write_tables(folder / "source", tables), folder / "warehouse")
    return open_warehouse(folder / "warehouse")


def class_of(column):
    """The class of one of the contract's columns."""
    table, name = column.split(".")
    if table == "customers" and name in (*SENSITIVE_COLUMNS, *PII):
        return "sensitive" if name in SENSITIVE_COLUMNS else "pii"
    priced = table in ("product_rates", "channel_costs") or column == "products.risk_cost_rate"
    return "profit" if priced else None


@pytest.mark.parametrize("row", CATALOGUE.values(), ids=CATALOGUE)
def test_an_indicator_inherits_the_mask_of_the_columns_that_it_needs(row):
    needed = {class_of(column) for column in row.needs} - {None}
    if row.source == FITTED:  # its models read months of profit, and name no columns
        needed = {"profit"}
    assert needed == ({row.sensitivity} if row.sensitivity else set())


def test_what_is_made_of_open_columns_stays_open():
    for key in ("age_years", "gender", "region", "business_line", "credit_amount_12m", "balance_average_3m"):
        assert CATALOGUE[key].sensitivity is None


# --- every door that takes an indicator


def question(key):
    return f"{key} > 0" if CATALOGUE[key].is_number else f"{key} = 'x'"


def recipe(method="kmeans", **said):
    settings = said.pop("settings", {})
    basic = {"indicators": ["transactions_count_12m", "balance_average_3m"], "value": "credit_amount_12m"}
    return Recipe(**(basic | said), method=MethodChoice(key=method, **settings))


DOORS = {
    "as an indicator": lambda book, key: segment(book, recipe(indicators=[key, "transactions_count_12m"])),
    "in a filter": lambda book, key: segment(book, recipe(where=question(key))),
    "in a filter that asks the opposite": lambda book, key: book.count(where=f"not ({question(key)})"),
    "in a filter about emptiness": lambda book, key: book.count(where=f"{key} is empty"),
    "at an earlier date": lambda book, key: book.frame(
        (), where=question(key), as_of=book.warehouse.month_ends[4]
    ),
    "in a rule": lambda book, key: segment(
        book, recipe("named_rules", settings={"rules": [{"name": "A", "where": question(key)}]})
    ),
    "of one customer": lambda book, key: book.frame_of("C0000001", (key,)),
    "as a feature": lambda book, key: feature(book, key, book.warehouse.newest_as_of),
    "in a feature's filter": lambda book, key: feature(
        book, "tenure_years", book.warehouse.newest_as_of, question(key)
    ),
    "to sort a list by": lambda book, key: listing(book, (key,), book.warehouse.newest_as_of, ""),
    "beside a list": lambda book, key: listing(book, ("tenure_years", key), book.warehouse.newest_as_of, ""),
    "in how far it can be trusted": lambda book, key: trust(book, recipe(where=question(key))),
}
NUMBER_DOORS = {
    "as the value": lambda book, key: segment(book, recipe(value=key)),
    "as a tree's outcome": lambda book, key: segment(
        book, recipe("decision_tree", settings={"outcome": key})
    ),
    "as a stage": lambda book, key: segment(
        book, recipe("life_stage", indicators=[], settings={"tenure": key})
    ),
    "as a part of RFM": lambda book, key: segment(
        book, recipe("rfm", indicators=[], settings={"monetary": key})
    ),
    "across a matrix": lambda book, key: segment(
        book, recipe("matrix", indicators=[], settings={"across": key})
    ),
    "with a weight": lambda book, key: segment(
        book,
        recipe(
            "weighted_score",
            indicators=["transactions_count_12m", key],
            settings={"weighting": "own", "weights": [{"indicator": key, "weight": 2}]},
        ),
    ),
    "in the overview": lambda book, key: overview(book, change(book, key, book.warehouse.newest_as_of)),
    "in the concentration": book_amounts,
    "in the value view": lambda book, key: value_view(book, key, book.warehouse.newest_as_of),
    "over time": lambda book, key: points(book, key, book.warehouse.newest_as_of),
    "by group": lambda book, key: group_view(book, key, book.warehouse.newest_as_of, "region"),
    "by group over time": lambda book, key: group_history(book, key, book.warehouse.newest_as_of, "region"),
}


@pytest.mark.parametrize("door", DOORS)
def test_no_door_opens_to_a_masked_indicator(demo, whole_book, door):
    book = whole_book(demo, "pii")
    for key in HIDDEN:
        with pytest.raises(NotAllowed, match=key):
            DOORS[door](book, key)


@pytest.mark.parametrize("door", NUMBER_DOORS)
def test_no_door_opens_to_a_masked_figure(demo, whole_book, door):
    book = whole_book(demo, "pii,sensitive")
    for key in HIDDEN_NUMBERS:
        with pytest.raises(NotAllowed, match=key):
            NUMBER_DOORS[door](book, key)


@pytest.mark.parametrize("key", [key for key in HIDDEN if not CATALOGUE[key].is_number])
def test_customers_are_not_grouped_by_a_masked_label(demo, whole_book, key):
    book = whole_book(demo, "pii,profit")
    for ask in (group_view, group_history):
        with pytest.raises((NotAllowed, UnknownName), match=key):
            ask(book, "credit_amount_12m", demo.newest_as_of, key)


def test_every_method_that_names_indicators_in_its_settings_has_a_door_here():
    """A new one must come with its door above."""
    naming = {"indicator", "rules", "weights", "pairwise"}
    methods = {
        key for key, method in METHODS.items() if naming & {setting.kind for setting in method.settings}
    }
    assert methods == {"decision_tree", "life_stage", "matrix", "named_rules", "rfm", "weighted_score"}


@pytest.mark.parametrize(
    "ask",
    [
        product_lines,
        lambda book, day: account_lines(book, "C0000001", day),
        lambda book, day: channel_lines(book, "C0000001", day),
        lambda book, day: at_other_rates(book, [Shock()], day),
        standing,
        fitted,
        profit_frame,
        profit_view,
        lambda book, day: margin(book, day, "D01"),
        lambda book, day: statement(book, day, "C0000001"),
    ],
)
def test_no_statement_of_profit_is_read_without_its_class(demo, whole_book, ask):
    with pytest.raises(NotAllowed):
        ask(whole_book(demo, "pii,sensitive"), demo.newest_as_of)


# --- columns


def test_a_masked_value_is_nowhere_in_what_is_known_of_a_customer(demo, whole_book):
    known = whole_book(demo).attributes("C0000001")
    hidden = [str(known[name]) for name in (*PII, "birth_date", *SENSITIVE_COLUMNS) if name in known]
    assert len(hidden) > 5
    shown = repr(whole_book(demo, "profit").attributes("C0000001"))
    assert [value for value in hidden if value in shown] == []


@pytest.mark.parametrize("classes", [frozenset(), frozenset({"sensitive"}), frozenset({"profit"})])
def test_masking_never_leaves_a_whole_text_and_never_makes_one_up(classes):
    rows = pd.DataFrame({name: ["x", "ab", None, "a longer text"] for name in (*PII, "birth_date")})
    shown = mask_columns(rows, classes)
    for name in rows:
        for before, after in zip(rows[name], shown[name], strict=True):
            assert pd.isna(after) if pd.isna(before) else before not in after
