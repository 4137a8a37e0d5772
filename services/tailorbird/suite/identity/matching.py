"""`tailorbird identity suggest`: pairs of persons who may be one, each with a probability, found by splink on DuckDB.

Fellegi and Sunter's model: how much a column's agreement says is estimated from the data themselves by expectation
maximisation, so no pairs known to match are needed. Only pairs that agree in something telling are compared. Two
persons with a customer id each are suggested too: only a person may say that they are one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import pandas as pd

from tailorbird.bus import Asker
from tailorbird.contracts.identity import (
    IDENTITY_PAGE,
    SUGGEST,
    IdentityPageQuery,
    IdentityRow,
    SuggestedIdentity,
    SuggestQuery,
)
from tailorbird.contracts.wire import Fault

__all__ = ["COLUMNS", "matched", "suggest"]

COLUMNS = ("first_name", "last_name", "birthday", "postal_code", "email", "phone", "household", "ip")
_COMPARED = (
    ("last_name", "postal_code"), ("last_name", "birthday"), ("first_name", "birthday"), ("first_name", "household"),
    ("last_name", "household"), ("email",), ("phone",), ("first_name", "ip"),
)  # fmt: skip
"""Only pairs that agree in all columns of one of these are looked at."""
SUGGESTED_AT_ONCE = 500
FEWEST = 10
"""Rows below which nothing can be estimated."""
SAMPLED_PAIRS = 1_000_000.0


async def suggest(asker: Asker, at_least: float) -> tuple[int, int]:
    """(persons compared, new suggestions with at least this probability)."""
    rows: list[IdentityRow] = []
    after, more = "", True
    while more:
        page = await asker.ask(IDENTITY_PAGE, IdentityPageQuery(after=after))
        rows += page.rows
        after, more = page.after, bool(page.after)
    found = matched(rows, at_least)
    made = 0
    for start in range(0, len(found), SUGGESTED_AT_ONCE):
        part = tuple(found[start : start + SUGGESTED_AT_ONCE])
        made += len((await asker.ask(SUGGEST, SuggestQuery(suggestions=part))).suggestions)
    return len(rows), made


def matched(rows: Sequence[IdentityRow], at_least: float) -> list[SuggestedIdentity]:
    """Pairs that are one person with at least this probability, best first. Raises Fault(422) without the extra."""
    try:
        import splink
        import splink.comparison_library as compare
    except ModuleNotFoundError as error:
        raise Fault(
            422, f"This needs the library '{error.name}'; install the extra: pip install 'tailorbird[identity]'."
        ) from error
    if len(rows) < FEWEST:
        return []
    table = pd.DataFrame([_columns(row) for row in rows])
    known = [name for name in COLUMNS if table[name].nunique() > 1]
    comparisons: list[Any] = [
        compare.JaroWinklerAtThresholds(name, [0.92, 0.85]) if name.endswith("_name") else compare.ExactMatch(name)
        for name in known
    ]
    rules: list[Any] = [splink.block_on(*columns) for columns in _COMPARED if set(columns) <= set(known)]
    if not comparisons or not rules:
        return []
    settings = splink.SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="person",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
        retain_matching_columns=True,
        additional_columns_to_retain=[],
    )
    database: Any = splink.DuckDBAPI()
    linker: Any = splink.Linker(database.register(table), settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match(rules[:3], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=7)
    predicted = linker.inference.predict(threshold_match_probability=at_least).as_pandas_dataframe()
    found = []
    for pair in predicted.to_dict("records"):
        agree = tuple(name for name in known if pair.get(f"gamma_{name}", -1) > 0)
        found.append(
            SuggestedIdentity(
                one=str(pair["person_l"]),
                other=str(pair["person_r"]),
                score=round(float(pair["match_probability"]), 4),
                agree=agree,
            )
        )
    return sorted(found, key=lambda one: (-one.score, one.suggestion_id))


def _columns(row: IdentityRow) -> dict[str, str | None]:
    """One line of the table; what is not known is missing, not empty."""
    values = {name: getattr(row, name, "") or None for name in COLUMNS if name != "ip"}
    lowered = {name: value.strip().lower() if isinstance(value, str) else None for name, value in values.items()}
    return {"person": row.person, **lowered, "ip": row.ips[-1] if row.ips else None}
