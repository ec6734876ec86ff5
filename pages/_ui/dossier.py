"""The Customer page's tiles, picture and tabs."""

from collections.abc import Callable, Mapping
from datetime import date

import pandas as pd
import streamlit as st

from analytics.access.relationship import accounts_of, brought_in, referred_by
from analytics.charts import customer_story, drawn_events
from analytics.customer import EVENTS, Customer, Standing, events, months_of, peers_sentence, standing
from analytics.errors import AnalyticsError, NotEnoughData
from analytics.formats import NOTHING, day, number, percent
from analytics.indicators import CATALOGUE, FAMILIES
from analytics.segmentation import segment_toml
from analytics.translation import language, mark, plural
from analytics.translation import translate as _
from analytics.value.profit import statement
from analytics.value.quantity import Quantity
from analytics.vocabulary import in_words
from pages._ui import choices, comparing, earning, layout
from pages._ui.cache import answer, names, small
from pages._ui.layout import Tile
from pages._ui.messages import shown_to_user
from pages._ui.movers import signed
from pages._ui.placed import placed
from pages._ui.screen import Screen

AT_ONCE = 5_000  # customers of a book whose segments are made without being asked for
LIFETIME = "lifetime_value_36m"
ATTRIBUTES = {
    "customer_id": mark("Number"), "name": mark("Name"), "customer_type": mark("Customer type"),
    "birth_date": mark("Born"), "gender": mark("Gender"), "phone": mark("Telephone"), "email": mark("E-mail"),
    "business_line": mark("Business line"), "manager_id": mark("Relationship manager"), "branch_id": mark("Branch"),
    "onboarded_on": mark("Customer since"), "occupation": mark("Occupation"), "education": mark("Education"),
    "marital_status": mark("Marital status"), "home_ownership": mark("Home ownership"),
    "annual_income": mark("Annual income"), "risk_tolerance": mark("Risk tolerance"),
    "risk_assessed_on": mark("Risk assessed on"), "marketing_consent": mark("Consent to marketing"),
    "purchase_motive": mark("Purchase motive"), "brand_loyalty": mark("Brand loyalty"),
    "price_attitude": mark("Attitude to prices"), "religion": mark("Religion"), "lifestyle": mark("Lifestyle"),
    "personality": mark("Personality"),
}  # fmt: skip
Part = Callable[[Screen, Customer], None]


def opened(parts: Mapping[str, Part], now: Screen, one: Customer) -> None:
    """The parts as tabs; only the one that is looked at is worked out."""
    tabs = st.tabs(list(parts), on_change="rerun", key=f"customer_tab_{language()}")
    for tab, part in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab, shown_to_user():
                part(now, one)


def segment_name(now: Screen, one: Customer, everybody: int) -> str:
    """The segment in the recipe in use; "" where it is not known, or would have to be waited for."""
    if everybody > AT_ONCE or one.figures.empty:
        return ""
    try:
        found = answer(segment_toml, now.book, choices.recipe().to_toml())
    except AnalyticsError:  # the Segments tab says why
        return ""
    mine = found.members.loc[found.members["customer_id"] == one.customer_id, "segment_name"]
    return str(mine.iloc[0]) if len(mine) else ""


def tiles(now: Screen, one: Customer) -> list[Tile]:
    """What they are worth, where that puts them, what they will bring, how long they have been here."""
    worth, value = float(one.figures[now.value.key]), now.value
    change = worth - one.before if one.before is not None and pd.notna(worth) else None
    found = small(standing, now.book, one.customer_id, now.as_of, (value.key,))
    above = found.above[value.key]
    ahead = LIFETIME if LIFETIME in one.figures and value.key != LIFETIME else "balance_average_3m"
    shown = [
        Tile(value.label, value.text(worth), signed(change, value.text), "higher",
             help=_("At the as-of date, against the month end before.")),
        Tile(_("Higher than"), _("{share} of peers").format(share=percent(above)) if pd.notna(above) else NOTHING,
             help=peers_sentence(found)),
    ]  # fmt: skip
    for key in (ahead, "tenure_years"):
        if key in one.figures:
            shown.append(
                Tile(now.label(key), now.quantity(key).text(one.figures[key]), help=_(CATALOGUE[key].meaning))
            )
    return shown


