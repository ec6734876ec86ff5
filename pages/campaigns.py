"""Campaigns: did it work?"""

from datetime import date

import streamlit as st

from analytics.charts import response_chart
from analytics.needs.campaign_sentences import why, worked_sentence
from analytics.translation import translate as _
from pages._ui import calling, campaigning, layout, planning
from pages._ui.messages import shown_to_user
from pages._ui.screen import screen, where_am_i

now, today = screen(), date.today()
reports = campaigning.reports(now, today)
one = campaigning.shown(reports)
where_am_i(now, campaigning.customers(now))
if one is None:
    layout.headline(_("No campaign has reached your customers yet."))
    campaigning.what_was_done()
    st.markdown(
        _("What `load` brings in as campaigns and contacts is judged here, and what you start below.")
    )
else:
    sentence = worked_sentence(one)
    layout.headline(sentence)
    campaigning.what_was_done()
    layout.tiles(campaigning.tiles(one, now))
    st.caption(layout.plain(why(one)))
    groups = campaigning.groups(one)
    layout.chart(lambda: response_chart(groups, palette=now.colours), alt=sentence, key="response")
    campaigning.explain(one)
    if one.number is not None:
        with shown_to_user():
            calling.call_list(now, one, today)
    st.subheader(_("All campaigns"))
    campaigning.choose(reports, one)
    campaigning.table(reports, now)
with st.expander(_("Make a plan"), icon=":material/edit_note:", key="make_plan", on_change="rerun") as making:
    if making.open:
        with shown_to_user():
            planning.make(now, reports)
with st.expander(_("Plans"), icon=":material/checklist:", key="plans", on_change="rerun") as plans:
    if plans.open:
        with shown_to_user():
            planning.plans(now, today)
