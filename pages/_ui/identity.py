"""Who is asking: looked up anew on every rerun, never remembered."""

import streamlit as st

from analytics.access.personas import PERSONAS
from analytics.access.sessions import signed_in_owner
from analytics.errors import NoWarehouse
from analytics.settings import warehouse_folder
from analytics.translation import translate as _
from analytics.warehouse.versions import Manifest, current_manifest

_LABELS = {persona.email: persona.label for persona in PERSONAS}


def signed_in_email() -> str | None:
    """The person's e-mail: the chosen persona at the synthetic bank, the owner of a session elsewhere.

    None when nobody is signed in, as after a load of real data while a persona's page was open.
    """
    manifest = _manifest()
    if manifest is None:
        return None
    if manifest.demo is True:
        chosen = st.session_state.get("persona")
        return chosen if chosen in _LABELS else PERSONAS[0].email
    return signed_in_owner(manifest.owner, st.context.cookies.to_dict())


def choose_persona() -> None:
    """Let the visitor of the synthetic bank say who they are; draws nothing at any other warehouse."""
    manifest = _manifest()
    if manifest is None or manifest.demo is not True:
        return
    st.sidebar.selectbox(
        _("You are"),
        list(_LABELS),
        format_func=lambda email: _(_LABELS[email]),
        key="persona",
        help=_("The demo bank is made up and has no sign-in: look at it through anybody's eyes."),
    )


def _manifest() -> Manifest | None:
    try:
        return current_manifest(warehouse_folder())
    except NoWarehouse:
        return None
