"""Value: how concentrated is what we earn, and how sure is that?"""

import streamlit as st

from analytics.charts import value_histogram
from analytics.translation import translate as _
from analytics.value.report import value_view
from analytics.value.sentences import value_sentence
from pages._ui import choices, grouping, layout, worth
from pages._ui.cache import answer
from pages._ui.screen import screen, where_am_i

now = screen()
found = answer(value_view, now.book, now.value.key, now.as_of)
sentence = value_sentence(found.whole, now.value, now.as_of)
where_am_i(now, found.whole.customers + found.whole.missing)
layout.headline(sentence)
layout.tiles(worth.value_tiles(found.whole, now.value))

left, right = st.columns([3, 2])
with left:
    worth.curve(now, found.whole, sentence)
with right:
    st.subheader(_("How the value is spread"))
    layout.chart(
        lambda: value_histogram(found.spread, now.value, palette=now.colours),
        alt=_("Histogram of {label} over your customers").format(label=now.value.label),
        key="value_histogram",
    )
worth.how_sure(found.whole, now.value)
worth.instead_of_profit(now)
layout.explain(now.value.key)

st.subheader(_("Your most valuable customers"))
worth.top_customers(found, now)
with st.expander(
    _("By segment, branch and other groups"), icon=":material/groups:", key="by_group", on_change="rerun"
) as by_group:
    if by_group.open:
        grouping.panel(now, choices.recipe())
with st.expander(
    _("How the 80/20 moved"), icon=":material/timeline:", key="over_time", on_change="rerun"
) as over_time:
    if over_time.open:
        grouping.whole_book(now)
with st.expander(_("If the largest leave"), icon=":material/logout:"):
    worth.leaving(found.whole, now.value)
with st.expander(_("Figures and quantiles"), icon=":material/table_rows:"):
    worth.figures(found, now.value)
