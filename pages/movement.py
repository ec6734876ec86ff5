"""Movement: who moved, and why?"""

import streamlit as st

from analytics.errors import NotEnoughData
from analytics.movement.report import movement_toml
from analytics.translation import translate as _
from pages._ui import choices, comparing, layout, moving, needing
from pages._ui.cache import answer, count
from pages._ui.messages import shown_to_user
from pages._ui.screen import screen, where_am_i

now = screen()
where_am_i(now, count(now.book, now.as_of))
title, body, controls = st.container(), st.container(), st.container()
if lacking := moving.lacking(now):
    needing.where_not(lacking, title)
    st.stop()
with controls:
    asked = moving.asked(now, choices.recipe())

with body, shown_to_user():
    comparing.lost(asked.ways, now)
    try:
        found = answer(movement_toml, now.book, *asked.question)
    except NotEnoughData as error:
        needing.where_not(error, title)
        st.stop()
    layout.headline(found.sentence, title)
    layout.tiles(moving.tiles(found, now))
    moving.picture(found, now)
    for warning in found.warnings:
        st.info(layout.plain(warning), icon=":material/info:")
    moving.flows(found, now)
    with st.expander(
        _("Who stays"), icon=":material/group:", key="movement_stays", on_change="rerun"
    ) as stays:
        if stays.open:
            moving.who_stays(asked, now)
    with st.expander(
        _("Chances to move, and next year's sizes"), icon=":material/query_stats:", key="movement_ahead",
        on_change="rerun",
    ) as ahead:  # fmt: skip
        if ahead.open:
            moving.ahead(asked, now)
