"""Employees and their books: totals by plain SQL, expectation with its bounds, and who sees whom."""

import json
import sys
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from analytics.access.book import Book
from analytics.access.grants import Grant
from analytics.access.norms import LEAST, MANAGERS, _safe, norms
from analytics.access.reads import Read
from analytics.access.staff import answered, whose
from analytics.commands import run
from analytics.errors import NotAllowed, NotEnoughData
from analytics.recipe import Recipe
from analytics.store.store import open_store
from analytics.strata import NOBODY, cells, levels, moments_of_others
from analytics.team import report
from analytics.team.books import People
from analytics.team.one import _mix
from analytics.team.report import ABOVE, BELOW, EXPECTED, UNCOMPARED, bands, team
from analytics.team.sentences import bands_sentence, team_sentence
from analytics.team.staff import segment_staff

MANAGER = {"role": "manager", "level": "bank", "columns": "profit"}
OWN = {"role": "relationship_manager", "level": "own", "columns": "profit"}
MEASURE = "profit_12m"


@pytest.fixture(scope="module")
def bosses_book(demo, book_with):
    """Of a manager who may see every customer of the bank."""
    return book_with(demo, MANAGER)


@pytest.fixture(scope="module")
def found(bosses_book):
    return team(bosses_book)


# --- facts, against plain SQL


def test_every_book_is_what_plain_sql_says(demo, open_raw, found):
    day = demo.newest_as_of
    rows = open_raw(demo).execute(
        f"""SELECT manager_id AS employee_id, count(*) AS customers, sum(profit_12m) AS result,
            avg((customer_type = 'personal')::INT) AS personal,
            count(*) FILTER (days_since_last_transaction > 92
                OR days_since_last_transaction IS NULL AND coalesce(tenure_years * 365.25 > 92, true)
                OR accounts_open = 0) AS gone,
            sum((SELECT count(*) FROM bank.contacts AS c WHERE c.customer_id = customer_now.customer_id
                AND NOT coalesce(is_holdout, false) AND contacted_at::DATE > DATE '{day}' - INTERVAL 1 YEAR
                AND contacted_at::DATE <= DATE '{day}')) AS contacts
        FROM customer_now WHERE manager_id IS NOT NULL GROUP BY ALL ORDER BY ALL"""
    ).df()  # fmt: skip
    ours = found.rows[["employee_id", "customers", "result", "personal", "gone", "contacts"]]
    ours = ours.fillna({"contacts": 0}).reset_index(drop=True)
    pd.testing.assert_frame_equal(ours, rows, check_dtype=False)


def test_growth_is_of_those_who_were_customers_a_year_before(demo, bosses_book, found):
    before = bosses_book.frame((MEASURE,), as_of=demo.month_ends[-13])
    now = bosses_book.frame((MEASURE,)).merge(before, on="customer_id", suffixes=("", "_before"))
    one = found.rows.iloc[0]
    theirs = bosses_book.joined(
        "SELECT customer_no, manager_id FROM customer_now", what="x"
    ).to_pandas()  # fmt: skip
    here = now[now["customer_id"].isin(theirs.loc[theirs["manager_id"] == one["employee_id"], "customer_id"])]
    grown = here[MEASURE].sum() / here[f"{MEASURE}_before"].sum() - 1
    assert one["growth"] == pytest.approx(grown)


def test_shares_and_capacity_add_up(found):
    assert found.rows["share"].sum() == pytest.approx(1)
    assert found.capacity == pytest.approx(found.rows["workload"].median())
    assert found.rows["workload"].sum() == pytest.approx(found.rows["customers"].sum())
    assert found.compared == "book"


def test_a_capacity_that_is_set_is_what_loads_are_of(bosses_book, found):
    other = team(bosses_book, capacity=50.0)
    assert (other.rows["load"] == other.rows["workload"] / 50).all()
    assert (other.rows["result"] == found.rows["result"]).all()


def test_the_document_names_what_the_contract_asks(found):
    document = found.document()
    json.dumps(document, allow_nan=False, default=float)
    for row in document["rows"]:
        assert {"employee_id", "customers", "profit_12m", "expected_profit_12m", "top5_share"} <= set(row)
        assert row["low"] <= row["expected"] <= row["high"]


# --- expectation


