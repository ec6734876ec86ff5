"""Forms made from data: a method's settings, a population, indicators. They fill from the recipe in use."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from analytics.access.book import Book
from analytics.errors import BadInput
from analytics.formats import in_a_row, labelled, number
from analytics.indicators import CATALOGUE
from analytics.methods import METHODS
from analytics.methods.settings import Setting
from analytics.recipe import Recipe
from analytics.translation import translate as _
from pages._ui.cache import count
from pages._ui.layout import plain
from pages._ui.people import indicator_label

PREFIX = "form_"
EDITED = "_edited"  # a table's edits can be read but not set
ADVISED = 12


def refill() -> None:
    """Forget what the form holds, so that it fills from the recipe in use at the next rerun."""
    for key in [key for key in st.session_state if str(key).startswith(PREFIX)]:
        del st.session_state[key]


def _fill(chosen: Recipe, book: Book) -> None:
    state = st.session_state
    if PREFIX + "method" in state:
        # A closed panel draws its controls when it is opened: untold, they would show their defaults.
        for key in [str(key) for key in state if str(key).startswith(PREFIX)]:
            if not key.endswith(EDITED):
                state[key] = state[key]
        return
    state[PREFIX + "where"] = chosen.where
    state[PREFIX + "indicators"] = [key for key in chosen.indicators if key in book.usable()]
    state[PREFIX + "lost"] = [key for key in chosen.indicators if key not in book.usable()]
    state[PREFIX + "method"] = chosen.method.key
    state[PREFIX + "seed"] = chosen.method.seed
    for key, value in METHODS[chosen.method.key].resolve(chosen.method.settings).items():
        state[_key(chosen.method.key, key)] = _shown(value)


def _key(method: str, setting: str) -> str:
    return f"{PREFIX}{method}_{setting}"


def _shown(value: Any) -> Any:
    """A setting's value as its widget holds it."""
    if isinstance(value, list):
        return value if value and isinstance(value[0], dict) else ", ".join(f"{cut:g}" for cut in value)
    return value


def recipe(book: Book, chosen: Recipe) -> Recipe:
    """The three steps of a recipe side by side; returns what they say now. Raises BadInput."""
    _fill(chosen, book)
    who, what, how = st.columns(3)
    with who:
        where = _population(book, chosen)
    with what:
        indicators = _indicators(book)
    with how:
        method = _method(book)
    return Recipe.from_content(
        {"title": chosen.title, "as_of": chosen.as_of, "value": chosen.value, "where": where,
         "indicators": indicators, "method": method}
    )  # fmt: skip


def lost_indicators() -> None:
    """Somebody else's recipe may ask for what this person can't see: it runs without, and says so."""
    lost = [_(CATALOGUE[key].label) for key in st.session_state.get(PREFIX + "lost", [])]
    if lost:
        note = _("Left out here, because you can't use them: {indicators}.")
        st.info(note.format(indicators=_(", ").join(lost)), icon=":material/visibility_off:")


def _population(book: Book, chosen: Recipe) -> str:
    text = str(st.session_state[PREFIX + "where"])
    label = (
        _("Who: everybody in the book") if not text.strip() else _("Who: {filter}").format(filter=plain(text))
    )
    with st.popover(label, icon=":material/filter_alt:", width="stretch"):
        where = st.text_area(
            _("Only customers with"), key=PREFIX + "where", height=80,
            placeholder="tenure_years >= 1 and region in ('East', 'South')",
            help=_("Indicator keys with =, <, >, in (…), joined by and, or, not. The glossary lists the keys."),
        )  # fmt: skip
        inside = count(book, chosen.as_of, where or "")
        everybody = count(book, chosen.as_of)
        st.caption(_("{n} of {all} customers").format(n=number(inside), all=number(everybody)))
    return where or ""


