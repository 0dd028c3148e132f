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


ONE_CORE, NEAR = 220, 800  # cycles there and back: threads of one core take 130, CPUs that share a cache 300 to 400, others 1,100 and more


def apart(before, after):
    """Whether two CPUs had no cache in common while something was measured, by their distance before and after; None: they were moved
    meanwhile, were one core, or there is one."""
    if before is None or after is None or before < ONE_CORE or after < ONE_CORE or (before > NEAR) != (after > NEAR):
        return None
    return before > NEAR


def near_and_apart(taken):
    """[(value, apart())] -> medians: of those with the CPUs near one another, or if there is none of all; and with them apart, or None."""
    near = [value for value, far in taken if far is False] or [value for value, _ in taken]
    far = [value for value, far in taken if far]
    return median(near), median(far) if far else None


def line(points):
    """Least squares: (a, b) of y = a + b * x."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    x0, y0 = sum(xs) / len(xs), sum(ys) / len(ys)
    b = sum((x - x0) * (y - y0) for x, y in points) / sum((x - x0) ** 2 for x in xs)
    return y0 - b * x0, b


def growth(points):
    """[(hops, cycles)] of chains that differ in length alone: (way in and out, cost per hop, and how far a chain lies from the sum of
    these at most, as a share). The way in and out is from and to another CPU, whatever the length."""
    way, hop = line(points)
    return way, hop, max(abs(cycles / (way + hop * hops) - 1) for hops, cycles in points)


def significant(value, digits=3):
    """Rounded to so many digits; integers above them stay whole."""
    if value is None or value == 0 or not math.isfinite(value):
        return value
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    return int(rounded) if places <= 0 else rounded
