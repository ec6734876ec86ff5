"""The Team page's tiles, chart, tables and panels, and what an employee sees of themselves on the Overview."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from analytics.access.staff import whose
from analytics.charts import team_chart
from analytics.formats import NOTHING, in_a_row, number, percent
from analytics.indicators import CATALOGUE
from analytics.methods import METHODS
from analytics.recipe import Recipe
from analytics.team.one import BANDS, Opened, opened
from analytics.team.report import ABOVE, BELOW, Team, team
from analytics.team.sentences import (
    VERDICTS,
    against_sentence,
    bands_sentence,
    one_sentence,
    team_sentence,
    unmanaged_sentence,
)
from analytics.team.staff import segment_staff_toml
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from analytics.value.sentences import value_sentence
from pages._ui import layout
from pages._ui.cache import names, small
from pages._ui.earning import base
from pages._ui.layout import Tile
from pages._ui.messages import shown_to_user
from pages._ui.people import indicator_label
from pages._ui.screen import Screen

DRAWN = 40  # employees in the picture
IN_FULL = 12  # rows that the table shows without scrolling
SHARE = Quantity("share", "", "share")
GROUPED_BY = ("profit_12m", "credit_amount_12m", "tenure_years", "products_held")  # to begin with


def capacity() -> float | None:
    """The capacity that is set below; None for the median."""
    chosen = st.session_state.get("team_capacity")
    return float(chosen) if chosen else None


def settings(found: Team) -> None:
    """How many customers of average effort somebody can look after."""
    st.number_input(
        _("Customers of average effort that one employee can look after"), 1.0, 100_000.0, None, 10.0, format="%.0f",
        key="team_capacity", persist_state="session",
        placeholder=_("the median: {n}").format(n=number(found.capacity)) if found.capacity else None,
        help=_("A customer with the usual number of transactions and contacts counts as one; left empty, the median."),
    )  # fmt: skip


def measured(found: Team, now: Screen) -> None:
    """Where results are not profit: what they are, and why."""
    if reason := now.book.available["profit_12m"]:
        note = _("Results here are {label}, not profit. {reason}")
        label = _(CATALOGUE[found.measure].label).lower()
        st.info(layout.plain(note.format(label=label, reason=reason)), icon=":material/info:")


def tiles(found: Team, now: Screen) -> list[Tile]:
    """The result, what is expected, what hangs on few, who has gone, who answers, and how much there is to do."""
    rows, money = found.rows, _result(found, now)
    customers, gone = int(rows["customers"].sum()), rows["gone"].sum(min_count=1)
    contacts = rows["contacts"].sum()
    top, load = rows["top5_share"], rows["load"]
    grown = float(rows["growth"].iloc[0]) if len(rows) == 1 else float("nan")
    return [
        Tile(_("Result"), money.text(rows["result"].sum()), None if pd.isna(grown) else _signed(grown), "higher",
             _("What the customers bring together.")),
        Tile(_("Five largest, at most"), NOTHING if top.isna().all() else percent(top.max()),
             help=_("The largest share of a book's result that its five largest customers bring.")),
        Tile(_("Gone quiet or closed"), NOTHING if pd.isna(gone) else percent(gone / customers),
             help=_("Customers without a transaction for three months, or without an open account.")),
        Tile(_("Contacts answered"), percent(rows["answers"].sum() / contacts) if contacts else NOTHING,
             help=_("Of the campaign contacts of twelve months; hold-outs are no contacts.")),
        Tile(_("Highest load"), NOTHING if load.isna().all() else percent(load.max()),
             help=_("Customers by effort, over what one employee can look after.")),
    ]  # fmt: skip


def _signed(share: float) -> str:
    return f"{'+' if share >= 0 else ''}{percent(share, 1)}"


def picture(found: Team, now: Screen, *, alt: str, key: str = "team_chart") -> str | None:
    """Results on their ranges; the employee whose dot is clicked."""
    rows = found.rows
    if len(rows) > DRAWN:
        out = rows["verdict"].isin([ABOVE, BELOW])
        rows = rows[out].head(DRAWN)
        st.caption(_("Drawn are those outside their range; all are in the table."))
    st.caption(
        _("The dot is the result, the mark what is expected, the bar the range that chance leaves around it.")
    )
    event = layout.chart(
        lambda: team_chart(rows, _result(found, now), palette=now.colours), alt=alt, key=key,
        on_select="rerun", selection_mode="points",
    )  # fmt: skip
    points = event.selection.points if event else []
    return str(points[0]["customdata"]) if points and "customdata" in points[0] else None


def doubts(found: Team) -> None:
    """With whom results are compared, what the data rank, and who is left out."""
    said = in_a_row(against_sentence(found), bands_sentence(found), unmanaged_sentence(found))
    if said:
        st.caption(layout.plain(said))


def _result(found: Team, now: Screen) -> Quantity:
    return Quantity.of(CATALOGUE[found.measure], base(now))


def table(found: Team, now: Screen) -> str | None:
    """A row an employee, in order of their numbers; the one that is chosen."""
    money = _result(found, now)
    rows = found.rows.assign(
        verdict=[_(VERDICTS[verdict]) for verdict in found.rows["verdict"]],
        answer_rate=found.rows["answers"] / found.rows["contacts"].where(found.rows["contacts"] > 0),
        gone_share=found.rows["gone"] / found.rows["customers"],
    ).rename(columns={"name": "employee"})  # fmt: skip
    labels = {
        "employee": _("Employee"), "verdict": _("Against what is expected"), "customers": _("Customers"),
        "result": replace(money, label=_("Result")).axis, "expected": replace(money, label=_("Expected")).axis,
        "low": replace(money, label=_("Expected from")).axis, "high": replace(money, label=_("Expected to")).axis,
        "band": _("Group"),
        "richness": _("Expected of a customer, all = 1"), "top5_share": _("Five largest"), "for_80": _("Bring 80%"),
        "personal": _("Personal customers"), "growth": _("Growth in a year"), "gone_share": _("Gone quiet or closed"),
        "contacts": _("Contacts"), "answer_rate": _("Answered"), "workload": _("Workload"), "load": _("Of capacity"),
        "branch": _("Branch"), "team": _("Team"), "employee_id": _("Number"),
    }  # fmt: skip
    amounts = dict.fromkeys(("result", "expected", "low", "high"), money)
    shares = dict.fromkeys(("top5_share", "personal", "growth", "gone_share", "answer_rate", "load"), SHARE)
    shown = [name for name in labels if not rows[name].isna().all()]
    st.caption(_("In order of the employees' numbers. Choose a row to open that book."))
    place = layout.table(
        rows[shown].round({"richness": 2, "workload": 0}), amounts | shares, labels=labels, key="team_table", picks=True,
        height="content" if len(rows) <= IN_FULL else 460,
    )  # fmt: skip
    return None if place is None else str(rows["employee_id"].iloc[place])


def book_of(employee_id: str, found: Team, now: Screen) -> None:
    """One employee's book: what it hangs on, whom it is made of, who brings most."""
    row = found.rows[found.rows["employee_id"] == employee_id].iloc[0]
    one: Opened = small(opened, now.book, employee_id, now.as_of, whose(now.book))
    st.subheader(layout.plain(row["name"]))
    st.markdown(layout.plain(in_a_row(one_sentence(row, found, base(now)))))
    money = _result(found, now)
    _mix(one, money)
    st.markdown(layout.plain(value_sentence(one.whole, money, now.as_of)))
    best = names(now.book, one.top["customer_id"]).merge(one.top, on="customer_id")
    layout.table(
        best.sort_values("amount", ascending=False, kind="stable"), {"amount": money, "share": SHARE},
        labels={"customer_id": _("Customer"), "name": _("Name"), "share": _("Share of total")},
        key="team_top", opens_customer=True, height=300,
    )  # fmt: skip


