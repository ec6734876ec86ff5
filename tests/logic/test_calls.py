"""The call list's laws, and who is left alone."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from analytics.errors import BadInput
from analytics.needs.calls import COLUMNS, call_list
from analytics.needs.holdout import drawn

a_member = some.fixed_dictionaries(
    {
        "manager_id": some.sampled_from(["E1", "E2", "E3", None]),
        "worth": some.one_of(some.floats(-1000, 1000), some.sampled_from([5.0, float("nan")])),
        "is_holdout": some.booleans(),
    }
)
some_members = some.lists(a_member, max_size=60).map(
    lambda rows: pd.DataFrame(
        [{"customer_id": f"C{n:03d}", **row} for n, row in enumerate(rows)],
        columns=["customer_id", "manager_id", "worth", "is_holdout"],
    )
)
capacities = some.integers(1, 9)


@given(some_members, capacities)
def test_everybody_but_the_hold_out_is_called_once(members, capacity):
    calls = call_list(members, capacity)
    assert list(calls.columns) == COLUMNS
    wanted = members.loc[~members["is_holdout"].astype(bool), "customer_id"]
    assert sorted(calls["customer_id"]) == sorted(wanted)


@given(some_members, capacities)
def test_no_week_has_more_calls_than_there_is_time_for_and_none_is_left_empty(members, capacity):
    calls = call_list(members, capacity)
    for _manager, mine in calls.groupby("manager_id"):
        sizes = mine.groupby("week").size()
        assert sizes.max() <= capacity
        assert (sizes.iloc[:-1] == capacity).all()
        assert list(sizes.index) == list(range(1, len(sizes) + 1))


@given(some_members, capacities)
def test_every_manager_calls_the_best_first(members, capacity):
    for _manager, mine in call_list(members, capacity).groupby("manager_id"):
        ordered = mine.sort_values(["week", "place"])
        worth = ordered["worth"].fillna(-1e9).tolist()
        assert worth == sorted(worth, reverse=True)
        for value in set(worth):
            same = [key for key, each in zip(ordered["customer_id"], worth, strict=True) if each == value]
            assert same == sorted(same)


@given(some_members, capacities, some.randoms())
def test_the_order_of_the_rows_decides_nothing(members, capacity, chance):
    order = list(range(len(members)))
    chance.shuffle(order)
    turned = call_list(members.iloc[order], capacity)
    pd.testing.assert_frame_equal(turned, call_list(members, capacity))


@given(some_members, capacities)
def test_managers_keep_their_own_and_the_rest_is_divided_to_the_least_loaded(members, capacity):
    calls = call_list(members, capacity).set_index("customer_id")["manager_id"]
    called = members[~members["is_holdout"].astype(bool)].set_index("customer_id")
    own = called["manager_id"].dropna()
    assert (calls[own.index] == own).all()
    if len(own) and len(calls):
        before, after = own.value_counts(), calls.value_counts()
        given_away = set(calls.index) - set(own.index)
        assert set(after.index) <= set(own)
        # Whoever was given somebody has at most one call more than whoever has the fewest.
        receivers = {calls[key] for key in given_away}
        assert all(after[name] <= after.min() + 1 for name in receivers)
        assert before.sum() + len(given_away) == after.sum()


def test_customers_of_nobody_are_one_list_where_nobody_has_a_manager():
    members = pd.DataFrame(
        {"customer_id": ["A", "B"], "manager_id": None, "worth": [1.0, 2.0], "is_holdout": False}
    )
    assert call_list(members, 5)[["manager_id", "customer_id"]].to_numpy().tolist() == [["", "B"], ["", "A"]]


@pytest.mark.parametrize("capacity", [0, -1, 501])
def test_a_capacity_that_is_none_is_refused(capacity):
    members = pd.DataFrame(columns=["customer_id", "manager_id", "worth", "is_holdout"])
    with pytest.raises(BadInput, match="room for 1 to 500"):
        call_list(members, capacity)


# --- the draw


@given(some_members, some.floats(0.1, 0.5), some.integers(0, 2**31 - 1), some.randoms())
def test_the_draw_takes_its_share_of_every_manager_whatever_the_order(members, share, seed, chance):
    held = drawn(members, share, seed)
    assert abs(held.sum() - share * len(members)) < 1
    for _manager, mine in members.groupby(members["manager_id"].fillna("")):
        assert abs(held[mine.index].sum() - share * len(mine)) < 2
    order = list(members.index)
    chance.shuffle(order)
    assert (drawn(members.loc[order], share, seed).loc[members.index] == held).all()


def test_every_customer_has_the_same_chance_of_being_left_alone():
    members = pd.DataFrame(
        {"customer_id": [f"C{n}" for n in range(23)], "manager_id": ["E1"] * 5 + ["E2"] * 17 + [None]}
    )
    often = sum(drawn(members, 0.3, seed).astype(int) for seed in range(1000)) / 1000
    assert often.between(0.3 - 0.0725, 0.3 + 0.0725).all()  # five standard errors
