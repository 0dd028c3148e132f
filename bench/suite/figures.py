"""The arithmetic of measurements. Pure."""
import math


def median(values):
    ordered = sorted(values)
    n = len(ordered)
    if n == 0:
        raise ValueError("the median of nothing")
    return ordered[n // 2] if n % 2 else (ordered[n // 2 - 1] + ordered[n // 2]) / 2


def percentile(values, share):
    """Nearest rank: the smallest value that at least that share of all are at or below."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("a percentile of nothing")
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(values):
    """How far apart the rounds are: (largest - smallest) / median."""
    middle = median(values)
    return (max(values) - min(values)) / middle if middle else 0.0


def ratio(a, b, digits=2):
    """a to b; None if b is nothing."""
    return round(a / b, digits) if b else None


def cycles_per_packet(before, after, packets):
    """TSC cycles that each VNF spent on a packet between two statistics (docs/southbound.md, section 4), by name."""
    had = {vnf["id"]: vnf["burstCycles"]["sum"] for vnf in before["vnfs"]}
    if packets <= 0:
        return {}
    return {vnf["name"]: (vnf["burstCycles"]["sum"] - had.get(vnf["id"], 0)) / packets for vnf in after["vnfs"]}


def growth(points):
    """[(hops, cycles)] of chains that differ in length alone: how far the cost per hop lies from its median at most, as a share."""
    costs = [cycles / hops for hops, cycles in points]
    return max(abs(cost / median(costs) - 1) for cost in costs)


def significant(value, digits=3):
    """Rounded to so many digits; integers above them stay whole."""
    if value is None or value == 0 or not math.isfinite(value):
        return value
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    return int(rounded) if places <= 0 else rounded
