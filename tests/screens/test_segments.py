"""The Segments page: every method and setting, keeping and sharing recipes."""

import json

import pytest

from analytics.methods import METHODS
from analytics.recipe import Recipe
from tests.screens.session import (
    ANALYST,
    BRANCH_MANAGER,
    RM,
    address,
    members_of,
    opened,
    segments_of,
    texts,
    turn_to,
    whole,
)

INDICATORS = "profit_12m,balance_average_3m,tenure_years"
OTHER_VALUES = {
    "kmeans": {"segments": 3},
    "gaussian_mixture": {"segments": 3, "shape": "diag"},
    "value_tiers": {"scheme": "quantiles", "tiers": 6},
    "rfm": {
        "monetary": "debit_amount_12m",
        "binning": "nested",
        "recency": "tenure_years",
        "frequency": "products_held",
    },
    "limited_kmeans": {"segments": 3, "most": 100},
    "hierarchical": {"segments": 3},
    "mixed": {"segments": 3},
    "density": {"smallest": 15.0, "caution": "high"},
    "matrix": {"across": "profit_12m", "up": "tenure_years", "size": "3"},
    "decision_tree": {"outcome": "tenure_years", "segments": 3, "smallest": 0.3},
    "weighted_score": {"weighting": "entropy", "scoring": "topsis", "tiers": 6},
    "life_stage": {
        "new_months": 20,
        "drifting_days": 1,
        "sleeping_days": 61,
        "lost_days": 3000,
        "growth": 0.01,
        "decline": 0.01,
        "tenure": "active_months_12m",
        "silence": "days_since_last_contact",
        "change": "credit_change_6m",
    },
}
RULES = [{"name": "Old friends", "where": "tenure_years >= 4"}, {"name": "New", "where": "tenure_years < 1"}]


def link_of(method, **settings):
    return {"method": method, "indicators": INDICATORS} | {
        f"set_{key}": json.dumps(value) for key, value in settings.items()
    }


def widget(at, method, setting):
    """The control of a method's setting, whatever its kind."""
    kinds = (at.slider, at.number_input, at.selectbox, at.toggle, at.text_input)
    key = f"form_{method}_{setting}"
    return next(found for kind in kinds for found in kind if found.key == key)


def sizes(at):
    return segments_of(at)[["name", "customers"]].values.tolist()


# --- methods and settings


@pytest.mark.parametrize("method", METHODS)
def test_a_method_is_chosen_and_runs_with_its_defaults(bank, method):
    at = whole(opened("segments", persona=RM))
    at.selectbox(key="form_method").set_value(method).run()
    whole(at)
    assert address(at)["method"] == method
    assert segments_of(at)["customers"].sum() <= at.session_state["book"].count()
    assert segments_of(at)["segment"].tolist() == list(range(1, len(segments_of(at)) + 1))


CHANGES = [(method, setting) for method, settings in OTHER_VALUES.items() for setting in settings]


@pytest.mark.parametrize(("method", "setting"), CHANGES)
def test_changing_a_setting_changes_the_result_and_the_address(bank, method, setting):
    others = {"scheme": "quantiles"} if (method, setting) == ("value_tiers", "tiers") else {}
    if setting == "scheme":
        others, value = {}, "abc_fixed"
    else:
        value = OTHER_VALUES[method][setting]
    at = whole(opened("segments", persona=RM, link=link_of(method, **others)))
    before = segments_of(at)["value"].tolist()
    widget(at, method, setting).set_value(value).run()
    whole(at)
    assert json.loads(address(at)[f"set_{setting}"]) == value
    assert segments_of(at)["value"].tolist() != before


def test_every_setting_of_every_method_was_changed():
    others = {("value_tiers", "thresholds"), ("named_rules", "rules"), ("matrix", "cuts"),
              ("matrix", "across_thresholds"), ("matrix", "up_thresholds"), ("weighted_score", "weights"),
              ("weighted_score", "pairwise")}  # fmt: skip
    assert {*CHANGES, *others} == {
        (method.key, setting.key) for method in METHODS.values() for setting in method.settings
    }


