"""What runs is listed whole, and a check for known vulnerabilities that could not ask never says that all is well."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def python(*words, **how):
    return subprocess.run(
        [sys.executable, *map(str, words)], cwd=ROOT, capture_output=True, text=True, check=False, **how
    )


def recipe_of(target):
    """The command lines of a Makefile target, as make would run them."""
    lines = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", "-o", ".venv/test.stamp", target],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith("MAKE")},
        capture_output=True,
        text=True,
        check=True,
    )
    return lines.stdout


def test_the_sbom_lists_every_pinned_requirement_and_what_it_needs(tmp_path):
    recipe = recipe_of("sbom").replace("sbom.json", str(tmp_path / "sbom.json"))
    recipe = recipe.replace(".venv/run-time-packages.txt", str(tmp_path / "packages.txt"))
    subprocess.run(["sh", "-ec", recipe], cwd=ROOT, check=True, capture_output=True)
    document = json.loads((tmp_path / "sbom.json").read_text())
    assert document["bomFormat"] == "CycloneDX"
    assert document["metadata"]["component"]["name"] == "clientele"
    listed = {(one["name"], one["version"]) for one in document["components"]}
    pinned = [line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]
    for line in filter(None, pinned):
        name, version = line.split("==")
        assert (name.split("[")[0].lower().replace("_", "-"), version) in listed
    names = {name for name, _version in listed}
    assert {"mako", "psycopg-binary", "cryptography"} <= names  # needed by some that are pinned
    assert not {"pytest", "ruff"} & names


SOUND = {"name": "alembic", "version": "1.20.1", "vulns": []}
UNKNOWN = {"name": "plotly", "skip_reason": "Dependency not found"}
OPEN = {"name": "mako", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["1.1"]}]}


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ({"dependencies": [SOUND]}, 0, "None of 1 packages"),
        ({"dependencies": [SOUND, UNKNOWN]}, 3, "did not answer for 1 of 2 packages, such as plotly"),
        ({"dependencies": [SOUND, OPEN]}, 1, "mako 1.0: CVE-1, mended in 1.1"),
        ({"dependencies": [OPEN, UNKNOWN]}, 1, "these were not checked"),
        ({"dependencies": []}, 3, "nothing was checked"),
        (None, 3, "can't be reached"),
    ],
)
def test_the_audit_is_content_only_when_every_package_was_asked_about(tmp_path, answer, code, said):
    program = tmp_path / "pip-audit"
    told = f"print({json.dumps(json.dumps(answer))})" if answer else "raise ConnectionError('no such host')"
    program.write_text(f"#!{sys.executable}\n{told}\n")
    program.chmod(0o755)
    done = python(".ci/audit-packages", program, "packages.txt")
    assert done.returncode == code
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
