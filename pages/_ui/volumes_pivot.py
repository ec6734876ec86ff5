"""The pivot of the Volumes page: bars in cells, changes, and a click that leads to the next level down."""

from typing import Any

import pandas as pd
import streamlit as st

from analytics.access.book import Book
from analytics.access.totals import names_of
from analytics.errors import BadInput
from analytics.formats import NOTHING, number
from analytics.translation import translate as _
from analytics.volumes.layout import Look, look, step_below
from analytics.volumes.pivot import LABELS, Pivot, pivot
from analytics.volumes.report import VolumesView, left_out_sentence, rounded_sentence
from pages._ui.cache import answer
from pages._ui.layout import plain
from pages._ui.volumes import Asked

MOST_SHOWN = 1_000  # rows; the largest of each level come first
PATH = "volumes_path"


def table(book: Book, asked: Asked, view: VolumesView) -> None:
    """The measure by rows and columns, with what is not shown of it."""
    path = _path(asked)
    here = look(book, asked.layout, path, view.first, asked.as_of)
    label = asked.quantity(asked.layout.measure).label
    by = _(" and ").join(_(LABELS[name]).lower() for name in here.rows) or _("in total")
    st.subheader(_("{figure} by {rows}").format(figure=label, rows=by) if here.rows else label)
    _way_back(book, path)
    question = (here.rows, asked.layout.column, asked.layout.measure, here.first, here.last, here.within)
    try:
        found = answer(pivot, book, *question)
    except BadInput as error:
        st.warning(plain(f"{error.what} {error.remedy}"))
        return
    _drawn(book, asked, found, here)
    _hidden(found)


def _path(asked: Asked) -> list[tuple[str, Any]]:
    """The rows that were looked into, as long as the layout is the one that they were looked into in."""
    known = st.session_state.get(PATH)
    if known is None or known[0] != asked.layout:
        known = st.session_state[PATH] = (asked.layout, [])
    return list(known[1])


def _go(asked_layout: Any, path: list[tuple[str, Any]]) -> None:
    st.session_state[PATH] = (asked_layout, path)
    # A table that led somewhere comes back without its selection, or it would lead there again.
    st.session_state["volumes_looks"] = st.session_state.get("volumes_looks", 0) + 1


def _way_back(book: Book, path: list[tuple[str, Any]]) -> None:
    """What was looked into, and a step up."""
    if not path:
        st.caption(_("Choose a row to look one level deeper."))
        return
    named = [_word(names_of(book.warehouse, name), label) for name, label in path]
    where, up = st.columns([3, 1], vertical_alignment="center")
    where.caption(plain(_("Within {path}.").format(path=" › ".join(named))))
    layout = st.session_state[PATH][0]
    up.button(
        _("One level up"),
        key="volumes_up",
        icon=":material/arrow_upward:",
        on_click=lambda: _go(layout, path[:-1]),
    )


def _word(names: dict[str, str], label: Any) -> str:
    return _("not stated") if label is None or pd.isna(label) else names.get(str(label), str(label))


def _drawn(book: Book, asked: Asked, found: Pivot, here: Look) -> None:
    rows = found.table.head(MOST_SHOWN)
    quantity = asked.quantity(found.measure)
    names = {name: names_of(book.warehouse, name) for name in (*found.rows, found.column) if name}
    shown = pd.DataFrame(index=rows.index)
    config: dict[str, Any] = {}
    for place, name in enumerate(found.rows):
        words = [_word(names[name], label) for label in rows[name]]
        shown[name] = [
            word if depth > place else (_("Total") if place == 0 else _("all"))
            for word, depth in zip(words, rows["depth"], strict=True)
        ]
        config[name] = st.column_config.Column(_(LABELS[name]), pinned=place == 0)
    if not found.rows:
        shown["whole"], config["whole"] = _("Total"), st.column_config.Column("")
    money = quantity.unit == "currency"
    parts = rows[rows["depth"] > 0] if (rows["depth"] > 0).any() else rows
    bars = [*range(len(found.across))] or ["total"]
    most = max([1.0, *(float(parts[column].max()) for column in bars if parts[column].notna().any())])
    least = min([0.0, *(float(parts[column].min()) for column in bars if parts[column].notna().any())])
    for column in (*bars, *(["total"] if found.across else [])):
        figures = rows[column].round(0) if money else rows[column]
        title = quantity.axis if column == "total" else _word(names[found.column], found.across[column])
        title = _("Total") if column == "total" and found.across else title
        shown[str(column)] = figures.astype("float64")
        config[str(column)] = (
            st.column_config.NumberColumn(title, format="localized")
            if column == "total" and found.across
            else st.column_config.ProgressColumn(title, format="localized", min_value=least, max_value=most)
        )
    for name, title in (("before", _("Against the period before")), ("year_before", _("Against last year"))):
        if rows[name].notna().any():
            shown[name] = 100 * (rows["total"] / rows[name].where(rows[name] > 0) - 1)
            config[name] = st.column_config.NumberColumn(title, format="%+.1f%%")
    event = st.dataframe(
        shown, column_config=config, hide_index=True, placeholder=NOTHING, on_select="rerun",
        selection_mode="single-row", height="content" if len(shown) <= 15 else 560,
        key=f"volumes_pivot_{st.session_state.get('volumes_looks', 0)}",
    )  # fmt: skip
    if event.selection.rows:
        _into(book, asked, found, int(event.selection.rows[0]))


def _into(book: Book, asked: Asked, found: Pivot, place: int) -> None:
    """One level below a row that was chosen."""
    row, path = found.table.iloc[place], _path(asked)
    labels = [None if pd.isna(row[name]) else row[name] for name in found.rows[: int(row["depth"])]]
    step = step_below(book, asked.layout, path, labels)
    if step is None:
        st.caption(_("There is no level below this row."))
        return
    _go(asked.layout, [*path, step])
    st.rerun()


def _hidden(found: Pivot) -> None:
    """What is not shown, and how counts are rounded."""
    told = found.table[[*range(len(found.across)), "total"]]
    emptied = bool(found.floor and found.table["total"].isna().any())
    said = [left_out_sentence(found.floor, found.suppressed, emptied)]
    if found.measure == "customers":
        said.append(rounded_sentence(found.floor))
        said.append(_("Customers count once each, so that parts can add up to more than their total."))
    if len(told) > MOST_SHOWN:
        said.append(_("The first {n} rows are shown.").format(n=number(MOST_SHOWN)))
    said = [text for text in said if text]
    if said:
        st.caption(plain(" ".join(said)))
