"""python3 -m suite.report FILE...: from JSON lines of the benchmarks the tables and plots of docs/benchmarks: suite.md, reach.md.

Needs gnuplot (gnuplot-nox). A measurement `machine` among the lines tells where they come from.
"""
import json
import sys
from pathlib import Path

from . import plots, table

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "benchmarks"

SUITE = """# Chains: throughput, loss, latency, cycles

{machine}Made by `bench/publish`; how to read it: [README](README.md). *No loss*: the highest rate at which nothing was lost, by binary search with loss verification.
*Saturated*: as many as the chain takes. *Cycles*: TSC cycles that all VNFs spend on a packet, rings included. One of the machine's CPUs makes, sends
and measures the packets in every case; *cores* are those that VNFs run on.

{images}

{cases}"""

CONNECTIONS = """
## New connections

Every packet is the first of its flow and makes its sessions.

{connections}"""

COMPARISONS = """
## Compared, in the same run and on the same packets

Rounds in which all take turns, medians. *Ours* is the chain as the policy places it, a process for each VNF. What each baseline stands for, and where it
is kinder than that, is told in its header in `bench/baselines/`.

{bars}

{comparisons}"""

REACH = """# What is to be reached

{machine}Made by `bench/reach.sh`, by way of `bench/publish`.

Figures are medians of windows before and after which the CPUs had a cache in common (`bench/distance`); *apart*: those of windows in which the hypervisor had them where they have none.

{reach}"""


def read(files):
    lines = [line for file in files for line in Path(file).read_text(encoding="utf-8").splitlines()]
    return [json.loads(line) for line in lines if line.startswith("{")]


def machine(measurements, of):
    """Where the measurements come from for which `of` holds: what was told last before the first of them."""
    told = None
    for m in measurements:
        if m["bench"] == "machine":
            told = m
        elif of(m):
            break
    return f"{told['text']} {told['commit']}. " if told else ""


def main():
    measurements = read(sys.argv[1:])
    images = plots.draw(measurements, FOLDER)
    bars = plots.bars(measurements, FOLDER)
    if images or bars:
        (FOLDER / "suite.md").write_text(_suite(measurements, machine(measurements, lambda m: m["bench"] != "reach"), images, bars), encoding="utf-8")
    if any(m["bench"] == "reach" for m in measurements):
        where = machine(measurements, lambda m: m["bench"] == "reach")
        (FOLDER / "reach.md").write_text(REACH.format(machine=where, reach=table.of_reach(measurements)), encoding="utf-8")


def _suite(measurements, where, images, bars):
    """What was not measured has no section."""
    page = SUITE.format(machine=where, images=_images(images), cases=table.of_cases(measurements))
    if any(m.get("what") == "new connections" for m in measurements):
        page += CONNECTIONS.format(connections=table.of_connections(measurements))
    if any(m["bench"] in ("compare", "kernel") for m in measurements):
        page += COMPARISONS.format(bars=_images(bars), comparisons=table.of_comparisons(measurements))
    return page


def _images(names):
    return " ".join(f"![{name.removesuffix('.svg')}]({name})" for name in names)


if __name__ == "__main__":
    main()
