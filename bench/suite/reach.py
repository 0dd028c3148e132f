"""python3 -m suite.reach [--long] [--row WORD]: what the platform is to reach, each row measured and set beside its target.

One JSON object per row on standard output, {bench: "reach", row, what, target, measured, reached, ...figures}, and the same for people on
standard error. Figures are medians of rounds; where a row compares, all take turns in the same rounds. A row that needs what the machine
does not have (a CPU for each replica and one for the ports) is measured with what there is, and says so.
"""
import argparse
import contextlib
import json
import os
import subprocess
import sys
from dataclasses import replace

from . import cases, figures, measure
from .console import say, tell, turn
from .service import Service
from .testbed import TREE, Refused, whole_machine

IPERF = TREE / "bench" / "iperf.sh"
EDGE, PASSTHROUGH = cases.EDGE, cases.PASSTHROUGH
HOPS = (1, 2, 3, 4, 5, 6, 7, 8)
FLOWS = (1024, 8192, 65536, 262144, 1048576)


WINDOWS = 3  # measured of one that is up
FLOWS_LEARNT = 150_000  # a second, until each has an entry in the flow cache, at the least
FLOWS_SEEN = 250_000  # a second of a window: entries end in the pause before it, and are made anew


class Rounds:
    """Saturated throughput and cycles of several ways to carry packets, in turns; each with the distance of the CPUs."""

    def __init__(self, bed, effort):
        self.bed, self.effort = bed, effort
        self.trials = {}

    def run(self, ways):
        """ways: {name: arguments of Service}."""
        for _ in range(self.effort.rounds):
            for name, how in ways.items():
                turn()
                with Service(self.bed, **how) as service:
                    service.trial(0, 0, warm=True)
                    service.trial(0, max(self.effort.turn / 2, how["case"].flows / FLOWS_LEARNT))
                    self.trials.setdefault(name, []).extend(self._window(service, how["case"]) for _ in range(WINDOWS))
        return self

    def _window(self, service, case):
        before = self.bed.distance()
        trial = service.trial(0, max(self.effort.turn, case.flows / FLOWS_SEEN))
        return trial, figures.apart(before, self.bed.distance())

    def mpps(self, name):
        return self._medians(name, lambda trial: trial.mpps)[0]

    def cycles(self, name):
        return self._medians(name, lambda trial: sum(trial.cycles.values()))[0]

    def apart(self, name):
        """{apartMpps} where the CPUs were apart for some windows."""
        far = self._medians(name, lambda trial: trial.mpps)[1]
        return {} if far is None else {"apartMpps": far}

    def text(self, name):
        far = self.apart(name).get("apartMpps")
        return f"{self.mpps(name):.1f} Mpps" + (f" ({far:.1f} with the CPUs apart)" if far is not None else "")

    def _medians(self, name, what):
        return figures.near_and_apart([(what(trial), far) for trial, far in self.trials[name]])


def passthroughs(bed, effort):
    """Three passthroughs as the policies place them: processes over the CPUs, or by what they take (`isolation: auto`)."""
    relays = {f"relay on CPU {core}": {"case": PASSTHROUGH, "relay": "ladder", "relay_core": core} for core in bed.cores[:2]}
    rounds = Rounds(bed, effort).run({"process": {"case": PASSTHROUGH, "placed": True}, "auto": {"case": replace(PASSTHROUGH, placement="auto")},
                                      "spin": {"case": replace(PASSTHROUGH, idle="spin")}, **relays})
    best = max(("process", "auto"), key=rounds.mpps)
    mpps = rounds.mpps(best)
    spin, relay = rounds.mpps("spin"), max(rounds.mpps(name) for name in relays)
    what = "three passthroughs, 64 B, placed by the policy"
    yield row("passthrough-rate", what, "25 Mpps", f"{rounds.text(best)}, `{best}`; `process` {rounds.mpps('process'):.1f}", mpps >= 25,
              mpps=mpps, placement=best, **rounds.apart(best))
    yield row("passthrough-spin", "the same, to spinning workers that outnumber the CPUs", "100 times", f"{mpps / spin:.0f} times ({spin:.2f} Mpps)",
              mpps >= 100 * spin, mpps=mpps, baseline={"name": "spinning workers", "mpps": spin}, ratio=mpps / spin)
    yield row("passthrough-relay", "the same, to a central relay with our idle ladder", "1.5 times", f"{mpps / relay:.1f} times ({relay:.2f} Mpps)",
              mpps >= 1.5 * relay, mpps=mpps, baseline={"name": "central relay, our idle ladder", "mpps": relay}, ratio=mpps / relay)


