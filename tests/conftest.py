"""Two banks that many tests share: a small synthetic one, and one of six customers written by hand."""

import fcntl
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from analytics.access.book import Book
from analytics.access.grants import Grant
from analytics.access.person import Person
from analytics.access.scope import scope_of
from analytics.store.store import Store, open_store
from analytics.warehouse.demo import DemoOptions, generate
from analytics.warehouse.engine import Warehouse, open_warehouse
from analytics.warehouse.load import load, publish_tables
from analytics.warehouse.versions import current_version, version_file
from tests import postgres as servers

E2E = "tests/e2e/"
SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"
DEMO = DemoOptions(customers=1_500, transactions_per_customer=60, months=26)

# Written so that every figure of the marts can be worked out on paper: the prices of P1 change on the last day
# of May, the dollar's rate twice, and the euro has none. C4 has no transactions, C5 nothing at all, C6 joins in
# June 2026; July's transaction lies after the newest month end.
HAND = {
    "customers": """customer_id,customer_type,name,id_number,phone,email,birth_date,\
gender,religion,district_id,business_line,branch_id,manager_id,onboarded_on
C1,personal,Anna Berg,110101199007010011,13800138001,anna@x.example,1990-07-01,female,none,D1,Retail,B11,E1,2024-01-15
C2,personal,Bo Chen 陈波,110101198002290022,13800138002,bo@x.example,1980-02-29,male,other,D2,Retail,B12,E2,2024-02-20
C3,business,Corvus Ltd,,,desk@corvus.example,,,,D1,Corporate,B11,E2,2023-05-05
C4,personal,Dana Eck,,13800138004,,1955-12-31,female,,D2,Wealth,B2,E3,2022-06-30
C5,personal,Emil Fok,,,,,,,,,,,
C6,personal,Fay Guo,,,,2001-06-10,female,,D1,Retail,B1,E1,2026-06-10
""",
    "transactions": """transaction_id,customer_id,account_id,booked_at,amount,currency,kind,channel,fee
T1,C1,A1,2025-05-31 23:59:59,100.00,CNY,salary,mobile,
T2,C1,A1,2025-06-30 23:59:59,40.00,CNY,salary,mobile,
T3,C1,A1,2025-07-01 00:00:00,60.00,CNY,salary,mobile,
T4,C1,A1,2026-06-05 10:00:00,1000.00,CNY,salary,mobile,0.50
T5,C1,A1,2026-06-06 11:00:00,-200.00,CNY,card,branch,
T6,,A2,2026-05-10 12:00:00,100.00,USD,transfer,online,1.25
T7,C2,A2,2026-05-11 12:00:00,50.00,,,,
T8,C2,A2,2026-06-11 12:00:00,-30.55,USD,card,mobile,
T9,C3,A3,2026-06-12 12:00:00,-30.00,EUR,transfer,online,2.00
T10,C3,A3,2026-06-13 12:00:00,0.00,CNY,transfer,online,
T11,C6,A6,2026-06-30 12:00:00,5.00,CNY,transfer,mobile,
T12,C1,A1,2026-07-02 12:00:00,7.00,CNY,transfer,mobile,
""",
    "accounts": """account_id,customer_id,product_id,currency,opened_on,closed_on
A1,C1,P1,CNY,2024-01-15,
A2,C2,P2,USD,2024-02-20,
A3,C3,L1,CNY,2025-01-01,
A4,C4,P1,,2022-06-30,
A5,C4,W1,CNY,2024-01-01,2026-06-30
A6,C6,P1,CNY,2026-06-10,
A7,C1,P1,CNY,2024-01-15,2026-07-01
""",
    "balances": """account_id,month_end,average_balance,days_past_due
A1,2026-04-30,365000.00,
A1,2026-05-31,365000.00,
A1,2026-06-30,365000.00,
A2,2026-05-31,10000.00,
A2,2026-06-30,10000.00,
A3,2026-06-30,1000000.00,12
A4,2026-06-30,730.00,
A5,2026-06-30,5000.00,
""",
    "products": """product_id,name,category,risk_cost_rate
P1,Deposit,deposit,
P2,Dollar deposit,deposit,
L1,Loan,loan,0.01
W1,Plan,wealth,
""",
    "product_rates": """product_id,effective_from,customer_rate,transfer_rate
P1,2020-01-01,0.01,0.03
P1,2026-05-31,0.01,0.02
P2,2020-01-01,0.02,0.05
L1,2020-01-01,0.06,0.03
L1,2026-07-01,0.16,0.03
""",
    "fx_rates": """currency,rate_date,rate
USD,2026-04-15,7.00
USD,2026-05-29,7.20
USD,2026-07-01,7.50
""",
    "channel_costs": "channel,unit_cost\nmobile,0.20\nbranch,16.00\nonline,0.50\n",
    "districts": "district_id,name,region,city_tier,population\nD1,Alpha,East,1,100\nD2,Beta,South,2,50\n",
    "branches": """branch_id,name,parent_id
B0,Head office,
B1,City,B0
B11,High street,B1
B12,Station,B1
B2,Harbour,B0
R1,Round,R2
R2,Round too,R1
""",
    "employees": """employee_id,name,team_id,branch_id
E1,Eve One,T1,B1
E2,Eli Two,T1,B1
E3,Eda Three,T2,B2
""",
    "grants": """user_email,role,level,employee_id,unit_id,departments,columns,may_export,valid_until
own@x.example,relationship_manager,own,E1,,,"pii,profit",true,
branch@x.example,manager,branch,,B1,,profit,false,
everyone@x.example,analyst,bank,,,,"pii,sensitive,profit",true,
""",
    "campaigns": "campaign_id,name\nK1,Spring\n",
    "contacts": """campaign_id,customer_id,contacted_at,is_holdout,responded_at
K1,C1,2026-03-01 09:00,false,2026-03-05 09:00
K1,C2,2026-03-01 09:00,true,
""",
    "referrals": "referrer_id,referred_id,referred_on\nC1,C2,2024-02-20\nC1,C6,2026-06-10\n",
    "surveys": "customer_id,surveyed_on,nps\nC1,2026-01-10,3\nC1,2026-05-10,9\nC2,2026-07-05,1\n",
}  # fmt: skip


