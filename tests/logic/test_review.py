"""The review of segments: cells that add up, only one's own units, targets worked out on paper, comments for few."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from analytics.access.book import Book
from analytics.access.grants import Grant
from analytics.access.person import Person
from analytics.access.scope import RowRule, Scope
from analytics.access.units import Place, covers, unit_names, units_of
from analytics.errors import AnalyticsError, BadInput, NotAllowed, NotEnoughData, UnknownName
from analytics.recipe import Recipe
from analytics.review import sentences
from analytics.review.comments import comment, comments_on, uncomment
from analytics.review.report import ALL, NOWHERE, moved, review, undated
from analytics.review.sight import sees
from analytics.review.targets import drop_target, figure_of, set_target, standing, targets_of
from analytics.segmentation import segment
from analytics.store.review import Cell
from analytics.value.quantity import Quantity

ANN, BEN, EVE = "ann@bank.example", "ben@bank.example", "eve@bank.example"
PROFIT = Quantity("profit_12m", "Profit, 12 months", "currency", "CNY")
NAMED = [
    {"name": "Busy", "where": "transactions_count_12m > 40"},
    {"name": "Quiet", "where": "transactions_count_12m <= 40"},
]


def ruled(rules=NAMED, value="profit_12m"):
    """A recipe of named rules, so that a segment is what it says in every book."""
    return Recipe.from_content({"value": value, "method": {"key": "named_rules", "rules": rules}}).to_toml()


KMEANS = Recipe.from_content(
    {"value": "profit_12m", "indicators": ["profit_12m", "tenure_years"], "method": {"key": "kmeans", "segments": 3}}
).to_toml()  # fmt: skip


@pytest.fixture
def person(demo, store):
    """The book of somebody who holds one grant: `person(email, level, unit_id, role=...)`."""

    def opened(email, level="bank", unit_id=None, role="manager", columns="pii,profit", **more):
        for grant in store.grants.effective(email, [], date(2026, 6, 1)):
            store.grants.revoke(grant, by=EVE)
        row = {"user_email": email, "role": role, "level": level, "unit_id": unit_id, "columns": columns}
        store.grants.give(Grant.from_row(row | more), by=EVE)
        return Book.open(demo, store, email)

    return opened


def numbered(shown, name="Busy"):
    """The number that a segment has in this book: numbers follow value, and the book's value is its own."""
    return {called: number for number, called in shown.names.items()}[name]


def branches(demo):
    rows = demo.query("SELECT DISTINCT branch_id AS unit FROM customer_now ORDER BY unit")
    return rows["unit"].to_pylist()


# --- cells


@pytest.mark.parametrize("by", ["branch", "manager", "region"])
@pytest.mark.parametrize("text", [ruled(), KMEANS, ruled(NAMED[:1])])
def test_cells_are_plain_sums_and_add_up_to_the_segments_and_to_the_book(
    demo, whole_book, open_raw, by, text
):
    book = whole_book(demo)
    shown = review(book, text, by=by)
    found = segment(book, Recipe.from_toml(text))
    column = {"branch": "branch_id", "manager": "manager_id", "region": "region"}[by]
    plain = open_raw(demo).execute(
        f"SELECT customer_id, coalesce({column}, '') AS unit, coalesce(profit_12m, 0) AS worth FROM customer_now"
    ).df()  # fmt: skip
    plain = plain.merge(found.members[["customer_id", "segment"]], how="left").fillna({"segment": NOWHERE})
    expected = plain.groupby(["unit", "segment"])["worth"].agg(["size", "sum"])
    cells = shown.cells[(shown.cells["unit"] != ALL) & (shown.cells["customers"] > 0)]
    cells = cells.set_index(["unit", "segment"]).sort_index()
    assert list(cells.index) == [(unit, int(n)) for unit, n in expected.index]
    assert cells["customers"].tolist() == expected["size"].tolist()
    assert np.allclose(cells["value"], expected["sum"])
    assert np.allclose(cells["mean"], expected["sum"] / expected["size"])
    whole = shown.cells[shown.cells["unit"] == ALL].set_index("segment")
    assert cells.groupby("segment")["customers"].sum().to_dict() == whole["customers"].to_dict()
    assert np.allclose(cells.groupby("segment")["value"].sum(), whole["value"].sort_index())
    assert whole["customers"].sum() == book.count()
    told = found.segments.set_index("segment")
    assert whole.loc[told.index, "customers"].tolist() == told["customers"].tolist()
    assert np.allclose(whole.loc[told.index, "share_of_value"], told["share_of_value"])


