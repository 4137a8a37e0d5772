"""Segments and offer rules out of the data, as documents that a marketer goes on with."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from msgspec import Raw

from tailorbird.contracts.reports import Suggestion, Suggestions, SuggestionsQuery
from tailorbird.insights.arriving.columnar import table_of
from tailorbird.insights.facts.facts import Facts
from tailorbird.insights.reports.kpireport import SIMULATED_NOTE
from tailorbird.insights.reports.suggesting import MEASURED, Candidate, Found, candidates, document_of, found_rules
from tailorbird.rules.document import Rule

__all__ = ["suggestions"]

DAYS = 28
MONTH = 30.0
LOOKED_AT = 10_000
"""Persons looked at, where the asker brings none: the first by a hash of theirs, which is a sample by chance."""
FEWEST_MADE = 200
"""Persons looked at to whom an offer must have been made before a rule for it is sought."""
OFFERS_AT_MOST = 12
FEWEST_BUYERS = 60
"""Of a sample so many must have ordered while decisions were made; else what they spent before is looked at."""
SPENT = "history.spend_last_90_days"
SPENT_DAYS = 90
_OF_SPENDING = (
    "history.orders", "history.spend", "history.average", "history.distinct", "history.predicted", "history.value",
    "history.attrition", "history.rfm", "history.recency", "history.frequency", "history.monetary", "history.is_new",
    "history.days_since", "treatment.", "loyalty.", "customer.audiences",
)  # fmt: skip
_SAMPLE = pa.schema([("number", pa.int32()), ("name", pa.string())])


def suggestions(facts: Facts, query: SuggestionsQuery) -> Suggestions:
    """Segments of persons who bring more, and offers' rules for whom they work, the largest gain first."""
    people = _people(facts, query)
    values: list[dict[str, Any]] = people["values"]
    tried = list(candidates(values))
    found: list[Suggestion] = []
    if query.kind in ("", "segment"):
        found += _segments(facts, query, people, tried)
    if query.kind in ("", "offer"):
        found += _offers(facts, query, people, tried)
    ordered = sorted(found, key=lambda one: (-one.gain, one.p_corrected or 0.0))
    simulated = bool(facts.rows("select 1 from all_persons where simulated = 1 limit 1"))
    notes = [SIMULATED_NOTE] if simulated else []
    if not ordered:
        notes.append(f"Nothing sets the {len(values):,} persons looked at apart clearly enough yet.")
    return Suggestions(
        suggestions=tuple(ordered[: query.count]), persons=len(values), simulated=simulated, notes=tuple(notes)
    )


def _segments(
    facts: Facts, query: SuggestionsQuery, people: dict[str, Any], tried: list[Candidate]
) -> list[Suggestion]:
    """Segments of persons who bring more. Before visits bring anything: who spend more, by what is known of them."""
    values: list[dict[str, Any]] = people["values"]
    outcome = np.asarray(people["revenue"], dtype=float)
    lasting = [one for one in tried if not any(map(_is_of_the_moment, one.fields))]
    finding = np.asarray(people["person"]) % 2 == 0
    before = bool(query.sample) and int((outcome != 0.0).sum()) < FEWEST_BUYERS
    if before:
        outcome = np.array([float(one.get(SPENT) or 0.0) for one in values])
        # Only those who bought are compared: of who never did hardly anything is known, so any rule would tell them.
        here = outcome > 0.0
        outcome, finding = outcome[here], finding[here]
        lasting = [
            Candidate(one.rule, one.holds[here], one.fields)
            for one in lasting
            if not any(map(_tells_of_spending, one.fields))
        ]
    if len(outcome) < FEWEST_BUYERS:
        return []
    share = _everybody(facts) / max(len(values), 1)
    every = found_rules(lasting, outcome, finding, query.level, MEASURED)
    new = [one for one in every if not _is_a_segment(one.rule)]
    return [_segment(one, share, before=before) for one in new[: query.count]]


def _is_a_segment(rule: Rule) -> bool:
    """True for what is there already: everybody who is in a certain segment."""
    return rule.field == "segments"


def _tells_of_spending(field: str) -> bool:
    """True for what is made of the spending that is to be explained: whoever spends more spends more."""
    return field == "segments" or field.startswith(_OF_SPENDING)


def _is_of_the_moment(field: str) -> bool:
    """True for what no segment can test: personas are made of segments, and the moment tells the rest."""
    return field == "persona" or field.startswith("context.")


def _everybody(facts: Facts) -> int:
    [(count,)] = facts.rows("select count(*) from all_persons")
    return int(count)