def test_a_tree_without_an_outcome_of_its_own_grows_towards_what_value_is_measured_in(bank):
    at = whole(opened("segments", persona=RM, link=link_of("decision_tree", outcome="", segments=4)))
    assert "typically profit" in segments_of(at)["rule"][0]


def test_own_thresholds_are_typed_and_a_wrong_one_is_explained(bank):
    at = whole(opened("segments", persona=RM, link=link_of("value_tiers")))
    widget(at, "value_tiers", "scheme").set_value("thresholds").run()
    assert "at least one threshold" in texts(at)
    widget(at, "value_tiers", "thresholds").set_value("1000, 5000").run()
    whole(at)
    assert len(segments_of(at)) <= 3
    assert json.loads(address(at)["set_thresholds"]) == [1000, 5000]
    kept = sizes(at)
    for wrong, said in (
        ("1000, lots", "not a list of numbers"),
        ("5000, 1000", "each larger than the one before"),
    ):
        widget(at, "value_tiers", "thresholds").set_value(wrong).run()
        assert not at.exception
        assert said in texts(at)
        assert sizes(at) == kept


def test_a_matrix_is_cut_by_hand_once_both_axes_have_their_thresholds(bank):
    at = whole(opened("segments", persona=RM, link=link_of("matrix")))
    kept = sizes(at)
    widget(at, "matrix", "cuts").set_value("thresholds").run()
    assert "needs 1 of them" in texts(at)
    assert sizes(at) == kept
    widget(at, "matrix", "across_thresholds").set_value("50000").run()
    widget(at, "matrix", "up_thresholds").set_value("20000").run()
    assert sizes(whole(at)) != kept
    assert json.loads(address(at)["set_up_thresholds"]) == [20000]


def test_own_weights_hold_from_a_link_for_the_indicators_that_are_chosen(bank):
    rows = [{"indicator": "profit_12m", "weight": 5.0}, {"indicator": "tenure_years", "weight": 0.0}]
    plain = sizes(whole(opened("segments", persona=RM, link=link_of("weighted_score"))))
    at = whole(opened("segments", persona=RM, link=link_of("weighted_score", weighting="own", weights=rows)))
    assert segments_of(at)["rule"].tolist() != plain
    found = {row["indicator"]: row["weight"] for row in json.loads(address(at)["set_weights"])}
    assert found == {"profit_12m": 5.0, "balance_average_3m": 1.0, "tenure_years": 0.0}
    at.multiselect(key="form_indicators").set_value(["profit_12m", "age_years"]).run()
    found = {row["indicator"]: row["weight"] for row in json.loads(address(whole(at))["set_weights"])}
    assert found == {"profit_12m": 5.0, "age_years": 1.0}


def test_comparisons_that_contradict_each_other_are_refused_and_leave_the_earlier_result(bank):
    def link(times):
        rows = [{"first": "balance_average_3m", "second": "profit_12m", "times": 0.5},
                {"first": "tenure_years", "second": "profit_12m", "times": times}]  # fmt: skip
        return link_of("weighted_score", weighting="ahp", pairwise=rows)

    at = whole(opened("segments", persona=RM, link=link(0.5)))
    found = {(row["first"], row["second"]): row["times"] for row in json.loads(address(at)["set_pairwise"])}
    assert found == {
        ("profit_12m", "balance_average_3m"): 2.0, ("profit_12m", "tenure_years"): 2.0,
        ("balance_average_3m", "tenure_years"): 1.0,
    }  # fmt: skip
    refused = opened("segments", persona=RM, link=link(9.0))
    assert not refused.exception
    assert "contradict each other" in texts(refused)