def _indicators(book: Book) -> list[str]:
    chosen = st.session_state[PREFIX + "indicators"]
    with st.popover(
        _("What: {n} indicators").format(n=len(chosen)), icon=":material/checklist:", width="stretch"
    ):
        keys = st.multiselect(
            _("Indicators"), list(book.usable()), key=PREFIX + "indicators", format_func=indicator_label,
            help=_("The choice of indicators decides the result. Search by name or family."),
            placeholder=_("Choose"),
        )  # fmt: skip
        if len(keys) > ADVISED:
            st.warning(
                _("More than {n} indicators blur a segmentation: keep those that matter.").format(n=ADVISED)
            )
        missing = {key: reason for key, reason in book.available.items() if reason}
        if missing:
            st.caption(_("Not available here:"))
            lines = (labelled(_(CATALOGUE[key].label), why) for key, why in missing.items())
            st.caption("  \n".join(f":gray[{line}]" for line in lines))
    return keys


def _method(book: Book) -> dict[str, Any]:
    chosen = METHODS[st.session_state[PREFIX + "method"]]
    with st.popover(
        _("How: {method}").format(method=_(chosen.label)), icon=":material/tune:", width="stretch"
    ):
        key = st.selectbox(
            _("Method"), list(METHODS), key=PREFIX + "method", format_func=lambda key: _(METHODS[key].label)
        )
        method = METHODS[key]
        parts = method.paragraphs()
        st.caption(in_a_row(parts["what"], parts.get("when", ""), parts.get("not_when", "")))
        settings: dict[str, Any] = {}
        for setting in method.settings:
            if setting.only_with is None or settings.get(setting.only_with[0]) == setting.only_with[1]:
                settings[setting.key] = _setting(setting, _key(key, setting.key), book)
        seed = st.number_input(
            _("Seed"),
            0,
            2**31,
            key=PREFIX + "seed",
            help=_("Chance starts here: the same seed gives the same result."),
        )
    return {"key": key, "seed": int(seed), **settings}


def _setting(setting: Setting, key: str, book: Book) -> Any:
    """One setting's widget, by its kind."""
    st.session_state.setdefault(key, _shown(setting.default))
    return _WIDGETS[setting.kind](setting, key, book)


def _integer(setting: Setting, key: str, book: Book) -> int:
    low, high = int(setting.low or 0), int(setting.high or 1000)
    return int(st.slider(_(setting.label), low, high, key=key, help=_(setting.help) or None))


def _number(setting: Setting, key: str, book: Book) -> float:
    return float(
        st.number_input(_(setting.label), setting.low, setting.high, key=key, help=_(setting.help) or None)
    )


def _choice(setting: Setting, key: str, book: Book) -> str:
    return str(
        st.selectbox(
            _(setting.label), list(setting.choices), key=key, help=_(setting.help) or None,
            format_func=lambda value: _(setting.choices[value]),
        )
    )  # fmt: skip


def _boolean(setting: Setting, key: str, book: Book) -> bool:
    return st.toggle(_(setting.label), key=key, help=_(setting.help) or None)


def _text(setting: Setting, key: str, book: Book) -> str:
    return st.text_input(_(setting.label), key=key, help=_(setting.help) or None)


def _indicator(setting: Setting, key: str, book: Book) -> str:
    usable = [name for name, row in book.usable().items() if row.is_number]
    return str(
        st.selectbox(
            _(setting.label), usable, key=key, format_func=indicator_label, help=_(setting.help) or None
        )
    )


def _thresholds(setting: Setting, key: str, book: Book) -> list[float]:
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


def _rules(setting: Setting, key: str, book: Book) -> list[dict[str, str]]:
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


_WIDGETS: dict[str, Callable[[Setting, str, Book], Any]] = {
    "integer": _integer, "number": _number, "choice": _choice, "boolean": _boolean, "text": _text,
    "indicator": _indicator, "thresholds": _thresholds, "rules": _rules,
}  # fmt: skip
