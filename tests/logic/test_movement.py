"""Movement: nobody without a reason, everybody with one, and the same figures as plain counting gives."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.access.personas import PERSONAS
from analytics.commands import run as run_command
from analytics.errors import BadInput, NotEnoughData
from analytics.methods import METHODS
from analytics.movement import runs
from analytics.movement.causes import CAUSES, CODES, NOT_MOVED, causes_of
from analytics.movement.report import FROZEN, REFITTED, movement, movement_toml
from analytics.recipe import Recipe
from analytics.segmentation import segment
from tests.logic.two_dates import FIRST, LAST, TwoDates, people

INDICATORS = ["profit_12m", "balance_average_3m", "transactions_count_12m", "region"]
every_method = pytest.mark.parametrize("key", sorted(METHODS))
both = pytest.mark.parametrize("boundaries", [FROZEN, REFITTED])
TIERS = Recipe.from_content({"value": "profit_12m", "method": {"key": "value_tiers"}})
KMEANS = Recipe.from_content({
    "value": "profit_12m", "indicators": ["balance_average_3m", "transactions_count_12m"],
    "method": {"key": "kmeans", "segments": 3},
})  # fmt: skip


def recipe(key):
    return Recipe.from_content({"value": "profit_12m", "indicators": INDICATORS, "method": {"key": key}})


@both
@every_method
def test_nobody_moves_where_the_data_are_the_same(key, boundaries):
    found = movement(TwoDates(people(), people()), recipe(key), FIRST, LAST, boundaries)
    assert found.moved == 0
    assert not found.causes["customers"].any()
    assert found.flows.empty
    cells = found.table.to_numpy()
    assert (cells == np.diag(np.diag(cells))).all()
    assert "Not one of " in found.sentence


@both
@every_method
def test_nobody_moves_from_a_day_to_the_same_day(key, boundaries, demo, whole_book):
    chosen = Recipe.from_content({"indicators": ["profit_12m", "tenure_years"], "method": {"key": key}})
    day = demo.newest_as_of
    assert movement(whole_book(demo), chosen, day, day, boundaries).moved == 0


@both
@every_method
def test_every_customer_is_counted_once_and_everyone_who_moved_has_one_cause(key, boundaries):
    last = people(seed=9, n=320).iloc[20:]  # twenty are gone and twenty new
    found = movement(TwoDates(people(), last), recipe(key), FIRST, LAST, boundaries)
    members = found.members
    assert members["customer_id"].is_unique
    assert found.table.to_numpy().sum() == len(members) == found.customers
    away = members["first"] != members["last"]
    assert (members["cause"].notna() == away).all()
    assert found.moved == away.sum() == found.flows["customers"].sum()
    assert found.worth.to_numpy().sum() == pytest.approx(members["value"].sum())
    assert found.causes["value"].sum() == pytest.approx(members.loc[away, "value"].sum())
    assert found.flows["value"].sum() == pytest.approx(found.causes["value"].sum())
    counted = members["cause"].value_counts()
    assert found.causes["customers"].to_dict() == {cause: counted.get(cause, 0) for cause in CAUSES}
    assert found.causes.loc["boundaries", "customers"] == 0 or boundaries == REFITTED
    assert found.causes.loc["definition", "customers"] == 0


@both
@every_method
def test_the_margins_are_the_sizes_of_the_segments_at_both_dates(key, boundaries):
    book = TwoDates(people(), people(seed=9, n=320).iloc[20:])
    found = movement(book, recipe(key), FIRST, LAST, boundaries)
    began = segment(book, recipe(key).model_copy(update={"as_of": FIRST}))
    sizes = dict(zip(began.segments["segment"], began.segments["customers"], strict=True))
    inside = found.table.drop(index=0, errors="ignore").sum(axis=1)
    assert inside[inside > 0].to_dict() == sizes
    assert [found.names[at] for at in sizes] == began.segments["name"].tolist()
    here = found.table.drop(columns=0, errors="ignore").sum(axis=0)
    if boundaries == REFITTED:
        ended = segment(book, recipe(key).model_copy(update={"as_of": LAST})).segments
        assert sorted(here[here > 0]) == sorted(ended["customers"])
        if METHODS[key].lasting_names and not METHODS[key].finds_groups:
            named = {found.names[at]: n for at, n in here.items() if n}
            assert named == dict(zip(ended["name"], ended["customers"], strict=True))
    else:
        placed = began.place(book.tables[LAST].set_index("customer_id"), book.tables[LAST]["profit_12m"])
        # Whom a name has that nobody had at first, `place` leaves in none and movement puts in a segment of its own.
        assert {at: here[at] for at in sizes} == {at: (placed == at).sum() for at in sizes}


def test_frozen_tiers_are_what_pandas_cuts(demo, whole_book):
    book, days = whole_book(demo), (demo.month_ends[-13], demo.month_ends[-1])
    then, now = (
        book.frame(("profit_12m",), as_of=day).set_index("customer_id")["profit_12m"] for day in days
    )
    edges = [-np.inf, *np.quantile(then, [0.25, 0.5, 0.75]), np.inf]
    tiers = pd.DataFrame(
        {"then": pd.cut(then, edges, labels=[4, 3, 2, 1]), "now": pd.cut(now, edges, labels=[4, 3, 2, 1])}
    )
    tiers = tiers.astype(float).fillna(0).astype(int)
    found = movement(book, TIERS, *days)
    order = [name for at, name in sorted(found.names.items()) if at]
    assert order == ["Top 25%", "25%–50%", "50%–75%", "Bottom 25%"]  # numbered by value, as by hand
    plain = pd.crosstab(tiers["then"], tiers["now"])
    for (row, column), n in plain.stack().items():
        assert found.table.loc[row, column] == n
    assert found.moved == (tiers["then"] != tiers["now"]).sum()
    assert found.causes.loc["joined", "customers"] == found.newcomers == len(now) - len(then)
    worth = now.reindex(tiers.index).where(tiers["then"] != tiers["now"]).sum()
    assert found.causes["value"].sum() == pytest.approx(worth)
    again = movement(book, TIERS, *days, REFITTED)
    anew = pd.cut(now, [-np.inf, *np.quantile(now, [0.25, 0.5, 0.75]), np.inf], labels=[4, 3, 2, 1])
    tiers["anew"] = anew.astype(int)
    there = tiers[tiers["then"] > 0]
    behaviour = (there["then"] != there["anew"]) & (there["then"] != there["now"])
    boundaries = (there["then"] != there["anew"]) & (there["then"] == there["now"])
    assert again.causes.loc["behaviour", "customers"] == behaviour.sum()
    assert again.causes.loc["boundaries", "customers"] == boundaries.sum() > 0


states = st.lists(st.tuples(*[st.integers(0, 3)] * 4, st.booleans()), min_size=1, max_size=40)


@given(states)
def test_the_cause_is_the_step_after_which_nobody_comes_back(rows):
    first, frozen, refitted, defined, new = (np.array(column) for column in zip(*rows, strict=True))
    steps = [("behaviour", frozen), ("boundaries", refitted), ("definition", defined)]
    found = causes_of(first, steps, new)
    for at, (began, *way, is_new) in enumerate(rows):
        if way[-1] == began:
            assert found[at] == NOT_MOVED
            continue
        stayed = max([place for place, where in enumerate(way) if where == began], default=-1)
        cause = ("behaviour", "boundaries", "definition")[stayed + 1]
        if began == 0 and (cause != "definition" or is_new):
            cause = "joined"
        elif way[-1] == 0 and cause != "definition":
            cause = "left"
        assert found[at] == CODES[cause]


def test_segments_that_change_their_worth_and_number_are_the_same_segments():
    last = people()
    last["profit_12m"] = last["profit_12m"].to_numpy()[::-1]  # the most valuable group is now the least
    last["profit_12m"] = np.where(np.arange(300) % 3 == 0, 9e5, 1.0)
    book = TwoDates(people(), last)
    numbers = [
        segment(book, KMEANS.model_copy(update={"as_of": day})).members["segment"] for day in (FIRST, LAST)
    ]
    assert (numbers[0] != numbers[1]).any()
    for boundaries in (FROZEN, REFITTED):
        assert movement(book, KMEANS, FIRST, LAST, boundaries).moved == 0


def test_a_segment_that_nobody_was_in_at_first_gets_its_own_name_and_number():
    first, last = people(), people()
    rules = [{"name": "Large", "where": "profit_12m > 5e5"}, {"name": "Some", "where": "profit_12m > 1000"}]
    chosen = Recipe.from_content({"value": "profit_12m", "method": {"key": "named_rules", "rules": rules}})
    last.loc[:9, "profit_12m"] = 9e5
    found = movement(TwoDates(first, last), chosen, FIRST, LAST, REFITTED)
    assert [found.names[at] for at in found.table.index] == ["Some", "Everyone else", "Large"]
    assert found.table[3].sum() == 10
    assert found.table.loc[3].sum() == 0
    assert set(found.flows["cause"]) == {"behaviour"}  # a rule is a boundary that does not move
    assert movement(TwoDates(first, last), chosen, FIRST, LAST).table.equals(found.table)


def scaled(factor):
    """A statement of forty customers over two years, the second as the first but for its amounts."""
    lines = ["customer_id,booked_at,amount"]
    for number in range(40):
        for month in range(24):
            year, at = divmod(month + 6, 12)
            base = (number + 1) * 1000 + 10 * (at * 7 % 5)
            amount = base if month < 12 else base * factor
            if at % (1 + number % 4) == 0:
                lines.append(f"C{number:02d},{2024 + year}-{at + 1:02d}-{1 + number % 20:02d},{amount:.2f}")
    lines += ["C39,2025-06-30,10", f"C39,2026-06-30,{10 * factor}\n"]  # so that June is whole in both years
    return "\n".join(lines)


@pytest.mark.parametrize(
    "method", [{"key": "rfm"}, {"key": "value_tiers"}, {"key": "value_tiers", "tiers": 10}]
)
def test_where_all_amounts_rise_alike_nobody_moves_refitted_and_some_do_frozen(method, bank_of, whole_book):
    book = whole_book(bank_of(transactions=scaled(1.1)))
    chosen = Recipe.from_content({"value": "credit_amount_12m", "method": method})
    assert movement(book, chosen, FIRST, LAST, REFITTED).moved == 0
    frozen = movement(book, chosen, FIRST, LAST)
    assert frozen.moved > 0
    assert frozen.causes.loc["behaviour", "customers"] == frozen.moved
    same = whole_book(bank_of(transactions=scaled(1.0)))
    assert movement(same, chosen, FIRST, LAST).moved == 0


def test_who_joined_the_bank_is_told_from_who_came_into_the_population():
    first, last = people(), people(n=310)
    chosen = TIERS.model_copy(update={"where": "tenure_years >= 10"})
    last["tenure_years"] = first["tenure_years"].to_numpy().tolist() + [20.0] * 10
    young = np.flatnonzero(first["tenure_years"] < 10)[:4]
    last.loc[young, "tenure_years"] = 11.0
    old = np.flatnonzero(first["tenure_years"] >= 10)[:3]
    last.loc[old, "tenure_years"] = 1.0
    found = movement(TwoDates(first, last), chosen, FIRST, LAST)
    assert found.document()["joined"] == {"new_to_the_bank": 10, "came_in": 4}
    assert found.causes.loc["left", "customers"] == 3
    assert "10 customers joined the bank, 4 came into the population, 3 left it." in found.sentence
    there = int((first["tenure_years"] >= 10).sum()) - 3  # only they can have changed segment
    assert found.of_both_dates == there == found.customers - 10 - 4 - 3
    assert f"of the {there} customers of both dates" in found.sentence


def test_where_nobody_is_there_at_both_dates_no_share_is_told():
    first, last = people(), people(n=600).iloc[300:]
    found = movement(TwoDates(first, last), TIERS, FIRST, LAST)
    assert found.of_both_dates == 0
    assert found.sentence.startswith("No customer is in a segment both on 30 June 2025 and on 30 June 2026.")


def test_those_who_left_are_worth_what_they_were():
    first, last = people(), people()
    chosen = TIERS.model_copy(update={"where": "tenure_years >= 10"})
    old = np.flatnonzero(first["tenure_years"] >= 10)[:3]
    last["tenure_years"] = first["tenure_years"]
    last.loc[old, "tenure_years"] = 1.0
    found = movement(TwoDates(first, last), chosen, FIRST, LAST)
    gone = found.members[found.members["cause"] == "left"]
    assert (
        gone["value"].to_list() == first["profit_12m"][old].to_list()
    )  # what they were worth when they were there


def test_another_definition_is_a_cause_of_its_own():
    book = TwoDates(people(), people())
    finer = Recipe.from_content({"value": "profit_12m", "method": {"key": "value_tiers", "tiers": 5}})
    for boundaries in (FROZEN, REFITTED):
        assert movement(book, TIERS, FIRST, LAST, boundaries, TIERS).moved == 0
        found = movement(book, TIERS, FIRST, LAST, boundaries, finer)
        assert found.moved == found.causes.loc["definition", "customers"] > 0
        assert (found.table.sum(axis=0) == 60).sum() == 5
    narrower = TIERS.model_copy(update={"where": "tenure_years >= 10"})
    found = movement(book, TIERS, FIRST, LAST, REFITTED, narrower)
    outside = (people()["tenure_years"] < 10).sum()
    assert found.table[0].sum() == outside
    assert found.causes.loc["left", "customers"] == 0


def test_whom_a_wider_definition_brings_in_has_their_worth():
    wide = TIERS.model_copy(update={"where": ""})
    narrow = TIERS.model_copy(update={"where": "tenure_years >= 10"})
    found = movement(TwoDates(people(), people()), narrow, FIRST, LAST, REFITTED, wide)
    known = people().set_index("customer_id")["profit_12m"]
    members = found.members.set_index("customer_id")["value"]
    assert len(members) == len(known)
    assert members.to_dict() == pytest.approx(known[members.index].to_dict())


def test_without_a_rule_the_two_causes_are_one(monkeypatch):
    last = people()
    last.loc[:9, ["balance_average_3m", "transactions_count_12m"]] = 4e4, 150.0
    book = TwoDates(people(), last)
    keeps = runs.assign

    def forgets(who, chosen):
        return keeps(who, chosen).__class__(**{**vars(keeps(who, chosen)), "model": None})

    monkeypatch.setattr(runs, "assign", forgets)
    with pytest.raises(NotEnoughData, match="keeps no rule"):
        movement(book, KMEANS, FIRST, LAST)
    found = movement(book, KMEANS, FIRST, LAST, REFITTED)
    assert found.moved == found.causes.loc["either", "customers"] > 0
    assert "by their behaviour or because the boundaries moved" in found.sentence


def test_what_can_not_be_asked_is_refused():
    book = TwoDates(people(), people())
    with pytest.raises(BadInput, match="after the last"):
        movement(book, TIERS, LAST, FIRST)
    with pytest.raises(BadInput, match="molten"):
        movement(book, TIERS, FIRST, LAST, "molten")


def test_the_sentence_and_the_document_hold_the_figures():
    first, last = people(), people()
    last.loc[2, "profit_12m"], last.loc[0, "profit_12m"] = 60.0, 7e4
    found = movement(TwoDates(first, last), TIERS, FIRST, LAST)
    assert found.moved == 2
    assert found.sentence.startswith(
        "2 of the 300 customers of both dates (0.7%) changed segment between 30 June 2025 and 30 June 2026"
    )
    assert ": 2 by their behaviour." in found.sentence
    document = json.loads(json.dumps(found.document()))
    assert document["causes"] == {
        "behaviour": 2,
        "boundaries": 0,
        "definition": 0,
        "either": 0,
        "joined": 0,
        "left": 0,
    }
    assert document["value"]["behaviour"] == document["value"]["moved"] == 70060.0
    assert document["table"] == found.table.to_numpy().tolist()
    again = movement_toml(TwoDates(first, last), TIERS.to_toml(), FIRST, LAST)
    assert again.document() == found.document()


def test_data_that_begin_within_the_window_are_said(demo, whole_book):
    first = demo.month_ends[3]
    notes = movement(whole_book(demo), TIERS, first, demo.newest_as_of).warnings
    assert any("hold 4 months of them, so part of the movement is data filling up." in note for note in notes)
    by_region = Recipe.from_content({"value": "profit_12m", "method": {"key": "named_rules", "rules": [
        {"name": "East", "where": "region = 'East'"}]}})  # fmt: skip
    notes = movement(whole_book(demo), by_region, demo.month_ends[-13], demo.newest_as_of).warnings
    assert any(note.startswith("Region: known as of today alone") for note in notes)


def test_the_command_prints_the_document_and_writes_who_moved(
    demo, demo_folder, tmp_path, monkeypatch, capfd
):
    monkeypatch.setenv("CLIENTELE_STORE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    path, out = tmp_path / "tiers.toml", tmp_path / "moved.csv"
    path.write_text(TIERS.to_toml())
    days = demo.month_ends[-13], demo.month_ends[-1]

    def call(*more, user=PERSONAS[0].email):
        words = ["migrate", "--user", user, "--recipe", path, "--warehouse", demo_folder, "--from", days[0]]
        monkeypatch.setattr("sys.argv", ["analytics", *map(str, (*words, "--to", days[1], *more))])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            run_command()
        return ended.value.code or 0, capfd.readouterr()

    code, said = call("--json", "--boundaries", "refitted", "--out", out)
    assert code == 0, said.err
    document = json.loads(said.out)
    assert set(document["causes"]) >= {"behaviour", "boundaries", "definition", "joined", "left"}
    assert sum(document["causes"].values()) == document["moved"] == len(pd.read_csv(out))
    assert np.sum(document["table"]) == document["customers"]
    code, said = call("--then", path)
    assert code == 0
    assert "changed segment between" in said.out
    assert call("--out", out, user=PERSONAS[2].email)[0] == 1  # no right to take files
    assert call("--boundaries", "molten")[0] == 1
