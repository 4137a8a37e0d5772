"""One noun per concept (HOUSE.md section 11): a reader who knows the list can guess every name."""

from __future__ import annotations

from tests.house.tree import defined_names, python_files, shown, words_of

SAY_INSTEAD = {
    "user": "customer", "users": "customers", "account": "profile", "cohort": "segment", "cohorts": "segments",
    "promo": "offer", "promos": "offers", "predicate": "condition", "predicates": "conditions", "placement": "slot",
    "placements": "slots", "widget": "slot", "widgets": "slots", "blast": "campaign", "surface": "channel",
    "medium": "channel", "grant": "decision", "algorithm": "strategy", "algorithms": "strategies", "rpc": "endpoint",
    "emit": "announce", "checkpoint": "artifact", "checkpoints": "artifacts", "misc": "what it holds",
    "utils": "what it holds", "util": "what it holds", "helpers": "what it holds", "manager": "what it does",
    "ctx": "context", "cfg": "settings", "mgr": "what it does", "svc": "service", "impl": "what it does",
}  # fmt: skip
ALLOWED = {
    # implicit calls the axis of customers so, and the code beside a matrix speaks its language.
    ("services/tailorbird/recommender", "user"),
    ("services/tailorbird/recommender", "users"),
    # The colour of a surface, in a theme.
    ("services/tailorbird/assembler/layouts/theme.py", "surface"),
    ("services/tailorbird/studio/shop/scenes.py", "surface"),
    # Customers by when they first bought: no rule defines them, and the word is the field's own.
    ("services/tailorbird/insights", "cohort"),
    ("services/tailorbird/insights", "cohorts"),
    ("shared/tailorbird/contracts/reports.py", "cohort"),
    ("shared/tailorbird/contracts/reports.py", "cohorts"),
    # NATS' own word for who may enter.
    ("shared/tailorbird/bus", "user"),
    ("shared/tailorbird/host", "user"),
    ("shared/tailorbird/host", "users"),
    ("services/tailorbird/suite", "user"),
    ("services/tailorbird/suite", "users"),
}


def test_every_concept_is_called_by_its_one_noun() -> None:
    wrong = sorted(
        {
            f"{shown(path)}:{line} `{name}`: say {SAY_INSTEAD[word]}, not {word}"
            for path in python_files()
            for name, line in defined_names(path)
            for word in words_of(name) & SAY_INSTEAD.keys()
            if not any(shown(path).startswith(folder) and word == allowed for folder, allowed in ALLOWED)
        }
    )
    assert wrong == []