def write_tables(folder: Path, tables: dict[str, str]) -> Path:
    """CSV texts by table name as a folder of files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Test workers wait here for the one that builds."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "shared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class FileByFile(LoadScopeScheduling):
    """Spread files over the workers, so that what a file's tests share is made once; all with a browser are one."""

    def _split_scope(self, nodeid: str) -> str:
        return E2E if nodeid.startswith(E2E) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)  # there is none where xdist is switched off
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileByFile:
    return FileByFile(config, log)


# A claim is not about speed: on a shared machine an example that takes long is no fault of ours. What decides
# whether a change goes in tries the same examples each time, and fewer; other runs look for new ones.
hypothesis.settings.register_profile(
    "any machine",
    deadline=None,
    derandomize="CI" in os.environ,
    max_examples=50 if "CI" in os.environ else 100,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("any machine")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "both_stores: runs on SQLite and on PostgreSQL where it uses a store")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked `both_stores` run twice if they use a store, once a database."""
    used = {"store_url", "empty_url"} & set(metafunc.fixturenames)
    if used and metafunc.definition.get_closest_marker("both_stores"):
        metafunc.parametrize(used.pop(), ["sqlite", "postgresql"], indirect=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The server of a run ends with the run, not with the worker that started it."""
    if not os.environ.get("PYTEST_XDIST_WORKER"):
        servers.ended(session.config._tmp_path_factory.getbasetemp())  # type: ignore[attr-defined]


@pytest.fixture
def bare_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test that starts processes: they run the main module, where a screen's test may have left its script."""
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@pytest.fixture(scope="session")
def demo_folder(shared_folder: Path) -> Path:
    """The warehouse folder of a synthetic bank of 1,500 customers. Don't publish into it."""
    folder = shared_folder / "demo-bank"
    with _only_one(folder):
        if current_version(folder) is None:
            truth = shared_folder / "demo-truth"
            publish_tables(folder, lambda con: generate(con, DEMO, truth), demo=True, base_currency="CNY")
    return folder


@pytest.fixture(scope="session")
def hand_folder(shared_folder: Path) -> Path:
    """The warehouse folder of the bank of six customers. Don't publish into it."""
    folder = shared_folder / "hand-bank"
    with _only_one(folder):
        if current_version(folder) is None:
            load(write_tables(shared_folder / "hand-source", HAND), folder)
    return folder


