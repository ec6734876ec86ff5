"""What a grant opens, to the row and the column, and that nothing else can be got by any way in."""

import csv
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.access.book import Book
from analytics.access.grants import Grant
from analytics.access.masking import HIDDEN, masked
from analytics.access.personas import PERSONAS
from analytics.access.relationship import accounts_of
from analytics.access.roles import EVERYONE, PAGES, ROLES, TOTALS_ONLY, WITHOUT_ROWS, pages_of
from analytics.access.scope import RowRule, Scope
from analytics.errors import AnalyticsError, BadInput, NotAllowed, UnknownName
from analytics.indicators import CATALOGUE
from analytics.store.store import open_store

MAY = date(2026, 5, 31)
EVERYBODY = {"C1", "C2", "C3", "C4", "C5", "C6"}
BANK = {"role": "analyst", "level": "bank"}
HIDDEN_KEYS = sorted(key for key, row in CATALOGUE.items() if row.sensitivity)


def ids(book: Book, **options: object) -> set[str]:
    return set(book.frame((), **options)["customer_id"])


@pytest.mark.parametrize(
    ("level", "more", "customers"),
    [
        ("own", {"employee_id": "E1"}, {"C1", "C6"}),
        ("own", {"employee_id": "E2"}, {"C2", "C3"}),
        ("own", {"employee_id": "E9"}, set()),
        ("own", {}, set()),
        ("own", {"unit_id": "E1"}, set()),
        ("team", {"unit_id": "T1"}, {"C1", "C2", "C3", "C6"}),
        ("team", {"unit_id": "T2"}, {"C4"}),
        ("team", {"employee_id": "E1"}, set()),
        ("branch", {"unit_id": "B11"}, {"C1", "C3"}),
        ("branch", {"unit_id": "B1"}, {"C1", "C2", "C3", "C6"}),
        ("branch", {"unit_id": "B0"}, {"C1", "C2", "C3", "C4", "C6"}),
        ("branch", {"unit_id": "B9"}, set()),
        ("branch", {}, set()),
        ("branch", {"unit_id": "R1"}, set()),  # a ring of branches, each above the other
        ("region", {"unit_id": "B1"}, {"C1", "C2", "C3"}),  # those below, not the unit itself
        ("region", {"unit_id": "B11"}, set()),
        ("region", {}, set()),
        ("bank", {}, EVERYBODY),
        ("bank", {"departments": "Retail"}, {"C1", "C2", "C6"}),
        ("bank", {"departments": " Wealth , Retail"}, {"C1", "C2", "C4", "C6"}),
        ("bank", {"departments": "retail"}, set()),
        ("branch", {"unit_id": "B11", "departments": "Corporate"}, {"C3"}),
        ("Branch ", {"unit_id": "B11"}, {"C1", "C3"}),
        ("planet", {"unit_id": "B0"}, set()),
        ("", {}, set()),
    ],
)
def test_a_grant_opens_exactly_its_customers(hand, book_with, level, more, customers):
    assert ids(book_with(hand, {"role": "manager", "level": level, **more})) == customers


def test_two_grants_add_up(hand, book_with):
    own = {"role": "manager", "level": "own", "employee_id": "E1", "columns": "pii"}
    harbour = {"role": "manager", "level": "branch", "unit_id": "B2", "columns": "profit", "may_export": True}
    book = book_with(hand, own, harbour)
    assert ids(book) == {"C1", "C4", "C6"}
    assert book.scope.columns == {"pii", "profit"}
    assert book.scope.may_export


@pytest.mark.parametrize("role", sorted(WITHOUT_ROWS))
def test_roles_that_work_without_customers_see_none_however_wide_the_grant(hand, book_with, role):
    book = book_with(hand, {"role": role, "level": "bank", "columns": "pii,profit", "may_export": True})
    assert ids(book) == set()
    totals = (RowRule(None),) if role in TOTALS_ONLY else ()
    assert book.scope == Scope(totals=totals)