def _people(facts: Facts, query: SuggestionsQuery) -> dict[str, Any]:
    """Of each person: a number, what rules can test, revenue of the last four weeks."""
    since = facts.latest() - DAYS * 86_400.0
    bought = (
        "select person, sum(revenue) as revenue from all_outcomes where machine = 0 and kind in ('order', 'refund') "
        f"and \"at\" >= {since} and person != 0 group by person"
    )
    if not query.sample:
        found = facts.arrays(
            f"""
            select met.person as person, persona, channel, array_to_string(segments, chr(31)) as segments,
                coalesce(bought.revenue, 0) as revenue
            from (select * from all_persons order by person limit {LOOKED_AT}) as met
                left join ({bought}) as bought on bought.person = met.person order by met.person
            """
        )
        told = zip(
            np.asarray(found["persona"]).tolist(), np.asarray(found["channel"]).tolist(),
            np.asarray(found["segments"]).tolist(), strict=True,
        )  # fmt: skip
        found["values"] = [
            {"persona": persona, "context.channel": channel, "segments": segments.split("\x1f") if segments else []}
            for persona, channel, segments in told
        ]
        return found
    columns = {"number": range(len(query.sample)), "name": [one.person for one in query.sample]}
    facts.lend("sampled", table_of(columns, _SAMPLE))
    found = facts.arrays(
        f"""
        select number, hash(name) as person, coalesce(bought.revenue, 0) as revenue
        from sampled left join ({bought}) as bought on bought.person = hash(name) order by number
        """
    )
    found["values"] = [msgspec.json.decode(bytes(one.attributes)) for one in query.sample]
    return found


def _segment(one: Found, share: float, *, before: bool) -> Suggestion:
    # What was spent without us is no gain of ours.
    gain = 0.0 if before else (one.difference.low or 0.0) * one.persons * share * MONTH / DAYS
    more = f"{one.difference.value or 0.0:,.2f}"
    name = one.english[:1].upper() + one.english[1:]
    return Suggestion(
        kind="segment",
        id=_id(one.english),
        document=Raw(document_of(one.rule, name[:100])),
        english=one.english,
        because=(
            f"They spent {more} more in the last {SPENT_DAYS} days than the others who bought."
            if before
            else f"They bring {more} more revenue in four weeks than everybody else."
        ),
        reach=one.reach,
        persons=one.persons,
        metric="spend_per_person" if before else "revenue_per_person",
        lift=one.lift,
        gain=max(0.0, gain),
        p_corrected=one.p_corrected,
    )


def _offers(facts: Facts, query: SuggestionsQuery, people: dict[str, Any], tried: Any) -> list[Suggestion]:
    """For each offer made to many: of whom it is taken up (clicked or redeemed) more than of the others."""
    person = np.asarray(people["person"], dtype=np.uint64)
    if not len(person):
        return []
    facts.lend("looked_at", pa.table({"person": pa.array(person, pa.uint64())}))
    # The range lets most rows be passed over unread where the sample is of the lowest hashes.
    among = f"semi join looked_at using (person) where person between {person.min()} and {person.max()}"
    made = _by_offer(facts, f"select distinct offer, person from all_choices {among}")
    took = _by_offer(
        facts,
        f"select distinct offer_id as offer, person from all_outcomes {among} "
        "and machine = 0 and kind in ('click', 'redemption')",
    )
    found: list[Suggestion] = []
    for offer in sorted(made, key=lambda name: (-len(made[name]), name))[:OFFERS_AT_MOST]:
        here = np.isin(person, made[offer])
        if int(here.sum()) < FEWEST_MADE:
            continue
        taken = np.isin(person[here], took.get(offer, ())).astype(float)
        narrowed = [type(one)(one.rule, one.holds[here], one.fields) for one in tried]
        best = found_rules(narrowed, taken, person[here] % 2 == 0, query.level, 2)
        found += [_offer(one, offer) for one in best]
    return found


def _by_offer(facts: Facts, statement: str) -> dict[str, Any]:
    """Offer -> persons, of what the statement finds."""
    rows = facts.arrays(statement)
    offers, place = np.unique(np.asarray(rows["offer"]).astype(str), return_inverse=True)
    persons = np.asarray(rows["person"])
    return {str(offer): persons[place == number] for number, offer in enumerate(offers)}


def _offer(one: Found, offer: str) -> Suggestion:
    return Suggestion(
        kind="offer",
        id=offer,
        document=Raw(msgspec.json.encode({"rule": one.rule})),
        english=one.english,
        because=f"Of those it is made to, they take '{offer}' up more often than the others.",
        reach=one.reach,
        persons=one.persons,
        metric="taken_up",
        lift=one.lift,
        gain=0.0,
        p_corrected=one.p_corrected,
    )


def _id(sentence: str) -> str:
    """`number_of_orders_is_at_least_5`, for the document's address."""
    return re.sub(r"[^a-z0-9]+", "_", sentence.lower()).strip("_")[:60]
