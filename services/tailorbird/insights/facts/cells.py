"""Sums by day, dimension, key and group of persons: what KPIs are computed from, however many decisions there were.

A cell can be added to, so each file of arrivals adds its own rows, and rows of the same cell are put together later.
Persons stand in 256 groups by a hash: whole persons, so that what one does in many visits stays in one group, and the
variance between groups is that of persons (a cluster bootstrap's idea; Google and Microsoft call them buckets).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["DIMENSIONS", "GROUPS", "MEASURES", "cell_columns", "of_credits", "of_decisions", "of_outcomes"]

GROUPS = 256
MEASURES = (
    "decisions", "visits", "with_fallback", "impressions", "clicks", "opens", "orders", "crossed", "revenue", "items",
    "margin", "redemptions", "cost", "opt_outs", "refusals", "ratings", "rated", "complaints",
)  # fmt: skip
DIMENSIONS = (
    "all", "page", "slot", "strategy", "offer", "experiment", "persona", "segment", "channel", "layout", "variant",
    "matrix", "doing",
)  # fmt: skip
"""The last two are for the value matrix: a segment and a page together; and with them what was decided there."""
BUCKET = f"(if(person = 0, hash(about), person) % {GROUPS})::usmallint"

_ONE_EACH = {
    "all": "''", "page": "subject", "persona": "persona", "channel": "channel", "layout": "layout",
    "variant": "layout || ':' || variant",
}  # fmt: skip
_SEVERAL = {
    "segment": "segments",
    "experiment": "list_transform(exposures, lambda one: replace(one, chr(31), ':'))",
    "matrix": "list_transform(segments, lambda one: one || chr(31) || subject)",
}
_WHERE_IT_STOOD = {"slot": "slot", "strategy": "strategy", "offer": "offer_id"}
_ALL_THAT_STOOD = {"slot": "list_distinct(slots)", "strategy": "strategies", "offer": "offers"}


_REDEEMED = {"redemptions": "1", "cost": "cost"}


def cell_columns() -> str:
    """The table's columns, as SQL declares them."""
    measures = ", ".join(f"{name} double not null default 0" for name in MEASURES)
    return (
        "day integer, dimension utinyint, key varchar, bucket usmallint, simulated tinyint, credit utinyint, "
        f"{measures}"
    )


_DOING = """
    flatten(list_transform(segments, lambda one: list_transform(list_concat(strategies, offers),
        lambda thing: one || chr(31) || subject || chr(31) || thing)))
"""


def of_decisions(source: str, target: str) -> list[str]:
    """Statements that add decisions: each counts once for every key that it has."""
    sums = {"decisions": "1", "visits": "visit", "with_fallback": "if(fallbacks > 0, 1, 0)"}
    of_each = _statements(source, target, _ONE_EACH, _SEVERAL | _ALL_THAT_STOOD, sums, "0")
    # What was done is only counted, so it stands in one group.
    done = (
        f"insert into {target} (day, dimension, key, bucket, simulated, credit, decisions) "
        f"select day, {DIMENSIONS.index('doing')}, key, 0, simulated, 0, count(*) from "
        f"(select day, simulated, unnest({_DOING}) as key from {source}) group by day, simulated, key"
    )
    return [*of_each, done]


def of_outcomes(source: str, target: str, margin_rate: float) -> list[str]:
    """Statements that add outcomes. Orders and redemptions count here for all together (and their
    offer) alone: elsewhere they are credited.
    """
    told = {
        "impressions": "if(kind = 'impression', 1, 0)",
        "clicks": "if(kind = 'click', 1, 0)",
        "opens": "if(kind = 'open', 1, 0)",
        "opt_outs": "if(kind = 'opt_out', 1, 0)",
        "refusals": "if(kind = 'not_for_me', 1, 0)",
        "ratings": "if(kind = 'rating', 1, 0)",
        "rated": "if(kind = 'rating', rating, 0)",
        "complaints": "if(kind = 'complaint', 1, 0)",
    }
    counted = f"(select * from {source} where machine = 0 and kind not in ('order', 'refund', 'redemption', 'refused'))"
    orders = f"(select * from {source} where machine = 0 and kind in ('order', 'refund'))"
    redeemed = f"(select * from {source} where machine = 0 and kind = 'redemption')"
    bought = {
        "orders": "if(kind = 'order', 1, 0)",
        "revenue": "revenue",
        "items": "items",
        "margin": _margin(margin_rate),
    }
    return [
        *_statements(counted, target, _ONE_EACH | _WHERE_IT_STOOD, _SEVERAL, told, "0"),
        *_statements(orders, target, {"all": "''"}, {}, bought, "0"),
        *_statements(redeemed, target, {"all": "''", "offer": "offer_id"}, {}, _REDEEMED, "0"),
    ]


def of_credits(source: str, target: str, margin_rate: float) -> list[str]:
    """Statements that add credited orders: by last touch (`credit` 1), by linear shares (2)."""
    statements: list[str] = []
    everywhere = {name: one for name, one in _ONE_EACH.items() if name != "all"} | _WHERE_IT_STOOD
    for credit, share in (("1", "last"), ("2", "linear")):
        sums = {
            "orders": f'"{share}" * if(kind = \'order\', 1, 0)',
            "crossed": f'"{share}" * crossed',
            "revenue": f'"{share}" * revenue',
            "items": f'"{share}" * items',
            "margin": f'"{share}" * {_margin(margin_rate)}',
        }
        given = f'(select * from {source} where "{share}" > 0 and kind != \'redemption\')'
        statements += _statements(given, target, everywhere, _SEVERAL, sums, credit)
        redeemed = f'(select * from {source} where "{share}" > 0 and kind = \'redemption\')'
        shared = {"redemptions": f'"{share}"', "cost": f'"{share}" * cost'}
        beyond = {name: one for name, one in everywhere.items() if name != "offer"}
        statements += _statements(redeemed, target, beyond, _SEVERAL, shared, credit)
    # Of all orders together each counts already; only whether it held something recommended is known from here.
    credited = f"(select * from {source} where \"last\" > 0 and kind = 'order')"
    return statements + _statements(credited, target, {"all": "''"}, {}, {"crossed": "crossed"}, "0")


def _margin(rate: float) -> str:
    return f"if(margin is null or isnan(margin), {rate} * revenue, margin)"


def _statements(
    source: str,
    target: str,
    single: Mapping[str, str],
    several: Mapping[str, str],
    sums: Mapping[str, str],
    credit: str,
) -> list[str]:
    return [_statement(source, target, name, key, sums, credit, listed=False) for name, key in single.items()] + [
        _statement(source, target, name, key, sums, credit, listed=True) for name, key in several.items()
    ]


def _statement(
    source: str, target: str, dimension: str, key: str, sums: Mapping[str, str], credit: str, *, listed: bool
) -> str:
    names: Sequence[str] = tuple(sums)
    summed = ", ".join(f"sum({name})" for name in names)
    inner = ", ".join(f"{expression} as {name}" for name, expression in sums.items())
    found = f"unnest({key})" if listed else key
    # A slot, strategy or offer that is not known is none; a customer without a persona is one of those without.
    known = " where key != ''" if dimension not in ("all", "persona", "channel", "page") else ""
    return (
        f"insert into {target} (day, dimension, key, bucket, simulated, credit, {', '.join(names)}) "
        f"select day, {DIMENSIONS.index(dimension)}, key, bucket, simulated, {credit}, {summed} from "
        f"(select day, simulated, {found} as key, {BUCKET} as bucket, {inner} from {source}){known} "
        "group by day, simulated, key, bucket"
    )
