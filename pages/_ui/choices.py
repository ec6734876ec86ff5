"""What is chosen once and holds on every page: as-of date, value indicator, language, recipe.

It lives in plain session keys, starts from the address bar or the person's defaults, and is written back
to the address bar on every rerun, so that a link shows a colleague the same view of their own book.
"""

import json
from collections.abc import Callable
from datetime import date
from time import monotonic
from typing import Any

import streamlit as st

from analytics.access.book import Book
from analytics.errors import AnalyticsError
from analytics.formats import day
from analytics.indicators import CATALOGUE
from analytics.methods import METHODS
from analytics.population import default_value
from analytics.recipe import Recipe
from analytics.translation import LANGUAGES, language, use_language
from analytics.translation import translate as _
from pages._ui.forms import PREFIX, refill

SHOWN = "shown_"  # pages keep what they show under such keys: shown_indicator, shown_customer, ...
BLANK_SECONDS = 0.2
CHECKED, UPLOAD = "checked_", "upload_"  # how keys of boxes to be ticked begin, and of those that take a file
STARTING = ("profit_12m", "balance_average_3m", "transactions_count_12m", "products_held", "tenure_years")


def speak(saved: dict[str, Any]) -> None:
    """Use the language that was chosen: just now, in the link, or last time."""
    st.session_state.setdefault("language", st.query_params.get("lang") or saved.get("language") or "en")
    if st.session_state["language"] not in LANGUAGES:
        st.session_state["language"] = "en"
    use_language(st.session_state["language"])
    if st.session_state.get("spoken") not in (None, language()):
        _clear_the_screen()
    st.session_state["spoken"] = language()


def _clear_the_screen() -> None:
    """A moment with nothing on it, after which all is drawn in the other language, as it was chosen.

    The front end remembers a choice by the words in which it was made, and a table by how wide its headings were.
    What was opened closes, and a form in it begins anew.
    """
    for key, chosen in list(st.session_state.items()):
        if _is_choice(str(key), chosen):
            st.session_state[key] = chosen
    st.session_state["spoken"] = language()
    _go_on(monotonic())
    st.stop()


def _is_choice(key: str, said: Any) -> bool:
    """Whether a widget may be given what it said: not a button, not a file, and no table that was edited."""
    if isinstance(said, bool):
        return key.startswith((PREFIX, CHECKED))
    if said is None:  # a choice that was taken back
        return not key.startswith(UPLOAD)
    return isinstance(said, str | int | float | date | list | tuple)


@st.fragment(run_every=BLANK_SECONDS)
def _go_on(since: float) -> None:
    if monotonic() - since > BLANK_SECONDS / 2:
        st.rerun()
    st.empty()


def begin(book: Book, saved: dict[str, Any]) -> None:
    """Fill in what this session has not chosen yet, or may no longer choose."""
    state, link = st.session_state, st.query_params
    if state.get("begun_for") != book.person.email:
        for key in [key for key in state if str(key).startswith(SHOWN)]:
            del state[key]
        if "begun_for" in state:  # another person at the same browser starts afresh
            link.clear()
            state.pop("written", None)
            refill()
        state["as_of"], state["value"] = link.get("as_of"), link.get("value") or saved.get("value")
        state["recipe"] = _recipe_of(book, dict(link), saved)
        for key, text in link.items():
            if key.startswith("on_"):
                state[SHOWN + key.removeprefix("on_")] = text
        state["linked_customer"] = "on_customer" in link
        state["begun_for"] = book.person.email
    months = [month.isoformat() for month in book.warehouse.month_ends]
    if state.get("as_of") not in months:
        state["as_of"] = months[-1]
    offered = values(book)
    if state.get("value") not in offered:
        usual = default_value(book)[0]
        state["value"] = usual if usual in offered else next(iter(offered), usual)


def values(book: Book) -> list[str]:
    """The indicators that value can be measured in."""
    return [
        key
        for key, row in book.usable().items()
        if row.unit in ("currency", "count") and row.better == "higher"
    ]


def offer(book: Book) -> None:
    """The three choices, in the sidebar, so that the page's answer comes first."""
    months = [month.isoformat() for month in reversed(book.warehouse.month_ends)]
    box(
        _("As of"), months, "as_of", lambda text: day(date.fromisoformat(text)),
        _("Every figure is stated as of a month end. Region, manager and the like are today's."),
    )  # fmt: skip
    box(
        _("Value measured in"), values(book), "value", lambda key: _(CATALOGUE[key].label),
        _("What “most valuable” means on every page."),
    )  # fmt: skip
    offer_language()


