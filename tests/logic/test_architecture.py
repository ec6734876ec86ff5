"""The house of the design: who may import what, and how large a room may grow."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted([ROOT / "app.py", *ROOT.glob("pages/**/*.py"), *ROOT.glob("analytics/**/*.py")])

# A package of the first column may be imported by files under the second alone.
ONLY_IN = {
    "streamlit": ("app.py", "pages/"),
    "starlette": ("app.py", "pages/_ui/"),
    "pages": ("app.py", "pages/"),
    "app": (),
    "tests": (),
    "duckdb": ("analytics/warehouse/",),
    "pyspark": ("analytics/warehouse/spark/session.py",),
    "py4j": ("analytics/warehouse/spark/session.py",),
    "ibis": ("analytics/warehouse/", "analytics/indicators/", "analytics/scoring/"),
    "sqlglot": ("analytics/warehouse/", "analytics/indicators/", "analytics/scoring/"),
    "sqlalchemy": ("analytics/store/",),
    "alembic": ("analytics/store/",),
    "plotly": ("analytics/charts/", "pages/"),
    "typer": ("analytics/__main__.py", "analytics/commands/"),
}

# Files under the first column import nothing from the second.
NEVER_IN = {
    "analytics/methods/": ("analytics.warehouse", "analytics.store", "analytics.access", "analytics.charts"),
    "analytics/charts/": ("analytics.warehouse", "analytics.store", "analytics.access"),
    "analytics/value/": ("analytics.warehouse", "analytics.store", "analytics.charts"),
    "analytics/indicators/": ("analytics.store", "analytics.access", "analytics.charts"),
    "analytics/store/": ("analytics.warehouse", "analytics.charts", "analytics.methods"),
    "analytics/warehouse/": ("analytics.access.book", "analytics.charts", "analytics.methods"),
}

LONGEST_MODULE, LONGEST_PAGE = 350, 80


def imported(source: str, package: str) -> set[str]:
    """Every module that a text imports anywhere in it, functions included; `package` resolves dots."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            module = ".".join([*parents, *([node.module] if node.module else [])])
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def breaches(name: str, modules: set[str]) -> list[str]:
    """What a file called `name` may not import of these modules."""
    said = []
    for module in sorted(modules):
        for package, places in ONLY_IN.items():
            if within(module, package) and not name.startswith(places):
                said.append(f"{name} imports {module}")
        for place, packages in NEVER_IN.items():
            if name.startswith(place) and any(within(module, package) for package in packages):
                said.append(f"{name} imports {module}")
    return said


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_file_keeps_to_its_room(path):
    package = ".".join(path.relative_to(ROOT).parent.parts)
    assert breaches(name_of(path), imported(path.read_text("utf-8"), package)) == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_room_is_too_large(path):
    is_page = path.parent == ROOT / "pages"
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= (LONGEST_PAGE if is_page else LONGEST_MODULE)


@pytest.mark.parametrize(
    ("name", "source", "package"),
    [
        ("analytics/profile.py", "import streamlit as st", "analytics"),
        ("analytics/methods/rfm.py", "def run():\n    from duckdb import connect", "analytics.methods"),
        ("analytics/methods/rfm.py", "from ..warehouse import engine", "analytics.methods"),
        ("analytics/methods/rfm.py", "from analytics import warehouse", "analytics.methods"),
        ("analytics/charts/curves.py", "from analytics.access.book import Book", "analytics.charts"),
        ("analytics/value/abc.py", "import pages._ui.state", "analytics.value"),
        ("pages/value.py", "import duckdb", "pages"),
        ("pages/value.py", "from sqlalchemy import select", "pages"),
    ],
)
def test_a_breach_is_found_however_it_is_written(name, source, package):
    assert breaches(name, imported(source, package)) != []


def test_the_app_only_puts_the_gate_before_the_script_and_the_feeds_beside_it():
    tree = ast.parse((ROOT / "app.py").read_text("utf-8"))
    statements = [node for node in tree.body if not isinstance(node, (ast.Import, ast.ImportFrom, ast.Expr))]
    assert [ast.unparse(node) for node in statements] == [
        "app = st.App('pages/_main.py', lifespan=lifespan, middleware=[Middleware(Gate)])"
    ]


def test_no_folder_of_tests_shadows_a_package():
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}
    assert not folders & {"analytics", "pages", "app"}


def test_no_file_of_ours_names_a_package_index():
    for name in (
        "requirements.txt",
        "requirements-spark.txt",
        "requirements-dev.txt",
        "Makefile",
        "pyproject.toml",
    ):
        text = (ROOT / name).read_text("utf-8")
        assert "index-url" not in text
        assert "://" not in text
