"""The app, but who comes to the demo bank is first the analyst, who sees all of it. `tests.bench.browser` runs it."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from pages._ui import identity
from pages._ui.gate import Gate
from pages._ui.schedule import lifespan

identity.PERSONAS = tuple(sorted(identity.PERSONAS, key=lambda persona: persona.role != "analyst"))
identity._LABELS = {persona.email: persona.label for persona in identity.PERSONAS}
main = Path(__file__).parents[2] / "pages" / "_main.py"
app = st.App(main, lifespan=lifespan, middleware=[Middleware(Gate)])
