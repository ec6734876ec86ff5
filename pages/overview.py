"""Overview: how is my book, and what changed?"""

import streamlit as st

from analytics.change import change
from analytics.charts import value_by_month, whale
from analytics.formats import day
from analytics.overview import overview
from analytics.translation import translate as _
from analytics.value.sentences import value_sentence
from pages._ui import alerting, layout, movers, teaming
from pages._ui.cache import answer, small
from pages._ui.screen import screen, where_am_i

now = screen()
found = small(overview, now.book, answer(change, now.book, now.value.key, now.as_of))
sentence = value_sentence(found.now, now.value, now.as_of)
where_am_i(now, found.customers)
layout.headline(sentence)
layout.tiles(movers.overview_tiles(found, now.value))
if found.before and found.before_day:
    st.caption(
        _("Arrows: change since {day}; blue is better, orange worse, grey neither.").format(
            day=day(found.before_day)
        )
    )

left, right = st.columns(2)
with left:
    st.subheader(_("From the most to the least valuable customer"))
    layout.chart(lambda: whale(found.now, now.value, palette=now.colours), alt=sentence, key="whale")
with right:
    st.subheader(_("Month by month"))
    if found.months.empty:
        alone = _(
            "{label} is not added up by months, so there is nothing to draw here. Choose another value."
        )
        st.info(alone.format(label=layout.plain(now.value.label)), icon=":material/bar_chart:")
    else:
        layout.chart(
            lambda: value_by_month(found.months, now.value, palette=now.colours, height=380),
            alt=_("{label} of your book, month by month").format(label=now.value.label),
            key="by_month",
        )
layout.explain(now.value.key)
to_look_at = st.container()

if found.before_day is None:
    st.info(_("There is no month end before this one to compare with."), icon=":material/info:")
elif found.before is None:
    nothing = _("No customer had a value for {label} on {day}, so nobody's change can be told.")
    st.info(
        layout.plain(nothing.format(label=now.value.label, day=day(found.before_day))), icon=":material/info:"
    )
else:
    moved = _("Customers that moved most since {day}: {what}")
    st.subheader(moved.format(day=day(found.before_day), what=layout.plain(now.value.axis)))
    movers.movers_table(found, now)
teaming.own_section(now)
with to_look_at:  # last: over a whole bank it takes a moment, and the rest need not wait
    alerting.look_at(now)
