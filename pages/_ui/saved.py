"""Saved recipes: keep, load, share, forget; and the personal default."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from analytics.access.roles import ROLES
from analytics.formats import day, labelled, number
from analytics.indicators import CATALOGUE
from analytics.methods import METHODS
from analytics.recipe import Recipe
from analytics.segmentation import Segmentation
from analytics.standard import drop_standard, make_standard, may_decide
from analytics.store.recipes import SavedRecipe
from analytics.translation import translate as _
from pages._ui import choices, forms, layout
from pages._ui.layout import plain
from pages._ui.messages import shown_to_user
from pages._ui.screen import Screen
from pages._ui.trust import known_quality

SHOWN_RESULTS = 5
KINDS = ("private", "role", "branch", "person")


def saved_recipes(now: Screen, current: Recipe, found: Segmentation | None) -> None:
    """Two small panels: load one, save this one."""
    person = now.book.person
    known = now.store.recipes.visible(person.email, person.roles, person.branches)
    load, save = st.columns(2)
    with (
        load,
        st.popover(
            _("Saved recipes ({n})").format(n=len(known)), icon=":material/folder_open:", width="stretch"
        ),
    ):
        _load(now, {recipe.id: recipe for recipe in known})
    with save, st.popover(_("Save this one"), icon=":material/save:", width="stretch"):
        _save(now, current, found)


def _load(now: Screen, known: dict[int, SavedRecipe]) -> None:
    if not known:
        st.caption(_("Nothing saved yet, and nothing shared with you."))
        return
    mine = now.book.person.email
    chosen = st.selectbox(
        _("Recipe"), list(known), key="saved_recipe",
        format_func=lambda key: known[key].name if known[key].owner == mine else f"{known[key].name} · {known[key].owner}",
    )  # fmt: skip
    recipe = known[chosen]
    st.button(_("Load"), key="load_recipe", type="primary", on_click=_take, args=(recipe.toml,))
    if recipe.owner == mine:
        _gave(now, recipe)
        if may_decide(now.store, now.book):
            _standard(now, recipe)
        st.button(_("Delete"), key="delete_recipe", on_click=_delete, args=(now, recipe.id))


def _gave(now: Screen, recipe: SavedRecipe) -> None:
    """What it gave when it was saved, one line a time."""
    verdicts = {"structure": _("structure"), "weak": _("weak structure"), "none": _("no structure")}
    for kept in now.store.results.of(recipe.id, recipe.owner, now.book.sight)[:SHOWN_RESULTS]:
        best = kept.document["segments"][0]
        line = _("{day}: {n} segments of {customers} customers as of {as_of}; best “{name}”").format(
            day=day(kept.saved_at.date()), n=len(kept.document["segments"]), as_of=day(kept.as_of),
            customers=number(kept.document["customers"]), name=best["name"],
        )  # fmt: skip
        quality = kept.document["quality"]
        verdict = verdicts.get(str(quality.get("verdict"))) if quality.get("known", True) else None
        st.caption(layout.plain(labelled(line, verdict) if verdict else line))


def _standard(now: Screen, recipe: SavedRecipe) -> None:
    """Whoever speaks for the bank makes a recipe its standard, or takes that back."""
    if recipe.is_standard:
        st.button(
            _("No longer the bank's standard"), key="drop_standard", on_click=_decided,
            args=(drop_standard, now.store, now.book),
        )  # fmt: skip
        return
    st.button(
        _("Make it the bank's standard"), key="make_standard", on_click=_decided,
        args=(make_standard, now.store, now.book, recipe.id),
        help=_("Everybody can then compare their own segmentation with it, each in their own book."),
    )  # fmt: skip


def _decided(verb: Callable[..., None], *given: Any) -> None:
    with shown_to_user():
        verb(*given)


def _take(text: str) -> None:
    with shown_to_user():
        chosen = Recipe.from_toml(text)
        chosen.check(CATALOGUE, METHODS)
        choices.use_recipe(chosen)
        forms.refill()


def _delete(now: Screen, recipe_id: int) -> None:
    with shown_to_user():
        now.store.recipes.delete(recipe_id, now.book.person.email)


def _save(now: Screen, current: Recipe, found: Segmentation | None) -> None:
    name = st.text_input(_("Name"), value=current.title, key="recipe_name")
    labels = {"private": _("Nobody"), "role": _("A role"), "branch": _("A branch"), "person": _("A person")}
    kind = st.segmented_control(
        _("Share with"),
        KINDS,
        default="private",
        key="share_kind",
        required=True,
        format_func=lambda key: labels[key],
    )
    target = _target(now, str(kind))
    if st.button(_("Save"), key="save_recipe", type="primary"):
        with shown_to_user():
            _keep(now, current.model_copy(update={"title": name}), found, str(kind), target)
            st.rerun()
    if st.button(_("Make it my default"), key="make_default", help=_("Your pages start with this recipe.")):
        known = now.store.defaults.get(now.book.person.email)
        mine = {"recipe": current.model_copy(update={"as_of": None}).to_toml(), "value": now.value.key,
                "language": st.session_state["language"]}  # fmt: skip
        now.store.defaults.set(now.book.person.email, known | mine)
        st.toast(_("Your pages start with this recipe from now on."))


def _keep(now: Screen, recipe: Recipe, found: Segmentation | None, kind: str, target: str) -> None:
    """Store the recipe under its title, and what it gave with all that is known of it."""
    mine = now.book.person.email
    shares = [] if kind == "private" else [(kind, target)]
    kept = now.store.recipes.save(mine, recipe.title, recipe.to_toml(), shares)
    if found is not None:
        document = found.document()
        document["quality"] = document["quality"] | known_quality(now.book, recipe)
        now.store.results.save(kept.id, mine, now.book.sight, document)
    said = _("Saved “{name}”. Whoever opens it sees their own customers, not yours.")
    st.toast(said.format(name=plain(recipe.title)))


def _target(now: Screen, kind: str) -> str:
    if kind == "role":
        return str(
            st.selectbox(_("Role"), list(ROLES), key="share_role", format_func=lambda key: _(ROLES[key]))
        )
    if kind == "branch":
        return str(st.selectbox(_("Branch"), list(now.book.person.branches), key="share_branch"))
    if kind == "person":
        return st.text_input(_("E-mail address"), key="share_person")
    return ""
