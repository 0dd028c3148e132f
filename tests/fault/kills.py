"""kills.py: kills at random instants under load, and accounts for everything after each.

	kills.py --kills N --client NAMESPACE --server NAMESPACE [--seed N] [--manager-share 0.1]

A VNF of either chain, the VNFM, the orchestrator, or the VNFM and a VNF together. One JSON object on stdout: what was
killed, what was lost, how long it took, and under `violations` all that must be empty. Exit 1 if it is not.
"""
import collections
import json
import subprocess
import sys
import time

import suite
from host import is_alive, kill, until

BURST = 32  # packets that a VNF has in hand, at most
RECOVER_S = 15
MOVE_S = 60  # TCP may wait long before it tries again


class Kills(suite.Suite):
    kinds = ("audit", "sessions", "loss", "successor", "leftovers", "managers")

    def __init__(self, args):
        super().__init__(args)
        self.recovery_ms, self.losses = [], []
        self.counts = collections.Counter()
        self.load_ns = next((slot["ns"] for name, slot in self.host.slots().items() if name.startswith("load.")), None)
        self.load_before, self.load_kills = self.load_lost(), 0
        self.edge_ns = self.host.slots()["edge.fw"]["ns"]
        self.counted = self.edge_drops()
        self.start_traffic()

    def run(self):
        time.sleep(0.5)
        for number in range(self.args.kills):
            self.what = f"kill {number}"
            time.sleep(self.random.uniform(0.005, 0.1))
            if self.random.random() < self.args.manager_share:
                self.random.choice((self.kill_vnfm, self.kill_orchestrator, self.kill_vnfm_and_vnf))()
            else:
                self.kill_vnf()
        self.settle(0)
        self.load_total()

    # ---- the kills ----

    def kill_vnf(self):
        name, slot = self.random.choice(sorted(self.host.slots().items()))
        self.counts["vnf"] += 1
        moment = kill(slot["pid"])
        self.check_audit("right after the kill: ")
        self.check_successor(name, slot, moment)
        self.check_after(BURST)

    def kill_vnfm(self):
        self.counts["vnfm"] += 1
        before = self.pids()
        kill(self.host.pid_file("vnfm"))
        time.sleep(self.random.uniform(0, 0.2))
        self.host.start_all()
        self.check_same(before)
        self.check_after(0)

    def kill_orchestrator(self):
        self.counts["orchestrator"] += 1
        before = self.pids()
        kill(self.host.pid_file("orchestrator"))
        self.host.start_all()
        self.check_same(before)
        self.check_after(0)

    def kill_vnfm_and_vnf(self):
        """Nobody sees the VNF die; or its successor is just starting when the VNFM goes."""
        self.counts["vnfmAndVnf"] += 1
        name, slot = self.random.choice(sorted(self.host.slots().items()))
        first, second = [self.host.pid_file("vnfm"), slot["pid"]][::self.random.choice((1, -1))]
        moment = kill(first)
        time.sleep(self.random.uniform(0, 0.04))
        moment = min(moment, kill(second))
        self.check_audit("with the VNFM dead: ")
        self.host.start_all()
        self.check_successor(name, slot, moment, timed=False)
        self.check_after(BURST)

    # ---- the checks ----

    def pids(self):
        return sorted(slot["pid"] for slot in self.host.slots().values())

    def check_successor(self, name, former, moment, timed=True):
        def successor():
            slot = self.host.slots().get(name)
            return slot is not None and slot["pid"] not in (0, former["pid"]) and slot["state"] == "running" and slot
        slot = until(RECOVER_S, successor, 0.002)
        if not slot:
            self.say("successor", f"{name} has none")
        elif not is_alive(slot["pid"]):
            self.say("successor", f"{name}: process {slot['pid']} is not alive")
        elif timed and name.startswith("edge."):
            arrived = until(5, lambda: self.traffic.arrived_after(moment))
            if arrived:
                self.recovery_ms.append((arrived - moment) / 1e6)
        if name.startswith("load."):
            self.load_kills += 1

    def check_same(self, before):
        if not until(RECOVER_S, lambda: self.pids() == before):
            self.say("managers", f"VNF processes were {before} and are {self.pids()}")

    def check_after(self, bound):
        self.settle(bound)
        self.check_audit("afterwards: ")
        self.check_sessions(MOVE_S)
        self.check_leftovers()

    def settle(self, bound):
        lost = self.lost()
        counted, self.counted = self.counted, self.edge_drops()
        self.losses.append(max(0, lost - (self.counted - counted)))
        self.counts["edgeDropsCounted"] += self.counted - counted
        if self.losses[-1] > bound:
            self.say("loss", f"{lost} datagrams, of which {self.counted - counted} are counted as drops; {bound} may be")

    def edge_drops(self):
        """What is counted as dropped between the hosts: overload at the entry (the kernel's queue before a port, or the
        port), lost patience."""
        stats = self.host.stats(self.edge_ns)
        return sum(sum(thing["drops"].values()) for thing in stats["ports"] + stats["vnfs"]) + \
            sum(kernel_drops(namespace) for namespace in (self.args.client, self.args.server))

    def load_lost(self):
        """Packets of the generator that did not come out and that no VNF counts as dropped."""
        if self.load_ns is None:
            return 0
        stats = self.host.stats(self.load_ns)
        lost = sum(port["generator"]["lost"] for port in stats["ports"] if port["name"] == "sink")
        stats = self.host.stats(self.load_ns)
        return lost - sum(sum(vnf["drops"].values()) for vnf in stats["vnfs"])

    def load_total(self):
        lost = self.load_lost() - self.load_before
        bound = BURST * self.load_kills
        if lost > bound:
            self.say("loss", f"{lost} packets of the load are accounted for nowhere, {bound} may be")
        self.counts["loadLost"], self.counts["loadKills"] = lost, self.load_kills

    def report(self):
        times = sorted(self.recovery_ms) or [0.0]
        at = lambda share: round(times[min(len(times) - 1, int(share * len(times)))], 1)
        return {"fault": "kills", "seed": self.args.seed, "counts": dict(self.counts), "traffic": self.traffic.totals(),
                "lostPerKill": {"max": max(self.losses), "sum": sum(self.losses)},
                "recoveryMs": {"p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "max": round(times[-1], 1), "samples": len(self.recovery_ms)},
                "violations": self.violations}


def kernel_drops(namespace):
    links = json.loads(subprocess.check_output(["ip", "-n", namespace, "-j", "-s", "link", "show", "eth0"]))
    return sum(links[0]["stats64"][way]["dropped"] for way in ("rx", "tx"))


def main():
    parser = suite.arguments()
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--manager-share", type=float, default=0.1)
    return suite.main(Kills(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
