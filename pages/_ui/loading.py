"""The parts of the Data page: what came in, what was refused, what is missing, which versions there are."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from analytics import data_status
from analytics.data_status import STATES, Loaded, Version
from analytics.formats import day, moment, number
from analytics.indicators import CATALOGUE
from analytics.translation import mark
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from analytics.warehouse.engine import Warehouse
from pages._ui import layout
from pages._ui.layout import Tile, plain

SERVING = {
    "serves": mark("Serves"),
    "damaged": mark("Damaged: another stands in"),
    "kept": mark("Can serve again"),
    "unreadable": mark("Can't be read any more"),
}


def tiles(found: list[Loaded], warehouse: Warehouse, lacks: Mapping[str, str]) -> list[Tile]:
    """How much there is, and how much of it is missing. lacks : as `data_status.lacking` tells."""
    manifest = warehouse.manifest
    return [
        Tile(_("Customers"), number(manifest.customers)),
        Tile(_("Transactions"), number(manifest.transactions)),
        Tile(_("Rows refused"), number(sum(one.refused for one in found)),
             help=_("Of this version's load. Each is kept beside the warehouse with its file, line and reason.")),
        Tile(_("Tables"), _("{n} of {all}").format(n=number(sum(one.is_there for one in found)), all=number(len(found))),
             help=_("Only transactions must be there; every other table makes more figures possible.")),
        Tile(_("Figures not to be had"), number(len(lacks)),
             help=_("Indicators for which a table, a column or enough history is missing.")),
    ]  # fmt: skip


def noticed(warehouse: Warehouse) -> None:
    """What the load says should be looked at."""
    for said in data_status.warnings(warehouse):
        st.warning(plain(said), icon=":material/report:")


def tables(found: list[Loaded]) -> None:
    """One row a table of the contract: its state and its counts."""
    rows = pd.DataFrame(
        {
            "label": [one.label for one in found],
            "file": [one.table for one in found],
            "state": [_(STATES[one.state]) for one in found],
            "blank": [_(", ").join(one.blank) if one.is_there else "" for one in found],
        }
    )
    counts = pd.DataFrame(
        [(one.read, one.accepted, one.refused) for one in found], columns=["read", "accepted", "refused"]
    )
    told = counts.where(pd.Series([one.is_told for one in found]))
    layout.table(
        rows.join(told)[["label", "file", "state", "read", "accepted", "refused", "blank"]],
        {name: Quantity(name, label) for name, label in (
            ("read", _("Rows read")), ("accepted", _("Accepted")), ("refused", _("Refused")))},
        labels={"label": _("Table"), "file": _("File's name"), "state": _("State"),
                "blank": _("Columns without a value")},
        key="data_tables", height="content",
    )  # fmt: skip


def refused(found: list[Loaded], warehouse: Warehouse) -> None:
    """Why rows were refused, the most frequent reason first; nothing where none was."""
    rows = pd.DataFrame(
        [(one.label, why, float(n)) for one in found for why, n in one.reasons.items()],
        columns=["label", "reason", "rows"],
    )
    if rows.empty:
        return
    st.subheader(_("What was refused"))
    layout.table(
        rows.sort_values("rows", ascending=False, kind="stable"), {"rows": Quantity("rows", _("Rows"))},
        labels={"label": _("Table"), "reason": _("Reason")}, key="data_refused", height="content",
    )  # fmt: skip
    folder = data_status.rejects(warehouse)
    if folder:
        kept = _("Which rows they were is kept in the folder {folder}, for whoever may read it.")
        st.caption(plain(kept.format(folder=folder.relative_to(warehouse.root))))


def lacking(lacks: Mapping[str, str]) -> None:
    """The figures that nobody can have here, and what to bring for them."""
    if not lacks:
        st.markdown(_("Every figure of the catalogue can be had."))
        return
    rows = pd.DataFrame({"figure": [_(CATALOGUE[key].label) for key in lacks], "lacks": list(lacks.values())})
    layout.table(
        rows, {}, labels={"figure": _("Indicator"), "lacks": _("What is missing")}, key="data_lacks",
        height="content",
    )  # fmt: skip


def versions(found: list[Version]) -> None:
    """What was published, newest first, and how to go back."""
    rows = pd.DataFrame(
        {
            "version": [one.name for one in found],
            "state": [_(SERVING[one.state]) for one in found],
            "published": [moment(one.published_at) for one in found],
            "as_of": [day(one.newest_as_of) for one in found],
            "customers": [one.customers for one in found],
            "transactions": [one.transactions for one in found],
        }
    )
    layout.table(
        rows,
        {"customers": Quantity("customers", _("Customers")), "transactions": Quantity("transactions", _("Transactions"))},
        labels={"version": _("Version"), "state": _("State"), "published": _("Published"), "as_of": _("Figures as of")},
        key="data_versions_table", height="content",
    )  # fmt: skip
    st.caption(_("Whoever looks after the server lets another version serve with this command:"))
    st.code("python -m analytics rollback VERSION", language=None, wrap_lines=True)
