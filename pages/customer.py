"""Customer: who is this, and what next?"""

import streamlit as st

from analytics.customer import customer, who_sentence
from analytics.errors import AnalyticsError
from analytics.translation import translate as _
from pages._ui import dossier, layout, noting, offering, people
from pages._ui.cache import count
from pages._ui.messages import tell
from pages._ui.screen import screen, where_am_i

now = screen()
st.session_state.pop("linked_customer", None)
everybody = count(now.book, now.as_of)
where_am_i(now, everybody)
if st.button(_("All customers"), icon=":material/arrow_back:", key="back", type="tertiary"):
    st.session_state.pop("shown_customer", None)
    st.switch_page("customers.py")

chosen = st.session_state.get("shown_customer")
if not chosen:
    layout.headline(_("Whom do you want to see? Find a customer of your book."))
    people.finder(now)
    st.stop()
try:
    one = customer(now.book, chosen, now.as_of, now.value.key)
except AnalyticsError as error:
    tell(error)
    st.stop()

layout.headline(who_sentence(one, now.value, now.as_of, dossier.segment_name(now, one, everybody)))
if not one.figures.empty:
    layout.tiles(dossier.tiles(now, one))
dossier.timeline(now, one)

parts = {
    _("Profile"): dossier.profile,
    _("Offers"): lambda now, one: offering.customer_offers(now, one.customer_id),
    _("Notes and next steps"): noting.notes,
    _("Products"): dossier.products,
    _("Profit lines"): dossier.profit_lines,
    _("Segments"): dossier.segments,
    _("Indicators"): dossier.indicators,
    _("Referred customers"): dossier.referrals,
    _("Contacts and answers"): dossier.contacts,
    _("Booked transactions"): dossier.transactions,
}
if "needs" not in now.book.person.pages:
    del parts[_("Offers")]
if now.book.available["profit_12m"]:
    del parts[_("Profit lines")]
dossier.opened(parts, now, one)
