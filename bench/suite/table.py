"""Measurements as tables of Markdown. Pure."""
from . import cases


def markdown(columns, rows):
    """columns: [(heading, function of a row)]; what a function has no value for is left empty. Numbers stand at the right."""
    cells = [[_cell(value(row)) for _, value in columns] for row in rows]
    numeric = [all(_is_number(line[i]) for line in cells if line[i]) and any(line[i] for line in cells) for i in range(len(columns))]
    lines = ["| " + " | ".join(heading for heading, _ in columns) + " |", "|" + "|".join("---:" if right else "---" for right in numeric) + "|"]
    return "\n".join(lines + ["| " + " | ".join(line) + " |" for line in cells]) + "\n"


def of_cases(measurements):
    return markdown([
        ("chain", _chain), ("frame", lambda m: m["size"]), ("IP", lambda m: f"v{m['family']}"), ("flows", lambda m: m["flows"]),
        ("placement", _placement), ("Mpps, no loss", lambda m: m["mpps"]), ("Gb/s", lambda m: m.get("gbps")), ("Mpps, saturated", lambda m: m["maxMpps"]),
        ("cycles", lambda m: m["cycles"]), ("per hop", lambda m: m["perHop"]),
        ("p50 / p99 µs at 10 %", _latency("10")), ("at 50 %", _latency("50")), ("at 90 %", _latency("90")),
        ("CPUs, VNFs + ports", lambda m: _cpu(m.get("cpu"))), ("idle", lambda m: _cpu(m.get("idleCpu"))),
    ], [m for m in measurements if m["bench"] == "suite" and "what" not in m])


def of_connections(measurements):
    return markdown([
        ("chain", _chain), ("flows", lambda m: m["flows"]), ("placement", _placement), ("new connections per second", lambda m: m["connectionsPerSecond"]),
        ("cycles", lambda m: m["cycles"]), ("loss", lambda m: m["loss"]),
    ], [m for m in measurements if m.get("what") == "new connections"])


def of_comparisons(measurements):
    return markdown([
        ("chain", _chain), ("frame", lambda m: m["size"]), ("carried by", lambda m: carrier(m)["name"]), ("Mpps", lambda m: carrier(m)["mpps"]),
        ("ours is so many times it", lambda m: m.get("ratio")), ("spread of rounds", lambda m: f"{carrier(m)['spread'] * 100:.0f} %"),
    ], [m for m in measurements if m["bench"] in ("compare", "kernel")])


def carrier(m):
    """Whom a line of a comparison is about."""
    return m.get("baseline") or {"name": m["way"] if m["way"].startswith("ours") else f"ours, {m['way']}", "mpps": m["mpps"], "spread": m["spread"]}


def of_reach(measurements):
    return markdown([
        ("what", lambda m: m["what"]), ("target", lambda m: m["target"]), ("measured", lambda m: m["measured"]),
        ("reached", lambda m: {True: "yes", False: "no", None: ""}[m["reached"]]),
    ], [m for m in measurements if m["bench"] == "reach"])


def _chain(m):
    n = len(m["vnfs"])
    return f"{n} {m['vnfs'][0]}" if n > 1 and len(set(m["vnfs"])) == 1 else " → ".join(m["vnfs"])


def _placement(m):
    parts = [m["placement"], f"{m['cores']} core{'s' if m['cores'] > 1 else ''}"]
    return ", ".join(parts + ([f"{m['replicas']} replicas"] if m["replicas"] > 1 else []))


def _latency(share):
    def value(m):
        at = m.get("latencyAt", {}).get(share)
        return f"{at['p50']} / {at['p99']}" if at else None
    return value


def _cpu(cpu):
    return f"{cpu['vnfs']:.2f} + {cpu['dataplane']:.2f}" if cpu else None


def _cell(value):
    return "" if value is None else f"{value:.3g}" if isinstance(value, float) and abs(value) < 100 else f"{round(value):,}" if isinstance(
        value, (int, float)) and not isinstance(value, bool) else str(value).replace("|", "\\|")


def _is_number(cell):
    return cell.replace(",", "").replace(".", "").replace("-", "").replace("e", "").isdigit()


def size_in_bytes(size):
    return {"imix": 362}.get(size) or cases.SIZES[size]