def test_few_settings_are_seen_at_once_and_the_others_on_request(bank):
    at = whole(opened("segments", persona=RM, link=link_of("life_stage")))
    assert [box.label for box in at.expander if box.label == "More settings"]
    at = whole(opened("segments", persona=RM, link=link_of("kmeans")))
    assert not [box.label for box in at.expander if box.label == "More settings"]


def test_the_form_suggests_methods_that_fit_the_indicators(bank):
    at = whole(opened("segments", persona=RM))
    at.multiselect(key="form_indicators").set_value(["profit_12m", "balance_average_3m"]).run()
    assert "Fits these indicators:" in texts(at)
    assert "Two indicators, profit, average balance" in texts(at)


def test_indicators_that_a_book_has_stand_in_for_those_that_it_has_not(own_bank):
    rows = "\n".join(f"C{at % 40},2026-0{1 + at % 6}-{10 + at % 18},{at % 7 * 10 + 5}" for at in range(400))
    own_bank(transactions="customer_id,booked_at,amount\n" + rows + "\nC1,2026-06-30,5\n")
    at = whole(opened("segments"))
    for method in METHODS:
        at.selectbox(key="form_method").set_value(method).run()
        whole(at)
        assert address(at)["method"] == method
    axes = [json.loads(address(whole(opened("segments", link=link)))[f"set_{axis}"])
            for axis in ("across", "up") for link in [{"method": "matrix"}]]  # fmt: skip
    assert axes[0] == "credit_amount_12m"
    assert axes[1] not in ("balance_average_3m", "credit_amount_12m")


def test_named_rules_hold_from_a_link_and_name_the_segments(bank):
    at = whole(opened("segments", persona=RM, link=link_of("named_rules", rules=RULES)))
    assert {"Old friends", "New"} <= set(segments_of(at)["name"])
    assert json.loads(address(at)["set_rules"]) == RULES


def test_the_seed_the_population_and_the_indicators_are_part_of_the_result(bank):
    at = whole(opened("segments", persona=BRANCH_MANAGER, link=link_of("gaussian_mixture")))
    everybody = segments_of(at)["customers"].sum()
    at.text_area(key="form_where").set_value("tenure_years >= 3").run()
    whole(at)
    assert segments_of(at)["customers"].sum() < everybody
    assert address(at)["where"] == "tenure_years >= 3"
    before = sizes(at)
    at.multiselect(key="form_indicators").set_value(["balance_average_3m", "age_years"]).run()
    whole(at)
    assert sizes(at) != before
    at.number_input(key="form_seed").set_value(99).run()
    assert address(whole(at))["seed"] == "99"


def test_a_population_that_cannot_be_read_leaves_the_earlier_result(bank):
    at = whole(opened("segments", persona=RM))
    kept, link = sizes(at), address(at)
    at.text_area(key="form_where").set_value("tenure_year >= 3").run()
    assert not at.exception
    assert "tenure_years" in texts(at)
    assert sizes(at) == kept
    assert address(at) == link


def test_too_few_indicators_are_explained_and_leave_the_earlier_result(bank):
    at = whole(opened("segments", persona=RM))
    kept = sizes(at)
    at.multiselect(key="form_indicators").set_value([]).run()
    assert not at.exception
    assert "needs at least" in texts(at)
    assert sizes(at) == kept


def test_more_than_twelve_indicators_are_advised_against(bank):
    at = whole(opened("segments", persona=RM))
    many = list(at.session_state["book"].usable())[:13]
    at.multiselect(key="form_indicators").set_value(many).run()
    assert not at.exception
    assert "More than 12 indicators" in texts(at)


def test_a_large_book_is_run_again_only_when_asked(bank, monkeypatch):
    monkeypatch.setattr("pages._ui.cache.count", lambda *_: 1_000_000)
    at = whole(opened("segments", persona=RM))
    kept, link = sizes(at), address(at)
    widget(at, "kmeans", "segments").set_value(3).run()
    assert "the result of the earlier settings" in texts(at)
    assert (sizes(at), address(at)) == (kept, link)
    at.button(key="run").click().run()
    assert len(segments_of(whole(at))) == 3
    assert json.loads(address(at)["set_segments"]) == 3


