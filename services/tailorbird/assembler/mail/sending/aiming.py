"""Who gets a campaign, and when: pure."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from tailorbird.assembler.mail.documents import Campaign
from tailorbird.assembler.mail.sending.capping import usual_moment
from tailorbird.contracts.words import CustomerFacts
from tailorbird.rules.attributes import attributes_of
from tailorbird.rules.normal import EVERYBODY, normal
from tailorbird.rules.plain import holds

__all__ = ["Aim"]


class Aim:
    """A campaign made ready."""

    def __init__(self, campaign: Campaign, zone: tzinfo) -> None:
        self._campaign = campaign
        self._segments = frozenset(campaign.segments)
        self._rule = normal(campaign.rule)
        self._zone = zone

    def is_for(self, facts: CustomerFacts) -> bool:
        """Whether the customer belongs to its audience."""
        if self._segments and not self._segments.intersection(facts.segments):
            return False
        return self._rule is EVERYBODY or holds(self._rule, attributes_of(facts))

    def due(self, facts: CustomerFacts, began: float) -> float:
        """When it should reach them: at once, or in the hour in which they usually read their mail, else shop."""
        if self._campaign.send == "now":
            return began
        for name in ("usual.open_hour", "usual.shop_hour"):
            hour = facts.attributes.get(name)
            if isinstance(hour, int) and 0 <= hour < 24:
                return usual_moment(hour, began)
        local = datetime.fromtimestamp(began, self._zone).replace(hour=self._campaign.hour, minute=0, second=0)
        return usual_moment(local.astimezone(UTC).hour, began)
