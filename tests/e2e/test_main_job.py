"""The main job: a relationship manager's own segmentation, kept and taken away, and an honest 80/20."""

import json
import os
import re
import subprocess
import sys
from zipfile import ZipFile

import pandas as pd

from tests.e2e.conftest import ROOT, environment

RM = "li.wei@demo.example"
RECIPE = """value = "profit_12m"
indicators = ["profit_12m", "balance_average_3m", "transactions_count_12m", "products_held", "tenure_years"]
[method]
key = "gaussian_mixture"
segments = 4
shape = "full"
"""


def test_a_relationship_manager_walks_from_overview_over_segments_to_value(visit, demo_warehouse, tmp_path):
    me = visit()
    me.open()
    assert re.match(
        r"Your \d+ customers earned CNY .+; \d+ of them \(\d+%\) brought 80% of it\.", me.headline
    )
    answer = me.headline

    me.turn_to("Segments")
    me.until(lambda: "5 segments" in me.headline)
    me.press(re.compile("^How: K-means"))
    me.choose("Method", "Gaussian mixture")
    me.tab.get_by_role("slider", name="Number of segments").press("ArrowLeft")
    me.settle()
    me.tab.keyboard.press("Escape")
    me.settle()
    me.until(lambda: "4 segments" in me.headline)
    me.until(lambda: "method=gaussian_mixture" in me.tab.url and "set_segments=4" in me.tab.url)

    save_recipe(me, "My four")
    taken = download(me, "CSV", tmp_path)
    by_browser = table_of(taken)
    by_command = run_recipe(demo_warehouse, tmp_path)
    assert list(by_browser.columns) == ["customer_id", "segment", "segment_name"]
    pd.testing.assert_frame_equal(
        by_browser.sort_values("customer_id", ignore_index=True),
        by_command.sort_values("customer_id", ignore_index=True),
    )
    by_excel = pd.read_excel(download(me, "XLSX", tmp_path), dtype={"customer_id": str})
    assert by_excel["customer_id"].tolist() == by_browser["customer_id"].tolist()

    me.turn_to("Value")
    me.until(lambda: me.headline == answer)
    me.tab.get_by_text("By segment").click()
    me.settle()
    for name in by_browser["segment_name"].unique():
        me.tab.get_by_text(name).first.wait_for()


def test_a_saved_recipe_is_there_in_the_next_session_and_becomes_the_default(visit):
    me = visit()
    me.open("/segments?method=value_tiers&set_tiers=3")
    me.until(lambda: "3 segments" in me.headline)
    save_recipe(me, "Thirds")

    later = visit()
    later.open("/segments")
    assert "3 segments" not in later.headline
    later.press(re.compile(r"^Saved recipes \(\d+\)"))
    later.choose("Recipe", "Thirds")
    later.press("Load")
    later.until(lambda: "3 segments" in later.headline and "set_tiers=3" in later.tab.url)


def save_recipe(me, name):
    me.press("Save this one")
    me.tab.get_by_role("textbox", name="Name").fill(name)
    me.tab.get_by_role("textbox", name="Name").press("Enter")
    me.settle()
    me.tab.get_by_role("button", name="Save", exact=True).click()
    me.tab.get_by_text(f"Saved “{name}”").wait_for()
    me.settle()
    me.tab.keyboard.press("Escape")


def download(me, kind, folder):
    with me.tab.expect_download() as started:
        me.tab.get_by_role("button", name=f"Members as {kind}").click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def table_of(taken):
    """The table in a downloaded ZIP, after a look at the receipt beside it."""
    with ZipFile(taken) as packed:
        name, receipt = packed.namelist()
        assert json.loads(packed.read(receipt))["taken_by"] == RM
        return pd.read_csv(packed.open(name), dtype={"customer_id": str})


def run_recipe(warehouse, folder):
    recipe, out = folder / "recipe.toml", folder / "members.csv"
    recipe.write_text(RECIPE, encoding="utf-8")
    command = [sys.executable, "-m", "analytics", "segment", "--user", RM, "--recipe", str(recipe)]
    command += ["--out", str(out), "--json", "--warehouse", str(warehouse)]
    said = subprocess.run(command, cwd=ROOT, env=environment(warehouse), check=True, capture_output=True)
    assert len(json.loads(said.stdout)["segments"]) == 4
    receipt = json.loads((folder / f"{out.name}.receipt.json").read_text(encoding="utf-8"))
    assert receipt["taken_by"] == RM
    assert os.path.getsize(out)
    return pd.read_csv(out, dtype={"customer_id": str})
