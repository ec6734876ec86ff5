"""What `streamlit run app.py` starts: the gate, the script behind it, and the feeds of rates beside it."""

import streamlit as st
from starlette.middleware import Middleware

from pages._ui.gate import Gate
from pages._ui.schedule import lifespan

app = st.App("pages/_main.py", lifespan=lifespan, middleware=[Middleware(Gate)])