def test_changing_the_value_renumbers_the_segments_by_it(bank):
    at = whole(opened("segments", persona=RM))
    at.selectbox(key="value").set_value("credit_amount_12m").run()
    whole(at)
    worth = segments_of(at)["value"].tolist()
    assert worth == sorted(worth, reverse=True)
    assert "money in" in at.title[0].value.lower()


def test_choosing_a_segment_lists_its_members_alone(bank):
    at = whole(opened("segments", persona=RM))
    at.selectbox(key="shown_segment_number").set_value(2).run()
    listed = members_of(whole(at))
    assert set(listed["segment"]) == {2}
    assert len(listed) == segments_of(at)["customers"][1]


def test_the_segments_of_the_recipe_are_those_of_the_value_page(bank):
    at = whole(opened("segments", persona=RM, link=link_of("kmeans", segments=3)))
    names = segments_of(at)["name"].tolist()
    at.session_state["by_segment"] = True
    turn_to(at, "value")
    assert not at.exception
    if any("by_segment" in str(block.proto) for block in at.expander):
        assert all(name in texts(at) for name in names)


# --- keeping and sharing


def save(at, name, kind="private", **target):
    at.text_input(key="recipe_name").set_value(name)
    at.button_group(key="share_kind").set_value(kind)
    at.run()
    for key, value in target.items():
        kinds = (at.selectbox, at.text_input)
        next(found for each in kinds for found in each if found.key == key).set_value(value)
    at.button(key="save_recipe").click().run()
    assert not at.exception
    return at


def saved_names(at):
    return [box.options for box in at.selectbox if box.key == "saved_recipe"]


def test_a_recipe_is_saved_loaded_and_deleted(bank):
    at = whole(opened("segments", persona=RM, link=link_of("kmeans", segments=3)))
    save(at, "Three groups")
    assert saved_names(at) == [["Three groups"]]
    again = whole(opened("segments", persona=RM))
    assert len(segments_of(again)) != 3
    again.button(key="load_recipe").click().run()
    assert len(segments_of(whole(again))) == 3
    assert widget(again, "kmeans", "segments").value == 3
    assert json.loads(address(again)["set_segments"]) == 3
    again.button(key="delete_recipe").click().run()
    assert "Nothing saved yet" in texts(whole(again))


def test_a_recipe_without_a_name_is_refused_with_what_to_do(bank):
    at = save(whole(opened("segments", persona=RM)), "  ")
    assert at.error
    assert not saved_names(at)


SHARES = [("role", {"share_role": "analyst"}), ("person", {"share_person": ANALYST.upper()})]


@pytest.mark.parametrize(("kind", "target"), SHARES)
def test_a_shared_recipe_runs_in_the_book_of_whoever_opens_it(bank, kind, target):
    at = whole(opened("segments", persona=RM, link=link_of("kmeans", segments=3)))
    mine = at.session_state["book"].count()
    save(at, "Shared groups", kind, **target)
    theirs = whole(opened("segments", persona=ANALYST))
    assert saved_names(theirs) == [[f"Shared groups · {RM}"]]
    assert not [button for button in theirs.button if button.key == "delete_recipe"]
    theirs.button(key="load_recipe").click().run()
    assert len(segments_of(whole(theirs))) == 3
    assert segments_of(theirs)["customers"].sum() == theirs.session_state["book"].count() > mine
    assert "Nothing saved yet" in texts(whole(opened("segments", persona=BRANCH_MANAGER)))