def offer_language() -> None:
    """The choice that everybody has."""
    box(_("Language"), list(LANGUAGES), "language", LANGUAGES.__getitem__)


def box(
    label: str, options: list[str], key: str, word: Callable[[str], str], help: str | None = None
) -> None:
    """A choice in the sidebar. Its index is what is chosen: a box that the front end draws anew in the middle of a
    run would else say the first option, and the next run believe it. It outlives `st.switch_page`, which forgets
    what every other widget said."""
    chosen = st.session_state.get(key)
    index = options.index(chosen) if chosen in options else 0
    st.sidebar.selectbox(
        label, options, index=index, key=key, format_func=word, help=help, persist_state="session"
    )


def recipe() -> Recipe:
    """The recipe in use, for the date and value that hold on every page."""
    chosen: Recipe = st.session_state["recipe"]
    as_of = date.fromisoformat(st.session_state["as_of"])
    return chosen.model_copy(update={"as_of": as_of, "value": st.session_state["value"]})


def use_recipe(chosen: Recipe) -> None:
    """Let this recipe hold on every page, its date and value too where it names them."""
    st.session_state["recipe"] = chosen
    st.session_state["next_choices"] = {
        "as_of": chosen.as_of.isoformat() if chosen.as_of else None,
        "value": chosen.value,
    }


def take_over() -> None:
    """Before the sidebar is drawn: the date and value that a loaded recipe asked for."""
    for key, asked in st.session_state.pop("next_choices", {}).items():
        if asked:
            st.session_state[key] = asked


def keep_address() -> None:
    """Before another page is named: what its address says, which the navigation drops.

    Page and address in one go: apart, the browser's history gets an entry for each, and Back stays.
    """
    if "written" in st.session_state and not st.query_params:
        st.query_params.from_dict(st.session_state["written"][1])


def write_address() -> None:
    """Put what is on screen into the address bar, once: who goes back in the browser is not sent forward."""
    state = st.session_state
    chosen: Recipe = state["recipe"]
    wanted = {"as_of": state["as_of"], "value": state["value"], "lang": language()}
    wanted |= {"where": chosen.where, "indicators": ",".join(chosen.indicators), "method": chosen.method.key}
    wanted |= {"seed": str(chosen.method.seed)}
    wanted |= {f"set_{key}": json.dumps(value) for key, value in chosen.method.settings.items()}
    shown = {str(key): value for key, value in state.items() if str(key).startswith(SHOWN)}
    if state.get("page") != "customer":  # a customer is shown on a page of its own
        shown.pop(f"{SHOWN}customer", None)
    wanted |= {
        "on_" + key.removeprefix(SHOWN): value for key, value in shown.items() if isinstance(value, str)
    }
    wanted = {key: value for key, value in wanted.items() if value}
    written = state.get("written")
    state["written"] = (state.get("page"), wanted)
    if written != state["written"] and dict(st.query_params) != wanted:
        st.query_params.from_dict(wanted)


def _recipe_of(book: Book, link: dict[str, str], saved: dict[str, Any]) -> Recipe:
    """From the link, else the person's default, else one that suits most books; never one that fails."""
    sources: tuple[Callable[[], Recipe], ...] = (
        lambda: _linked(link),
        lambda: Recipe.from_toml(saved["recipe"]),
    )
    for source in sources:
        try:
            found = source()
            found.check(CATALOGUE, METHODS)
        except (AnalyticsError, KeyError, ValueError, RecursionError):
            continue
        return found
    usable = book.usable()
    fallback = ("credit_amount_12m", "transactions_count_12m", "days_since_last_transaction")
    keys = [key for key in STARTING if key in usable]
    chosen = keys if len(keys) > 2 else [key for key in fallback if key in usable]
    return Recipe.from_content({"indicators": chosen, "method": {"key": "kmeans"}})


def _linked(link: dict[str, str]) -> Recipe:
    settings = {
        key.removeprefix("set_"): json.loads(text) for key, text in link.items() if key.startswith("set_")
    }
    keys = [key for key in link.get("indicators", "").split(",") if key]
    method = {"key": link["method"], "seed": int(link.get("seed", 7)), **settings}
    return Recipe.from_content({"where": link.get("where", ""), "indicators": keys, "method": method})
