"""Life stage: every customer has one, by rules that stand in the settings."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import BadInput
from analytics.indicators import CATALOGUE
from analytics.methods import METHODS, Words
from analytics.recipe import Recipe
from analytics.segmentation import segment

STAGES = METHODS["life_stage"]
AXES = ("months_since_first_transaction", "days_since_last_transaction", "transactions_change_6m")
gaps = st.none() | st.integers(0, 60)
customers = st.lists(
    st.tuples(st.integers(0, 60), st.none() | st.integers(0, 900), gaps), min_size=1, max_size=40
)


def stages(rows, **given):
    index = pd.Index([f"C{at:03d}" for at in range(len(rows))], name="customer_id")
    table = pd.DataFrame(rows, columns=list(AXES), index=index, dtype=float)
    found = STAGES.run(table, table[AXES[0]].rename("profit_12m"), **given)
    return [found.names.get(label) for label in found.labels], found


@pytest.mark.parametrize(
    ("months", "silent", "change", "stage"),
    [
        (0, 0, None, "New"), (5, 60, -1.0, "New"), (5, 61, 9.0, "Drifting"), (6, 10, 0.19, "Mature"),
        (6, 10, 0.2, "Growing"), (6, 10, -0.49, "Mature"), (6, 10, -0.5, "Drifting"), (40, 3, None, "Mature"),
        (40, 180, 0.9, "Drifting"), (40, 181, 0.9, "Sleeping"), (40, 365, 0, "Sleeping"), (40, 366, 0, "Lost"),
        (None, None, None, "No transactions yet"), (2, 400, None, "Lost"), (None, 3, None, None),
    ],
)  # fmt: skip
def test_the_stages_begin_and_end_where_the_settings_say(months, silent, change, stage):
    assert stages([(months, silent, change)])[0] == [stage]


def test_other_figures_move_the_stages():
    row = [(8, 70, 0.3)]
    assert stages(row)[0] == ["Drifting"]
    assert stages(row, drifting_days=90)[0] == ["Growing"]
    assert stages(row, drifting_days=90, new_months=9)[0] == ["New"]
    assert stages(row, drifting_days=90, growth=0.4)[0] == ["Mature"]
    assert stages(row, drifting_days=20, sleeping_days=40)[0] == ["Sleeping"]
    assert stages([(8, 7, -0.3)], decline=0.25)[0] == ["Drifting"]


@given(customers)
def test_nobody_grows_younger_by_being_silent_for_longer(rows):
    order = ["New", "Growing", "Mature", "Drifting", "Sleeping", "Lost"]
    quieter = [(months, silent if silent is None else silent + 50, change) for months, silent, change in rows]
    for before, after in zip(stages(rows)[0], stages(quieter)[0], strict=True):
        assert (before not in order and before == after) or order.index(before) <= order.index(after)


def test_whoever_has_no_first_transaction_is_left_out_with_the_reason():
    found = stages([(None, 3, None), (9, 3, 0)])[1]
    assert found.left_out == {"months since first transaction is empty": 1}


def test_rules_say_their_figures():
    words = Words({key: row.label for key, row in CATALOGUE.items()}, {AXES[2]: "share"})
    rules = stages([(9, 3, 0)], words=words, drifting_days=45)[1].rules
    assert rules[1] == (
        "Days since last transaction at most 45; no longer new; Change in transactions of at least 20%"
    )
    assert "above 45, at most 180" in rules[3]
    assert "-50%" in rules[3]


def test_days_of_silence_that_do_not_rise_are_refused():
    with pytest.raises(BadInput, match="must rise"):
        STAGES.resolve({"drifting_days": 200})


def test_everybody_in_one_stage_is_told():
    assert "one stage" in stages([(9, 3, 0), (9, 3, 0)])[1].warnings[0]


def test_three_columns_of_transactions_are_enough(bank_of, whole_book):
    rows = ["A,2026-06-20,5", "A,2025-03-20,5", "B,2026-06-30,9", "C,2024-01-01,9", "C,2026-02-01,7"]
    warehouse = bank_of(transactions="customer_id,booked_at,amount\n" + "\n".join(rows) + "\n")
    result = segment(whole_book(warehouse), Recipe.from_toml('[method]\nkey = "life_stage"'))
    found = dict(zip(result.members["customer_id"], result.members["segment_name"], strict=True))
    assert found == {"A": "Mature", "B": "New", "C": "Drifting"}


def test_the_defaults_need_nothing_but_transactions():
    keys = [setting.default for setting in STAGES.settings if setting.kind == "indicator"]
    assert not [need for key in keys for need in CATALOGUE[key].needs]
    assert np.all([CATALOGUE[key].is_number for key in keys])
