"""Bounds for small numbers: how surprising a count is, and where the usual ends.

Exact binomial tails instead of bare ratios, since most sources have few pages in a period; medians and their absolute
deviations instead of means, since one odd day must not move what is usual.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

_ONE_SIDED_95 = 1.645
_MAD_TO_SIGMA = 1.4826


def binomial_tail(count: int, total: int, share: float) -> float:
    """The probability of `count` or more of `total`, where each is one with probability `share`."""
    if count <= 0:
        return 1.0
    if share <= 0.0 or count > total:
        return 0.0
    if share >= 1.0:
        return 1.0
    logs = [
        math.lgamma(total + 1)
        - math.lgamma(k + 1)
        - math.lgamma(total - k + 1)
        + k * math.log(share)
        + (total - k) * math.log1p(-share)
        for k in range(count, total + 1)
    ]
    return min(1.0, math.fsum(math.exp(value) for value in logs))


def upper_share(count: int, total: int) -> float:
    """The upper end of the one-sided 95 % Wilson interval of a share; 1 where nothing was counted."""
    if total <= 0:
        return 1.0
    z2 = _ONE_SIDED_95**2
    share = count / total
    middle = share + z2 / (2 * total)
    margin = _ONE_SIDED_95 * math.sqrt(share * (1 - share) / total + z2 / (4 * total * total))
    return min(1.0, (middle + margin) / (1 + z2 / total))


def quantile(values: Sequence[float], share: float) -> float:
    """The value that a share of all values does not pass, the next one up where it falls between two."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1 if share > 0 else 0)]


def spread(values: Sequence[float]) -> float:
    """The standard deviation as the median absolute deviation tells it: half of the values may be odd."""
    middle = median(values)
    return _MAD_TO_SIGMA * median(abs(value - middle) for value in values)