def made_up(seed, managers=6, each=120, spread=0.6, effect=0.0, poor=()):
    """Customers whose profit hangs on balance and age alone; one of `poor` has the customers of low balance.

    Manager 0's customers bring `effect` more than similar customers.
    """
    chance = np.random.default_rng(seed)
    manager = np.repeat(np.arange(managers), each)
    richness = chance.normal(0, 1, managers * each) - 1.2 * np.isin(manager, poor)
    balance, age = np.exp(9 + richness), chance.uniform(18, 85, len(manager))
    mean = 300 * np.exp(0.8 * richness) * np.where(age > 45, 1.4, 1.0)
    noise = chance.lognormal(-(spread**2) / 2, spread, len(manager))
    profit = mean * noise * np.where(manager == 0, 1 + effect, 1.0)
    table = {
        "customer_id": [f"C{n:05d}" for n in range(len(manager))],
        "manager_id": np.array([f"E{n}" for n in manager], dtype=object),
        "branch_id": "B1", MEASURE: profit, "customer_type": "personal", "balance_average_3m": balance,
        "age_years": age, "tenure_years": chance.uniform(0, 12, len(manager)), "city_tier": "1",
    }  # fmt: skip
    return People(pd.DataFrame(table), MEASURE)


def verdicts(people):
    """Of each manager in order of their numbers."""
    known = report._against_book(people)[0]
    result = people.table.groupby("manager_id")[MEASURE].sum().to_numpy()
    return np.select([result > known.high, result < known.low], [ABOVE, BELOW], EXPECTED)


def test_where_all_do_equally_well_the_range_holds_nearly_as_many_as_it_says():
    """40 banks of six, 240 verdicts: 95 in a hundred are said, and chance leaves some room."""
    said = np.concatenate([verdicts(made_up(seed)) for seed in range(40)])
    assert 0.90 <= (said == EXPECTED).mean() <= 0.99


def test_books_of_poor_customers_are_held_against_poor_customers():
    """Two of six have customers who bring less than half: still nearly as many are as expected."""
    said = np.array([verdicts(made_up(seed, poor=(0, 1))) for seed in range(30)])
    assert (said == EXPECTED).mean() >= 0.85
    assert (said[:, :2] == BELOW).mean() <= 0.15
    assert (said[:, 2:] == ABOVE).mean() <= 0.15


def test_a_good_manager_with_a_poor_book_is_seen():
    """20 % more than similar customers bring, of the poorest customers: result the lowest, verdict above."""
    seen, lowest = [], []
    for seed in range(15):
        people = made_up(seed, each=200, spread=0.4, effect=0.2, poor=(0,))
        seen.append(verdicts(people)[0])
        results = people.table.groupby("manager_id")[MEASURE].sum()
        lowest.append(results.idxmin() == "E0")
    assert np.mean(lowest) > 0.95
    assert np.mean([verdict == ABOVE for verdict in seen]) >= 0.8


def test_without_the_effect_the_same_manager_is_as_expected():
    said = [verdicts(made_up(seed, each=200, spread=0.4, poor=(0,)))[0] for seed in range(20)]
    assert np.mean([verdict == EXPECTED for verdict in said]) >= 0.85


def test_nobodys_own_customers_are_among_those_whom_they_are_held_against():
    people = made_up(1)
    richer = people.table.assign(
        **{MEASURE: people.table[MEASURE] * np.where(people.table["manager_id"] == "E0", 50.0, 1.0)}
    )
    before, after = (report._against_book(one)[0] for one in (people, replace(people, table=richer)))
    assert after.expected[0] == pytest.approx(before.expected[0])
    assert after.expected[1] > before.expected[1]


@given(seed=some.integers(0, 2**31), data=some.data())
@settings(max_examples=20)
def test_moments_of_others_are_those_of_plain_loops(seed, data):
    chance = np.random.default_rng(seed)
    size = data.draw(some.integers(5, 60))
    nested = [np.zeros(size, np.int64)]
    placed = cells(nested, lambda places, groups, count: np.ones(count, bool))
    amounts, manager = chance.normal(1e6, 10, size), chance.integers(-1, 3, size)
    told = moments_of_others(placed, amounts, manager, 3)
    for one in range(3):
        others = amounts[(manager != one) & (manager >= 0)]
        assert told.count[one, 0] == len(others)
        if len(others) > 1:
            assert told.mean[one, 0] == pytest.approx(others.mean())
            assert told.variance[one, 0] == pytest.approx(others.var(ddof=1), rel=1e-6)
            third = ((others - others.mean()) ** 3).mean()
            assert told.third[one, 0] == pytest.approx(third, abs=1e-3)


