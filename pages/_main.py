"""Who is it, which pages, navigation. Runs before the chosen page on every rerun."""

import streamlit as st

from analytics.translation import translate as _
from pages._ui import admission, choices, identity, layout, navigation
from pages._ui.messages import shown_to_user
from pages._ui.screen import open_book, store
from pages._ui.stand_in import stand_in_notice
from pages._ui.versions import follow

st.set_page_config(page_title="Clientele", page_icon=layout.ICON, layout="wide")
layout.style()

email = identity.signed_in_email()
if email is None:
    st.warning(_("You are not signed in here, or your session has ended. Open your sign-in link again."))
    st.stop()

with shown_to_user():
    saved = store().defaults.get(email)
    choices.speak(saved)
    admission.admit()
    book = open_book(email)
    identity.choose_persona()
    identity.offer_sign_out(email)
    if book.scope.rules:
        choices.take_over()
        choices.begin(book, saved)
        choices.offer(book)
        choices.keep_address()
    else:
        choices.offer_language()
    navigation.record_closed(book)
    page = navigation.navigate(book.person.pages)
    identity.stop_without_grant(book.person)
    st.session_state["page"] = page.url_path
    if book.scope.rules:
        choices.write_address()
    st.session_state["book"] = book
    stand_in_notice(book)
    follow(book.warehouse.meant)
    page.run()
