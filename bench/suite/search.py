"""The highest rate at which nothing is lost, by binary search with loss verification. Pure: trials are a function.

Taken from ETSI GS NFV-TST 009: throughput is the highest offered load at which a trial loses nothing; binary search over the load;
a trial that loses is repeated at the same load, and one loss-free repetition makes it good, as a loss that does not come again is the
machine's (a CPU that was taken away) and not the rate's (*loss verification*); the answer is confirmed by a longer trial. Not taken: its
60 s of a final trial (ours says how long it was), and loads as a list of fixed steps.
"""
from dataclasses import dataclass, field


@dataclass
class Found:
    rate: float  # packets per second; 0: even the lowest loses
    trial: object  # the one that confirmed it; None if rate is 0
    tried: list = field(default_factory=list)  # (rate, loss) of every trial, in their order


def highest(trial, low, high, precision=0.02, repeats=1, back=0.92, least=0.25):
    """trial(rate, confirms) -> something with .loss, a share; confirms: the long one. Between low and high, to precision * high.
    When the confirmation loses, `repeats` times, the rate goes back by `back`, down to `least` of what was found."""
    found = Found(0, None)
    good, bad = low, high
    if _passes(trial, high, found, repeats, False):
        good = high
    while bad - good > precision * high:
        rate = (good + bad) / 2
        if _passes(trial, rate, found, repeats, False):
            good = rate
        else:
            bad = rate
    rate = good
    while rate >= least * good:
        last = _passes(trial, rate, found, repeats, True)
        if last:
            found.rate, found.trial = rate, last
            break
        rate *= back
    return found


def _passes(trial, rate, found, repeats, confirms):
    for _ in range(repeats + 1):
        result = trial(rate, confirms)
        found.tried.append((rate, result.loss))
        if result.loss == 0:
            return result
    return None
