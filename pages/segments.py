"""Segments: which groups are in my book, my way?"""

import streamlit as st

from analytics.errors import AnalyticsError
from analytics.indicators import CATALOGUE
from analytics.methods import METHODS
from analytics.segmentation import segment_toml
from analytics.translation import translate as _
from pages._ui import choices, details, forms, layout, result, saved, trust
from pages._ui.cache import answer, count
from pages._ui.messages import shown_to_user, tell
from pages._ui.screen import screen, where_am_i

AT_ONCE = 20_000  # customers up to which every change is run as it is made


now = screen()
customers = count(now.book, now.as_of)
where_am_i(now, customers)
headline = st.container()
current = choices.recipe()

try:
    draft = forms.recipe(now.book, current)
    draft.check(CATALOGUE, METHODS)
    forms.lost_indicators()
except AnalyticsError as error:
    tell(error)
    draft = current

if draft.hash() != current.hash():
    if customers <= AT_ONCE or st.button(
        _("Run again"), key="run", type="primary", icon=":material/play_arrow:"
    ):
        st.session_state["recipe"] = draft
        choices.write_address()
        current = draft
    else:
        st.warning(_("What you see is the result of the earlier settings. Run it again to see the new one."))

found = None
with shown_to_user():
    found = answer(segment_toml, now.book, current.to_toml())
    value = now.quantity(found.value)
    layout.headline(result.result_sentence(found, value), headline)
    result.pictures(found, value, now)
    details.method_details(found, now)
    trust.trust_panel(found, value, now, current)
    result.members(now, found, value)
    result.openly(found, now)
saved.saved_recipes(now, current, found)