@given(seed=some.integers(0, 2**31))
@settings(max_examples=20)
def test_cells_hold_everybody_once_and_are_large_enough(seed):
    table = made_up(seed, managers=4, each=40).table
    nested = levels(table)
    placed = cells(nested, lambda places, groups, count: np.bincount(groups, minlength=count) >= 10)
    assert (np.bincount(placed.cell) >= 10).all()
    assert placed.cell.min() >= 0
    nowhere = cells(nested, lambda places, groups, count: np.zeros(count, bool))
    assert (nowhere.cell == NOBODY).all()
    assert nowhere.count == 0


def test_bands_are_apart_and_ties_share_one():
    low, high = (pd.Series(ends, dtype=float) for ends in ([1, 1, -9, 5, np.nan], [4, 4, -5, 8, np.nan]))
    assert bands(low, high).tolist() == [2, 2, 3, 1, 0]
    assert bands(low[:0], high[:0]).tolist() == []


# --- the law: names and numbers count for nothing


def swapped(table, one, other):
    return table.assign(manager_id=table["manager_id"].replace({one: other, other: one}))


def test_swapping_two_managers_of_identical_books_changes_nothing():
    people = made_up(3)
    twin = people.table[people.table["manager_id"] == "E0"].assign(manager_id="E1")
    rest = people.table[~people.table["manager_id"].isin(["E0", "E1"])]
    table = pd.concat([people.table[people.table["manager_id"] == "E0"], twin, rest], ignore_index=True)
    before = report._against_book(People(table, MEASURE))[0]
    after = report._against_book(People(swapped(table, "E0", "E1"), MEASURE))[0]
    for name in ("expected", "low", "high"):
        assert getattr(before, name)[0] == pytest.approx(getattr(before, name)[1])
        assert getattr(after, name) == pytest.approx(getattr(before, name))


def test_swapping_the_numbers_of_any_two_managers_swaps_their_rows_and_no_more():
    people = made_up(4)
    before = report._against_book(people)[0]
    after = report._against_book(People(swapped(people.table, "E1", "E4"), MEASURE))[0]
    order = [0, 4, 2, 3, 1, 5]
    for name in ("expected", "low", "high"):
        assert getattr(after, name) == pytest.approx(getattr(before, name)[order])


def two_banks():
    """The same four books, once with names and numbers of the first two swapped."""
    chance = np.random.default_rng(2)
    customers = ["customer_id,customer_type,manager_id,branch_id"]
    for n in range(160):
        customers.append(f"C{n:03d},personal,E{n % 4},B{n % 4 % 2}")
    lines = ["customer_id,booked_at,amount"]
    lines += [f"C{n:03d},2026-06-{1 + n % 28:02d},{100 + chance.integers(0, 50)}" for n in range(160)]
    staff = "employee_id,name,branch_id\nE0,Ann,B0\nE1,Bob,B1\nE2,Cy,B0\nE3,Di,B1\n"
    tables = {"transactions": "\n".join(lines), "customers": "\n".join(customers), "employees": staff}
    trade = str.maketrans("01", "10")
    other = [
        line
        if at == 0
        else ",".join([*line.split(",")[:2], line.split(",")[2].translate(trade), line.split(",")[3]])
        for at, line in enumerate(customers)
    ]
    renamed = "employee_id,name,branch_id\nE1,Zoe,B0\nE0,Yan,B1\nE2,Cy,B0\nE3,Di,B1\n"
    return tables, tables | {"customers": "\n".join(other), "employees": renamed}


def test_other_names_and_numbers_on_the_same_books_give_the_same_rows(tmp_path, book_with):
    from analytics.warehouse.engine import open_warehouse
    from analytics.warehouse.load import load
    from tests.conftest import write_tables

    rows = []
    for at, tables in enumerate(two_banks()):
        load(write_tables(tmp_path / f"s{at}", tables), tmp_path / f"w{at}")
        rows.append(team(book_with(open_warehouse(tmp_path / f"w{at}"), MANAGER)).rows)
    before, after = rows
    order = after["employee_id"].replace({"E0": "E1", "E1": "E0"}).argsort().to_numpy()
    same = before.columns.difference(["employee_id", "name"])
    pd.testing.assert_frame_equal(before[same], after.iloc[order].reset_index(drop=True)[same])


# --- who sees whom


