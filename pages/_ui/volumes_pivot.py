"""The pivot of the Volumes page: bars in cells, changes, and a click that leads to the next level down."""

from typing import Any

import pandas as pd
import streamlit as st

from analytics.access.book import Book
from analytics.access.totals import names_of
from analytics.errors import BadInput
from analytics.formats import NOTHING, in_a_row, number
from analytics.translation import translate as _
from analytics.vocabulary import in_words
from analytics.volumes.layout import look, step_below
from analytics.volumes.pivot import LABELS, Pivot, pivot
from analytics.volumes.report import VolumesView, left_out_sentence, rounded_sentence
from pages._ui.cache import small
from pages._ui.layout import plain
from pages._ui.volumes import Asked

MOST_SHOWN = 1_000  # rows; the largest of each level come first
IN_FULL = 15  # rows that a table shows without scrolling
PATH = "volumes_path"
Columns = tuple[pd.DataFrame, dict[str, Any]]  # of a table, and how each is shown


def table(book: Book, asked: Asked, view: VolumesView) -> None:
    """The measure by rows and columns, with what is not shown of it."""
    path = _path(asked)
    here = look(book, asked.layout, path, view.first, asked.as_of)
    label = asked.quantity(asked.layout.measure).label
    by = _(", ").join(_(LABELS[name]).lower() for name in here.rows) or _("in total")
    st.subheader(_("{figure} by {rows}").format(figure=label, rows=by) if here.rows else label)
    way = st.container()
    question = (here.rows, asked.layout.column, asked.layout.measure, here.first, here.last, here.within)
    try:
        found = small(pivot, book, *question)
    except BadInput as error:
        with way:
            _way_back(book, path, leads_on=False)
        st.warning(plain(str(error)))
        return
    leads_on = any(_step(book, asked, found, place) for place in range(min(len(found.table), MOST_SHOWN)))
    with way:
        _way_back(book, path, leads_on)
    _drawn(book, asked, found, leads_on)
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


def _way_back(book: Book, path: list[tuple[str, Any]], leads_on: bool) -> None:
    """What was looked into, and a step up."""
    if not path:
        if leads_on:
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
    return _("not stated") if label is None or pd.isna(label) else names.get(str(label)) or in_words(label)


def _drawn(book: Book, asked: Asked, found: Pivot, leads_on: bool) -> None:
    rows = found.table.head(MOST_SHOWN)
    shown, config = _labels(book, found, rows)
    figures, more = _figures(book, asked, found, rows)
    changes, others = _changes(rows)
    event: Any = st.dataframe(
        pd.concat([shown, figures, changes], axis=1), column_config=config | more | others, hide_index=True,
        placeholder=NOTHING, on_select="rerun" if leads_on else "ignore", selection_mode="single-row",
        height="content" if len(rows) <= IN_FULL else 560,
        key=f"volumes_pivot_{st.session_state.get('volumes_looks', 0)}",
    )  # fmt: skip
    if leads_on and event.selection.rows:
        _into(book, asked, found, int(event.selection.rows[0]))


def _labels(book: Book, found: Pivot, rows: pd.DataFrame) -> Columns:
    """What each row is of; of the total and of subtotals, that they are of all."""
    shown, config = pd.DataFrame(index=rows.index), dict[str, Any]()
    for place, name in enumerate(found.rows):
        names = names_of(book.warehouse, name)
        whole = _("Total") if place == 0 else _("all")
        shown[name] = [
            _word(names, label) if depth > place else whole
            for label, depth in zip(rows[name], rows["depth"], strict=True)
        ]
        config[name] = st.column_config.Column(_(LABELS[name]), pinned=place == 0)
    if not found.rows:
        shown["whole"] = _("Total")
        config["whole"] = st.column_config.Column("")
    return shown, config


def _figures(book: Book, asked: Asked, found: Pivot, rows: pd.DataFrame) -> Columns:
    """The cells as bars, as long as the largest of them below the total, and the total beside several columns."""
    quantity = asked.quantity(found.measure)
    names = names_of(book.warehouse, found.column) if found.column else {}
    bars: dict[Any, str] = {place: _word(names, label) for place, label in enumerate(found.across)} or {
        "total": quantity.axis
    }
    parts = rows[rows["depth"] > 0] if (rows["depth"] > 0).any() else rows
    known = parts[[*bars]].to_numpy("float64")
    known = known[known == known]
    least, most = min([0.0, *known.tolist()]), max([1.0, *known.tolist()])
    shown, config = pd.DataFrame(index=rows.index), dict[str, Any]()
    for column in dict.fromkeys([*bars, "total"]):
        figures = rows[column].astype("float64")
        shown[str(column)] = figures.round(0) if quantity.unit == "currency" else figures
        config[str(column)] = (
            st.column_config.ProgressColumn(bars[column], format="localized", min_value=least, max_value=most)
            if column in bars
            else st.column_config.NumberColumn(_("Total"), format="localized")
        )
    return shown, config


def _changes(rows: pd.DataFrame) -> Columns:
    """Each row against the period before and a year before, where there is such a period."""
    shown, config = pd.DataFrame(index=rows.index), dict[str, Any]()
    for name, title in (("before", _("Against the period before")), ("year_before", _("Against last year"))):
        if rows[name].notna().any():
            shown[name] = 100 * (rows["total"] / rows[name].where(rows[name] > 0) - 1)
            config[name] = st.column_config.NumberColumn(title, format="%+.1f%%")
    return shown, config


def _into(book: Book, asked: Asked, found: Pivot, place: int) -> None:
    """One level below a row that was chosen."""
    step = _step(book, asked, found, place)
    if step is None:
        st.caption(_("There is no level below this row."))
        return
    _go(asked.layout, [*_path(asked), step])
    st.rerun()


def _step(book: Book, asked: Asked, found: Pivot, place: int) -> tuple[str, Any] | None:
    """What a row leads to, if anything."""
    row = found.table.iloc[place]
    labels = [None if pd.isna(row[name]) else row[name] for name in found.rows[: int(row["depth"])]]
    return step_below(book, asked.layout, _path(asked), labels)


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
    if text := in_a_row(*said):
        st.caption(plain(text))