def test_a_role_without_rows_adds_nothing_to_one_with_rows(hand, book_with):
    steward = {"role": "steward", "level": "bank", "columns": "pii,sensitive,profit", "may_export": True}
    book = book_with(hand, steward, {"role": "manager", "level": "own", "employee_id": "E1"})
    assert ids(book) == {"C1", "C6"}
    assert book.scope.columns == frozenset()
    assert not book.scope.may_export


def test_without_a_grant_there_are_no_rows_by_any_way_in(hand, store):
    book = Book.open(hand, store, "stranger@x.example")
    keys = ("transactions_count_12m",)
    assert ids(book) == set()
    assert ids(book, as_of=MAY) == set()
    assert book.count() == 0
    assert book.find("").empty
    assert book.names(sorted(EVERYBODY)).empty
    assert book.by_month("transactions").empty
    assert book.frame_of("C1", keys).empty
    assert book.frame_of("C1", keys, as_of=MAY).empty
    assert book.person.pages == set(EVERYONE)


def test_a_book_is_opened_by_address_without_regard_to_case_or_blanks(hand, store):
    book = Book.open(hand, store, " Own@X.example ")
    assert ids(book) == {"C1", "C6"}
    assert book.person.email == "own@x.example"
    assert book.person.name == "Eve One"
    assert book.person.roles == ("relationship_manager",)


def grants_csv(*lines: str) -> str:
    names = "user_email,role,level,employee_id,unit_id,departments,columns,may_export,valid_until"
    return "\n".join((names, *lines)) + "\n"


def test_a_grant_ends_with_its_last_day(bank_of, store):
    today = date.today()
    warehouse = bank_of(
        transactions="customer_id,booked_at,amount\nA,2026-06-30,1\n",
        grants=grants_csv(
            f"over@x.example,analyst,bank,,,,,,{today - timedelta(1)}",
            f"lasts@x.example,analyst,bank,,,,,,{today}",
        ),
    )
    assert ids(Book.open(warehouse, store, "over@x.example")) == set()
    assert ids(Book.open(warehouse, store, "lasts@x.example")) == {"A"}


def test_what_is_revoked_is_gone_at_the_next_opening_and_after_a_restart(hand, store, tmp_path):
    assert ids(Book.open(hand, store, "own@x.example")) == {"C1", "C6"}
    grant = Grant.from_row(
        {"user_email": "own@x.example", "role": "relationship_manager", "level": "own", "employee_id": "E1"}
    )
    store.grants.revoke(grant, by="steward@x.example")
    assert ids(Book.open(hand, store, "own@x.example")) == set()
    again = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}", tmp_path)
    assert ids(Book.open(hand, again, "own@x.example")) == set()


def test_a_person_asks_for_a_customer_outside_as_for_one_that_does_not_exist(hand, book_with):
    book = book_with(hand, {"role": "manager", "level": "own", "employee_id": "E1"})
    for ask in (
        book.attributes,
        lambda who: book.rows_of("transactions", who),
        lambda who: book.rows_of("months", who),
    ):
        with pytest.raises(UnknownName) as outside:
            ask("C2")
        with pytest.raises(UnknownName) as nobody:
            ask("C9")
        assert str(outside.value).replace("C2", "") == str(nobody.value).replace("C9", "")
    assert book.frame_of("C2", ("region",)).empty
    assert book.frame_of("C9", ("region",)).empty


def test_one_customers_figures_are_their_row_of_the_book(hand, whole_book):
    book = whole_book(hand)
    keys = ("profit_12m", "region", "days_since_last_transaction")
    for day in (None, MAY):
        row = book.frame(keys, as_of=day).set_index("customer_id").loc["C2"]
        assert book.frame_of("C2", keys, as_of=day).to_dict() == row.to_dict()
    assert book.frame_of("C6", keys, as_of=MAY).empty  # joined later