def test_who_may_see_their_own_book_sees_their_own_row_alone(demo, book_with, found):
    mine = book_with(demo, OWN | {"employee_id": "E0001"})
    own = team(mine, None, whose(mine))
    assert own.rows["employee_id"].tolist() == ["E0001"]
    boss = found.rows.set_index("employee_id").loc["E0001"]
    one = own.rows.iloc[0]
    for name in ("customers", "result", "top5_share", "gone", "growth"):
        assert one[name] == pytest.approx(boss[name])
    with pytest.raises(NotAllowed, match="other employees"):
        team(mine)


@pytest.mark.parametrize("level", [{"level": "team", "unit_id": "T011-1"}, {"level": "bank"}])
def test_a_peer_who_shares_customers_sees_no_peer(demo, book_with, level):
    """A relationship manager who may see customers of others may not see how these others do."""
    book = book_with(demo, {"role": "relationship_manager", "columns": "profit"} | level)
    assert book.count() > 0
    assert whose(book) == ()
    assert team(book, None, whose(book)).rows.empty
    both = book_with(
        demo, {"role": "relationship_manager", "columns": "profit"} | level, OWN | {"employee_id": "E0001"}
    )
    assert team(both, None, whose(both)).rows["employee_id"].tolist() == ["E0001"]
    with pytest.raises(NotAllowed):
        segment_staff(both, Recipe.from_toml('[method]\nkey = "value_tiers"'))


def test_two_with_equal_sight_of_customers_ask_different_questions(demo, book_with):
    """Cached answers are shared by scope: so whose rows are asked for is part of the question."""
    boss = book_with(demo, MANAGER)
    peer = book_with(demo, MANAGER | {"role": "relationship_manager"})
    assert boss.key == peer.key
    assert whose(boss) != whose(peer)


def test_a_manager_sees_the_employees_of_their_customers_and_no_others(demo, book_with, open_raw):
    book = book_with(demo, {"role": "manager", "level": "branch", "unit_id": "B011", "columns": "profit"})
    shown = team(book).rows["employee_id"].tolist()
    rows = open_raw(demo).execute(
        "SELECT DISTINCT manager_id FROM customers WHERE branch_id = 'B011' AND manager_id IS NOT NULL ORDER BY 1"
    )
    assert shown == [row[0] for row in rows.fetchall()]


def test_without_the_class_profit_another_measure_is_named_and_no_profit_told(demo, book_with):
    book = book_with(demo, MANAGER | {"columns": ""})
    seen = team(book)
    assert seen.measure == "credit_amount_12m"
    assert {row["profit_12m"] for row in seen.document()["rows"]} == {None}
    with pytest.raises(NotAllowed):
        norms(book, "E0001", MEASURE, demo.newest_as_of)
    assert "credit" in team_sentence(seen, "CNY").lower() or "money in" in team_sentence(seen, "CNY").lower()


# --- norms: what is told of the rest of the bank


@pytest.fixture(scope="module")
def mine(demo, book_with):
    return book_with(demo, OWN | {"employee_id": "E0001"})


def test_norms_are_told_of_cells_that_stay_large_without_any_two_books(demo, bosses_book, mine):
    told = norms(mine, "E0001", MEASURE, demo.newest_as_of)
    assert len(told.kind)
    assert (told.others.count >= LEAST).all()
    assert set(told.placed["customer_id"]) == set(mine.frame(("tenure_years",))["customer_id"])
    assert sorted(set(told.placed["cell"])) == list(range(len(told.kind)))  # no cell without an own customer


@given(seed=some.integers(0, 2**31))
@settings(max_examples=25)
def test_a_safe_group_is_safe_whichever_two_books_are_taken_away(seed):
    chance = np.random.default_rng(seed)
    size = 80
    manager, groups = chance.integers(-1, 9, size), chance.integers(0, 3, size)
    amounts = chance.lognormal(0, 2, size) * chance.choice([-1, 1], size)
    said = _safe(amounts, manager, 5)(np.arange(size), groups, 3)
    for group in np.flatnonzero(said):
        for one in range(9):
            for other in range(9):
                left = (groups == group) & (manager >= 0) & ~np.isin(manager, [one, other])
                assert left.sum() >= 5
                assert len(set(manager[left])) >= MANAGERS
                assert np.abs(amounts[left]).max() <= np.abs(amounts[left]).sum() / 2 + 1e-9


