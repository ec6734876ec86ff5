"""Profit: where does it come from, and what if rates move?"""

import streamlit as st

from analytics.translation import translate as _
from analytics.value.profit import profit_view
from analytics.value.profit_sentences import earned_sentence
from pages._ui import choices, earning, layout, other_rates
from pages._ui.cache import small
from pages._ui.messages import shown_to_user
from pages._ui.screen import screen, where_am_i

now = screen()
if now.book.available["profit_12m"]:
    earning.instead(now)
    st.stop()

found = small(profit_view, now.book, now.as_of)
sentence = earned_sentence(found.whole, now.as_of, earning.base(now))
where_am_i(now, found.whole.customers)
layout.headline(sentence)
if not found.whole.customers:
    st.stop()
layout.tiles(earning.tiles(found, now))
earning.picture(found.whole, now, alt=sentence)
earning.missing(found)
layout.explain("profit_12m")

st.subheader(_("By customer"))
earning.customers(found, now)
with st.expander(
    _("By segment"), icon=":material/groups:", key="profit_by_segment", on_change="rerun"
) as segments:
    if segments.open:
        with shown_to_user():
            earning.by_segment(now, choices.recipe())
other_rates.panel(now, choices.recipe())
