"""CUPED: a difference with what persons did before the experiment taken out of it."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["adjusted"]


def adjusted(values: Any, before: Any) -> tuple[Any, float]:
    """Values less what `before` explains of them, with the same mean; and the share of the variance that is left.

    theta = cov(values, before) / var(before), over all variants together (Deng, Xu, Kohavi and Walker, Improving the
    Sensitivity of Online Controlled Experiments, WSDM 2013, eq. 5). What is left is 1 - correlation^2.
    """
    values, before = np.asarray(values, dtype=float), np.asarray(before, dtype=float)
    if len(values) < 3 or before.var() == 0.0 or values.var() == 0.0:
        return values, 1.0
    theta = float(np.cov(values, before, ddof=1)[0, 1] / before.var(ddof=1))
    left = values - theta * (before - before.mean())
    return left, float(left.var() / values.var())
