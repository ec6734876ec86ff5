"""What the gate and the grant look-up add to a rerun whose answers are all cached.

    python -m tests.bench.gate data/bench-20000      a bank's folder

A rerun asks the gate once, for its message, and looks up once who it is and what they may see.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

import tomli_w
from starlette.requests import HTTPConnection
from streamlit import auth_util, config
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from analytics.access.book import Book
from analytics.access.personas import PERSONAS
from analytics.access.signing_in import sign_in
from analytics.settings import store_url
from analytics.store.store import open_store
from analytics.warehouse.engine import open_warehouse
from pages._ui.provider import provider
from pages._ui.screen import store
from pages._ui.way_in_provider import ThroughProvider, signed_in_email
from tests.bench import measure
from tests.bench.measure import Measured, Work, scratch, timed, warehouse_folder
from tests.bench.report import kept
from tests.bench.report import table as lined
from tests.screens.session import opened, settled

MANAGER = PERSONAS[0].email
COOKIE, SECRET, ORIGIN = (
    "_streamlit_user",
    "f0e1d2c3b4a5968778695a4b3c2d1e0f",
    "https://clientele.bank.example",
)
BAR, RUNS, TIMES = 1.05, 15, 50
RERUN, MESSAGE, LOOKUP = "gate: a cached rerun", "gate: a message", "gate: who it is, and their grants"


def signed_in() -> dict[str, str]:
    """A provider's secrets, and the cookie of somebody who signed in at it."""
    auth = {
        "redirect_uri": f"{ORIGIN}/oauth2callback",
        "cookie_secret": SECRET,
        "client_id": "clientele",
        "client_secret": "secret",
        "server_metadata_url": "https://sign-in.bank.example/",
        "client_kwargs": {"code_challenge_method": "S256"},
    }
    folder = scratch()
    os.environ["CLIENTELE_STORE"] = f"sqlite:///{folder / 'store.sqlite'}"  # the bank's own stays as it is
    path = folder / "secrets.toml"
    path.write_text(tomli_w.dumps({"auth": auth}))
    config.set_option("secrets.files", [str(path)])
    secrets_singleton._reset()
    claims = {"iss": "https://sign-in.bank.example", "sub": "1", "aud": "clientele", "origin": ORIGIN}
    claims |= {"email": MANAGER, "email_verified": True, "iat": time.time(), "exp": time.time() + 300}
    cookies: dict[str, str] = {}
    auth_util.set_cookie_with_chunks(
        lambda name, value: cookies.update({name: create_signed_value(SECRET, name, value).decode()}),
        lambda name, value: create_signed_value(SECRET, name, value),
        COOKIE,
        claims,
        cookie_attr_size=60,
    )
    held = provider()
    assert held is not None
    found = held.claims(cookies)
    assert found is not None
    sign_in(store(), claims, "clientele", found[1])
    return cookies


def rerun() -> Work:
    """The Overview of a relationship manager, once it has all its answers: the grant look-up is within."""
    at = settled(opened("overview", persona=MANAGER))
    return lambda: len(settled(at.run()).title)


def message() -> Work:
    """What the gate does for each message: signature, address, and whether the sign-in still counts."""
    cookies = signed_in()
    said = "; ".join(f"{name}={value}" for name, value in cookies.items())
    headers = [(b"host", ORIGIN.removeprefix("https://").encode()), (b"cookie", said.encode())]

    async def asked() -> int:
        for _ in range(TIMES):
            request = HTTPConnection({"type": "websocket", "path": "/_stcore/stream", "headers": headers})
            assert await ThroughProvider().why_not(request) is None
        return TIMES

    return lambda: asyncio.run(asked())


def lookup() -> Work:
    """What `_main` does before the page: who it is, and their book from their grants."""
    cookies, warehouse = signed_in(), open_warehouse(warehouse_folder())
    held = open_store(store_url(warehouse_folder()), warehouse_folder())

    def looked() -> int:
        for _ in range(TIMES):
            email = signed_in_email(cookies, provider())
            assert email is not None
            Book.open(warehouse, held, email)
        return TIMES

    return looked


JOBS: dict[str, Callable[[], Work]] = {RERUN: rerun, MESSAGE: message, LOOKUP: lookup}
apart = partial(measure.apart, module="tests.bench.gate")


def table(measured: Mapping[str, Measured]) -> str:
    """Milliseconds, and how much longer a rerun is than it would be without either."""
    rows = []
    for counted, bar in (("seconds", BAR), ("cpu", None)):
        whole = getattr(measured[RERUN], counted) * 1000
        gate, grants = (getattr(measured[job], counted) / TIMES * 1000 for job in (MESSAGE, LOOKUP))
        ratio = (whole + gate) / (whole - grants)
        rows.append(
            (
                counted,
                f"{whole:.1f}",
                f"{gate:.2f}",
                f"{grants:.2f}",
                f"{ratio:.3f}",
                f"{bar or ''}",
                kept(ratio, bar),
            )
        )
    header = ("gate, in ms of", "a cached rerun", "its message", "who, and grants", "ratio", "bar", "kept")
    return lined(header, rows)


def main() -> None:
    """Measure one job, or all of them for a bank's folder."""
    if sys.argv[1] in JOBS:
        print(json.dumps(asdict(timed(JOBS[sys.argv[1]](), int(sys.argv[2])))))
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    print(table({job: apart(folder, job, RUNS) for job in JOBS}))


if __name__ == "__main__":
    main()
