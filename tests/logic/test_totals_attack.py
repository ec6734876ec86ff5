"""An attacker with a back-office grant asks for everything that is answered, and solves what they were told.

They are given more than they would have: which combinations of branch, product, currency and so on occur in a month,
whose they are, and where a figure is nil. What they don't know are the amounts. Every answer is an equation about
these; whatever group of customers some combination of equations is about, it must not be a small one.
"""

import random
from dataclasses import dataclass
from datetime import date
from itertools import combinations

import numpy as np
import pytest

from analytics.access.book import Book
from analytics.access.proof import FIGURES
from analytics.errors import AnalyticsError, NotAllowed
from analytics.recipe import Recipe
from analytics.segmentation import segment
from analytics.store.store import open_store
from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.load import load
from analytics.warehouse.volumes import DIMENSIONS, FLOWS, PROVED
from tests.conftest import write_tables
from tests.logic.test_totals import LEDGER

FLOOR = 3
PEOPLE, MONTHS = 16, 3
SPY = "spy@x.example"
PERIODS = (("month",), ("quarter",), ("year",), ())
GRANTS = "user_email,role,level\nspy@x.example,back_office,bank\nboss@x.example,manager,bank\n"
PRODUCTS = (
    "product_id,name,category\nP1,Deposit,deposit\nP2,Dollar deposit,deposit\nP3,Card,card\nP4,Fund,fund\n"
)
DISTRICTS = "district_id,name,region\nD1,Alpha,East\nD2,Beta,South\n"
# Accounts opened and closed, customers joined and gone, in plain SQL: whose, when, of what.
EVENTS = {
    "account_month": """SELECT strftime(day, '%Y-%m'), branch_id, region, business_line, product_id,
            coalesce(told.currency, products.currency, 'CNY'), customer_no, sum(opened)::INT, sum(closed)::INT
        FROM (SELECT *, opened_on AS day, 1 AS opened, 0 AS closed FROM accounts
            UNION ALL SELECT *, closed_on, 0, 1 FROM accounts) AS told
        JOIN customers USING (customer_no) LEFT JOIN districts USING (district_id) LEFT JOIN products USING (product_id)
        WHERE day IS NOT NULL GROUP BY ALL""",
    "joined_month": """SELECT strftime(day, '%Y-%m'), branch_id, region, business_line, customer_no,
            max(came), max(went)
        FROM (SELECT customer_no, onboarded_on AS day, 1 AS came, 0 AS went FROM customers
            UNION ALL SELECT customer_no, last_day(closed_on), 0, 1 FROM accounts AS gone
            WHERE closed_on IS NOT NULL AND NOT EXISTS (FROM accounts AS held
                WHERE held.customer_no = gone.customer_no AND held.opened_on <= last_day(gone.closed_on)
                    AND (held.closed_on IS NULL OR held.closed_on > last_day(gone.closed_on)))) AS told
        JOIN customers USING (customer_no) LEFT JOIN districts USING (district_id)
        WHERE day IS NOT NULL GROUP BY ALL""",
}
RATES = "currency,rate_date,rate\nUSD,2026-01-01,7.13\n"


