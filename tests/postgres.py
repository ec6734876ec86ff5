"""A PostgreSQL server for one run of the tests: Debian's, in a folder of its own, on a socket and no network."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import URL

from analytics.settings import audit_key
from analytics.store.audit import begin_trail
from analytics.store.database import open_engine

NOTE = "postgres.json"  # in the run's folder: where the server's files are
TEMPLATE = "template_of_stores"
# Nobody needs the data after the run; a clock far from UTC finds what takes the server's for granted.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "timezone": "Asia/Shanghai",
    "max_connections": "200",
    "shared_buffers": "32MB",
}
MISSING = (
    "These tests need PostgreSQL's programs (initdb, pg_ctl). On Debian or Ubuntu: sudo apt-get install postgresql. "
    "On macOS: brew install postgresql, with its bin folder in PATH."
)


class Postgres:
    """The server whose files are in `home`; databases of it are named by URL."""

    def __init__(self, home: Path) -> None:
        self.home = home

    @property
    def data(self) -> Path:
        return self.home / "data"

    def url(self, database: str, **query: str) -> str:
        """A store's URL. The server asks for no password: this one is there to be found where it must not be."""
        place = {"host": str(self.home)} | query
        parts = URL.create(
            "postgresql+psycopg", "postgres", "s3cret-of-the-store", database=database, query=place
        )
        return parts.render_as_string(hide_password=False)

    def run(self, statement: sql.Composable) -> None:
        """One statement in a database that no test uses."""
        with psycopg.connect(
            host=str(self.home), user="postgres", dbname="postgres", autocommit=True
        ) as server:
            server.execute(statement)

    def start(self) -> None:
        options = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in SETTINGS.items())
        log = str(self.home / "log")
        place = f"-c unix_socket_directories={self.home} {options}"
        _as_server(self.home, "pg_ctl", "start", "-w", "-D", str(self.data), "-l", log, "-o", place)

    def stop(self) -> None:
        _as_server(self.home, "pg_ctl", "stop", "-w", "-m", "fast", "-D", str(self.data))

    def new_store(self, folder: Path) -> str:
        """The name of a database with an empty store in it, whose trail's key is put into the folder."""
        shutil.copy(self.home / "audit.key", folder / "audit.key")
        return self.new_database(TEMPLATE)

    def new_database(self, template: str = "template0") -> str:
        """The name of a database with nothing in it."""
        name = f"store_{uuid4().hex}"
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        self.run(made)
        return name

    def drop(self, database: str) -> None:
        """Remove a database, whoever still uses it."""
        self.run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def started(folder: Path) -> Postgres:
    """The server of this run, started by whoever asks first. Ask under a lock."""
    note = folder / NOTE
    if note.exists():
        return Postgres(Path(json.loads(note.read_text())["home"]))
    server = new_server()
    note.write_text(json.dumps({"home": str(server.home)}))
    server.run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
    key = audit_key(server.home, make=True)
    made = open_engine(server.url(TEMPLATE), lambda connection: begin_trail(connection, key))
    made.dispose()  # nobody may be in a database that is copied
    return server


def new_server() -> Postgres:
    """A server of one's own, running; end it with `removed`."""
    server = Postgres(Path(tempfile.mkdtemp(prefix="clientele-postgres-")))
    if os.getuid() == 0:
        shutil.chown(server.home, **_account())
    _as_server(server.home, "initdb", "-D", str(server.data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
               "--locale=C.UTF-8", "--no-sync")  # fmt: skip
    server.start()
    return server


def ended(folder: Path) -> None:
    """Stop the server of this run, if one was started, and remove its files."""
    note = folder / NOTE
    if note.exists():
        removed(started(folder))
        note.unlink()


def removed(server: Postgres) -> None:
    """Stop a server and remove its files."""
    if (server.data / "postmaster.pid").exists():
        server.stop()
    shutil.rmtree(server.home, ignore_errors=True)


def program(name: str) -> str:
    """Where a program of PostgreSQL is: the newest that Debian installed, else the one in PATH."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    found = str(installed[-1]) if installed else shutil.which(name)
    assert found, MISSING
    return found


def _as_server(home: Path, name: str, *arguments: str) -> None:
    # Into a file, for the server inherits it and keeps it open: a pipe would never end.
    with (home / "said").open("w+") as said:
        done = subprocess.run(
            [program(name), *arguments], check=False, cwd=home, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            **_other_account(),
        )  # fmt: skip
        said.seek(0)
        log = home / "log"
        assert done.returncode == 0, f"{name}: {said.read()} {log.read_text() if log.exists() else ''}"


def _other_account() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then as the account that its package made."""
    return {**_account(), "extra_groups": []} if os.getuid() == 0 else {}


def _account() -> dict[str, str]:
    return {"user": "postgres", "group": "postgres"}