def test_one_customers_rows_are_theirs_newest_first(hand, whole_book):
    book = whole_book(hand)
    rows = book.rows_of("transactions", "C2")
    assert rows["amount"].tolist() == [-30.55, 50.0, 100.0]
    assert len(book.rows_of("transactions", "C2", limit=2)) == 2
    assert book.rows_of("products", "C4")["product"].tolist() == ["Deposit", "Plan"]  # closed ones last
    assert book.rows_of("months", "C4")["balance"].tolist() == [5730.0]


def test_names_and_numbers_are_masked_without_the_pii_class(hand, whole_book):
    shown = whole_book(hand, "").attributes("C1")
    assert {name: shown[name] for name in ("name", "id_number", "phone", "email", "birth_date")} == {
        "name": "A•••", "id_number": "•••11", "phone": "•••01", "email": "a•••", "birth_date": HIDDEN,
    }  # fmt: skip
    assert "birth_date" not in whole_book(hand, "").attributes(
        "C5"
    )  # nothing is made up where nothing is known
    assert whole_book(hand, "pii").attributes("C1")["name"] == "Anna Berg"
    assert whole_book(hand, "").names(["C1", "C5"])["name"].tolist() == ["A•••", "E•••"]


def test_beliefs_are_not_there_without_their_class(hand, whole_book):
    assert "religion" not in whole_book(hand, "pii,profit").attributes("C1")
    assert whole_book(hand, "sensitive").attributes("C1")["religion"] == "none"


@pytest.mark.parametrize(
    ("text", "shown"), [(None, None), (float("nan"), None), ("", HIDDEN), ("x", HIDDEN), ("陈波", "陈•••")]
)
def test_a_masked_text_never_shows_all_of_it(text, shown):
    assert masked(text) == shown


@pytest.mark.parametrize("text", ["Anna", "berg", "陈", "A•••", "@x", "13800138001"])
def test_nobody_is_found_by_a_name_that_is_masked(hand, whole_book, text):
    assert whole_book(hand, "profit").find(text).empty


def test_a_customer_is_found_by_number_or_by_a_name_that_may_be_seen(hand, whole_book):
    assert whole_book(hand).find(" anna ")["customer_id"].tolist() == ["C1"]
    assert whole_book(hand).find("陈")["customer_id"].tolist() == ["C2"]
    assert whole_book(hand).find("c4")["customer_id"].tolist() == ["C4"]
    assert whole_book(hand, "").find("c4")["name"].tolist() == ["D•••"]
    assert whole_book(hand).find("%").empty
    assert whole_book(hand).find("' OR 1=1 --").empty
    assert len(whole_book(hand).find("c", limit=3)) == 3


@pytest.mark.parametrize("key", HIDDEN_KEYS)
def test_a_hidden_indicator_can_be_neither_shown_nor_asked_about(demo, whole_book, key):
    book = whole_book(demo, "pii")
    question = f"{key} = 'x'" if CATALOGUE[key].unit == "category" else f"{key} > 0"
    asks = (
        lambda: book.frame((key,)),
        lambda: book.frame((), where=question),
        lambda: book.count(where=f"not ({question}) or region = 'East'"),
        lambda: book.frame(("region",), where=question, as_of=demo.month_ends[3]),
        lambda: book.frame_of("C0000001", (key,)),
    )
    for ask in asks:
        with pytest.raises(NotAllowed, match=key):
            ask()


def test_months_of_hidden_figures_stay_hidden(hand, whole_book):
    for column in ("profit_cents", "revenue_cents", "cost_cents", "customer_no", "1; DROP TABLE x"):
        with pytest.raises(NotAllowed):
            whole_book(hand, "pii,sensitive").by_month(column)


def test_the_months_of_a_book_are_the_sum_of_its_customers(hand, book_with, whole_book):
    june = pd.Timestamp("2026-06-30")
    whole = whole_book(hand).by_month("profit_cents").set_index("month_end")["value"]
    assert whole[june.date()] == pytest.approx(284.30 + 177.33 + 1642.83 + 0.60 - 0.20)
    assert max(whole.index) == june.date()  # July is not whole yet
    own = {"role": "manager", "level": "own", "employee_id": "E1", "columns": "profit"}
    assert book_with(hand, own).by_month("profit_cents")["value"].iloc[-1] == pytest.approx(284.10)
    assert book_with(hand, own).by_month("transactions")["value"].iloc[-1] == 3