def made_up(seed):
    """A small bank in which products and currencies, branches and regions, kinds and channels hang together."""
    chance, times = random.Random(seed), random.Random(seed + 100)
    customers, accounts, rows = [], [], []
    for n in range(PEOPLE):
        branch = chance.choice(("B1", "B1", "B2", "B2", "B3"))
        district = "D1" if branch == "B1" else chance.choice(("D1", "D2", "D2"))
        line = chance.choice(("Retail", "Retail", "Corporate"))
        joined = f"2026-{times.randint(1, MONTHS):02d}-01" if times.random() < 0.8 else "2025-05-05"
        customers.append(f"C{n},{district},{line},{branch},{joined}")
        for product in {"P1", chance.choice(("P1", "P2", "P3", "P3", "P4"))}:
            closed = times.choice(("", "2026-02-27", "2026-03-30"))
            accounts.append(f"A{n}{product},C{n},{product},{joined},{closed}")
            for _ in range(chance.randint(1, 4)):
                day = f"2026-{chance.randint(1, MONTHS):02d}-{chance.randint(1, 28):02d}"
                kind = chance.choice(("salary", "transfer", "transfer", "card"))
                channel = "mobile" if kind == "salary" else chance.choice(("mobile", "branch"))
                amount = chance.randint(1, 90_000) / 100 * (1 if kind == "salary" else chance.choice((1, -1)))
                currency = "USD" if product == "P2" else "CNY"
                fee = chance.choice(("", "", f"{chance.randint(1, 500) / 100}"))
                rows.append(f"A{n}{product},{day},{amount},{currency},{kind},{channel},{fee}")
    last = f"A0P1,2026-{MONTHS:02d}-31,1,CNY,transfer,mobile,"
    return {
        "customers": "customer_id,district_id,business_line,branch_id,onboarded_on\n" + "\n".join(customers),
        "accounts": "account_id,customer_id,product_id,opened_on,closed_on\n" + "\n".join(accounts),
        "transactions": "account_id,booked_at,amount,currency,kind,channel,fee\n" + "\n".join([*rows, last]),
        "products": PRODUCTS,
        "districts": DISTRICTS,
        "fx_rates": RATES,
        "grants": GRANTS,
    }


@dataclass
class Secret:
    """What the bank knows: every deed of a month (its labels, its doers and their figures)."""

    deeds: dict  # (month, *labels) -> {customer: a figure for each measure}
    measures: tuple = FLOWS
    dimensions: tuple = DIMENSIONS

    def matching(self, months, dimension, label):
        at = 1 + self.dimensions.index(dimension) if dimension else 0
        return [key for key in self.deeds if key[0] in months and (not dimension or key[at] == label)]


@pytest.fixture(scope="module", params=range(2))
def bank(request, tmp_path_factory, open_raw):
    """A bank, its store, what it knows, and what the spy is told."""
    folder = tmp_path_factory.mktemp("bank")
    load(write_tables(folder / "source", made_up(request.param)), folder / "warehouse")
    warehouse, store = (
        open_warehouse(folder / "warehouse"),
        open_store(f"sqlite:///{folder / 'store.sqlite'}", folder),
    )
    store.policies.change(FLOOR, None, by="steward@x.example")
    by = ("month", *DIMENSIONS, "customer_no")
    text = LEDGER.format(by="".join(f"{name}, " for name in by), first="2026-01-31", last="2026-03-31")
    deeds = {}
    for row in open_raw(warehouse).execute(text).fetchall():
        deeds.setdefault(row[: len(by) - 1], {})[row[len(by) - 1]] = row[len(by) : -1]
    return warehouse, store, Secret(deeds), list(answers(Book.open(warehouse, store, SPY)))


@pytest.fixture(scope="module", params=EVENTS)
def events(request, bank, open_raw):
    """What the bank knows of accounts opened and closed, or customers joined and gone, and what the spy is told."""
    warehouse, store, *_ = bank
    measures, dimensions = PROVED[request.param]
    deeds, width = {}, 1 + len(dimensions)
    for row in open_raw(warehouse).execute(EVENTS[request.param]).fetchall():
        deeds.setdefault(row[:width], {})[row[width]] = row[width + 1 :]
    told = answers(Book.open(warehouse, store, SPY), measures, dimensions)
    return Secret(deeds, measures, dimensions), list(told)


def answers(book, measures=FIGURES, dimensions=DIMENSIONS):
    """Every answer to every question: its months, dimension, label and figures, over every range of months."""
    ends = book.warehouse.month_ends
    for first, last in [(a, b) for a in ends for b in ends if a <= b]:
        for period in (
            PERIODS if (first, last) == (ends[0], ends[-1]) else PERIODS[-1:]
        ):  # or the same is told again
            for dimension in ("", *dimensions):
                by = (*period, dimension) if dimension else period
                for row in book.volumes(by, first, last, measures).rows.to_dict("records"):
                    months = [f"{end:%Y-%m}" for end in ends if first <= end <= last and _is_in(end, row)]
                    yield months, dimension, row.get(dimension), row


def _is_in(end, row):
    quarter = f"{end.year}-Q{(end.month + 2) // 3}"
    return row.get("month", f"{end:%Y-%m}") == f"{end:%Y-%m}" and row.get("quarter", quarter) == quarter


