"""A session of the app without a browser: who is in front of it, on which page, and what is to be seen."""

import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from analytics.access import sessions
from analytics.access.personas import PERSONAS
from pages._ui.layout import UNLINKED

PATIENCE = 90  # seconds, and looks at a busy page, that a loaded machine gets
MAIN = Path(__file__).parents[2] / "pages" / "_main.py"
OWNER = "owner@bank.example"
RM, BRANCH_MANAGER, ANALYST, BACK_OFFICE, STEWARD, SECOND_STEWARD, AUDITOR = (
    persona.email for persona in PERSONAS
)
NEWER = "v29990101T000000-0000"  # a version that sorts after all others
NO_SUCH_PAGE = "Could not find a navigation page"


def serve_to_owner(folder: Path, patch: pytest.MonkeyPatch, owner: str = OWNER) -> None:
    """Serve the bank of a folder, with its owner signed in."""
    fresh = sessions.Sessions()
    patch.setattr(sessions, "SESSIONS", fresh)
    patch.delenv("CLIENTELE_STORE", raising=False)
    patch.setenv("CLIENTELE_WAREHOUSE", str(folder))
    cookies = {f"{sessions.COOKIE}_8501": fresh.begin(fresh.new_link(owner) or "")}
    patch.setattr("streamlit.runtime.context.StreamlitCookies.to_dict", lambda _: cookies)


def opened(page: str = "", *, persona: str = "", link: dict[str, str] | None = None) -> AppTest:
    """A new session that has run once, on this page."""
    at = AppTest.from_file(str(MAIN), default_timeout=PATIENCE)
    if persona:
        at.session_state["persona"] = persona
    for key, text in (link or {}).items():
        at.query_params[key] = text
    at.run()
    return turn_to(at, page) if page else at


def turn_to(at: AppTest, page: str) -> AppTest:
    """Open another page in the same session."""
    return at.switch_page(f"{page}.py").run()


def texts(at: AppTest) -> str:
    """What a person reads on the screen beside tables and charts."""
    return re.sub(r"\\([^a-zA-Z0-9\s])", r"\1", marked(at)).replace(UNLINKED, "")


def marked(at: AppTest) -> str:
    """The same as it is given to the browser, with whatever makes it a heading, a link or plain."""
    kinds = (at.title, at.subheader, at.caption, at.markdown, at.info, at.warning, at.error, at.text)
    written = [str(element.value) for kind in kinds for element in kind]
    written += [f"{metric.label} {metric.value} {metric.delta}" for metric in at.metric]
    return "\n".join(written)


def payload(at: AppTest) -> bytes:
    """All that the server sends for this screen, as bytes: texts, tables, charts, whatever is not drawn."""

    def sent(node: Any) -> bytes:
        told: bytes = node.proto.SerializeToString() if getattr(node, "proto", None) is not None else b""
        return told + b"".join(sent(child) for child in getattr(node, "children", {}).values())

    return sent(at._tree)


def settled(at: AppTest) -> AppTest:
    """The session once it has stopped computing."""
    for _ in range(PATIENCE):
        if not busy(at):
            return at
        at.run()
    raise AssertionError("still computing")


def busy(at: AppTest) -> bool:
    """Whether the page shows that it computes, with a way to stop."""
    return any(button.key == "stop" for button in at.button)


def whole(at: AppTest) -> AppTest:
    """The session, after checking that nothing failed and nothing of the machinery shows."""
    settled(at)
    assert not at.exception, [error.value for error in at.exception]
    seen = texts(at)
    assert not any(word in seen for word in ("Traceback", "Error:", "not your fault", " nan", "None", "{"))
    cells = [
        table.value[name] for table in at.dataframe for name in table.value.select_dtypes(["object", "str"])
    ]
    assert not {text for column in cells for text in column if isinstance(text, str)} & {"nan", "None", "NaT"}
    assert at.title, seen
    return at


def address(at: AppTest) -> dict[str, str]:
    """The address bar's parameters."""
    return {key: value[-1] if isinstance(value, list) else value for key, value in at.query_params.items()}


def table_with(at: AppTest, *columns: str) -> Any:
    """The one table that has these columns."""
    found = [table.value for table in at.dataframe if set(columns) <= set(table.value.columns)]
    assert len(found) == 1, [list(table.value.columns) for table in at.dataframe]
    return found[0]


def segments_of(at: AppTest) -> Any:
    """The Segments page's table of segments."""
    return table_with(at, "segment", "rule")


def members_of(at: AppTest) -> Any:
    """The Segments page's list of customers."""
    return table_with(at, "customer_id", "segment_name")
