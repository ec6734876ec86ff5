"""Who may decide about whose grants: every rule, and that each decision is recorded or not done."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from analytics.access.administration import Administration
from analytics.access.book import Book
from analytics.access.entry import checked
from analytics.access.grants import COLUMN_CLASSES, Grant
from analytics.access.person import grants_of
from analytics.access.reasons import columns, end, origin, reason, sentence
from analytics.access.scope import scope_of
from analytics.errors import AnalyticsError, BadInput, NotAllowed, UnknownName
from analytics.store.policy import Policy
from analytics.store.store import open_store

TODAY = date.today()
ANN, BEN, RM = "ann@x.example", "ben@x.example", "own@x.example"
NEW = Grant("new@x.example", "relationship_manager", "own", employee_id="E2")
LOADED = Grant(RM, "relationship_manager", "own", "E1", columns=frozenset({"pii", "profit"}), may_export=True)
EVERYONE = Grant("everyone@x.example", "analyst", "bank", columns=COLUMN_CLASSES, may_export=True)


@pytest.fixture
def ann(hand, store):
    """The desk of a steward, where there are two."""
    for email in (ANN, BEN):
        store.grants.give(Grant(email, "steward", "bank"), by="files")
    return Administration(hand, store, ANN)


@pytest.fixture
def ben(ann, hand, store):
    return Administration(hand, store, BEN)


def known_of(desk, email, **said):
    """The one grant of a person that says this."""
    held = desk.register().held_by(email)
    found = [one for one in held if all(getattr(one.grant, name) == told for name, told in said.items())]
    assert len(found) == 1
    return found[0]


def rows_of(desk, email):
    return set(Book.open(desk.warehouse, desk.store, email).frame(())["customer_id"])


def newest(store):
    return store.audit.entries(limit=1)[0]


# --- who decides, and about whom


@pytest.mark.parametrize("who", [RM, "branch@x.example", "everyone@x.example", "stranger@x.example"])
def test_only_a_steward_decides_and_what_others_try_is_recorded(ann, hand, store, who):
    desk, held = Administration(hand, store, who), known_of(ann, RM)
    for attempt in (
        lambda: desk.give(NEW),
        lambda: desk.change(held, replace(held.grant, may_export=False)),
        lambda: desk.revoke(held),
        lambda: desk.confirm(1),
        lambda: desk.refuse(1),
        lambda: desk.set_policy(10, None),
        lambda: desk.book_size(NEW),
        desk.register,
    ):
        with pytest.raises(NotAllowed, match="Only a data steward"):
            attempt()
    assert rows_of(ann, NEW.user_email) == set()
    assert {(entry.action, entry.person) for entry in store.audit.entries(action="refused")} == {
        ("refused", who)
    }


def test_a_steward_whose_grant_ended_decides_nothing_more(ann, ben):
    ben.revoke(known_of(ben, ANN))
    with pytest.raises(NotAllowed, match="Only a data steward"):
        ann.give(NEW)


def test_a_given_grant_opens_its_rows_at_once_and_is_recorded(ann, store):
    act = ann.give(replace(NEW, columns=frozenset({"pii"}), valid_until=TODAY))
    assert not act.waits
    assert rows_of(ann, NEW.user_email) == {"C2", "C3"}
    told = next(iter(store.audit.entries(action="grant given")))
    assert (told.person, told.details["grant"]["valid_until"]) == (ANN, TODAY.isoformat())


def test_a_change_and_a_revocation_hold_at_once_and_are_recorded(ann, store):
    held = known_of(ann, RM)
    ann.change(held, replace(held.grant, columns=frozenset({"profit"}), valid_until=TODAY))
    assert newest(store).action == "grant changed"
    assert newest(store).details["was"]["columns"] == "pii,profit"
    assert grants_of(ann.warehouse, store, RM) == (
        replace(LOADED, columns=frozenset({"profit"}), valid_until=TODAY),
    )
    ann.revoke(known_of(ann, RM))
    assert newest(store).action == "grant revoked"
    assert rows_of(ann, RM) == set()
    assert known_of(ann, RM).revoked


def test_a_grant_given_here_is_changed_where_it_is(ann, store):
    ann.give(NEW)
    ann.change(known_of(ann, NEW.user_email), replace(NEW, may_export=True))
    assert grants_of(ann.warehouse, store, NEW.user_email) == (replace(NEW, may_export=True),)


OWN = Grant(ANN, "relationship_manager", "own", employee_id="E1")


def test_nobody_gives_changes_prolongs_ends_or_gets_back_a_grant_of_their_own(ann, ben, store):
    ben.give(replace(OWN, valid_until=TODAY))
    mine = known_of(ann, ANN, role="relationship_manager")
    before = grants_of(ann.warehouse, store, ANN)
    for attempt in (
        lambda: ann.give(replace(OWN, employee_id="E2")),
        lambda: ann.give(replace(OWN, user_email=" ANN@X.example", employee_id="E2")),
        lambda: ann.change(mine, replace(mine.grant, valid_until=None)),
        lambda: ann.change(mine, replace(mine.grant, columns=frozenset({"pii"}))),
        lambda: ann.change(mine, replace(mine.grant, user_email=BEN)),
        lambda: ann.revoke(mine),
    ):
        with pytest.raises(AnalyticsError):
            attempt()
    assert grants_of(ann.warehouse, store, ANN) == before
    ben.revoke(mine)
    with pytest.raises(NotAllowed, match="own grants"):
        ann.give(OWN)


def test_a_change_stays_with_its_person_role_and_place(ann):
    held = known_of(ann, RM)
    for other in ({"user_email": ANN}, {"role": "steward"}, {"level": "bank"}, {"employee_id": "E2"}):
        with pytest.raises(BadInput, match="keeps the person"):
            ann.change(held, replace(held.grant, **other))


def test_a_change_of_what_somebody_else_changed_or_ended_meanwhile_is_refused(ann, ben):
    held = known_of(ann, RM)
    ben.revoke(held)
    for attempt in (
        lambda: ann.change(held, replace(held.grant, may_export=False)),
        lambda: ann.revoke(held),
    ):
        with pytest.raises(UnknownName, match="meanwhile"):
            attempt()
    assert rows_of(ann, RM) == set()


# --- two stewards


@pytest.mark.parametrize(
    "wide",
    [
        Grant("new@x.example", "analyst", "bank"),
        Grant("new@x.example", "analyst", "bank", departments=("Wealth",)),
        Grant("new@x.example", "teller", "bank"),
        Grant("new@x.example", "manager", "branch", unit_id="B0"),
        Grant("new@x.example", "manager", "region", unit_id="B0"),
        Grant("new@x.example", "manager", "team", unit_id="T1"),
        Grant("new@x.example", "steward", "bank"),
        Grant("new@x.example", "auditor", "own", employee_id="E1"),
        replace(EVERYONE, role="manager", level="own", employee_id="E1"),
    ],
)
def test_what_is_as_wide_as_the_bank_or_watches_over_others_waits_for_a_second_steward(ann, ben, store, wide):
    before = rows_of(ann, wide.user_email)
    act = ann.give(wide)
    assert act.waits
    assert newest(store).action == "grant proposed"
    assert wide not in grants_of(ann.warehouse, store, wide.user_email)
    assert rows_of(ann, wide.user_email) == before
    number = ann.register().waiting[0].id
    with pytest.raises(NotAllowed, match="somebody else"):
        ann.confirm(number)
    ben.confirm(number)
    assert store.audit.entries(action="grant confirmed")[0].person == BEN
    assert wide in grants_of(ann.warehouse, store, wide.user_email)
    assert ann.register().waiting == ()


def test_small_grants_that_add_up_to_most_of_the_bank_take_two(ann):
    assert not ann.give(NEW).waits
    assert not ann.give(replace(NEW, level="branch", employee_id=None, unit_id="B11")).waits
    assert ann.give(replace(NEW, employee_id="E1")).waits


def test_a_role_without_rows_takes_one_steward_however_wide(ann):
    assert not ann.give(Grant("new@x.example", "back_office", "bank", columns=COLUMN_CLASSES)).waits


def test_more_of_a_bank_wide_grant_waits_and_less_of_it_does_not(ann, ben, store):
    held = known_of(ann, EVERYONE.user_email)
    less = replace(held.grant, columns=frozenset({"profit"}), departments=("Retail",), valid_until=TODAY)
    assert not ann.change(held, less).waits
    held = known_of(ann, EVERYONE.user_email)
    for more in ({"columns": COLUMN_CLASSES}, {"departments": ()}, {"valid_until": None}):
        assert ann.change(held, replace(held.grant, **more)).waits
        assert grants_of(ann.warehouse, store, EVERYONE.user_email) == (less,)
        ben.refuse(ann.register().waiting[0].id)
    assert grants_of(ann.warehouse, store, EVERYONE.user_email) == (less,)


def test_a_loaded_grant_that_two_agree_on_is_wider_from_then_on(ann, ben, store):
    held = known_of(ann, EVERYONE.user_email)
    ann.change(held, replace(held.grant, columns=frozenset()))
    held = known_of(ann, EVERYONE.user_email)
    ann.change(held, replace(held.grant, columns=frozenset({"pii"})))
    ben.confirm(ann.register().waiting[0].id)
    assert grants_of(ann.warehouse, store, EVERYONE.user_email) == (
        replace(EVERYONE, columns=frozenset({"pii"})),
    )


@pytest.mark.parametrize("given", [True, False])
def test_what_was_revoked_meanwhile_is_not_confirmed_back(ann, ben, store, given):
    email = EVERYONE.user_email
    if given:
        ann.revoke(known_of(ann, email))
        ann.give(replace(EVERYONE, columns=frozenset()))
        ben.confirm(ann.register().waiting[0].id)
    held = known_of(ann, email, **({"columns": frozenset()} if given else {}))
    ann.change(held, replace(held.grant, departments=("Retail",)))
    held = known_of(ann, email, departments=("Retail",))
    ann.change(held, replace(held.grant, departments=()))
    ben.revoke(held)
    with pytest.raises(UnknownName, match="meanwhile"):
        ben.confirm(ann.register().waiting[0].id)
    assert grants_of(ann.warehouse, store, email) == ()


def test_neither_of_the_two_is_who_gets_it(ann, ben, hand, store):
    third = Administration(hand, store, "cat@x.example")
    ann.give(Grant("cat@x.example", "steward", "bank"))
    ben.confirm(ann.register().waiting[0].id)
    ann.give(Grant(BEN, "analyst", "bank"))
    number = ann.register().waiting[0].id
    for decide in (ben.confirm, ben.refuse):
        with pytest.raises(NotAllowed, match="own grants"):
            decide(number)
    third.confirm(number)
    assert rows_of(ann, BEN) == {"C1", "C2", "C3", "C4", "C5", "C6"}


def test_what_somebody_asked_for_who_is_no_steward_any_more_is_not_confirmed(ann, ben, store):
    ann.give(Grant("new@x.example", "analyst", "bank"))
    number = ben.register().waiting[0].id
    ben.revoke(known_of(ben, ANN))
    with pytest.raises(NotAllowed, match="no data steward any more"):
        ben.confirm(number)
    ben.refuse(number)
    assert store.audit.entries(action="grant refused")[0].details["asked_by"] == ANN


def test_the_first_steward_can_take_it_back_and_a_decision_is_taken_once(ann, ben):
    ann.give(Grant("new@x.example", "analyst", "bank"))
    number = ann.register().waiting[0].id
    ann.refuse(number)
    for decide in (ben.confirm, ben.refuse):
        with pytest.raises(UnknownName, match="no such proposal"):
            decide(number)
    assert rows_of(ann, "new@x.example") == set()


def test_the_same_grant_waits_once_and_what_is_held_is_not_given_again(ann):
    ann.give(Grant("new@x.example", "analyst", "bank"))
    with pytest.raises(BadInput, match="waits"):
        ann.give(Grant("new@x.example", "analyst", "bank", departments=("Retail",)))
    with pytest.raises(BadInput, match="already"):
        ann.give(replace(LOADED, columns=frozenset(), may_export=False))


def test_what_waited_past_its_own_last_day_is_not_confirmed(ann, hand, store):
    ann.give(Grant("new@x.example", "analyst", "bank", valid_until=TODAY))
    later = Administration(hand, store, BEN, today=TODAY + timedelta(days=1))
    with pytest.raises(BadInput, match="in the past"):
        later.confirm(later.register().waiting[0].id)


# --- the last steward, the only one, the owner


def test_the_last_steward_whose_grant_lasts_stays(ann, ben, store):
    store.grants.amend(Grant(BEN, "steward", "bank", valid_until=TODAY), by="files")
    hers = known_of(ben, ANN)
    for attempt in (
        lambda: ben.revoke(hers),
        lambda: ben.change(hers, replace(hers.grant, valid_until=TODAY)),
    ):
        with pytest.raises(NotAllowed, match="last data steward"):
            attempt()
    assert not ann.revoke(known_of(ann, BEN)).waits


def test_of_two_stewards_who_revoke_each_other_at_once_one_stays(ann, ben, monkeypatch):
    first, second = known_of(ann, BEN), known_of(ben, ANN)
    record = ann.store.audit.recorded

    def overtaken(*words, **named):
        monkeypatch.undo()
        ben.revoke(second)
        return record(*words, **named)

    monkeypatch.setattr(
        type(ann.store.audit), "recorded", lambda _self, *words, **named: overtaken(*words, **named)
    )
    with pytest.raises(NotAllowed, match="Only a data steward"):
        ann.revoke(first)
    assert ben.register().stewards == {BEN}


def test_the_owner_of_a_bank_of_their_own_begins_as_its_steward(bank_of_owner):
    desk = bank_of_owner
    assert Book.open(desk.warehouse, desk.store, desk.by).person.pages >= {"overview", "rates", "access"}
    assert not desk.give(Grant("rm@x.example", "relationship_manager", "own", employee_id="M1")).waits
    assert desk.give(Grant("second@x.example", "steward", "bank")).waits
    with pytest.raises(NotAllowed, match="own grants"):
        desk.give(Grant(desk.by, "steward", "bank"))


@pytest.fixture
def bank_of_owner(tmp_path, store):
    from analytics.warehouse.engine import open_warehouse
    from analytics.warehouse.load import load
    from tests.conftest import write_tables

    customers = "customer_id,manager_id\n" + "".join(f"K{n},M{n % 3}\n" for n in range(9))
    moves = "customer_id,booked_at,amount\nK1,2026-06-30,1\n"
    source = write_tables(tmp_path / "source", {"customers": customers, "transactions": moves})
    load(source, tmp_path / "own", owner="Owner@X.example")
    return Administration(open_warehouse(tmp_path / "own"), store, "owner@x.example")


# --- what can be written


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"user_email": "nobody"}, "not an e-mail"),
        ({"user_email": "a b@x.example"}, "not an e-mail"),
        ({"user_email": "a@x.example\tmanager"}, "not an e-mail"),
        ({"role": ""}, "needs a role"),
        ({"role": "x\ty"}, "needs a role"),
        ({"level": "branche"}, "Did you mean branch"),
        ({"employee_id": None}, "no employee"),
        ({"employee_id": "E22"}, "Did you mean E2"),
        ({"level": "team", "unit_id": "T3"}, "no team “T3”. Did you mean T"),
        ({"level": "branch", "unit_id": "B111"}, "Did you mean B11"),
        ({"level": "branch"}, "no branch"),
        ({"level": "region", "unit_id": "B11"}, "with others below"),
        ({"level": "bank", "employee_id": "X"}, "no employee"),
        ({"departments": ("retail",)}, "Did you mean Retail"),
        ({"columns": frozenset({"all"})}, "no class of columns"),
        ({"valid_until": TODAY - timedelta(days=1)}, "in the past"),
    ],
)
def test_what_can_not_be_granted_is_refused_with_the_nearest_that_can(ann, store, wrong, told):
    with pytest.raises(BadInput, match=told):
        ann.give(replace(NEW, **wrong))
    assert grants_of(ann.warehouse, store, NEW.user_email) == ()


def test_a_grant_that_no_longer_fits_the_bank_can_still_be_narrowed(ann, store):
    store.grants.give(
        replace(NEW, employee_id="E77", departments=("Gone", "Retail"), may_export=True), by="files"
    )
    held = known_of(ann, NEW.user_email)
    assert not ann.change(held, replace(held.grant, departments=("Gone",), may_export=False)).waits


# --- recorded, or not done


def test_what_can_not_be_recorded_is_not_done(ann, store):
    held = known_of(ann, RM)
    with store.audit._engine.begin() as connection:
        connection.execute(text("DROP TABLE audit"))
    for attempt in (
        lambda: ann.give(NEW),
        lambda: ann.revoke(held),
        lambda: ann.set_policy(10, None),
        lambda: ann.book_size(NEW),
    ):
        with pytest.raises(AnalyticsError, match="not done"):
            attempt()
    assert grants_of(ann.warehouse, store, RM) == (LOADED,)
    assert store.policies.current() == Policy()


def test_what_fails_leaves_no_record_that_it_was_done(ann, store, monkeypatch):
    def broken(*words):
        raise UnknownName("It broke.")

    monkeypatch.setattr(type(store.grants), "give", broken)
    with pytest.raises(UnknownName, match="It broke"):
        ann.give(NEW)
    assert store.audit.entries(action="grant given") == []


# --- what holds for everybody


def test_a_tighter_policy_holds_at_once_and_a_looser_one_waits(ann, ben, store):
    assert not ann.set_policy(10, 20).waits
    assert newest(store).action == "policy changed"
    for floor, daily in ((9, 20), (10, 21), (10, None)):
        assert ann.set_policy(floor, daily).waits
        assert newest(store).action == "policy proposed"
        ben.refuse(ann.register().waiting[0].id)
    assert store.policies.current().floor == 10
    ann.set_policy(5, None)
    number = ann.register().waiting[0].id
    with pytest.raises(NotAllowed, match="somebody else"):
        ann.confirm(number)
    ben.confirm(number)
    now = store.policies.current()
    assert (now.floor, now.daily_exports) == (5, None)


def test_a_policy_asked_for_before_another_one_is_not_confirmed(ann, ben):
    ann.set_policy(3, None)
    ben.set_policy(20, None)
    with pytest.raises(UnknownName, match="meanwhile"):
        ben.confirm(ann.register().waiting[0].id)


# --- sizes


def test_a_books_size_is_rounded_down_and_asking_is_recorded(demo, store):
    store.grants.give(Grant(ANN, "steward", "bank"), by="files")
    desk = Administration(demo, store, ANN)
    size = desk.book_size(Grant("x@x.example", "relationship_manager", "own", employee_id="E0001"))
    real = demo.query("SELECT count(*) AS n FROM customer_now WHERE manager_id = 'E0001'")["n"][0].as_py()
    assert size % 5 == 0
    assert real - 20 < size <= real
    assert newest(store).action == "book size asked"
    assert desk.book_size() == 0


def test_no_two_grants_tell_a_customer_apart_by_their_sizes(hand, store):
    """Six customers in six cells: whatever is asked, each is fewer than five."""
    store.grants.give(Grant(ANN, "steward", "bank"), by="files")
    desk = Administration(hand, store, ANN)
    for grant in (Grant("x@x.example", "analyst", "bank"), NEW, replace(NEW, departments=("Retail",))):
        assert desk.book_size(grant) == 0


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    departments=st.sets(st.sampled_from(["Retail", "Business", "Premier"]), min_size=1),
    more=st.sampled_from(["Retail", "Business", "Premier"]),
    manager=st.sampled_from(["E0001", "E0008", "E0009", "E0010"]),
)
def test_sizes_of_nearby_grants_differ_by_the_size_of_what_lies_between(
    demo, store, departments, more, manager
):
    store.grants.give(Grant(ANN, "steward", "bank"), by="files")
    desk = Administration(demo, store, ANN)

    def size(names):
        return desk.book_size(replace(NEW, employee_id=manager, departments=tuple(sorted(names))))

    between = size({more}) if more not in departments else 0
    assert size(departments | {more}) - size(departments) == between


# --- in words


def test_each_grant_says_why_in_words(ann):
    known = known_of(ann, RM)
    names = ann.register().names
    assert reason(known.grant, names) == "As Relationship manager: customers of Eve One (E1)."
    assert (
        columns(known.grant)
        == "Shows names, numbers and birth dates, profit and revenue. Files may be taken."
    )
    assert end(known.grant) == "without an end"
    assert origin(known) == "Loaded with the data."
    ann.change(known, replace(known.grant, columns=frozenset(), departments=("Retail",), may_export=False))
    known = known_of(ann, RM)
    assert "customers of Eve One (E1), in Retail alone" in reason(known.grant, names)
    assert columns(known.grant) == "Names are masked. No files."
    assert f"Decided by {ANN} on" in origin(known)
    assert "no customers" in reason(Grant(ANN, "steward", "bank"), names)


def test_the_register_is_told_in_figures(ann):
    ann.give(replace(NEW, valid_until=TODAY + timedelta(days=30)))
    ann.give(Grant("other@x.example", "analyst", "bank"))
    assert sentence(ann.register()).endswith(
        "6 people hold 6 grants; 1 decision waits for a second steward, 1 grant ends within 30 days."
    )


# --- whatever they do


def reach(desk, store, email):
    """What a person may see: rows, columns, files."""
    held = grants_of(desk.warehouse, store, email)
    scope = scope_of(held, desk.warehouse)
    condition, params = scope.sql()
    rows = desk.warehouse.query(f"SELECT customer_id FROM customer_now WHERE {condition}", params)
    return set(rows["customer_id"].to_pylist()), scope.columns, scope.may_export


some_grant = st.builds(
    Grant,
    user_email=st.sampled_from([ANN, BEN, "new@x.example"]),
    role=st.sampled_from(["manager", "analyst", "steward"]),
    level=st.sampled_from(["own", "branch", "bank"]),
    employee_id=st.sampled_from([None, "E1", "E2"]),
    unit_id=st.sampled_from([None, "B0", "B11"]),
    columns=st.sampled_from([frozenset(), COLUMN_CLASSES]),
    may_export=st.booleans(),
    valid_until=st.sampled_from([None, TODAY]),
)
some_step = st.tuples(
    st.sampled_from([ANN, BEN]),
    st.sampled_from(["give", "change", "revoke", "confirm", "refuse"]),
    some_grant,
    st.integers(0, 5),
)


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(some_step, min_size=1, max_size=10))
def test_nobodys_own_grants_widen_by_their_own_hand(hand, tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("two")
    store = open_store(f"sqlite:///{folder / 'store.sqlite'}", folder)
    for email in (ANN, BEN):
        store.grants.give(Grant(email, "steward", "bank"), by="files")
    desks = {email: Administration(hand, store, email) for email in (ANN, BEN)}
    for by, verb, grant, place in steps:
        desk, mine = desks[by], reach(desks[by], store, by)
        wide = len(reach(desk, store, grant.user_email)[0])
        with suppress(AnalyticsError):
            taken(desk, verb, grant, place)
        now = reach(desk, store, by)
        assert now[0] <= mine[0]
        assert now[1] <= mine[1]
        assert now[2] <= mine[2]
        if verb == "give":  # one steward alone opens no more than half of the bank
            assert len(reach(desk, store, grant.user_email)[0]) <= max(3, wide)
        assert [email for email in (ANN, BEN) if is_steward(hand, store, email)]


def taken(desk, verb, grant, place):
    """One step of a steward, whatever comes of it."""
    register = desk.register()
    known, waiting = register.known[place % len(register.known)], register.waiting
    if verb == "give":
        desk.give(grant)
    elif verb == "change":
        desk.change(known, replace(known.grant, columns=grant.columns, may_export=grant.may_export))
    elif verb == "revoke":
        desk.revoke(known)
    elif waiting:
        (desk.confirm if verb == "confirm" else desk.refuse)(waiting[place % len(waiting)].id)


def is_steward(warehouse, store, email):
    return "steward" in {grant.role for grant in grants_of(warehouse, store, email)}


# --- people whose address changes


@pytest.fixture
def met(store):
    """Somebody who has signed in, under an address without a grant."""
    store.people.met("https://sign-in.example", "7", "seven@x.example")
    return "seven@x.example"


def test_a_person_is_moved_to_grants_that_one_steward_may_give(ann, store, met):
    ann.give(NEW)
    ann.move(met, NEW.user_email)
    assert store.people.met("https://sign-in.example", "7", met) == NEW.user_email
    assert (newest(store).person, newest(store).details) == (ANN, {"of": met, "moved_to": NEW.user_email})
    ann.forget(NEW.user_email)
    assert store.people.met("https://sign-in.example", "7", met) == met


@pytest.mark.parametrize("to", ["everyone@x.example", BEN])
def test_nobody_is_moved_to_grants_that_take_two_stewards(ann, store, met, to):
    with pytest.raises(NotAllowed, match="take two stewards"):
        ann.move(met, to)
    assert store.people.met("https://sign-in.example", "7", met) == met
    assert newest(store).action == "refused"


def test_no_steward_is_moved_or_forgotten_by_themselves(ann, store, met):
    store.people.met("https://sign-in.example", "8", ANN)
    for attempt in (lambda: ann.move(ANN, RM), lambda: ann.move(met, ANN), lambda: ann.forget(ANN)):
        with pytest.raises(NotAllowed, match="Nobody decides about their own"):
            attempt()
    assert store.people.met("https://sign-in.example", "8", "x@x.example") == ANN


def test_a_department_that_would_become_others_is_not_granted(ann):
    """Departments are kept in a list with commas."""
    known = replace(ann.choices, departments=("Private", "Private,Retail", "Retail"))
    with pytest.raises(BadInput, match="comma"):
        checked(replace(NEW, departments=("Private,Retail",)), known, TODAY)
    assert checked(replace(NEW, departments=("Retail", "Private")), known, TODAY).departments == (
        "Private",
        "Retail",
    )
