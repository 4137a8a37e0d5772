"""Settings with which the demonstration runs unless the environment says otherwise."""

from __future__ import annotations

__all__ = ["SETTINGS"]

SETTINGS = {
    # Story 1: readers of a site about gadgets start with tools for the kitchen.
    "TAILORBIRD_RECOMMENDER_REFERRERS": (
        "gadgets.example=Kitchen Gadgets,Small Appliances,Cookware & Bakeware,Coffee,Beef"
    ),
}
