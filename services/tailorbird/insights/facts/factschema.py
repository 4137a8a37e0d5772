"""The tables that reports are computed from, and how arrivals are read into their shape: the SQL of it."""

from __future__ import annotations

from tailorbird.insights.facts.cells import cell_columns

__all__ = ["ARRIVED_DECISIONS", "ARRIVED_OUTCOMES", "TABLES", "VERSION", "both", "fill", "made"]

VERSION = "4"
"""Facts made by another version are made again from the Parquet files."""

_OUTCOME = (
    "id ubigint, about varchar, \"at\" double, day integer, kind varchar, decision_id varchar, person ubigint, "
    "subject varchar, channel varchar, persona varchar, layout varchar, variant varchar, segments varchar[], "
    "exposures varchar[], slot varchar, strategy varchar, position integer, offer_id varchar, item_id varchar, "
    "order_key varchar, items double, revenue double, margin double, cost double, rating double, bought varchar[], "
    "late tinyint, machine tinyint, simulated tinyint"
)
TABLES = {
    "cells": cell_columns(),
    "outcomes": _OUTCOME,
    "exposures": "experiment varchar, variant varchar, person ubigint, \"at\" double, persona varchar, "
    "channel varchar, segments varchar[], crossover boolean, simulated tinyint",
    "persons": "person ubigint, first_at double, held_out boolean, persona varchar, channel varchar, "
    "segments varchar[], simulated tinyint",
    "choices": "decision ubigint, day integer, person ubigint, persona varchar, slot varchar, offer varchar, "
    "place integer, propensity double, simulated tinyint",
    "links": "order_id ubigint, person ubigint",
    "credited": "id ubigint",
    "uncredited": "day integer, orders bigint, simulated tinyint",
    "strangers": "day integer, decisions bigint, simulated tinyint",
    "models": "day integer, model varchar, decisions bigint, simulated tinyint",
}

_PERSON = "if(person = '', 0::ubigint, hash(person))"
ARRIVED_DECISIONS = f"""
    select decision_id as about, "at", floor("at" / 86400)::integer as day, {_PERSON} as person, subject, channel,
        persona, layout, variant, segments, slots, strategies, offers, exposures, crossovers, choice_slots, choices,
        propensities, held_out > 0 as held_out, visit, fallbacks, model, coalesce(simulated, 0)::tinyint as simulated
    from {{source}}
"""
ARRIVED_OUTCOMES = f"""
    select hash(outcome_id) as id, coalesce(nullif(decision_id, ''), outcome_id) as about, "at",
        floor("at" / 86400)::integer as day, kind, decision_id, {_PERSON} as person, subject, channel, persona, layout,
        variant, segments, exposures, slot, strategy, position, offer_id, item_id, order_key, items, revenue, margin,
        cost, rating, bought, late, machine, simulated, outcome_id
    from {{source}}
"""


def made(prefix: str, *, temporary: bool = False) -> list[str]:
    """Statements that make the tables, each name with this prefix."""
    word = "temp table" if temporary else "table"
    return [f"create {word} if not exists {prefix}{name} ({columns})" for name, columns in TABLES.items()]


def both(name: str) -> str:
    """Statement that makes the view `all_<name>`: what rests and what is young, of the traffic that is asked for."""
    asked = "getvariable('simulated')"
    wanted = f" where ({asked} is null or simulated = {asked})" if "simulated" in TABLES[name] else ""
    parts = " union all ".join(f"select * from {prefix}{name}{wanted}" for prefix in ("", "young_"))
    return f"create or replace temp view all_{name} as {parts}"


def fill(prefix: str) -> list[str]:
    """Statements that add `arrived_decisions` and `arrived_outcomes` to every table but the cells.

    What is there already, in the lasting tables or those with the prefix, is not added again.
    """
    lasting = "" if not prefix else "main."
    seen_another = """
        update exposures set crossover = true from (
            select distinct person, unnest(exposures) as exposure from arrived_decisions where person != 0
        ) as seen
        where exposures.person = seen.person and exposures.experiment = split_part(seen.exposure, chr(31), 1)
            and exposures.variant != split_part(seen.exposure, chr(31), 2)
    """
    return [
        *(() if prefix else (seen_another,)),
        f"""
        insert into {prefix}exposures
        select fresh.* from (
            select experiment, arg_min(variant, "at"), person, min("at"), arg_min(persona, "at"),
                arg_min(channel, "at"), arg_min(segments, "at"), bool_or(crossed) or count(distinct variant) > 1,
                max(simulated)
            from (
                select split_part(exposure, chr(31), 1) as experiment, split_part(exposure, chr(31), 2) as variant,
                    list_contains(crossovers, split_part(exposure, chr(31), 1)) as crossed, *
                from (select unnest(exposures) as exposure, * from arrived_decisions where person != 0)
            ) group by experiment, person
        ) as fresh(experiment, variant, person, "at", persona, channel, segments, crossover, simulated)
        anti join {lasting}exposures as known on known.person = fresh.person and known.experiment = fresh.experiment
        """,
        f"""
        insert into {prefix}persons
        select fresh.* from (
            select person, min("at"), arg_min(held_out, "at"), arg_min(persona, "at"), arg_min(channel, "at"),
                arg_min(segments, "at"), max(simulated)
            from arrived_decisions where person != 0 group by person
        ) as fresh(person, first_at, held_out, persona, channel, segments, simulated)
        anti join {lasting}persons as known using (person)
        """,
        f"""
        insert into {prefix}choices
        select hash(about), day, person, persona, unnest(choice_slots), unnest(choices),
            unnest(range(len(choices)))::integer, unnest(propensities), simulated
        from arrived_decisions where len(choices) > 0
        """,
        f"""
        insert into {prefix}strangers
        select day, count(*), simulated from arrived_decisions where person = 0 group by day, simulated
        """,
        f"""
        insert into {prefix}models
        select day, model, count(*), simulated from arrived_decisions where model != '' group by day, model, simulated
        """,
        f"""
        insert into {prefix}links
        select hash(substr(outcome_id, 2)), person from arrived_outcomes where kind = 'link' and person != 0
        """,
        f"""
        insert into {prefix}outcomes
        select * exclude (outcome_id) from arrived_outcomes where kind != 'link'
        """,
    ]
