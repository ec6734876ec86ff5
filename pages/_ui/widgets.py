"""One widget for each kind of setting that a method can have."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas as pd
import streamlit as st

from analytics.access.book import Book
from analytics.errors import BadInput
from analytics.indicators import CATALOGUE
from analytics.methods import Method
from analytics.methods.settings import Setting
from analytics.translation import translate as _
from pages._ui.people import indicator_label

LONGEST_SLIDER = 100  # steps: beyond, a figure is easier to type than to hit
EDITED = "_edited"  # a table's edits can be read but not set
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Place:
    """Where a form is filled in: whose book, and the indicators chosen there."""

    book: Book
    chosen: tuple[str, ...]

    @property
    def usable(self) -> list[str]:
        """The numbers among the indicators of the book."""
        return [key for key, row in self.book.usable().items() if row.is_number]

    @property
    def numbers(self) -> list[str]:
        """Those of them that are chosen."""
        return [key for key in self.chosen if key in self.usable]


def shown(setting: Setting, value: Any) -> Any:
    """A setting's value as its widget holds it."""
    return ", ".join(f"{cut:g}" for cut in value) if setting.kind == "thresholds" else value


def widget(setting: Setting, key: str, place: Place) -> Any:
    """One setting's widget, which holds its value in the session under this key; returns the value."""
    return _WIDGETS[setting.kind](setting, key, place)


def settle_indicators(method: Method, keys: dict[str, str], place: Place) -> None:
    """Let what this book has stand in for what it has not, before the widgets are drawn.

    A chosen indicator comes first, then one of the same unit and family; none stands in twice.
    """
    settings = [setting for setting in method.settings if setting.kind == "indicator"]
    held = {setting.key: st.session_state[keys[setting.key]] for setting in settings}
    for setting in settings:
        wanted = held[setting.key]
        free = [key for key in place.usable if key not in held.values()]
        if wanted and wanted not in place.usable and free:
            held[setting.key] = min(free, key=lambda key: _unlike(key, wanted, place))
            st.session_state[keys[setting.key]] = held[setting.key]


def _unlike(key: str, wanted: str, place: Place) -> tuple[bool, bool, bool]:
    """How badly an indicator stands in for another."""
    row, other = CATALOGUE[key], CATALOGUE.get(wanted)
    alike = (other is not None and row.unit == other.unit, other is not None and row.family == other.family)
    return not alike[0], key not in place.chosen, not alike[1]


def _integer(setting: Setting, key: str, place: Place) -> int:
    low, high = int(setting.low or 0), int(setting.high or 1000)
    control = st.slider if high - low <= LONGEST_SLIDER else st.number_input
    return int(control(_(setting.label), low, high, key=key, help=_(setting.help) or None))


def _number(setting: Setting, key: str, place: Place) -> float:
    return float(
        st.number_input(_(setting.label), setting.low, setting.high, key=key, help=_(setting.help) or None)
    )


def _choice(setting: Setting, key: str, place: Place) -> str:
    return str(
        st.selectbox(
            _(setting.label), list(setting.choices), key=key, help=_(setting.help) or None,
            format_func=lambda value: _(setting.choices[value]),
        )
    )  # fmt: skip


def _boolean(setting: Setting, key: str, place: Place) -> bool:
    return st.toggle(_(setting.label), key=key, help=_(setting.help) or None)


def _text(setting: Setting, key: str, place: Place) -> str:
    return st.text_input(_(setting.label), key=key, help=_(setting.help) or None)


def _indicator(setting: Setting, key: str, place: Place) -> str:
    return str(
        st.selectbox(
            _(setting.label), [*([] if setting.default else [""]), *place.usable], key=key,
            format_func=lambda name: indicator_label(name) if name else _("What value is measured in"),
            help=_(setting.help) or None,
        )
    )  # fmt: skip


