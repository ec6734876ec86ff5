"""Team: how are our people and their books?"""

import streamlit as st

from analytics.access.staff import whose
from analytics.team.report import team
from analytics.team.sentences import team_sentence
from analytics.translation import translate as _
from pages._ui import handing_over, layout, teaming
from pages._ui.cache import small
from pages._ui.earning import base
from pages._ui.messages import shown_to_user
from pages._ui.screen import screen, where_am_i

now = screen()
found = small(team, now.book, now.as_of, whose(now.book), teaming.capacity())
sentence = team_sentence(found, base(now))
where_am_i(now, int(found.rows["customers"].sum()) + found.unmanaged)
layout.headline(sentence)
teaming.measured(found, now)
if len(found.rows):
    layout.tiles(teaming.tiles(found, now))
    clicked = teaming.picture(found, now, alt=sentence)
    teaming.doubts(found)

    st.subheader(_("Their books"))
    chosen = teaming.table(found, now) or clicked
    if chosen:
        teaming.book_of(chosen, found, now)

    with st.expander(
        _("Groups of employees"), icon=":material/groups:", key="team_groups", on_change="rerun"
    ) as groups:
        if groups.open:
            with shown_to_user():
                teaming.segments(now)
    with st.expander(
        _("When somebody leaves"), icon=":material/move_down:", key="team_handover", on_change="rerun"
    ) as leaving:
        if leaving.open:
            with shown_to_user():
                handing_over.panel(found, now, teaming.capacity())
    with st.expander(_("More: capacity"), icon=":material/tune:"):
        teaming.settings(found)