def test_the_top_fifths_share_is_that_of_the_cells_own_customers(demo, whole_book):
    shown = review(whole_book(demo), KMEANS, by="manager")
    tried = 0
    for row in shown.cells[shown.cells["customers"] > 0].to_dict("records"):
        worth = np.sort(shown.members(row["unit"], row["segment"])["value"].to_numpy())[::-1]
        total = worth.sum()
        if total <= 0:
            assert np.isnan(row["top_share"])
            continue
        best = worth[: -(-len(worth) // 5)].sum()
        assert row["top_share"] == pytest.approx(best / total)
        tried += 1
    assert tried > 15


def test_whoever_sees_one_branch_has_that_branch_and_no_other(demo, person):
    book = person(ANN, "branch", "B011")
    shown = review(book, KMEANS)
    assert set(shown.units) == {ALL, "B011"}
    assert set(shown.cells["unit"]) == {ALL, "B011"}
    own = demo.query("SELECT customer_id FROM customer_now WHERE branch_id = 'B011'")["customer_id"]
    assert set(shown.customers["customer_id"]) == set(own.to_pylist())
    theirs = demo.query("SELECT DISTINCT manager_id FROM customer_now WHERE branch_id = 'B011'")
    assert set(review(book, KMEANS, by="manager").units) == {ALL, *theirs["manager_id"].to_pylist()}


def test_an_empty_book_has_no_review(person):
    with pytest.raises(AnalyticsError):
        review(person(ANN, "branch", "nowhere"), KMEANS)


def test_side_by_side_by_something_else_is_refused(demo, whole_book):
    with pytest.raises(BadInput, match="branch"):
        review(whole_book(demo), KMEANS, by="religion")


def test_what_is_not_recorded_is_a_unit_of_its_own_and_equal_names_are_told_apart(hand, whole_book):
    book = whole_book(hand)
    text = ruled([{"name": "All", "where": "tenure_years >= 0"}], "credit_amount_12m")
    shown = review(book, text)
    assert shown.units[""] == "Not recorded"
    assert shown.units["B11"] == "High street"
    rows = units_of(book, "branch", hand.newest_as_of).set_index("customer_id")["unit"].to_dict()
    assert rows == {"C1": "B11", "C2": "B12", "C3": "B11", "C4": "B2", "C5": "", "C6": "B1"}
    assert unit_names(book, "branch", ["B1", "nowhere"]) == {"B1": "City", "nowhere": "nowhere"}


# --- movement


def test_movement_is_where_the_same_rule_puts_the_customers_of_both_dates(demo, whole_book):
    book = whole_book(demo)
    shown = review(book, ruled())
    assert shown.since is not None
    keys = ("transactions_count_12m",)
    then = book.frame(keys, as_of=shown.since).set_index("customer_id")["transactions_count_12m"]
    now = book.frame(keys).set_index("customer_id")["transactions_count_12m"]
    where = units_of(book, "branch", shown.as_of).set_index("customer_id")["unit"]
    busy_then, busy_now = set(then[then > 40].index), set(now[now > 40].index)
    busy = numbered(shown)
    for unit in (ALL, *branches(demo)):
        inside = set(where.index if unit == ALL else where[where == unit].index)
        row = shown.cell(unit, busy)
        assert row["before"] == len(busy_then & inside)
        assert row["came"] == len((busy_now - busy_then) & inside)
        assert row["went"] == len((busy_then - busy_now) & inside)
        assert row["joined"] == len((busy_now - set(then.index)) & inside)
        assert row["net"] == row["customers"] - row["before"] == row["came"] - row["went"]


def test_at_one_date_nobody_moves(demo, whole_book):
    book = whole_book(demo)
    found = review(book, KMEANS).found
    both = found.members[["customer_id", "segment"]].merge(moved(book, found, found.as_of), on="customer_id")
    assert (both["segment"] == both["then"]).all()


def test_before_there_is_a_year_of_data_movement_is_not_told_and_why_is(demo, whole_book):
    early = demo.month_ends[13]
    shown = review(whole_book(demo), ruled(), early)
    assert shown.since is None
    assert "do not reach back" in shown.unmoved
    assert shown.cells["net"].isna().all()
    assert review(whole_book(demo), ruled(), since="month").since == demo.month_ends[-2]


def test_a_method_that_keeps_no_rule_has_cells_all_the_same(demo, whole_book, monkeypatch):
    monkeypatch.setattr("analytics.segmentation.Segmentation.place", _no_rule)
    shown = review(whole_book(demo), KMEANS)
    assert shown.unmoved == "No rule. Run it again."
    assert shown.cells["customers"].sum() == 2 * 1_500


def _no_rule(self, table, value):
    raise NotEnoughData("No rule.", "Run it again.")


# --- targets


def reviewer(book, text=None):
    return lambda day, by: review(book, text or ruled(), day, by, "")


def test_a_target_is_measured_by_hand(demo, store, person):
    first = demo.month_ends[-4]
    book = person(ANN, "branch", "B011")
    shown = review(book, ruled(), first)
    busy = numbered(shown)
    due = demo.month_ends[-2]
    counts = {
        day: int((book.frame(("transactions_count_12m",), as_of=day)["transactions_count_12m"] > 40).sum())
        for day in demo.month_ends[-4:]
    }
    wanted = counts[due] * 2.0
    number = set_target(book, store, shown, "B011", busy, "customers", wanted, due)
    (target,) = targets_of(book, store, undated(Recipe.from_toml(ruled())))
    assert (target.id, target.figure, target.due_on) == (number, wanted, due)
    early = standing(book, target, demo.month_ends[-3], reviewer(book))
    assert (early.figure, early.days_left) == (counts[demo.month_ends[-3]], (due - demo.month_ends[-3]).days)
    assert early.share == counts[demo.month_ends[-3]] / wanted
    late = standing(book, target, demo.newest_as_of, reviewer(book))  # at the day it was due, not after
    assert (late.figure, late.measured_on, late.share, late.reached) == (counts[due], due, 0.5, False)
    assert late.days_left < 0
    assert sentences.target_sentence(late, PROFIT).endswith("50% of it. Missed.")
    assert "days left" in sentences.target_sentence(early, PROFIT)


def test_setting_it_again_replaces_it_and_it_can_be_taken_back(demo, store, person):
    book = person(ANN, "branch", "B011")
    shown = review(book, ruled())
    due = date(2099, 12, 31)
    set_target(book, store, shown, ALL, 1, "value", 1.0, due)
    set_target(book, store, shown, ALL, 1, "customers", 5.0, due)
    set_target(book, store, shown, ALL, 1, "value", 2.0, due)
    found = targets_of(book, store, shown.recipe_hash)
    assert sorted((one.measure, one.figure) for one in found) == [("customers", 5.0), ("value", 2.0)]
    told = standing(book, found[0], shown.as_of, reviewer(book))
    assert told.reached
    assert "Reached so far" in sentences.target_sentence(told, PROFIT)
    other = person(BEN, "branch", "B011")
    with pytest.raises(UnknownName, match="no such target"):
        drop_target(other, store, found[0].id)
    for one in found:
        drop_target(book, store, one.id)
    assert targets_of(book, store, shown.recipe_hash) == []
    actions = [entry.action for entry in store.audit.entries(person=ANN)]
    assert actions.count("target set") == 3
    assert actions.count("target taken back") == 2
    assert not [entry for entry in store.audit.entries(person=BEN) if entry.action == "target taken back"]


def test_targets_are_set_by_managers_alone_and_only_for_what_they_see(demo, store, person):
    due = date(2099, 12, 31)
    analyst = person(BEN, role="analyst")
    shown = review(analyst, ruled())
    with pytest.raises(NotAllowed, match="by managers"):
        set_target(analyst, store, shown, ALL, 1, "customers", 5.0, due)
    with pytest.raises(NotAllowed, match="by managers"):
        comment(analyst, store, shown, ALL, 1, "Well done")
    keeper = person(BEN, "own", role="relationship_manager", employee_id="E0001")
    with pytest.raises(NotAllowed, match="does not review"):
        targets_of(keeper, store, shown.recipe_hash)
    book = person(ANN, "branch", "B011")
    mine = review(book, ruled())
    for unit, number in (("B021", 1), ("B011", 99), ("B011", NOWHERE)):
        with pytest.raises(UnknownName, match="no such segment"):
            set_target(book, store, mine, unit, number, "customers", 5.0, due)


@pytest.mark.parametrize(
    ("measure", "figure", "due"),
    [
        ("religion", 5.0, date(2099, 12, 31)), ("customers", 0.0, date(2099, 12, 31)),
        ("customers", float("nan"), date(2099, 12, 31)), ("customers", float("inf"), date(2099, 12, 31)),
        ("customers", 5.0, date(2099, 12, 30)), ("customers", 5.0, date(2020, 1, 31)),
    ],
)  # fmt: skip
def test_what_is_no_target_is_refused(store, person, measure, figure, due):
    book = person(ANN, "branch", "B011")
    with pytest.raises(BadInput):
        set_target(book, store, review(book, ruled()), "B011", 1, measure, figure, due)


def test_a_target_set_above_is_measured_alike_below_and_not_where_other_customers_are_seen(
    demo, store, person
):
    head, below, beside = person(ANN), person(BEN, "branch", "B011"), person(EVE, "branch", "B021")
    shown = review(head, ruled())
    due = date(2099, 12, 31)
    set_target(head, store, shown, "B011", numbered(shown), "customers", 500.0, due)
    set_target(head, store, shown, ALL, numbered(shown), "customers", 500.0, due)
    assert len(targets_of(head, store, shown.recipe_hash)) == 2
    assert targets_of(beside, store, shown.recipe_hash) == []
    (seen,) = targets_of(below, store, shown.recipe_hash)  # not the whole bank's
    there, here = (standing(book, seen, shown.as_of, reviewer(book)) for book in (head, below))
    assert there.figure == here.figure == figure_of(shown, "B011", numbered(shown), "customers")
    assert not there.doubt
    assert "another book" in here.doubt
    set_target(below, store, review(below, ruled()), ALL, 1, "customers", 9.0, due)
    theirs = next(one for one in targets_of(head, store, shown.recipe_hash) if one.set_by == BEN)
    told = standing(head, theirs, shown.as_of, reviewer(head))  # their whole book is not the bank
    assert told.figure is None
    assert "all and only those" in told.why_not


def test_a_target_in_profit_is_for_nobody_without_that_class(store, person):
    head = person(ANN)
    shown = review(head, ruled())
    set_target(head, store, shown, "B011", 1, "customers", 500.0, date(2099, 12, 31))
    blind = person(BEN, "branch", "B011", columns="pii")
    assert targets_of(blind, store, shown.recipe_hash) == []


# --- comments


def test_a_comment_says_what_it_speaks_of_and_what_is_different_now(demo, store, person):
    book = person(ANN, "branch", "B011")
    earlier = review(book, ruled(), demo.month_ends[-3])
    comment(book, store, earlier, "B011", 1, "  Lost two shops.\x00 ")
    (same,) = comments_on(book, store, earlier, "B011", 1)
    assert same.comment.text == "Lost two shops."
    assert demo.version in same.speaks_of
    assert same.mine
    assert same.differs == ()
    later = review(book, ruled())
    number = numbered(later, earlier.names[1])
    (old,) = comments_on(book, store, later, "B011", number)
    assert old.speaks_of == same.speaks_of
    assert old.differs == ("the figures shown are as of another date",)
    other = {1: 2, 2: 1}[number]
    assert comments_on(book, store, later, "B011", other) == []
    assert comments_on(book, store, later, ALL, number) == []
    assert comments_on(book, store, review(book, KMEANS), "B011", 1) == []


def test_a_comment_from_above_says_that_its_segments_may_be_others(store, person):
    head, below = person(ANN), person(BEN, "branch", "B011")
    above, mine = review(head, ruled()), review(below, ruled())
    comment(head, store, above, "B011", numbered(above), "Why so few?")
    (seen,) = comments_on(below, store, mine, "B011", numbered(mine))
    assert not seen.mine
    assert any("another book" in text for text in seen.differs)


def test_only_ones_own_comment_is_deleted_and_the_trail_does_not_quote_it(store, person):
    head, below = person(ANN), person(BEN, "branch", "B011")
    shown = review(head, ruled())
    number = comment(head, store, shown, "B011", 1, "a secret of theirs")
    with pytest.raises(UnknownName, match="no such comment"):
        uncomment(below, store, number)
    assert len(comments_on(head, store, shown, "B011", 1)) == 1
    uncomment(head, store, number)
    assert comments_on(head, store, shown, "B011", 1) == []
    entries = [entry for entry in store.audit.entries(person=ANN) if "comment" in entry.action]
    assert [entry.action for entry in entries] == ["comment deleted", "comment written"]
    assert "secret" not in str([entry.details for entry in entries])


def test_nothing_and_too_much_are_refused(store, person, monkeypatch):
    book = person(ANN, "branch", "B011")
    shown = review(book, ruled())
    for text in ("", " \n", "x" * 2_001):
        with pytest.raises(BadInput):
            comment(book, store, shown, "B011", 1, text)
    monkeypatch.setattr("analytics.review.comments.MOST", 1)
    comment(book, store, shown, "B011", 1, "one")
    with pytest.raises(BadInput, match="no room"):
        comment(book, store, shown, "B011", 2, "two")


def test_what_can_not_be_recorded_is_not_written(store, person, monkeypatch):
    book = person(ANN, "branch", "B011")
    shown = review(book, ruled())

    def fail(*given, **named):
        raise AnalyticsError("not recorded")

    monkeypatch.setattr(type(store.audit), "_append", fail)
    with pytest.raises(AnalyticsError, match="not recorded"):
        comment(book, store, shown, "B011", 1, "one")
    assert store.reviews.comments(shown.recipe_hash) == []


UNITS = ["B011", "B012", "B021", "E0001", "E0008", "E0013"]
RULES = some.one_of(
    some.builds(RowRule, some.none(), some.just(()), some.sampled_from([(), ("Retail",)])),
    some.builds(
        RowRule,
        some.sampled_from(["branch_id", "manager_id"]),
        some.lists(some.sampled_from(UNITS), max_size=3).map(tuple),
        some.sampled_from([(), ("Retail",), ("Retail", "Premier")]),
    ),
)
SCOPES = some.lists(RULES, max_size=2).map(tuple)
CLASSES = some.sets(some.sampled_from(["pii", "sensitive", "profit"])).map(frozenset)


def rows_seen(customers, rules):
    """Whom these rules show, customer by customer, by the words of the contract and no SQL."""
    shown = set()
    for rule in rules:
        for row in customers:
            placed = rule.column is None or row[rule.column] in rule.values
            if placed and (not rule.departments or row["department"] in rule.departments):
                shown.add(row["customer_id"])
    return shown


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    writer=SCOPES, reader=SCOPES, written=CLASSES, held=CLASSES,
    place=some.sampled_from(
        [Place(), Place("branch", "B011"), Place("manager", "E0008"), Place("branch", ""), Place("branch", "gone")]
    ),
)  # fmt: skip
def test_a_comment_is_for_whoever_sees_all_that_its_writer_saw_and_for_nobody_else(
    demo, person, writer, reader, written, held, place
):
    customers = demo.query(
        "SELECT customer_id, branch_id, manager_id, department FROM customer_now"
    ).to_pylist()
    there = {
        row["customer_id"] for row in customers if not place.by or (row[f"{place.by}_id"] or "") == place.unit
    }
    quoted = rows_seen(customers, writer) & there
    may = bool(quoted) and quoted <= rows_seen(customers, reader) and written <= held
    assert covers(demo, place, writer, reader) == (bool(quoted) and quoted <= rows_seen(customers, reader))
    rules = [[rule.column, list(rule.values), list(rule.departments)] for rule in writer]
    cell = cell_with(place, {"rules": rules, "columns": sorted(written)})
    assert sees(book_seeing(demo, reader, held), cell) == may


def cell_with(place, sight):
    return Cell("x" * 12, "", 1, "Busy", place.by, place.unit, "v", date(2026, 6, 30), sight)


def book_seeing(demo, rules, columns):
    person = Person(BEN, "Ben", ("manager",))
    return Book(person, Scope(tuple(rules), columns), demo, record=lambda read: None)


def test_a_whole_banks_comment_is_hidden_from_a_branch_and_a_branchs_from_its_neighbour(store, person):
    head, other = person(ANN), person(EVE)
    here, beside = person(BEN, "branch", "B011"), person("cat@bank.example", "branch", "B021")
    for book, unit in ((head, ALL), (head, "B011"), (here, ALL), (here, "B011")):
        shown = review(book, ruled())
        comment(book, store, shown, unit, numbered(shown), f"{book.person.email} {unit}")

    def read(book, unit):
        shown = review(book, ruled())
        return {one.comment.text for one in comments_on(book, store, shown, unit, numbered(shown))}

    assert read(head, ALL) == {f"{ANN} {ALL}", f"{BEN} {ALL}"}
    assert read(other, "B011") == {f"{ANN} B011", f"{BEN} B011"}
    assert read(here, ALL) == {f"{BEN} {ALL}"}
    assert read(here, "B011") == {f"{ANN} B011", f"{BEN} B011"}
    assert read(beside, ALL) == read(beside, "B011") == set()
    fewer = person(EVE, columns="profit")  # sees every row, and not the names that a text may hold
    assert read(fewer, ALL) == set()


def test_whoever_wrote_it_reads_it_after_their_own_sight_has_shrunk(store, person):
    wide = person(ANN)
    shown = review(wide, ruled())
    comment(wide, store, shown, ALL, numbered(shown), "mine")
    narrow = person(ANN, "branch", "B011")
    now = review(narrow, ruled())
    assert [one.comment.text for one in comments_on(narrow, store, now, ALL, numbered(now))] == ["mine"]


# --- sentences


def test_the_answer_names_the_least_and_the_most(demo, whole_book):
    shown = review(whole_book(demo), ruled())
    rows = shown.cells[(shown.cells["segment"] == 1) & (shown.cells["unit"] != ALL)].dropna(
        subset=["share_of_value"]
    )
    said = sentences.headline(shown, PROFIT)
    best, worst = rows.loc[rows["share_of_value"].idxmax()], rows.loc[rows["share_of_value"].idxmin()]
    assert f"“{shown.names[1]}”" in said
    assert "1,500 customers" in said
    assert said.endswith(f"to {best['share_of_value']:.0%} in {shown.units[best['unit']]}.")
    assert f"from {worst['share_of_value']:.0%} in {shown.units[worst['unit']]}" in said


def test_one_unit_has_no_least_and_most_and_losses_no_shares(demo, person, whole_book):
    said = sentences.headline(review(person(ANN, "branch", "B011"), ruled()), PROFIT)
    assert " from " not in said
    losing = ruled([{"name": "Losing", "where": "profit_12m < 0"}])
    recipe = Recipe.from_toml(losing).model_copy(update={"where": "profit_12m < 0"}).to_toml()
    said = sentences.headline(review(whole_book(demo), recipe), PROFIT)
    assert "worth CNY -" in said
    assert "nan" not in said


def test_units_that_are_all_alike_have_no_least_and_most(demo, whole_book):
    everybody = review(whole_book(demo), ruled([{"name": "All", "where": "profit_12m > -1e12"}]))
    said = sentences.headline(everybody, PROFIT)
    assert "brings 100% of profit" in said
    assert " from " not in said


def test_a_cell_says_who_came_and_went(demo, whole_book):
    shown = review(whole_book(demo), ruled())
    row = shown.cell("B011", 1)
    said = sentences.movement_sentence(shown, "B011", 1)
    assert f"{row['before']:,.0f} customers became {row['customers']:,.0f}" in said
    assert isinstance(shown.cells, pd.DataFrame)
    assert sentences.cell_name(shown, "B011", 1).startswith(f"{shown.names[1]} in ")
