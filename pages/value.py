"""Value: how concentrated is what we earn, and how sure is that?"""

import streamlit as st

from analytics.charts import lorenz, pareto, value_histogram, whale
from analytics.translation import mark, translate
from analytics.translation import translate as _
from analytics.value.report import value_view
from analytics.value.sentences import value_sentence
from pages._ui import choices, layout, worth
from pages._ui.cache import answer
from pages._ui.screen import screen, where_am_i

CURVES = {"whale": (mark("Whale curve"), whale), "lorenz": (mark("Lorenz curve"), lorenz),
          "pareto": (mark("Pareto chart"), pareto)}  # fmt: skip

now = screen()
found = answer(value_view, now.book, now.value.key, now.as_of)
sentence = value_sentence(found.whole, now.value, now.as_of)
where_am_i(now, found.whole.customers + found.whole.missing)
layout.headline(sentence)
layout.tiles(worth.value_tiles(found.whole, now.value))

left, right = st.columns([3, 2])
with left:
    names = {key: translate(label) for key, (label, _draw) in CURVES.items()}
    shown = st.segmented_control(
        _("Curve"), list(names), key="curve", default="whale", required=True, persist_state="session",
        format_func=lambda key: names[key], label_visibility="collapsed",
    )  # fmt: skip
    draw = CURVES[shown or "whale"][1]
    layout.chart(lambda: draw(found.whole, now.value, palette=now.colours), alt=sentence, key="value_curve")
with right:
    st.subheader(_("How the value is spread"))
    layout.chart(
        lambda: value_histogram(found.spread, now.value, palette=now.colours),
        alt=_("Histogram of {label} over your customers").format(label=now.value.label),
        key="value_histogram",
    )
for warning in found.whole.warnings:
    st.info(warning, icon=":material/info:")
worth.instead_of_profit(now)
layout.explain(now.value.key)

st.subheader(_("Your most valuable customers"))
worth.top_customers(found, now)
with st.expander(
    _("By segment"), icon=":material/groups:", key="by_segment", on_change="rerun"
) as by_segment:
    if by_segment.open:
        worth.by_segment(now, choices.recipe())
with st.expander(_("Figures and quantiles"), icon=":material/table_rows:"):
    worth.figures(found, now.value)