def test_whoever_knows_three_books_is_told_no_norms(demo, book_with):
    rows = demo.query(
        "SELECT DISTINCT manager_id FROM customers WHERE manager_id IS NOT NULL ORDER BY ALL LIMIT 3"
    )
    managers = rows["manager_id"].to_pylist()
    for known in (1, 2, 3):
        mine = book_with(demo, *(OWN | {"employee_id": one} for one in managers[:known]))
        told = norms(mine, managers[0], MEASURE, demo.newest_as_of)
        assert bool(len(told.kind)) == bool(len(told.placed)) == (told.capacity is not None) == (known <= 2)


def test_who_outweighs_every_cell_is_in_none_and_nobody_else_either():
    manager = np.arange(300) % 6
    amounts = np.full(300, 100.0)
    strata = [np.arange(300) // 150]
    safe = _safe(amounts, manager, 5)
    assert cells(strata, safe).count == 2
    heavy = np.append(amounts, 1e6)
    found = cells([np.append(strata[0], 2)], _safe(heavy, np.append(manager, 5), 5))
    assert found.count == 0
    light = cells([np.append(strata[0], 2)], _safe(np.append(amounts, 100.0), np.append(manager, 5), 5))
    assert np.bincount(light.cell).tolist() == [151, 150]


def test_norms_leave_out_the_customers_of_whoever_asks(demo, mine):
    told = norms(mine, "E0001", MEASURE, demo.newest_as_of)
    everybody = demo.query("SELECT count(*) AS n FROM customers WHERE manager_id <> 'E0001'")["n"][0].as_py()
    assert told.others.count.sum() <= everybody


def test_norms_are_recorded_as_totals_of_the_bank(demo, mine):
    reads = []
    book = Book(mine.person, mine.scope, demo, record=reads.append)
    norms(book, "E0001", MEASURE, demo.newest_as_of)
    told = [read for read in reads if isinstance(read, Read) and read.totals]
    assert [(read.what, read.customers) for read in told] == [(("norms", MEASURE), demo.manifest.customers)]
    assert all(read.customers < demo.manifest.customers for read in reads if not read.totals)


def test_norms_of_somebody_elses_book_place_nobody(demo, mine):
    told = norms(mine, "E0002", MEASURE, demo.newest_as_of)
    assert told.placed.empty
    assert not len(told.kind)


def test_a_bank_that_is_too_small_tells_nothing_and_says_so(hand, book_with):
    mine = book_with(hand, OWN | {"employee_id": "E1"})
    own = team(mine, None, whose(mine))
    assert own.rows["verdict"].tolist() == [UNCOMPARED]
    assert own.rows["expected"].isna().all()
    assert own.capacity is None
    assert "too few similar customers" in team_sentence(own, "CNY")
    json.dumps(own.document(), allow_nan=False, default=float)


def test_bands_of_balance_keep_their_words_where_there_are_few():
    rows = pd.DataFrame({"customer_type": "personal", "balance_average_3m": [0.0] * 6 + [5.0, 7.0, None],
                         "amount": np.arange(9.0)})  # fmt: skip
    told = _mix(rows, np.ones(9, bool), alone=True).set_index("band")["customers"]
    assert told.to_dict() == {0: 1, 1: 6, 2: 2}


# --- the smallest banks, other dates, contacts


def test_three_columns_of_transactions_are_an_answer_too(bank_of, book_with):
    bank = bank_of(transactions="customer_id,booked_at,amount\nA,2026-06-30,1\nB,2026-06-30,2\n")
    found = team(book_with(bank, MANAGER))
    assert found.rows.empty
    assert found.unmanaged == 2
    assert team_sentence(found, "CNY").startswith("Nobody looks after customers")


def test_books_are_todays_at_an_earlier_date_and_figures_of_then(demo, bosses_book, found):
    then = demo.month_ends[-4]
    earlier = team(bosses_book, then)
    assert earlier.as_of == then
    assert set(earlier.rows["employee_id"]) <= set(found.rows["employee_id"])
    assert earlier.rows["result"].sum() != found.rows["result"].sum()


def test_an_answer_counts_once_it_has_come(hand, whole_book):
    book = whole_book(hand)
    march = answered(book, date(2026, 3, 31)).set_index("customer_id")
    assert march.loc["C1"].tolist() == [1, 1]
    assert "C2" not in march.index  # held out


def test_the_sentences_have_the_figures(found):
    counts = found.rows["verdict"].value_counts()
    said = team_sentence(found, "CNY")
    assert said.startswith(
        f"{len(found.rows)} employees look after {found.rows['customers'].sum():,} customers"
    )
    assert f"{counts.get(ABOVE, 0)} above what similar customers of others would bring" in said
    assert "by chance" in bands_sentence(found)


# --- employees as a population


@pytest.mark.parametrize("method", ["value_tiers", "kmeans", "hierarchical", "weighted_score"])
def test_employees_are_segmented_by_the_methods_for_customers(demo, bosses_book, found, method):
    recipe = f'indicators = ["profit_12m", "tenure_years", "products_held"]\n[method]\nkey = "{method}"\n'
    if len(found.rows) < 8:
        with pytest.raises(NotEnoughData, match="groups say nothing"):
            segment_staff(bosses_book, Recipe.from_toml(recipe))
        return
    made = segment_staff(bosses_book, Recipe.from_toml(recipe))
    assert sorted(made.members["customer_id"]) == found.rows["employee_id"].tolist()
    assert made.members["value"].sum() == pytest.approx(found.rows["result"].sum())


def test_too_few_employees_are_refused_in_words(demo, book_with):
    book = book_with(demo, {"role": "manager", "level": "branch", "unit_id": "B011", "columns": "profit"})
    with pytest.raises(NotEnoughData, match="with fewer than 8, groups say nothing"):
        segment_staff(book, Recipe.from_toml('[method]\nkey = "value_tiers"'))


# --- the command


@pytest.fixture
def command(demo_folder, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("CLIENTELE_STORE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    monkeypatch.setenv("CLIENTELE_AUDIT_KEY_FILE", str(tmp_path / "audit.key"))
    (tmp_path / "audit.key").write_text("k" * 64)

    def said(user, *words):
        line = ["analytics", "team", "--user", user, "--warehouse", str(demo_folder), *map(str, words)]
        monkeypatch.setattr(sys, "argv", line)
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            run()
        return int(ended.value.code or 0), capfd.readouterr()

    return said


def test_the_command_gives_a_relationship_manager_their_own_row(command):
    code, told = command("li.wei@demo.example", "--json")
    assert code == 0
    document = json.loads(told.out)
    assert [row["employee_id"] for row in document["rows"]] == ["E0001"]
    code, told = command("li.wei@demo.example", "--handover", "E0001")
    assert code == 1
    assert not told.out


def test_the_command_gives_a_manager_their_team_and_takes_a_hand_over_to_a_file(command, tmp_path):
    code, told = command("wang.fang@demo.example", "--json")
    rows = json.loads(told.out)["rows"]
    assert code == 0
    assert len(rows) > 1
    leaver = rows[0]["employee_id"]
    code, told = command(
        "wang.fang@demo.example", "--handover", leaver, "--out", tmp_path / "h.csv", "--json"
    )
    taken = pd.read_csv(tmp_path / "h.csv")
    assert len(taken) == rows[0]["customers"] == len(json.loads(told.out)["customers"])
    assert leaver not in set(taken["employee_id"])


def test_who_may_take_no_file_gets_no_customers_of_a_hand_over_as_a_document_either(command, demo_folder):
    grant = Grant("no.files@x.example", "manager", "branch", unit_id="B011", columns=frozenset({"profit"}))
    open_store(None, demo_folder).grants.give(grant, by="files")
    code, told = command(grant.user_email, "--handover", "E0001")
    assert code == 0
    code, told = command(grant.user_email, "--handover", "E0001", "--json")
    assert code == 1
    assert not told.out


@pytest.mark.parametrize("user", ["zhao.min@demo.example", "sun.tao@demo.example", "gao.yuan@demo.example"])
def test_who_sees_no_customer_sees_no_employee(command, user):
    code, told = command(user, "--json")
    assert code == 1 or json.loads(told.out)["rows"] == []


def test_books_of_one_customer_each_are_held_against_nobody(bank_of, whole_book):
    """Three managers are enough to compare, and no cell of their customers is."""
    people = "".join(f"C{n},E{n}\n" for n in range(3))
    rows = "".join(f"C{n},2026-0{month}-28,{100 + n}\n" for n in range(3) for month in (1, 2))
    bank = bank_of(
        customers=f"customer_id,manager_id\n{people}",
        employees="employee_id,name\n" + "".join(f"E{n},N{n}\n" for n in range(3)),
        transactions=f"customer_id,booked_at,amount\n{rows}",
    )
    found = team(whole_book(bank))
    assert found.rows["customers"].tolist() == [1, 1, 1]
    assert found.rows["expected"].isna().all()
    assert set(found.rows["verdict"]) == {UNCOMPARED}