def _mix(one: Opened, money: Quantity) -> None:
    """Whom the book is made of, beside the others' books where these may be seen."""
    rows = one.mix.assign(band=[_(BANDS[place]) for place in one.mix["band"]])
    shown = [name for name in rows if not rows[name].isna().all()]
    labels = {
        "type": _("Customer type"), "band": _("Balance"), "customers": _("Customers"), "each": _("Brings each"),
        "share": _("Share"), "others_share": _("Share at others"), "others_each": _("Brings each at others"),
    }  # fmt: skip
    order = [name for name in labels if name in shown]
    amounts = dict.fromkeys(("each", "others_each"), money)
    layout.table(
        rows[order], amounts | dict.fromkeys(("share", "others_share"), SHARE), labels=labels, key="team_mix"
    )


def segments(now: Screen) -> None:
    """Employees split by any method, on what their customers have together."""
    usable = now.book.usable()
    left, right = st.columns(2)
    method = left.selectbox(
        _("Method"), list(METHODS), key="team_method", format_func=lambda key: _(METHODS[key].label)
    )
    indicators = right.multiselect(
        _("Indicators"), list(usable), default=[key for key in GROUPED_BY if key in usable][:3], key="team_indicators",
        format_func=indicator_label, placeholder=_("Choose"),
        help=_("Amounts and counts are those of all customers of an employee together, other numbers their mean."),
    )  # fmt: skip
    recipe = Recipe.from_content(
        {"as_of": now.as_of, "indicators": indicators, "value": now.value.key, "method": {"key": method}}
    )
    made = small(segment_staff_toml, now.book, recipe.to_toml())
    value = Quantity.of(CATALOGUE[made.value], base(now))
    layout.table(
        made.segments[["segment", "name", "customers", "value", "share_of_value", "rule"]],
        {"value": value, "share_of_value": SHARE},
        labels={"segment": _("Segment"), "name": _("Name"), "customers": _("Employees"), "rule": _("Rule"),
                "share_of_value": _("Share of value")},
        key="team_segments",
    )  # fmt: skip
    found = small(team, now.book, now.as_of, whose(now.book), capacity()).rows.set_index("employee_id")[
        "name"
    ]
    members = made.members[["customer_id", "segment", "segment_name", "value"]]
    members = members.assign(employee=members["customer_id"].map(found)).rename(
        columns={"customer_id": "number"}
    )
    layout.table(
        members[["employee", "segment", "segment_name", "value", "number"]], {"value": value},
        labels={"employee": _("Employee"), "segment": _("Segment"), "segment_name": _("Name"), "number": _("Number")},
        key="team_members", height=300,
    )  # fmt: skip
    if made.warnings:
        said = in_a_row(*made.warnings, _("Where this speaks of customers, it means the employees."))
        st.caption(layout.plain(said))


def own_section(now: Screen) -> None:
    """On the Overview of whoever looks after customers and sees no other employee: their own result, folded."""
    mine = whose(now.book)
    if not mine:
        return
    with st.expander(
        _("My book against what is expected of it"),
        icon=":material/badge:",
        key="team_own",
        on_change="rerun",
    ) as own:
        if not own.open:
            return
        with shown_to_user():
            found = small(team, now.book, now.as_of, mine, None)
            sentence = team_sentence(found, base(now))
            st.markdown(layout.plain(sentence))
            if len(found.rows):
                measured(found, now)
                picture(found, now, alt=sentence, key="team_own_chart")
                doubts(found)
