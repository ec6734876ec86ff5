"""Forms made from data: a method's settings, a population, indicators. They fill from the recipe in use."""

from typing import Any

import streamlit as st

from analytics.access.book import Book
from analytics.formats import in_a_row, labelled, number
from analytics.indicators import CATALOGUE
from analytics.methods import METHODS, Method
from analytics.recipe import Recipe
from analytics.suggest import suggest
from analytics.translation import plural
from analytics.translation import translate as _
from pages._ui import widgets
from pages._ui.cache import count
from pages._ui.layout import plain
from pages._ui.people import indicator_label

PREFIX = "form_"
ADVISED = 12
AT_ONCE = 4  # settings that are seen without asking for more


def refill() -> None:
    """Forget what the form holds, so that it fills from the recipe in use at the next rerun."""
    for key in [key for key in st.session_state if str(key).startswith(PREFIX)]:
        del st.session_state[key]


def _fill(chosen: Recipe, book: Book) -> None:
    state = st.session_state
    if PREFIX + "method" in state:
        # A closed panel draws its controls when it is opened: untold, they would show their defaults.
        for key in [str(key) for key in state if str(key).startswith(PREFIX)]:
            if not key.endswith(widgets.EDITED):
                state[key] = state[key]
        return
    state[PREFIX + "where"] = chosen.where
    state[PREFIX + "indicators"] = [key for key in chosen.indicators if key in book.usable()]
    state[PREFIX + "lost"] = [key for key in chosen.indicators if key not in book.usable()]
    state[PREFIX + "method"] = chosen.method.key
    state[PREFIX + "seed"] = chosen.method.seed
    method = METHODS[chosen.method.key]
    values = method.resolve(chosen.method.settings)
    for setting in method.settings:
        value = values[setting.key]
        state[_key(method.key, setting.key)] = widgets.shown(setting, value)
        given = setting.kind == "indicator" and setting.key in chosen.method.settings
        if given and value and value not in (*book.usable(), *state[PREFIX + "lost"]):
            state[PREFIX + "lost"].append(value)


def _key(method: str, setting: str) -> str:
    return f"{PREFIX}{method}_{setting}"


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
         "indicators": indicators, "method": method, "names": dict(chosen.names)}
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
    label = plural("What: {n} indicator", "What: {n} indicators", len(chosen)).format(n=len(chosen))
    with st.popover(label, icon=":material/checklist:", width="stretch"):
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
    state = st.session_state
    chosen = METHODS[state[PREFIX + "method"]]
    with st.popover(
        _("How: {method}").format(method=_(chosen.label)), icon=":material/tune:", width="stretch"
    ):
        key = st.selectbox(
            _("Method"), list(METHODS), key=PREFIX + "method", format_func=lambda key: _(METHODS[key].label)
        )
        method = METHODS[key]
        parts = method.paragraphs()
        st.caption(in_a_row(parts["what"], parts.get("when", ""), parts.get("not_when", "")))
        _suggestions(state[PREFIX + "indicators"])
        settings = _settings(method, book)
    return {"key": key, **settings}


def _suggestions(chosen: list[str]) -> None:
    """Which methods fit the chosen indicators."""
    hints = suggest(chosen, CATALOGUE)
    if hints:
        st.caption(_("Fits these indicators:"))
        lines = (labelled(f"**{plain(_(METHODS[hint.method].label))}**", plain(hint.why)) for hint in hints)
        st.caption("  \n".join(lines))


def _settings(method: Method, book: Book) -> dict[str, Any]:
    """The settings that have an effect and the seed: a few at once, the others on request."""
    place = widgets.Place(book, tuple(st.session_state[PREFIX + "indicators"]))
    keys = {setting.key: _key(method.key, setting.key) for setting in method.settings}
    for setting in method.settings:
        st.session_state.setdefault(keys[setting.key], widgets.shown(setting, setting.default))
    widgets.settle_indicators(method, keys, place)
    first = st.container()
    found: dict[str, Any] = {}
    many = [setting for setting in method.settings if not setting.only_with][AT_ONCE:]
    rest = st.expander(_("More settings")) if many else first
    for setting in method.settings:
        if setting.only_with and found.get(setting.only_with[0]) != setting.only_with[1]:
            continue
        with rest if setting in many else first:
            found[setting.key] = widgets.widget(setting, keys[setting.key], place)
    with rest:
        seed = st.number_input(
            _("Seed"), 0, 2**31, key=PREFIX + "seed",
            help=_("Chance starts here: the same seed gives the same result."),
        )  # fmt: skip
    return {"seed": int(seed), **found}
