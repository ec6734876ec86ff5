"""Who is asking: looked up anew on every rerun, never remembered."""

import streamlit as st

from analytics.access.person import Person
from analytics.access.personas import PERSONAS
from analytics.access.sessions import signed_in_owner
from analytics.access.signing_in import sign_out
from analytics.errors import NoWarehouse
from analytics.settings import warehouse_folder
from analytics.translation import translate as _
from analytics.warehouse.versions import Manifest, current_manifest
from pages._ui.choices import box
from pages._ui.layout import plain
from pages._ui.provider import is_configured, provider
from pages._ui.screen import store
from pages._ui.way_in_provider import signed_in_email as signed_in_through_provider

_LABELS = {persona.email: persona.label for persona in PERSONAS}


def signed_in_email() -> str | None:
    """The person's e-mail: of their sign-in at the provider where one is named; else the chosen persona at the
    synthetic bank, the owner of a session elsewhere.

    None when nobody is signed in, as after a load of real data while a persona's page was open.
    """
    if is_configured():
        return signed_in_through_provider(st.context.cookies.to_dict(), provider())
    manifest = _manifest()
    if manifest is None:
        return None
    if manifest.demo is True:
        chosen = st.session_state.get("persona")
        return chosen if chosen in _LABELS else PERSONAS[0].email
    return signed_in_owner(manifest.owner, st.context.cookies.to_dict())


def choose_persona() -> None:
    """Let the visitor of the synthetic bank say who they are; draws nothing elsewhere."""
    if is_configured():
        return
    manifest = _manifest()
    if manifest is None or manifest.demo is not True:
        return
    says = _("The demo bank is made up and has no sign-in: look at it through anybody's eyes.")
    box(_("You are"), list(_LABELS), "persona", lambda email: _(_LABELS[email]), says)


def offer_sign_out(email: str) -> None:
    """A button, for whoever signed in at a provider, that ends every sign-in of theirs before the provider is
    asked to end its own: a copy of the cookie is worth nothing from then on."""
    if not is_configured():
        return
    says = _("On all your devices. You are {email}.").format(email=plain(email))
    if st.sidebar.button(_("Sign out"), key="sign_out", icon=":material/logout:", help=says):
        sign_out(store(), email)
        st.logout()


def stop_without_grant(person: Person) -> None:
    """Tell somebody whom nobody has granted anything, and show them nothing else."""
    if person.roles:
        return
    st.title(_("You have no access yet"))
    st.markdown(_("You are signed in, but nobody has given your address a part of the bank to see:"))
    st.text(person.email)  # as it stands: nothing in it may become a link or a format
    st.markdown(_("Ask a data steward of your bank for it. Once you have it, load this page again."))
    st.stop()


def _manifest() -> Manifest | None:
    try:
        return current_manifest(warehouse_folder())
    except NoWarehouse:
        return None
