"""A newer version of a bank's warehouse, made in a moment: the one that serves, under another name."""

import json
import shutil
from pathlib import Path

from analytics.warehouse.versions import current_version, manifest_file, version_file

NAME = "v29991231T000000-0000"


def newer(bank: Path) -> str:
    """Its name; nothing points to it yet."""
    version = current_version(bank)
    assert version
    shutil.copy(version_file(bank, version), version_file(bank, NAME))
    manifest = json.loads(manifest_file(bank, version).read_text(encoding="utf-8"))
    manifest_file(bank, NAME).write_text(json.dumps(manifest | {"version": NAME}), encoding="utf-8")
    return NAME