def equations(secret, told, measure):
    """A row an answer, a column a deed in which this measure is not nil; with what the answers say."""
    place = secret.measures.index(measure)
    deeds = [key for key, done in secret.deeds.items() if any(figures[place] for figures in done.values())]
    at = {key: n for n, key in enumerate(deeds)}
    rows, says = [], []
    for months, dimension, label, row in told:
        if row[measure] == row[measure]:
            found = [at[key] for key in secret.matching(months, dimension, label) if key in at]
            rows.append(np.isin(np.arange(len(deeds)), found).astype(float))
            says.append(row[measure])
    matrix, said = np.array(rows).reshape(len(rows), len(deeds)), np.array(says)
    _, once = np.unique(matrix, axis=0, return_index=True)
    return deeds, matrix[once], said[once]


def given_away(secret, told, measure):
    """The smallest groups of fewer customers than the floor whose figures the equations give, exhaustively."""
    place = secret.measures.index(measure)
    deeds, matrix, _ = equations(secret, told, measure)
    doers = [{who for who, figures in secret.deeds[key].items() if figures[place]} for key in deeds]
    full = np.linalg.matrix_rank(matrix) if matrix.size else 0
    found = []
    for size in range(1, FLOOR):
        for few in combinations(range(PEOPLE), size):
            others = [n for n, who in enumerate(doers) if not who <= set(few)]
            if matrix.size and np.linalg.matrix_rank(matrix[:, others]) < full:
                found.append(few)
    return found


def counts_given_away(secret, told):
    """The same for counts of customers, as far as they are told exactly."""
    exact = [(months, dimension, label) for months, dimension, label, row in told if row["customers"] % FLOOR]
    matrix = np.zeros((len(exact), PEOPLE))
    for n, (months, dimension, label) in enumerate(exact):
        for key in secret.matching(months, dimension, label):
            matrix[n, list(secret.deeds[key])] = 1
    # Equations about different months are of different counts: each month is looked at by itself.
    found = []
    for month in {months[0] for months, *_ in exact if len(months) == 1}:
        own = matrix[[months == [month] for months, *_ in exact]]
        for few in (few for size in range(1, FLOOR) for few in combinations(range(PEOPLE), size)):
            others = [n for n in range(PEOPLE) if n not in few]
            if np.linalg.matrix_rank(own[:, others]) < np.linalg.matrix_rank(own):
                found.append((month, few))
    return found


def naive(secret):
    """What a bank would tell that hides small cells and nothing else."""
    months = sorted({key[0] for key in secret.deeds})
    for month in months:
        for dimension in ("", *DIMENSIONS):
            labels = {key[1 + DIMENSIONS.index(dimension)] for key in secret.deeds} if dimension else {None}
            for label in labels:
                cells = secret.matching([month], dimension, label)
                if len({who for key in cells for who in secret.deeds[key]}) >= FLOOR:
                    figures = [figures for key in cells for figures in secret.deeds[key].values()]
                    sums = {name: sum(one[n] for one in figures) for n, name in enumerate(FLOWS)}
                    yield [month], dimension, label, sums


def test_no_group_of_fewer_customers_than_the_floor_can_be_solved_for(bank):
    _, _, secret, told = bank
    assert told
    for measure in FLOWS:
        assert given_away(secret, told, measure) == []
    assert counts_given_away(secret, told) == []


def test_no_event_of_fewer_customers_than_the_floor_can_be_solved_for(events):
    secret, told = events
    assert told
    for measure in secret.measures:
        assert given_away(secret, told, measure) == []


def test_what_was_told_of_events_is_true(events):
    secret, told = events
    for place, measure in enumerate(secret.measures):
        deeds, matrix, said = equations(secret, told, measure)
        truth = np.array([sum(figures[place] for figures in secret.deeds[key].values()) for key in deeds])
        assert said.any()
        assert matrix @ truth == pytest.approx(said)


