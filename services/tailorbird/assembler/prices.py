"""A price as people read it."""

from __future__ import annotations

__all__ = ["money"]


def money(amount: object, currency: str = "USD") -> str:
    """$2.49; nothing of what is no number."""
    if not isinstance(amount, (int, float)):
        return ""
    sign = {"USD": "$", "EUR": "€", "GBP": "£"}.get(currency)
    return f"{sign}{amount:,.2f}" if sign else f"{amount:,.2f} {currency}"
