"""Quantiles and tails of the distributions that intervals and tests need, from scipy when first asked for."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["chi_square_tail", "normal", "normal_tail", "student", "student_tail"]


@lru_cache(maxsize=4_096)
def student(level: float, freedom: float) -> float:
    """How many standard errors a two-sided interval of this level reaches, with so many degrees of freedom."""
    # Imported when needed: scipy takes a fifth of a second of a start.
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 1.0 - level / 2.0))


@lru_cache(maxsize=4_096)
def normal(level: float) -> float:
    """As `student`, with a known variance."""
    from scipy.special import ndtri

    return float(ndtri(1.0 - level / 2.0))


def normal_tail(score: float) -> float:
    """The probability of a standard normal beyond this score, on both sides."""
    from scipy.special import ndtr

    return float(2.0 * ndtr(-abs(score)))


def student_tail(score: float, freedom: float) -> float:
    """As `normal_tail`, with so many degrees of freedom."""
    from scipy.special import stdtr

    return float(2.0 * stdtr(freedom, -abs(score)))


def chi_square_tail(statistic: float, freedom: float) -> float:
    """The probability of a chi-square beyond this."""
    from scipy.special import chdtrc

    return float(chdtrc(freedom, statistic))