def timeline(now: Screen, one: Customer) -> None:
    """Balance, money in and out, and what happened when."""
    months = months_of(now.book, one.customer_id, now.as_of)
    happened = events(now.book, one.customer_id, now.as_of)
    kinds = {key: _(label) for key, label in EVENTS.items()}
    layout.chart(
        lambda: customer_story(months, happened, kinds, earning.base(now), palette=now.colours),
        alt=_(
            "Balance, money in and out month by month, and accounts, contacts, answers, surveys and referrals"
        ),
        key="timeline",
    )
    before = len(happened) - len(drawn_events(months, happened))
    if before and len(months):
        text = plural("{n} event lies before these months.", "{n} events lie before these months.", before)
        st.caption(text.format(n=number(before)))


def profile(now: Screen, one: Customer) -> None:
    """What is recorded of them, as this person may see it."""
    rows = [
        (_(label), _written(one.known[name], name, now))
        for name, label in ATTRIBUTES.items()
        if name in one.known
    ]
    layout.table(
        pd.DataFrame(rows, columns=["attribute", "recorded"]), {}, key="profile", height="content",
        labels={"attribute": _("Attribute"), "recorded": _("Recorded")},
    )  # fmt: skip
    st.caption(_("As it is recorded today, at every as-of date."))


def _written(value: object, name: str, now: Screen) -> str:
    if isinstance(value, date):
        return day(value)
    if name == "marketing_consent":
        return _("yes") if value else _("no")
    if name == "annual_income":
        return now.quantity(name).text(float(str(value)), full=True)
    return number(float(value)) if isinstance(value, float) else in_words(value)


def products(now: Screen, one: Customer) -> None:
    """Accounts opened by the as-of date, open ones first, with the month's balance."""
    rows = accounts_of(now.book, one.customer_id, now.as_of)
    labels = {
        "account_id": _("Account"), "product": _("Product"), "category": _("Category"), "currency": _("Currency"),
        "opened_on": _("Opened"), "closed_on": _("Closed"), "balance": _("Average balance of the month, in that currency"),
    }  # fmt: skip
    amount = Quantity("balance", labels["balance"], "count")
    _rows(rows.assign(balance=rows["balance"].round(2)), labels, "card_products", {"balance": amount})


def profit_lines(now: Screen, one: Customer) -> None:
    """The waterfall and the lines by account, month and channel."""
    found = small(statement, now.book, now.as_of, one.customer_id)
    earning.picture(found.whole, now, alt=_("From spread to profit, line by line"), key="customer_waterfall")
    earning.lines_of(found, now)


def segments(now: Screen, one: Customer) -> None:
    """Where they are in each recipe within reach, and why: worked out as it is opened."""
    for key, way in comparing.ways(now, choices.recipe()).items():
        panel = st.expander(
            layout.plain(way.label), expanded=key == comparing.IN_USE, on_change="rerun", key=f"in_{key}"
        )
        if panel.open:
            with panel, shown_to_user():
                comparing.lost((way,), now)
                placed(now, one.customer_id, way.toml, key)


def indicators(now: Screen, one: Customer) -> None:
    """Every indicator, beside how many of the peers have less."""
    if one.figures.empty:
        raise NotEnoughData(_("This customer had not joined on {day}.").format(day=day(now.as_of)))
    found = small(standing, now.book, one.customer_id, now.as_of)
    st.caption(layout.plain(peers_sentence(found)))
    rows = [
        {
            _("Family"): _(FAMILIES[CATALOGUE[str(key)].family]),
            _("Indicator"): now.label(str(key)),
            _("Figure"): now.quantity(str(key)).text(value, full=True)
            if CATALOGUE[str(key)].is_number
            else in_words(NOTHING if pd.isna(value) else value),
            _("Higher than"): _above(found, str(key)),
        }
        for key, value in one.figures.items()
    ]
    layout.table(pd.DataFrame(rows), {}, key="card_indicators", height=420)


