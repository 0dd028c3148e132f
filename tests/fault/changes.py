"""changes.py: changes running VNFs under load, and accounts for everything after each.

	changes.py --changes N --client NAMESPACE --server NAMESPACE [--seed N]

Upgrades (to the same package: another process), and moves to another core and back, of the VNFs of `edge` and `load`
in turn. Nothing may be lost by any: no datagram of the sessions of `edge`, no packet of `load` between its generator and its
sink. What the generator sheds because the chain is full is compared with what it sheds in a while without changes, since a
machine that does other work lets a chain wait at any time. One JSON object on stdout, as kills.py.
"""
import subprocess
import sys
import time

import suite

QUIET_S = 3


class Changes(suite.Suite):
    kinds = ("done", "lost", "audit", "sessions", "leftovers")

    def __init__(self, args):
        super().__init__(args)
        self.times_ms, self.gone = [], {"edge": 0, "load": 0, "shed": 0}
        self.start_traffic()
        slots = self.host.slots()
        self.load_ns = next((slot["ns"] for name, slot in slots.items() if name.startswith("load.")), None)
        self.load = self.load_counts()
        self.packets = self.load["sent"]

    def run(self):
        time.sleep(0.5)
        self.check()
        self.traffic.faults()
        quiet = self.gone["shed"]
        time.sleep(QUIET_S)
        self.check()
        self.shed_quiet, self.shed_before = self.gone["shed"] - quiet, self.gone["shed"]
        self.began = time.monotonic()
        for number in range(self.args.changes):
            self.what = f"change {number}"
            name = self.random.choice(sorted(self.host.slots()))
            self.change(name, self.random.choice((self.upgrade, self.move) if len(self.args.cores) > 1 else (self.upgrade,)))
            self.check()

    # ---- the changes ----

    def change(self, name, how):
        before = self.host.slots()[name]
        begin = time.monotonic()
        command = how(name, before)
        done = subprocess.run(["renga", *command, "--wait=60"], capture_output=True, text=True, timeout=90, check=False)
        self.times_ms.append((time.monotonic() - begin) * 1000)
        after = self.host.slots()[name]
        if done.returncode != 0:
            self.say("done", f"{command}: {done.stderr.strip()}")
        elif after["pid"] in (0, before["pid"]):
            self.say("done", f"{command}: process {before['pid']} is still there")

    def upgrade(self, name, slot):
        return ["vnf", "upgrade", name, "renga-" + slot["type"]]

    def move(self, name, slot):
        return ["vnf", "move", name, str(next(core for core in self.args.cores if core != slot["core"]))]

    # ---- the checks ----

    def check(self):
        lost = self.lost()
        if lost:
            self.gone["edge"] += lost
            self.say("lost", f"{lost} datagrams between the hosts: {self.drops('edge.')}")
        self.check_sessions()
        self.check_load()
        self.check_audit()
        self.check_leftovers()

    def drops(self, chain):
        ns = next(slot["ns"] for name, slot in self.host.slots().items() if name.startswith(chain))
        stats = self.host.stats(ns)
        return {thing["name"]: {k: n for k, n in thing["drops"].items() if n} for thing in stats["ports"] + stats["vnfs"]}

    def check_load(self):
        before, self.load = self.load, self.load_counts()
        for what in ("lost", "dropped", "shed", "reordered"):
            more = self.load[what] - before[what]
            if more > 0:
                self.gone["shed" if what == "shed" else "load"] += more
                if what != "shed":
                    self.say("lost", f"{more} packets of the load {what}: {self.drops('load.')}")

    def load_counts(self):
        """Figures of `load`: gaps in the sequence at the sink, drops by its VNFs, what the generator shed."""
        counts = dict.fromkeys(("sent", "lost", "dropped", "shed", "reordered"), 0)
        if self.load_ns is None:
            return counts
        stats = self.host.stats(self.load_ns)
        for port in stats["ports"]:
            measured = port.get("generator", {})
            counts["shed"] += port["drops"].get("overflow", 0) + port["drops"].get("no-buffer", 0)
            counts["sent"] += measured.get("sent", 0) if port["driver"] == "generator" else 0
            counts["lost"] += measured.get("lost", 0)
            counts["reordered"] += measured.get("reordered", 0)
        counts["dropped"] = sum(n for vnf in stats["vnfs"] for reason, n in vnf["drops"].items() if reason != "local")
        return counts

    def shed_changes(self):
        return (self.gone["shed"] - self.shed_before) / (time.monotonic() - self.began)

    def report(self):
        times = sorted(self.times_ms) or [0.0]
        return {"fault": "changes", "seed": self.args.seed, "changes": self.args.changes, "traffic": self.traffic.totals(),
                "load": self.load["sent"] - self.packets, "lost": {"edge": self.gone["edge"], "load": self.gone["load"]},
                "shedPerSecond": {"quiet": round(self.shed_quiet / QUIET_S, 1), "changes": round(self.shed_changes(), 1)},
                "changeMs": {"p50": round(times[len(times) // 2], 1), "max": round(times[-1], 1)}, "violations": self.violations}


def main():
    parser = suite.arguments()
    parser.add_argument("--changes", type=int, default=6)
    parser.add_argument("--cores", type=lambda text: [int(core) for core in text.split(",")], default=[])
    return suite.main(Changes(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
