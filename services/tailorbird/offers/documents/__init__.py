"""Offers, actions and goals as people write them: read, checked, and arranged for deciding."""