def test_an_unknown_indicator_is_named_with_the_nearest_one(hand, whole_book):
    with pytest.raises(UnknownName, match="profit_12m"):
        whole_book(hand).frame(("profit12m",))
    with pytest.raises(UnknownName, match="profit_12m"):
        whole_book(hand).frame((), where="profit12m > 0")


@pytest.mark.parametrize("day", [date(2026, 6, 29), date(2026, 7, 31), date(2025, 4, 30), date(1900, 1, 31)])
def test_only_the_month_ends_of_the_data_can_be_asked_for(hand, whole_book, day):
    with pytest.raises(BadInput, match="31 May 2025 to 30 June 2026"):
        whole_book(hand).frame((), as_of=day)


@pytest.mark.parametrize(
    ("where", "customers"),
    [
        ("profit_12m > 0", {"C1", "C2", "C3", "C4"}),
        ("not profit_12m > 0", {"C5", "C6"}),
        ("days_since_last_transaction > 20", {"C1"}),
        ("not days_since_last_transaction > 20", {"C2", "C3", "C6"}),  # nobody knows of C4 and C5
        ("region in ('East') and age_years < 30", {"C6"}),
        ("region is empty", {"C5"}),
        ("gender = 'o''hara'", set()),
    ],
)  # fmt: skip
def test_a_filter_keeps_whom_it_says_and_leaves_out_the_unknown(hand, whole_book, where, customers):
    book = whole_book(hand)
    assert ids(book, where=where) == customers
    assert book.count(where=where) == len(customers)


def test_a_filter_means_the_same_at_an_earlier_date(hand, whole_book):
    assert ids(whole_book(hand), where="transactions_count_12m >= 1", as_of=MAY) == {"C1", "C2"}


def test_rows_come_in_order_of_the_number_with_the_columns_asked_for_once(demo, whole_book):
    frame = whole_book(demo).frame(("region", "profit_12m", "region"), where="age_years > 30")
    assert frame.columns.tolist() == ["customer_id", "region", "profit_12m"]
    assert frame["customer_id"].is_monotonic_increasing
    assert frame["customer_id"].is_unique


def test_books_with_equal_rights_share_answers_and_others_do_not(hand, book_with):
    own = {"role": "manager", "level": "own", "employee_id": "E1", "columns": "pii,profit"}
    same = book_with(hand, own | {"columns": "profit,pii"}), book_with(hand, own, own)
    assert {book.key for book in same} == {book_with(hand, own).key}
    others = [own | {"columns": "profit"}, own | {"employee_id": "E2"}, own | {"departments": "Retail"}]
    keys = {book_with(hand, other).key for other in (own, *others)}
    assert len(keys) == 4


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.role)
def test_a_personas_rows_are_those_of_plain_sql(demo, open_raw, store, persona):
    con = open_raw(demo)
    below = """branch_id IN (WITH RECURSIVE b AS (SELECT 'B011' AS id UNION
        SELECT branch_id FROM bank.branches JOIN b ON parent_id = b.id) FROM b)"""
    conditions = {"relationship_manager": "manager_id = 'E0001'", "manager": below, "analyst": "true"}
    condition = conditions.get(persona.role, "false")
    sql = f"SELECT customer_id FROM bank.customers WHERE {condition} AND onboarded_on <= $d"
    for day in (demo.newest_as_of, demo.month_ends[4]):
        expected = {row[0] for row in con.execute(sql, {"d": day}).fetchall()}
        book = Book.open(demo, store, persona.email)
        assert ids(book, as_of=day) == expected
        assert bool(expected) == (persona.role not in WITHOUT_ROWS)


