"""The history of the rules: who changed what, when and why; and changes that are decided on what is no longer so."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.database import Client
from resolvers.rule_store import change_sets
from resolvers.tokens import TokenRole, create_token
from tests.client import Api
from tests.schema.rule_store import (
    EAST,
    GLOBAL,
    HISTORY,
    LAMP,
    LONG_AGO,
    TENT,
    TENT_EAST,
    WEST,
    Change,
    ask_rules,
    at_whole,
    day,
    history,
    refused,
    revert,
    revisions,
    set_rules,
    stock_up,
)


@pytest.fixture
async def store(api: Api) -> Api:
    """TENT at east and west, LAMP at east; no rule is set."""
    return await stock_up(api)


async def set_as(api: Api, name: str, scope: dict[str, str], **settings: object) -> None:
    """Set rules as the holder of a new token of this name."""
    secret = await create_token(name, TokenRole.ADMIN)
    query = "mutation ($i: SetScopeRulesInput!) { setScopeRules(input: $i) { userErrors { code } } }"
    body = {"query": query, "variables": {"i": {"changes": [{"scope": scope, "settings": settings}]}}}
    answer = await api.http.post("/graphql", json=body, headers={"Authorization": f"Bearer {secret}"})
    assert answer.json() == {"data": {"setScopeRules": {"userErrors": []}}}


async def test_a_store_without_changes_has_no_history(store: Api) -> None:
    assert await history(store) == {
        "totalCount": 0,
        "nodes": [],
        "edges": [],
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
    }


async def test_the_history_tells_what_was_before_and_after_newest_first(store: Api) -> None:
    await set_rules(store, (TENT, {"backorders": "ALLOW", "outOfStockThreshold": -2.5}), reason="First")
    await set_rules(store, (TENT, {"backorders": None, "outOfStockThreshold": 0}), (GLOBAL, {"manageStock": False}))
    window = {"activeFrom": day(1), "activeUntil": day(2)}
    await set_rules(store, (TENT, {"outOfStockThreshold": None, "minSaleQty": 2}), **window)
    await set_rules(store, (TENT, {"minSaleQty": 3}), **window)

    tent, always = at_whole(TENT), {"activeFrom": None, "activeUntil": None}
    found = await history(store)
    assert [(each["revision"], each["reason"]) for each in found["nodes"]] == [
        (4, None),
        (3, None),
        (2, None),
        (1, "First"),
    ]
    assert found["totalCount"] == 4
    assert [each["changes"] for each in found["nodes"]] == [
        [{"scope": tent, "setting": "MIN_SALE_QTY", "before": 2, "after": 3, **window}],
        [
            {"scope": tent, "setting": "OUT_OF_STOCK_THRESHOLD", "before": None, "after": None, **window},
            {"scope": tent, "setting": "MIN_SALE_QTY", "before": None, "after": 2, **window},
        ],
        [
            {"scope": tent, "setting": "BACKORDERS", "before": "ALLOW", "after": None, **always},
            {"scope": tent, "setting": "OUT_OF_STOCK_THRESHOLD", "before": -2.5, "after": 0, **always},
            {"scope": at_whole(GLOBAL), "setting": "MANAGE_STOCK", "before": None, "after": False, **always},
        ],
        [
            {"scope": tent, "setting": "BACKORDERS", "before": None, "after": "ALLOW", **always},
            {"scope": tent, "setting": "OUT_OF_STOCK_THRESHOLD", "before": None, "after": -2.5, **always},
        ],
    ]


async def test_the_history_is_what_the_changes_answered(store: Api) -> None:
    began = datetime.now(UTC)
    made = [
        (await set_rules(store, (TENT, {"minSaleQty": n}), reason=f"Nr. {n} \N{SNOWMAN}"))["changeSet"] for n in (1, 2)
    ]
    made.append((await revert(store, 2))["changeSet"])

    found = (await history(store))["nodes"]

    assert found == made[::-1]
    times = [datetime.fromisoformat(each["createdAt"]) for each in reversed(found)]
    assert began - timedelta(seconds=1) <= times[0] <= times[1] <= times[2] <= datetime.now(UTC)


async def test_a_change_is_answered_though_nothing_can_be_read_of_the_history_any_more(
    store: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(_client: Client, sql: str, *_parameters: object) -> None:
        raise ConnectionResetError(sql)

    with monkeypatch.context() as cut_off:
        cut_off.setattr(change_sets, "fetch", lost)
        assert await store.code(HISTORY) == "DATABASE_UNAVAILABLE"
        made = [(await set_rules(store, (TENT, {"minSaleQty": 2.50, "backorders": "ALLOW"})))["changeSet"]]
        made.append((await revert(store, 1))["changeSet"])
    assert [len(each["changes"]) for each in made] == [2, 2]
    assert (await history(store))["nodes"] == made[::-1]


async def test_the_actor_is_the_name_of_the_token(store: Api) -> None:
    await set_rules(store, (TENT, {"minSaleQty": 2}))
    await set_as(store, "kim", TENT, minSaleQty=3)
    assert [each["actor"] for each in (await history(store))["nodes"]] == ["kim", "admin"]


@pytest.mark.parametrize("scope", [GLOBAL, EAST, TENT, TENT_EAST])
async def test_the_history_of_one_scope_leaves_the_others_out(store: Api, scope: dict[str, str]) -> None:
    every = (GLOBAL, EAST, WEST, TENT, LAMP, TENT_EAST)
    for each in every:
        await set_rules(store, (each, {"backorders": "ALLOW"}))
    await set_rules(store, *((each, {"outOfStockThreshold": -1}) for each in every))
    await set_rules(store, (scope, {"outOfStockThreshold": -2}), activeFrom=day(1))

    found = await history(store, scope=scope)
    assert [each["revision"] for each in found["nodes"]] == [8, 7, every.index(scope) + 1]
    assert found["totalCount"] == 3
    assert len(found["nodes"][1]["changes"]) == len(every)  # a change set is told whole


async def test_a_scope_that_nobody_changed_or_knows_has_no_history(store: Api) -> None:
    await set_rules(store, (TENT, {"minSaleQty": 2}))
    unknown = {"type": "PRODUCT_SOURCE", "source": "mars", "sku": "TENT"}
    for scope in (GLOBAL, LAMP, TENT_EAST, {"type": "PRODUCT", "sku": "tent"}, unknown):
        assert await revisions(store, scope=scope) == []
    assert await revisions(store, scope=None) == [1]


@pytest.mark.parametrize(
    "scope",
    [
        {"type": "DEFAULT"},
        {"type": "GLOBAL", "sku": "TENT"},
        {"type": "SOURCE"},
        {"type": "SOURCE", "source": "east", "sku": "TENT"},
        {"type": "PRODUCT", "source": "east"},
        {"type": "PRODUCT_SOURCE", "sku": "TENT"},
        {"type": "PRODUCT", "sku": ""},
    ],
)
async def test_an_unlawful_scope_has_no_history_to_ask_for(store: Api, scope: dict[str, str]) -> None:
    assert await store.code(HISTORY, {"scope": scope}) == "BAD_USER_INPUT"


async def test_pages_skip_and_repeat_nothing_while_changes_are_made(store: Api) -> None:
    for number in range(1, 8):
        await set_rules(store, (TENT if number % 2 else LAMP, {"minSaleQty": number}))
    seen: list[int] = []
    page: dict[str, Any] = {"pageInfo": {"hasNextPage": True, "endCursor": None}}
    while page["pageInfo"]["hasNextPage"]:
        page = await history(store, scope=TENT, first=2, after=page["pageInfo"]["endCursor"])
        assert [each["node"]["revision"] for each in page["edges"]] == [each["revision"] for each in page["nodes"]]
        assert page["pageInfo"]["hasPreviousPage"] is bool(seen)
        assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
        seen += [each["revision"] for each in page["nodes"]]
        await set_rules(store, (TENT, {"minSaleQty": 100 + len(seen)}))
    assert seen == [7, 5, 3, 1]
    for arguments in ({"first": 0}, {"first": 251}, {"after": "x"}):
        code = "BAD_CURSOR" if "after" in arguments else "BAD_PAGE_SIZE"
        assert await store.code(HISTORY, arguments) == code


async def test_what_changes_nothing_and_what_is_refused_leave_no_history(store: Api) -> None:
    await set_rules(store, (TENT, {"minSaleQty": 2}))
    window = {"activeFrom": day(1), "activeUntil": day(2)}
    assert (await set_rules(store, (TENT, {"minSaleQty": 2, "maxSaleQty": None})))["changeSet"] is None
    assert (await set_rules(store, (LAMP, {"minSaleQty": None}), **window))["changeSet"] is None
    refusals: list[tuple[str, Change, dict[str, Any]]] = [
        ("UNKNOWN_PRODUCT", ({"type": "PRODUCT", "sku": "NONE"}, {"minSaleQty": 3}), {}),
        ("OUT_OF_BOUNDS", (TENT, {"minSaleQty": 0}), {}),
        ("INVALID_REVISION", (TENT, {"minSaleQty": 3}), {"expectedRevision": 2}),
        ("STALE_REVISION", (TENT, {"minSaleQty": 3}), {"expectedRevision": 0}),
        ("INVALID_WINDOW", (TENT, {"minSaleQty": 3}), {"activeFrom": day(2), "activeUntil": day(1)}),
    ]
    for code, change, rest in refusals:
        assert (await refused(store, (GLOBAL, {"minSaleQty": 9}), change, **rest))["code"] == code
    assert await revisions(store) == [1]
    assert (await set_rules(store, (TENT, {"minSaleQty": 3})))["changeSet"]["revision"] == 2


async def test_a_stale_change_is_told_what_changed_and_by_whom(store: Api) -> None:
    await set_as(store, "kim", TENT, minSaleQty=2, backorders="ALLOW")
    await set_as(store, "alex", EAST, notifyForQuantityBelow=3)

    error = await refused(store, (TENT, {"maxSaleQty": 9}), (EAST, {"backorders": "ALLOW"}), expectedRevision=0)

    assert (error["code"], error["field"]) == ("STALE_REVISION", ["input", "expectedRevision"])
    for said in (
        "Minimum Qty Allowed in Shopping Cart of product TENT (revision 1, by kim)",
        "Backorders of product TENT (revision 1, by kim)",
        "Notify for Quantity Below of source east (revision 2, by alex)",
    ):
        assert said in error["message"]
    error = await refused(store, (TENT, {"maxSaleQty": 9}), expectedRevision=0)
    assert "alex" not in error["message"]


@pytest.mark.parametrize("window", [{}, {"activeFrom": day(1)}, {"activeFrom": LONG_AGO, "activeUntil": day(2)}])
async def test_scheduled_rows_make_a_change_of_their_scope_stale_and_no_other(
    store: Api, window: dict[str, str]
) -> None:
    await set_rules(store, (TENT, {"minSaleQty": 2}), **window)
    for scope in (GLOBAL, LAMP, EAST, TENT_EAST):
        assert (await set_rules(store, (scope, {"backorders": "ALLOW"}), expectedRevision=0))["changeSet"]
    for rest in ({}, {"activeFrom": day(5)}):
        error = await refused(
            store, (LAMP, {"minSaleQty": 4}), (TENT, {"manageStock": False}), expectedRevision=0, **rest
        )
        assert error["code"] == "STALE_REVISION"
    assert (await set_rules(store, (TENT, {"manageStock": False}), expectedRevision=1))["changeSet"]


async def test_an_undoing_makes_earlier_decisions_stale_too(store: Api) -> None:
    await set_rules(store, (TENT, {"minSaleQty": 2}))
    await revert(store, 1)
    assert (await refused(store, (TENT, {"minSaleQty": 3}), expectedRevision=1))["code"] == "STALE_REVISION"


async def test_what_changes_nothing_is_never_stale_in_a_window_either(store: Api) -> None:
    window = {"activeFrom": day(1), "activeUntil": day(2)}
    await set_rules(store, (TENT, {"minSaleQty": 2}), **window)
    await set_rules(store, (TENT, {"maxSaleQty": 2}))
    for expected in (0, 1, 99, -1):
        for settings, rest in (({"minSaleQty": 2}, window), ({"minSaleQty": None}, {})):
            payload = await ask_rules(store, (TENT, settings), expectedRevision=expected, **rest)
            assert (payload["changeSet"], payload["userErrors"]) == (None, [])
            assert payload["scopeSettings"] == [{"scope": at_whole(TENT), "revision": 2}]
