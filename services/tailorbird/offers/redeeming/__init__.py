"""Redemptions, counted exactly: limits, the journal on the ledger, and telling insights."""
