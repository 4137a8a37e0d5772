"""What services say to each other of experiments: which variant somebody has, and which they saw first."""

from __future__ import annotations

from msgspec import Struct

from tailorbird.contracts.wire import Message
from tailorbird.contracts.words import Seconds

__all__ = ["EXPOSED_EVENT", "Assignment", "Exposure"]

EXPOSED_EVENT = "Experiment Viewed"
"""Segment's name of the event that tells of an exposure; its properties are `experiment_id` and `variation_id`."""


class Assignment(Message, omit_defaults=False):
    """The variant of one experiment that one decision was made with."""

    experiment_id: str
    variant_id: str
    """The levels of its factors, joined by `+` in their order: `question`, `question+green`."""
    exposed: bool
    """The variants would have differed in this decision. A person's exposure is the first decision that says so."""
    crossover: bool = False
    """This person has had another variant before, under another identity: analyses look at them apart."""


class Exposure(Struct, frozen=True, array_like=True, gc=False):
    """The variant of an experiment that a person had first: [experiment_id, variant_id, at, crossover]."""

    experiment_id: str
    variant_id: str
    at: Seconds
    """To the millisecond: within one second somebody may see one variant, log in and see another."""
    crossover: bool = False
    """Under another of their identities they had another variant, before these were known to be one person's."""
