"""What Tailorbird's choices lose in worlds whose truth is known, against a tuned epsilon-greedy and others."""

from __future__ import annotations

from tailorbird.suite.bench.table import Figure
from tailorbird.suite.simulation.comparing import compared

__all__ = ["measure_learning"]

WORLDS = range(100, 112)
DECISIONS = 100_000
RATIO = 0.7


def measure_learning() -> list[Figure]:
    """Regrets with 95 % intervals, and how sure buyers fared. Some minutes: every decision is made by the real code."""
    found = compared(WORLDS, DECISIONS)
    figures = [
        Figure(
            name="regret against a tuned epsilon-greedy", measured=found.ratio, unit="times", at_most=RATIO,
            detail=f"{found.ratio_low:.2f} to {found.ratio_high:.2f}; {found.worlds} worlds x {found.decisions:,}, "
            f"orders heard of 3,000 decisions later, 1 of 10 never; the control share costs {found.control:.1%}",
        )
    ]  # fmt: skip
    for one in found.regrets:
        sure = f"{one.subsidised:.0%} ({one.subsidised_low:.0%} to {one.subsidised_high:.0%})"
        detail = f"{one.low:,.0f} to {one.high:,.0f}; {sure} of sure buyers subsidised in the second half"
        figures.append(Figure(name=f"regret, {one.policy}", measured=one.mean, unit="money", detail=detail))
    return figures
