"""Measurements as plots (SVG), by gnuplot."""
import subprocess
import tempfile
from pathlib import Path

from .table import _chain, carrier, size_in_bytes


def draw(measurements, folder):
    """Each plot that there are measurements for; the names of the files."""
    made = []
    for name, plot in PLOTS.items():
        settings, lines = plot(measurements)
        if any(points for _, points in lines):
            _gnuplot(folder / f"{name}.svg", settings, [line for line in lines if line[1]])
            made.append(f"{name}.svg")
    return made


def _growth(measurements):
    chains = [m for m in _cases(measurements) if m["chain"] == "passthrough" and m["size"] == "64" and m["replicas"] == 1]
    return (["set xlabel 'passthrough VNFs in the chain'", "set ylabel 'TSC cycles per packet and hop'", "set xtics 1", "set yrange [0:]"],
            [(_placed(key), [(len(m["vnfs"]), m["perHop"]) for m in rows]) for key, rows in _by_placement(chains)])


def _throughput(measurements):
    chains = [m for m in _cases(measurements) if m["chain"] == "passthrough" and m["size"] == "64" and m["replicas"] == 1]
    return (["set xlabel 'passthrough VNFs in the chain'", "set ylabel 'Mpps without loss, 64 B'", "set xtics 1", "set yrange [0:]"],
            [(_placed(key), [(len(m["vnfs"]), m["mpps"]) for m in rows]) for key, rows in _by_placement(chains)])


def _sizes(measurements):
    chains = [m for m in _cases(measurements) if m["chain"] == "edge" and m["family"] == 4 and m["flows"] == 65536]
    return (["set xlabel 'bytes of a frame (IMIX: its mean)'", "set ylabel 'Mpps without loss'", "set yrange [0:]"],
            [("firewall, NAT, router: " + _placed(key), sorted((size_in_bytes(m["size"]), m["mpps"]) for m in rows)) for key, rows in _by_placement(chains)])


def _flows(measurements):
    chains = [m for m in _cases(measurements) if m["chain"] == "edge" and m["family"] == 4 and m["size"] == "64"]
    return (["set xlabel 'flows'", "set ylabel 'TSC cycles per packet'", "set logscale x", "set yrange [0:]"],
            [("firewall, NAT, router: " + _placed(key), sorted((m["flows"], m["cycles"]) for m in rows)) for key, rows in _by_placement(chains)])


def _loss(measurements):
    chains = [m for m in _cases(measurements) if m["size"] == "64" and (_chain(m) == "3 passthrough" or m["flows"] == 65536) and m["cores"] == 1
              and m["replicas"] == 1 and m["placement"] in ("process", "group")]
    return (["set xlabel 'offered load, Mpps'", "set ylabel 'loss, %'", "set yrange [0:]"],
            [(f"{_chain(m)}, {m['placement']}", [(p["offeredMpps"], p["loss"] * 100) for p in m.get("lossCurve", [])]) for m in chains])


def _latency(measurements):
    chains = [m for m in _cases(measurements) if m["size"] == "64" and (_chain(m) == "3 passthrough" or m["flows"] == 65536) and m["cores"] == 1
              and m["replicas"] == 1 and "latencyAt" in m]
    return (["set xlabel 'load, % of the throughput without loss'", "set ylabel 'latency, µs'", "set logscale y", "set xtics (10, 50, 90)"],
            [(f"{_chain(m)}, {m['placement']}, {quantile}", [(int(share), at[quantile]) for share, at in m["latencyAt"].items()])
             for m in chains for quantile in ("p50", "p99")])


PLOTS = {"growth": _growth, "throughput": _throughput, "sizes": _sizes, "flows": _flows, "loss": _loss, "latency": _latency}


def bars(measurements, folder):
    """A comparison for each chain: Mpps of every way to carry it, on a logarithmic scale."""
    made = []
    compared = {}
    for m in measurements:
        if m["bench"] == "compare":
            compared.setdefault((m["chain"], m["size"]), []).append(m)
    for (chain, size), rows in compared.items():
        title, rows = _chain(rows[0]), sorted(map(carrier, rows), key=lambda m: m["mpps"])
        file = folder / f"compare-{chain}-{size}.svg"
        labels = ", ".join(f"'{m['name']}' {i}" for i, m in enumerate(rows))
        settings = [f"set ytics ({labels})", "set xlabel 'Mpps, saturated (logarithmic)'", "set logscale x", f"set yrange [-0.6:{len(rows) - 0.4}]", "unset key",
                    f"set title '{title}, {size} B'", "set style fill solid 0.6", "set lmargin 44"]
        points = [(m["mpps"], i) for i, m in enumerate(rows)]
        least = min(m["mpps"] for m in rows)
        _gnuplot(file, settings, [("", points)], f"using ({least / 3}):2:({least / 3}):1:($2-0.3):($2+0.3) with boxxyerrorbars", 150 + 30 * len(rows))
        made.append(file.name)
    return made


def _cases(measurements):
    return [m for m in measurements if m["bench"] == "suite" and "what" not in m and m["mpps"]]


def _by_placement(rows):
    keys = sorted({(m["placement"], m["cores"]) for m in rows}, reverse=True)
    return [(key, sorted((m for m in rows if (m["placement"], m["cores"]) == key), key=lambda m: len(m["vnfs"]))) for key in keys]


def _placed(key):
    return f"{key[0]}, {key[1]} core{'s' if key[1] > 1 else ''}"


def _gnuplot(file, settings, lines, style="using 1:2 with linespoints linewidth 2", height=None):
    with tempfile.TemporaryDirectory() as folder:
        drawn = []
        for i, (title, points) in enumerate(lines):
            data = Path(folder) / str(i)
            data.write_text("".join(f"{x} {y}\n" for x, y in points), encoding="utf-8")
            drawn.append(f"'{data}' {style} title '{title}'")
        script = [f"set terminal svg size 720,{height or 380 + 18 * len(lines)} font 'sans-serif,12' background rgb 'white'", f"set output '{file}'", "set encoding utf8", "set grid",
                  "set key below", *settings, "plot " + ", ".join(drawn)]
        subprocess.run(["gnuplot"], input="\n".join(script), text=True, check=True)