def edge(bed, effort):
    """firewall -> NAT -> router: processes, a group, replicas."""
    two = replace(EDGE, cores=2)
    ways = {"process, policy": {"case": EDGE}, "process, in turns on both CPUs": {"case": two}, "group": {"case": replace(EDGE, placement="group")}}
    rounds = Rounds(bed, effort).run(ways)
    best = max(("process, policy", "process, in turns on both CPUs"), key=rounds.mpps)
    mpps, group = rounds.mpps(best), rounds.mpps("group")
    what = "firewall → NAT → router, 65,536 flows, 64 B"
    yield row("edge-process", f"{what}, `process`, two cores", "8 Mpps", f"{rounds.text(best)}, {best.split(', ')[1]}", mpps >= 8, mpps=mpps,
              cycles=rounds.cycles(best), **rounds.apart(best))
    yield row("edge-group", f"{what}, `group`, one core", "10 Mpps (20 with the flow cache)", f"{rounds.text('group')}, {rounds.cycles('group'):.0f} cycles", group >= 10,
              mpps=group, cycles=rounds.cycles("group"), **rounds.apart("group"))


def replicas(bed, effort):
    """The same with two replicas: of the group, or where that is refused of each process. With two CPUs the ports' worker shares one of them."""
    rounds = Rounds(bed, effort)
    for placement in ("group", "process"):
        try:
            mpps = rounds.run({placement: {"case": replace(EDGE, replicas=2, cores=2, placement=placement), "placed": True}}).mpps(placement)
            break
        except Refused as refused:
            say(f"  two replicas, {placement}: {str(refused)[:160]}")
    else:
        return
    note = "" if len(bed.cores) > 2 else ", on two CPUs of which one makes the traffic too"
    yield row("edge-replicas", "firewall → NAT → router, 65,536 flows, 64 B, `group`, two replicas on two cores", "19 Mpps",
              f"{mpps:.1f} Mpps as `{placement}`{note}", mpps >= 19 and placement == "group", mpps=mpps, placement=placement)


def growth(bed, effort):
    rounds = Rounds(bed, effort).run({n: {"case": replace(PASSTHROUGH, hops=n, placement="group")} for n in HOPS})
    costs = [(n, rounds.cycles(n)) for n in HOPS]
    way, hop, off = figures.growth(costs)
    yield row("growth", "1 to 8 VNFs in a group: cost per hop", "constant within 10 %",
              f"{hop:.0f} cycles, and {way:.0f} for the way in and out: within {off * 100:.0f} % ({' '.join(f'{cycles:.0f}' for _, cycles in costs)})",
              off <= 0.1, perHop=hop, wayInAndOut=way, cycles=[cycles for _, cycles in costs])


def slope(bed, effort):
    rounds = Rounds(bed, effort).run({n: {"case": replace(EDGE, flows=n, placement="group")} for n in FLOWS})
    cycles = [rounds.cycles(n) for n in FLOWS]
    times = max(cycles) / cycles[0]
    yield row("slope", "1 k to 1 M flows through firewall → NAT → router", "at most 2.5 times the cycles",
              f"{times:.2f} times ({' '.join(f'{value:.0f}' for value in cycles)})", times <= 2.5, flows=FLOWS, cycles=cycles)