@pytest.fixture(scope="session")
def demo(demo_folder: Path) -> Warehouse:
    """The synthetic bank, opened."""
    return open_warehouse(demo_folder)


@pytest.fixture(scope="session")
def hand(hand_folder: Path) -> Warehouse:
    """The bank of six customers, opened."""
    return open_warehouse(hand_folder)


@pytest.fixture
def bank_of(tmp_path: Path) -> Callable[..., Warehouse]:
    """Load CSV texts by table name into a warehouse of their own."""

    def built(base_currency: str = "CNY", **tables: str) -> Warehouse:
        load(write_tables(tmp_path / "source", tables), tmp_path / "warehouse", base_currency=base_currency)
        return open_warehouse(tmp_path / "warehouse")

    return built


@pytest.fixture(scope="session")
def postgres(shared_folder: Path) -> servers.Postgres:
    """The PostgreSQL server that this run shares."""
    with _only_one(shared_folder / "postgres"):
        return servers.started(shared_folder)


@pytest.fixture(scope="session")
def empty_store(shared_folder: Path) -> Path:
    """A folder with an empty store and the key of its trail, to be copied: making one takes a tenth of a second."""
    folder = shared_folder / "empty-store"
    with _only_one(folder):
        if not (folder / "store.sqlite").exists():
            open_store(f"sqlite:///{folder / 'made.sqlite'}", folder)
            copied(folder / "made.sqlite", folder / "store.sqlite")
    return folder


def with_store(folder: Path, empty: Path) -> None:
    """Put an empty store into a folder."""
    for name in ("store.sqlite", "audit.key"):
        shutil.copy(empty / name, folder / name)


def copied(store: Path, to: Path) -> None:
    """Copy a SQLite store with what its journal still holds."""
    with closing(sqlite3.connect(store)) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy)


@contextmanager
def _place_of_a_store(request: pytest.FixtureRequest, folder: Path, *, made: bool) -> Iterator[str]:
    if getattr(request, "param", "sqlite") == "sqlite":
        if made:
            with_store(folder, request.getfixturevalue("empty_store"))
        yield f"sqlite:///{folder / 'store.sqlite'}"
        return
    server: servers.Postgres = request.getfixturevalue("postgres")
    database = server.new_store(folder) if made else server.new_database()
    yield server.url(database)
    server.drop(database)


@pytest.fixture
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a store of this test's own may be opened: SQLite, or as `both_stores` asks."""
    with _place_of_a_store(request, tmp_path, made=True) as url:
        yield url


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """As `store_url`, for a test that watches the schema being made."""
    with _place_of_a_store(request, tmp_path, made=False) as url:
        yield url


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Store:
    """An empty store of this test's own."""
    return open_store(store_url, tmp_path)


@pytest.fixture(scope="session")
def book_with() -> Callable[..., Book]:
    """The book that rows of the grants table add up to."""

    def opened(warehouse: Warehouse, *rows: dict[str, object]) -> Book:
        grants = [Grant.from_row({"user_email": "some@x.example", **row}) for row in rows]
        person = Person("some@x.example", "Some One", tuple(sorted({grant.role for grant in grants})))
        return Book(person, scope_of(grants, warehouse), warehouse, record=lambda read: None)

    return opened


@pytest.fixture(scope="session")
def whole_book(book_with: Callable[..., Book]) -> Callable[..., Book]:
    """The book of someone who may see every customer, by default with every column class."""

    def opened(warehouse: Warehouse, columns: str = "pii,sensitive,profit") -> Book:
        return book_with(
            warehouse, {"role": "analyst", "level": "bank", "columns": columns, "may_export": True}
        )

    return opened


@pytest.fixture(scope="session")
def open_raw() -> Iterator[Callable[[Warehouse], duckdb.DuckDBPyConnection]]:
    """A connection of its own to a version's tables, for plain SQL that owes nothing to the product."""
    opened: list[duckdb.DuckDBPyConnection] = []

    def raw(warehouse: Warehouse) -> duckdb.DuckDBPyConnection:
        con = duckdb.connect(config={"threads": 2})
        path = version_file(warehouse.root, warehouse.version)
        con.execute(f"ATTACH '{path}' AS bank (READ_ONLY); USE bank")
        opened.append(con)
        return con

    yield raw
    for con in opened:
        con.close()