def test_an_event_of_few_is_neither_told_nor_is_there_a_row_for_it_alone(events):
    secret, told = events
    few = 0
    for months, dimension, label, row in told:
        cells = secret.matching(months, dimension, label)
        doers = [
            {who for key in cells for who, figures in secret.deeds[key].items() if figures[place]}
            for place in range(len(secret.measures))
        ]
        empty = [row[measure] != row[measure] for measure in secret.measures]
        few += sum(0 < len(one) < FLOOR for one in doers)
        assert all(nothing for one, nothing in zip(doers, empty, strict=True) if 0 < len(one) < FLOOR)
        assert any(one and not nothing for one, nothing in zip(doers, empty, strict=True))
    assert few or min(map(len, secret.deeds.values())) < FLOOR  # there is somebody to be found


def test_what_was_told_is_true_so_that_the_equations_are_those_of_the_bank(bank):
    _, _, secret, told = bank
    for place, measure in enumerate(FLOWS):
        deeds, matrix, said = equations(secret, told, measure)
        truth = np.array([sum(figures[place] for figures in secret.deeds[key].values()) for key in deeds])
        assert matrix @ truth == pytest.approx(said, abs=1e-6)


def test_the_attack_succeeds_where_only_small_cells_are_hidden(bank):
    """The control: it finds somebody, and what it finds is right."""
    _, _, secret, _ = bank
    told = list(naive(secret))
    few = given_away(secret, told, "transactions")
    assert few
    deeds, matrix, said = equations(secret, told, "transactions")
    truth = np.array([sum(figures[0] for figures in secret.deeds[key].values()) for key in deeds])
    others = [n for n, key in enumerate(deeds) if not set(secret.deeds[key]) <= set(few[0])]
    left, sizes, _ = np.linalg.svd(matrix[:, others])
    blind = left[
        :, (np.append(sizes, np.zeros(len(left) - len(sizes))) < 1e-9)
    ]  # mixes of answers without the others
    mix = blind[:, np.abs(blind.T @ matrix).sum(axis=1).argmax()]
    assert abs(mix @ matrix).max() > 1e-6
    assert mix @ said == pytest.approx(mix @ matrix @ truth, abs=1e-6)


def test_filters_two_divisions_and_other_dates_are_no_way_round(bank):
    warehouse, store, *_ = bank
    book = Book.open(warehouse, store, SPY)
    for pair in combinations(DIMENSIONS, 2):
        with pytest.raises(NotAllowed):
            book.volumes(pair)
    for when in (date(2026, 2, 27), date(2026, 2, 1), date(2025, 12, 31), date(2026, 4, 30)):
        with pytest.raises(AnalyticsError):
            book.volumes((), when, when)
        with pytest.raises(AnalyticsError):
            book.volumes((), None, when)


def test_no_read_of_customers_gives_anything(bank):
    """Rows, counts under a filter, months, names: all of an empty book."""
    warehouse, store, *_ = bank
    book = Book.open(warehouse, store, SPY)
    assert book.frame(["credit_amount_12m"]).empty
    assert book.count(where="credit_amount_12m > 0 and region = 'East'") == 0
    assert book.by_month("transactions").empty
    assert book.find("C").empty
    assert book.names(["C1", "C2"]).empty
    with pytest.raises(AnalyticsError):
        book.attributes("C1")


def test_a_recipe_that_a_manager_shares_runs_in_the_spys_own_book(bank):
    warehouse, store, *_ = bank
    recipe = Recipe.from_content(
        {"value": "credit_amount_12m", "indicators": ["credit_amount_12m", "transactions_count_12m"],
         "method": {"key": "kmeans", "segments": 2}}
    )  # fmt: skip
    assert len(segment(Book.open(warehouse, store, "boss@x.example"), recipe).members) == PEOPLE
    with pytest.raises(AnalyticsError):
        segment(Book.open(warehouse, store, SPY), recipe)


def test_the_trail_says_what_the_spy_asked(bank):
    warehouse, store, *_ = bank
    Book.open(warehouse, store, SPY).volumes(("month", "branch"))
    entry = store.audit.entries(action="totals read")[0]
    assert entry.person == SPY
    assert entry.details["what"] == ["volumes", "month", "branch"]
    assert entry.details["customers"] == PEOPLE
    assert entry.details["scope"] == "totals of all customers"