LATENCY_WINDOWS = 11  # the hypervisor takes a CPU away for a millisecond or more in some, which is their 99th percentile then


def latency(bed, effort):
    """At 10 % of the rate that the chain can do; processes that share a core."""
    p50, p99 = [], []
    turn()
    with Service(bed, PASSTHROUGH) as service:
        service.trial(0, 0, warm=True)
        rate = service.trial(0, effort.turn).mpps * 1e5
        for _ in range(LATENCY_WINDOWS):
            trial = service.trial(rate, effort.latency * 2)
            p50.append(trial.latency["p50"])
            p99.append(trial.latency["p99"])
    with Service(bed, replace(PASSTHROUGH, hops=0)) as wire:
        direct = [wire.trial(rate, effort.latency * 2).latency for _ in range(LATENCY_WINDOWS)]
    bare = {name: figures.median([at[name] for at in direct]) for name in ("p50", "p99")}
    added = figures.median(p50) - bare["p50"], figures.median(p99) - bare["p99"]
    yield row("latency", "latency added by three VNFs at 10 % load, processes on a shared core", "p50 under 30 µs, p99 under 200 µs",
              f"p50 {added[0]:.1f} µs, p99 {added[1]:.0f} µs", added[0] < 30 and added[1] < 200, addedUs={"p50": added[0], "p99": added[1]},
              bareUs=bare, mppsOffered=rate / 1e6)


def tcp(_bed, _effort):
    """By bench/iperf.sh, which starts a platform of its own: TCP through the chain as a group between two namespaces, and the kernel on the
    same veths: with the offloads off also with GRO at its own ends, as our af_packet ports have it then."""
    if not IPERF.exists():
        say(f"  {IPERF.name} is not in this tree")
        return
    turn()
    done = subprocess.run([str(IPERF)], stdout=subprocess.PIPE, text=True, check=False, timeout=600, env={**os.environ, "ISOLATION": "group"})
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    for offloads, target in ((False, "the kernel's"), (True, "8 Gb/s")):
        ways = [line for line in lines if line["offloads"] == offloads]
        if not ways:
            continue
        best = max(ways, key=lambda line: line["gbps"])
        kernel, gro = best["baseline"]["gbps"], best["baseline"].get("gro_gbps")
        yield row(f"tcp-offloads-{'on' if offloads else 'off'}", f"TCP through firewall → NAT → router between veths, offloads {'on' if offloads else 'off'}",
                  f"at least {target}", f"{best['gbps']:.1f} Gb/s by {best['driver']}, the kernel {kernel:.1f}" + (f", with GRO {gro:.1f}" if gro else ""),
                  best["gbps"] >= (8 if offloads else kernel), gbps=best["gbps"], baseline=best["baseline"], ratio=best["ratio"])


def row(name, what, target, measured, reached, **more):
    return {"bench": "reach", "row": name, "what": what, "target": target, "measured": measured, "reached": bool(reached),
            **{key: _rounded(value) for key, value in more.items()}}


def _rounded(value):
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return figures.significant(value, 4) if isinstance(value, float) else value


ROWS = (passthroughs, edge, replicas, growth, slope, latency, tcp)
ALONE = (tcp,)


def main():
    parser = argparse.ArgumentParser(prog="bench/reach", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true", default=bool(os.environ.get("LONG")))
    parser.add_argument("--row", action="append", help=f"only these: {', '.join(rows.__name__ for rows in ROWS)}")
    options = parser.parse_args()
    effort, status = measure.LONG if options.long else measure.SHORT, 0
    for rows in ROWS:
        if options.row and rows.__name__ not in options.row:
            continue
        try:
            with contextlib.nullcontext() if rows in ALONE else whole_machine() as bed:
                for measured in rows(bed, effort):
                    say(f"{'reached' if measured['reached'] else 'not yet':8} {measured['what']}: {measured['measured']}, wanted: {measured['target']}")
                    tell(measured)
        except Refused as refused:
            say(f"{rows.__name__}: {refused}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