def test_a_recipe_is_shared_with_a_branch(bank):
    at = whole(opened("segments", persona=BRANCH_MANAGER, link=link_of("kmeans", segments=3)))
    branch = at.session_state["book"].person.branches[0]
    save(at, "Ours", "branch", share_branch=branch)
    rm = whole(opened("segments", persona=RM))
    inside = branch in rm.session_state["book"].person.branches
    assert saved_names(rm) == ([[f"Ours · {BRANCH_MANAGER}"]] if inside else [])
    assert not saved_names(whole(opened("segments", persona=ANALYST)))


def test_nobody_loads_a_recipe_that_was_not_shared_with_them(bank, bank_store):
    toml = Recipe.from_content({"method": {"key": "rfm"}}).to_toml()
    bank_store.recipes.save(RM, "Mine alone", toml, [])
    at = whole(opened("segments", persona=ANALYST))
    assert "Mine alone" not in texts(at)
    assert not saved_names(at)
    at.session_state["saved_recipe"] = 1
    whole(at.run())
    assert not [button for button in at.button if button.key == "load_recipe"]


NO_LONGER = {
    "this is = = not a recipe": "not valid TOML",
    '[method]\nkey = "kmean"': "Unknown method",
    '[method]\nkey = "kmeans"\nsegments = 99': "from 2 to 12",
    'indicators = ["profit_12m", "wealth"]\n[method]\nkey = "kmeans"': "wealth",
}


def test_a_shared_recipe_that_cannot_run_is_explained_and_nothing_changes(bank, bank_store):
    at = whole(opened("segments", persona=RM))
    kept = sizes(at)
    for toml, said in NO_LONGER.items():
        bank_store.recipes.save(ANALYST, "Of another time", toml, [("person", RM)])
        at.run()
        at.button(key="load_recipe").click().run()
        assert not at.exception
        assert said in at.error[0].value.replace("\\", "")
        assert sizes(at) == kept


def test_a_shared_recipe_says_which_indicators_its_viewer_may_not_use(bank, bank_store):
    content = {"indicators": ["profit_12m", "tenure_years", "religion"], "method": {"key": "kmeans"}}
    bank_store.recipes.save(ANALYST, "Faith", Recipe.from_content(content).to_toml(), [("person", RM)])
    at = whole(opened("segments", persona=RM))
    at.button(key="load_recipe").click().run()
    assert "Left out here, because you can't use them: Religion." in texts(whole(at))
    assert len(segments_of(at)) > 1


def test_a_recipe_that_was_deleted_elsewhere_meanwhile_is_told_as_gone(bank, bank_store):
    saved = bank_store.recipes.save(
        RM, "Short-lived", Recipe.from_content({"method": {"key": "rfm"}}).to_toml(), []
    )
    at = whole(opened("segments", persona=RM))
    bank_store.recipes.delete(saved.id, RM)
    at.button(key="delete_recipe").click().run()
    assert not at.exception
    assert at.error
    assert not saved_names(at)


def test_a_default_recipe_loads_by_itself_in_a_new_session(bank):
    at = whole(
        opened("segments", persona=RM, link=link_of("kmeans", segments=3) | {"value": "credit_amount_12m"})
    )
    at.button(key="make_default").click().run()
    assert not at.exception
    again = whole(opened("segments", persona=RM))
    assert len(segments_of(again)) == 3
    assert again.session_state["value"] == "credit_amount_12m"
    assert len(segments_of(whole(opened("segments", persona=ANALYST)))) != 3


def test_a_link_is_stronger_than_the_default(bank):
    at = whole(opened("segments", persona=RM, link=link_of("kmeans", segments=3)))
    at.button(key="make_default").click().run()
    assert len(segments_of(whole(opened("segments", persona=RM, link=link_of("kmeans", segments=4))))) == 4


def test_the_default_follows_the_newest_month_end(bank):
    at = whole(opened("segments", persona=RM))
    earlier = at.session_state["book"].warehouse.month_ends[-3].isoformat()
    at.selectbox(key="as_of").set_value(earlier).run()
    at.button(key="make_default").click().run()
    assert opened(persona=RM).session_state["as_of"] > earlier
