"""Access: who sees what, and why? A steward gives, changes and ends grants here; no customer is shown."""

from functools import partial

import streamlit as st

from analytics.access.administration import Administration
from analytics.access.reasons import sentence
from analytics.formats import day
from analytics.translation import translate as _
from pages._ui import administration, granting, layout
from pages._ui.screen import of_the_bank, store

book = st.session_state["book"]
warehouse = book.warehouse
desk = Administration(warehouse, store(), book.person.email)
register = desk.register()

of_the_bank(book, _("as of {day}").format(day=day(desk.today)))
layout.headline(sentence(register))
granting.what_was_done()
layout.tiles(administration.tiles(register))
administration.waiting(desk, register)
person = administration.people(register)
if person:
    administration.one_person(desk, register, person)
for title, icon, draw in (
    (_("Give a grant"), "add", partial(granting.give, desk, register)),
    (_("How large would a book be?"), "straighten", partial(granting.proposed_size, desk, register)),
    (_("What holds for everybody"), "policy", partial(granting.policy, desk)),
):
    with st.expander(title, icon=f":material/{icon}:", key=f"access_{icon}"):
        draw()
