"""The Value page: how sure, what hangs on few, group by group, over time; small, losing and plain banks too."""

import time

import pytest

from analytics.translation import in_language
from tests.screens.session import (
    ANALYST,
    BRANCH_MANAGER,
    RM,
    opened,
    table_with,
    texts,
    turn_to,
    whole,
)

GROUPS = ("group", "customers", "total", "share", "top_share")


def shown(persona=RM, *panels, **state):
    """The page, with these panels open."""
    at = opened(persona=persona)
    for name in panels:
        at.session_state[name] = True
    for name, value in state.items():
        at.session_state[name] = value
    return whole(turn_to(at, "value"))


def waited(at):
    """The session once what takes longer is there."""
    for _ in range(300):
        if not any(str(button.key).startswith("stop_") for button in at.button):
            return whole(at)
        time.sleep(0.1)
        at.run()
    raise AssertionError("still computing")


def figure(at, label):
    return next(metric.value for metric in at.metric if metric.label == label)


def test_the_page_says_how_sure_it_is_and_what_hangs_on_few(bank):
    seen = texts(shown())
    assert "which is a fact" in seen
    assert "If the largest customer leaves, CNY " in seen
    assert "below zero, by CNY " in seen


def test_what_the_largest_take_with_them_is_what_the_list_says_they_bring(bank):
    at = shown()
    leaving, top = (
        table_with(at, "leave", "loses", "left"),
        table_with(at, "customer_id", "amount", "together"),
    )
    assert leaving["loses"][0] == pytest.approx(top["amount"].iloc[0], abs=1)
    assert leaving["share"][2] == pytest.approx(top["together"].iloc[9], abs=0.01)


@pytest.mark.parametrize("curve", ["gains", "lorenz", "pareto", "whale"])
def test_every_curve_is_drawn(bank, curve):
    at = whole(shown().segmented_control(key="curve").set_value(curve).run())
    assert len(at.get("plotly_chart")) == 2


@pytest.mark.parametrize("persona", [RM, BRANCH_MANAGER, ANALYST])
def test_the_groups_add_up_to_the_book(bank, persona):
    at = shown(persona, "by_group")
    at.selectbox(key="group_by").set_value("gender").run()
    assert "of the inequality lies between the" in texts(whole(at))
    quantiles = table_with(at, "group", "customers", "0.5")
    assert (quantiles["0.1"] <= quantiles["0.9"]).all()
    at.session_state["group_tabs"] = "Figures of each"
    groups = table_with(whole(at.run()), *GROUPS)
    assert groups["share"].sum() == pytest.approx(100)
    top = table_with(at, "customer_id", "amount", "share")
    assert groups["total"].sum() == pytest.approx(
        top["amount"].iloc[0] / top["share"].iloc[0] * 100, rel=0.001
    )


def test_groups_are_called_in_the_readers_language(bank):
    with in_language("zh_CN"):
        at = whole(opened("value", persona=BRANCH_MANAGER, link={"lang": "zh_CN"}))
        assert figure(at, "标准化基尼系数")
        at.session_state["by_group"] = True
        whole(at.run())
        at.selectbox(key="group_by").set_value("customer_type").run()
        spread = table_with(whole(at), "group", "customers", "0.5")
        at.session_state["group_tabs"] = "各组数据"
        groups = table_with(whole(at.run()), *GROUPS)
    assert set(spread["group"]) == set(groups["group"]) == {"个人", "企业"}


def test_segments_come_with_their_numbers_and_as_the_segments_page_has_them(bank):
    at = shown(RM, "by_group")
    names = table_with(at, "group", "customers", "0.5")["group"].tolist()
    assert [name.split()[0] for name in names] == [str(number) for number in range(1, len(names) + 1)]
    counts = table_with(at, "group", "customers", "0.5")["customers"].tolist()
    turn_to(at, "segments")
    assert table_with(whole(at), "segment", "rule")["customers"].tolist() == counts


def test_every_label_that_a_person_may_see_can_be_grouped_by(bank):
    at = shown(RM, "by_group")
    offered = at.selectbox(key="group_by").options
    book = at.session_state["book"]
    labels = [row for row in book.usable().values() if not row.is_number]
    assert len(offered) == len(labels) + 2  # segments, and products where value is profit
    for key in ("branch", "region", "product"):
        at.selectbox(key="group_by").set_value(key).run()
        whole(at)


def test_the_book_over_time_ends_with_what_the_page_says_now(bank):
    at = waited(shown(RM, "over_time"))
    history = table_with(at, "month_end", "top_share", "for_80_share")
    assert len(history) > 2
    assert f"{history['top_share'].iloc[0]:.0f}%" == figure(at, "The top fifth brings")
    at.segmented_control(key="book_measure").set_value("peak_share").run()
    whole(at)


def test_groups_over_time_are_asked_for_only_when_looked_at(bank):
    at = shown(RM, "by_group")
    before = len(at.get("plotly_chart"))
    at.session_state["group_tabs"] = "Over time"
    at = waited(at.run())
    assert "the grey line is the whole book" in texts(at)
    assert len(at.get("plotly_chart")) == before


CUSTOMERS = "customer_id,name\n" + "".join(f"K{n},Customer {n}\n" for n in range(12))


def moved(amounts):
    rows = [
        f"2026-{month:02d}-10T10:00:00,{amount},K{n}\n"
        for n, amount in enumerate(amounts) for month in range(1, 7)
    ]  # fmt: skip
    return "booked_at,amount,customer_id\n" + "".join(rows)


@pytest.mark.parametrize(
    "amounts",
    [
        [10 * (n + 1) ** 2 for n in range(12)],
        [-50 * (n + 1) if n % 3 else 20 for n in range(12)],
        [5.0],
        [7.0] * 12,
    ],
    ids=["twelve", "a net loss", "one", "all the same"],
)
@pytest.mark.parametrize("value", ["net_amount_12m", "credit_amount_12m"])
def test_a_small_bank_of_transactions_alone_is_read_as_sensibly(own_bank, amounts, value):
    own_bank(customers=CUSTOMERS, transactions=moved(amounts))
    at = opened()
    for panel in ("by_group", "over_time"):
        at.session_state[panel] = True
    at.session_state["value"] = value
    turn_to(at, "value")
    seen = texts(waited(at))
    assert "not profit" in seen
    for tab in ("Figures of each", "Over time"):
        at.session_state["group_tabs"] = tab
        waited(at.run())
