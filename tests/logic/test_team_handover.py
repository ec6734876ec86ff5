"""Who gets whose customers when somebody leaves: nobody lost, nobody twice, near and no more than can be done."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from analytics.errors import NotAllowed, NotEnoughData, UnknownName
from analytics.team.handover import (
    AREA,
    FAR,
    LANGUAGES,
    NEAR,
    _distances,
    _evened,
    _matched,
    _places,
    handover,
)

MANAGER = {"role": "manager", "level": "bank", "columns": "profit"}
ABOVE = {"B11": "B1", "B12": "B1", "B21": "B2", "B1": "B0", "B2": "B0", "B0": None}


def bank(others="E2,Two,B11,zh,\nE3,Three,B12,zh,\nE4,Four,B21,zh,\n", customers=60):
    """E1 of B11 leaves; every fourth customer is theirs, the rest are E2's, E3's and E4's."""
    rows = ["customer_id,manager_id,branch_id"]
    rows += [f"C{n:03d},E{n % 4 + 1},{('B11', 'B11', 'B12', 'B21')[n % 4]}" for n in range(customers)]
    lines = ["customer_id,booked_at,amount"]
    lines += [f"C{n:03d},2026-06-{day:02d},{10 + n}" for n in range(customers) for day in range(1, 2 + n % 3)]
    staff = "employee_id,name,branch_id,languages,left_on\nE1,One,B11,zh,\n" + others
    return {
        "customers": "\n".join(rows), "transactions": "\n".join(lines),
        "employees": staff,
        "branches": "branch_id,name,parent_id\nB0,Bank,\nB1,East,B0\nB2,West,B0\nB11,a,B1\nB12,b,B1\nB21,c,B2\n",
    }  # fmt: skip


@pytest.fixture
def proposed(bank_of, book_with):
    def made(*, tables=None, **said):
        return handover(book_with(bank_of(**(tables or bank())), MANAGER), "E1", **said)

    return made


def test_everybody_goes_to_one_other_and_nobody_is_lost_or_doubled(proposed):
    found = proposed()
    assert sorted(found.customers["customer_id"]) == [f"C{n:03d}" for n in range(0, 60, 4)]
    assert set(found.customers["employee_id"]) <= {"E2", "E3", "E4"}
    assert found.receivers["gets"].sum() == 15
    after = found.receivers["workload"].sum() + found.customers["effort"].sum()
    assert found.receivers["workload_after"].sum() == pytest.approx(after)


def test_the_same_branch_takes_them_while_there_is_room(proposed):
    found = proposed(most=3.0)
    assert (found.customers["distance"] == "same branch").mean() > 0.8
    assert (found.customers["employee_id"] == "E2").mean() > 0.8


def test_nobody_is_taken_beyond_the_limit_while_others_have_room(proposed):
    found = proposed(most=1.4)
    heaviest = found.customers["effort"].max() / found.capacity
    assert not found.stretched
    assert (found.receivers["load_after"] <= 1.4 + heaviest).all()
    assert set(found.customers["distance"]) >= {"same branch", "same area"}


def test_without_room_the_least_loaded_are_taken_beyond_and_it_is_said(proposed):
    found = proposed(most=0.5)
    assert found.stretched
    assert found.receivers["gets"].sum() == 15
    assert np.ptp(found.receivers["load_after"]) < 0.3


@pytest.mark.parametrize("left_on", ["2026-01-31", "2027-01-31"])
def test_who_has_left_or_will_leave_receives_nothing(proposed, left_on):
    tables = bank(others=f"E2,Two,B11,zh,{left_on}\nE3,Three,B12,zh,\nE4,Four,B21,zh,\n")
    found = proposed(tables=tables)
    assert "E2" not in set(found.receivers["employee_id"])
    assert len(found.customers) == 15


def test_whoever_speaks_the_leavers_languages_is_preferred_among_equals(proposed):
    others = 'E2,Two,B11,zh,\nE3,Three,B11,"zh,en",\nE4,Four,B11,zh,\n'
    tables = bank(others=others)
    tables["employees"] = tables["employees"].replace("E1,One,B11,zh,", 'E1,One,B11,"zh,en",')
    gets = proposed(tables=tables, most=3.0).receivers.set_index("employee_id")["gets"]
    assert gets["E3"] > gets["E2"]
    assert gets["E3"] > gets["E4"]


def test_whose_customers_are_nowhere_and_who_has_nobody_beside_them(bank_of, book_with):
    book = book_with(bank_of(**bank()), MANAGER)
    with pytest.raises(UnknownName, match="looks after no customer"):
        handover(book, "E9")
    alone = book_with(book.warehouse, {"role": "manager", "level": "own", "employee_id": "E1"})
    with pytest.raises(NotEnoughData, match="Nobody else"):
        handover(alone, "E1")
    own = book_with(book.warehouse, {"role": "relationship_manager", "level": "own", "employee_id": "E1"})
    with pytest.raises(NotAllowed):
        handover(own, "E1")


def staff_of(workloads):
    return pd.DataFrame({"workload": np.array(workloads, dtype=float)})


def test_distance_is_by_branch_then_by_the_branch_above():
    here, there = pd.Series(["B11", "B21", None]), pd.Series(["B11", "B12", "B21", None])
    assert _distances(here, there, ABOVE).tolist() == [
        [NEAR, AREA, FAR, FAR],
        [FAR, FAR, NEAR, FAR],
        [FAR, FAR, FAR, FAR],
    ]


@settings(max_examples=25)
@given(seed=some.integers(0, 2**31))
def test_swapping_employees_swaps_what_they_get_and_no_more(seed):
    """Whatever the loads and distances: the proposal follows who they are, not how they are numbered."""
    chance = np.random.default_rng(seed)
    count, staff = 24, chance.permutation([60.0, 71.5, 83.25, 97.125])
    effort = np.sort(chance.uniform(0.4, 2, count))[::-1]
    branch = chance.integers(0, 2, count)
    fixed = np.array([[0.0, 1.0, 3.0, 0.5], [1.0, 0.0, 3.0, 1.5]])[branch] + LANGUAGES * chance.random(4)
    given_ = pd.DataFrame({"branch_id": branch.astype(str), "effort": effort})

    def gets(order):
        places, _stretched = _places(staff_of(staff[order]), effort, 80.0, 1.3)
        assert places.sum() >= count
        chosen = _matched(fixed[:, order], staff_of(staff[order]), places, float(effort.mean()) / 80, 80.0)
        even = _evened(given_, chosen, 4)
        assert (np.bincount(even, minlength=4) == np.bincount(chosen, minlength=4)).all()
        assert (np.bincount(chosen, minlength=4) <= places).all()
        return np.bincount(order[chosen], minlength=4)

    assert gets(np.arange(4)).tolist() == gets(chance.permutation(4)).tolist()