def _above(found: Standing, key: str) -> str:
    share = found.above.get(key)
    return _("{share} of peers").format(share=percent(share)) if share is not None and pd.notna(share) else ""


def referrals(now: Screen, one: Customer) -> None:
    """Whom they referred, of this book, and what those bring."""
    everybody = len(now.book.rows_of("referrals", one.customer_id))
    rows = small(referred_by, now.book, one.customer_id, now.as_of)
    if everybody > len(rows):
        text = plural(
            "{n} referred customer is in no list here: outside your book, or referred later.",
            "{n} referred customers are in no list here: outside your book, or referred later.",
            everybody - len(rows),
        )
        st.caption(text.format(n=number(everybody - len(rows))))
    brought = now.quantity(brought_in(now.book))
    if len(rows):
        text = _("Together they brought {amount} in the twelve months to {day}.")
        st.markdown(layout.plain(text.format(amount=brought.text(rows["brought"].sum()), day=day(now.as_of))))
        rows = names(now.book, rows["customer_id"]).merge(rows, on="customer_id")
    labels = {
        "customer_id": _("Customer"),
        "name": _("Name"),
        "referred_on": _("Referred on"),
        "brought": brought.axis,
    }
    _rows(rows, labels, "card_referrals", {"brought": brought}, opens_customer=True)


def contacts(now: Screen, one: Customer) -> None:
    """Contacts of campaigns with their answers, and surveys."""
    rows = now.book.rows_of("contacts", one.customer_id)
    held, contacted = _("no, held out"), _("yes")
    rows["is_holdout"] = rows["is_holdout"].astype(bool).map({True: held, False: contacted})
    labels = {
        "contacted_at": _("On"), "campaign": _("Campaign"), "channel": _("Channel"),
        "is_holdout": _("Contacted"), "responded_at": _("Answered"),
    }  # fmt: skip
    _rows(rows, labels, "card_contacts")
    st.markdown("**" + _("Surveys") + "**")
    asked = {"surveyed_on": _("On"), "nps": _("Would recommend (0 to 10)"), "attitude": _("Attitude")}
    _rows(now.book.rows_of("surveys", one.customer_id), asked, "card_surveys")


def transactions(now: Screen, one: Customer) -> None:
    """The newest transactions."""
    labels = {
        "booked_at": _("Booked"), "amount": _("Amount"), "currency": _("Currency"), "kind": _("Kind"),
        "channel": _("Channel"), "category": _("Category"),
    }  # fmt: skip
    rows = now.book.rows_of("transactions", one.customer_id)
    amounts = {"amount": Quantity("amount", _("Amount"), "count")}  # in the currency beside it
    _rows(rows.assign(amount=rows["amount"].astype("float64").round(2)), labels, "card_transactions", amounts)


def _rows(
    rows: pd.DataFrame, labels: Mapping[str, str], key: str, quantities: Mapping[str, Quantity] | None = None,
    *, opens_customer: bool = False,
) -> None:  # fmt: skip
    if rows.empty:
        st.info(_("There are none."), icon=":material/info:")
        return
    shown = rows.dropna(axis=1, how="all")
    told = [name for name in ("category", "channel", "kind", "attitude") if name in shown]
    shown = shown.assign(**{name: shown[name].map(in_words, na_action="ignore") for name in told})
    height = 420 if len(shown) > 10 else None
    layout.table(
        shown, quantities or {}, labels=labels, key=key, opens_customer=opens_customer, height=height
    )