def _thresholds(setting: Setting, key: str, place: Place) -> list[float]:
    text = st.text_input(
        _(setting.label), key=key, help=_(setting.help) or None, placeholder="1000, 10000, 100000"
    )
    try:
        return [float(part) for part in str(text).split(",") if part.strip()]
    except ValueError:
        raise BadInput(
            _("“{text}” is not a list of numbers.").format(text=text),
            _("Separate them by commas, such as 1000, 10000."),
        ) from None


def _rules(setting: Setting, key: str, place: Place) -> Rows:
    columns = {
        "name": st.column_config.TextColumn(_("Segment")),
        "where": st.column_config.TextColumn(_("Customers with")),
    }
    st.caption(_(setting.label))
    held = pd.DataFrame(st.session_state[key], columns=["name", "where"])
    # A name that the method ships is shown in the language in use, and kept in the recipe as it was.
    kept = {_(name): name for name in held["name"]}
    held["name"] = held["name"].map(_)
    edited = st.data_editor(
        held, num_rows="dynamic", column_config=columns, hide_index=True, key=key + EDITED
    )
    rules = edited.fillna("").to_dict("records")
    return [
        {"name": str(kept.get(row["name"], row["name"])), "where": str(row["where"])}
        for row in rules
        if row["name"] or row["where"]
    ]


def _weights(setting: Setting, key: str, place: Place) -> Rows:
    given = {row["indicator"]: row["weight"] for row in st.session_state[key]}
    rows = [{"indicator": name, "weight": given.get(name, 1.0)} for name in place.numbers]
    return _figures(setting, key, place, rows, "weight", {"indicator": _("Indicator"), "weight": _("Weight")})


def _pairwise(setting: Setting, key: str, place: Place) -> Rows:
    given = {(row["first"], row["second"]): row["times"] for row in st.session_state[key]}
    given = {(second, first): 1 / times for (first, second), times in given.items()} | given
    rows = [{"first": first, "second": second, "times": given.get((first, second), 1.0)}
            for first, second in combinations(place.numbers, 2)]  # fmt: skip
    labels = {
        "first": _("This indicator"),
        "second": _("against this one"),
        "times": _("counts so many times"),
    }
    return _figures(setting, key, place, rows, "times", labels)


def _figures(
    setting: Setting, key: str, place: Place, rows: Rows, figure: str, labels: dict[str, str]
) -> Rows:
    """A table whose rows stand for indicators and whose figures are edited; a figure taken away is 1.

    Other indicators make another table: edits are kept by row, and would stand beside the wrong one. What
    was entered for those that stay is carried over.
    """
    names = [name for name in labels if name != figure]
    table = "_".join([key, *place.numbers])
    if table + EDITED not in st.session_state:
        st.session_state[table] = rows
    held = st.session_state[table]
    st.caption(_(setting.label), help=_(setting.help) or None)
    columns: dict[str, Any] = {
        name: st.column_config.TextColumn(labels[name], disabled=True) for name in names
    }
    columns[figure] = st.column_config.NumberColumn(
        labels[figure], min_value=setting.low, max_value=setting.high, format="%.3g"
    )
    spoken = pd.DataFrame(held, columns=list(labels))
    for name in names:
        spoken[name] = [_(CATALOGUE[row[name]].label) for row in held]
    edited = st.data_editor(spoken, column_config=columns, hide_index=True, key=table + EDITED)
    figures = edited[figure].fillna(1.0).astype(float)
    found = [row | {figure: float(given)} for row, given in zip(held, figures, strict=True)]
    st.session_state[key] = found
    return found


_WIDGETS: dict[str, Callable[[Setting, str, Place], Any]] = {
    "integer": _integer, "number": _number, "choice": _choice, "boolean": _boolean, "text": _text,
    "indicator": _indicator, "thresholds": _thresholds, "rules": _rules, "weights": _weights,
    "pairwise": _pairwise,
}  # fmt: skip