def test_every_role_opens_its_pages_and_another_the_overview():
    assert set(PAGES) == set(ROLES)
    assert pages_of(["analyst", "steward"]) == {*PAGES["analyst"], *PAGES["steward"], *EVERYONE}
    assert "rates" not in pages_of(set(ROLES) - {"steward"})
    assert pages_of(["teller"]) == {"overview", "glossary"}
    assert pages_of([]) == {"glossary"}


def rows_of_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


PEOPLE = rows_of_csv("""customer_id,manager,team,branch,line,joined
C1,E1,T1,B11,Retail,2024-01-15
C2,E2,T1,B12,Retail,2024-02-20
C3,E2,T1,B11,Corporate,2023-05-05
C4,E3,T2,B2,Wealth,2022-06-30
C5,,,,,
C6,E1,T1,B1,Retail,2026-06-10
""")
BELOW = {"B0": {"B1", "B11", "B12", "B2"}, "B1": {"B11", "B12"}, "R1": {"R2"}, "R2": {"R1"}}


def opened_by(grant: dict[str, str], person: dict[str, str]) -> bool:
    """Who a grant opens, said again in plain words."""
    unit, role, level = grant["unit_id"], grant["role"], grant["level"]
    if role in WITHOUT_ROWS:
        return False
    if grant["departments"] and person["line"] not in grant["departments"].split(","):
        return False
    match level:
        case "own":
            return bool(grant["employee_id"]) and person["manager"] == grant["employee_id"]
        case "team":
            return bool(unit) and person["team"] == unit
        case "branch":
            return bool(unit) and person["branch"] in {unit, *BELOW.get(unit, ())}
        case "region":
            return bool(unit) and person["branch"] in BELOW.get(unit, ())
    return level == "bank"


some_grant = st.fixed_dictionaries(
    {
        "role": st.sampled_from([*ROLES, "teller"]),
        "level": st.sampled_from(["own", "team", "branch", "region", "bank", "galaxy"]),
        "employee_id": st.sampled_from(["", "E1", "E2", "E3", "x' OR 'a'='a"]),
        "unit_id": st.sampled_from(["", "B0", "B1", "B11", "B2", "T1", "T2", "R1", "' OR TRUE --"]),
        "departments": st.sampled_from(["", "Retail", "Retail,Wealth", "Nobody"]),
        "columns": st.sampled_from(["", "pii", "profit", "sensitive,profit", "pii,everything"]),
    }
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(grants=st.lists(some_grant, max_size=3))
def test_whatever_the_grants_nobody_outside_them_appears(hand, book_with, grants):
    book = book_with(hand, *grants)
    inside = {who["customer_id"] for who in PEOPLE if any(opened_by(grant, who) for grant in grants)}
    assert ids(book) == inside
    assert ids(book, as_of=MAY) == inside - {"C6"}
    assert set(book.names(sorted(EVERYBODY))["customer_id"]) == inside
    assert set(book.find("c")["customer_id"]) == inside
    count = sum({"C1": 5, "C2": 3, "C3": 2, "C6": 1}.get(who, 0) for who in inside)
    assert book.by_month("transactions")["value"].sum() == count
    for who in sorted(EVERYBODY - inside)[:2]:
        with pytest.raises(AnalyticsError):
            book.rows_of("transactions", who)
        assert book.frame_of(who, ("transactions_count_12m",)).empty


def test_each_customer_who_is_looked_up_alone_is_named_in_the_trail(demo, store):
    """One session, a book for each rerun: what it saw before is not told again, but these are others."""
    store.grants.give(Grant("ann@x.example", "analyst", "bank"), by="files")
    seen, customers = set(), [f"C{n:07}" for n in range(1, 6)]
    for customer in customers:
        book = Book.open(demo, store, "ann@x.example", seen)
        assert book.find(customer)["customer_id"].tolist() == [customer]
        accounts_of(book, customer, demo.newest_as_of)
    told = [entry.details for entry in store.audit.entries(person="ann@x.example", action="customer opened")]
    assert {(one["customer_id"], *one["what"]) for one in told} >= {
        (customer, what) for customer in customers for what in ("name", "accounts")
    }
