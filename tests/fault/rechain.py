"""rechain.py: chains of running services changed again and again, with traffic that may lose nothing.

	rechain.py --cycles N --client NAMESPACE --server NAMESPACE [--kills N] [--rate R] [--seed N]

A VNF is inserted, replaced by one of another type, and removed, at random places of two chains: `edge` between two hosts with
numbered sessions, `load` from a generator to a sink that counts gaps. Then the same while a neighbour, the VNFM or the
orchestrator is killed at a random instant. One JSON object on stdout; what must be empty is under `violations`.
"""
import collections
import json
import os
import re
import subprocess
import sys
import threading
import time

import suite
from host import kill, until
from kills import BURST, kernel_drops

SETTLE_S = 1
CHANGE_S = 60
ACCEPT = {"default": "accept"}
MIDDLES = {"passthrough": {"vnf": "mid", "type": "passthrough"},
           "firewall": {"vnf": "mid", "type": "firewall", "config": ACCEPT}}


class Chain:
    """One chain with a VNF in its middle or without."""

    def __init__(self, name, ports, path):
        self.name, self.ports, self.path = name, ports, path
        self.file = f"{os.environ['RENGA_RUNTIME_DIR']}/{name}.json"
        self.middle, self.place = None, 0

    def changes(self, rng):
        """The next states: a VNF somewhere, another type there, none."""
        place = rng.randrange(1, len(self.path))
        first, second = rng.sample(sorted(MIDDLES), 2)
        return [(first, place), (second, place), (None, 0)]

    def write(self, middle, place, isolation="process"):
        self.middle, self.place = middle, place
        path = self.path[:place] + [MIDDLES[middle]] + self.path[place:] if middle else self.path
        with open(self.file, "w", encoding="ascii") as file:
            json.dump({"kind": "Chain", "name": self.name, "isolation": isolation, "ports": self.ports, "path": path}, file)
        return self.file

    def vnfs(self):
        return [f"{self.name}.{vnf['vnf']}" for vnf in self.path if isinstance(vnf, dict)]


class Rechain(suite.Suite):
    kinds = ("applied", "loss", "order", "audit", "sessions", "processes", "chain", "leftovers")

    def __init__(self, args):
        super().__init__(args)
        self.counts = collections.Counter()
        self.edge = Chain("edge", {"lan": {"driver": "af_packet", "interface": args.lan},
                                   "wan": {"driver": "af_packet", "interface": args.wan}},
                          ["lan", {"vnf": "fw", "type": "firewall",
                                   "config": {"default": "drop", "rules": [{"action": "accept", "from": "left"}]}},
                           {"vnf": "nat", "type": "nat", "config": {
                               "inside": {"addresses": ["10.0.0.1/24"]},
                               "outside": {"addresses": ["203.0.113.2/24"], "gateway": "203.0.113.1"}}},
                           {"vnf": "rt", "type": "router", "config": {"interfaces": [
                               {"cp": "p0", "addresses": ["203.0.113.1/24"]},
                               {"cp": "p1", "addresses": ["198.51.100.1/24"]}]}}, "wan"])
        self.load = self.make_load(args.rate)

    @staticmethod
    def make_load(rate):
        return Chain("load", {"gen": {"driver": "generator", "rate": rate, "flows": 500, "src": "10.1.0.10",
                                      "dst": "198.51.100.10"}, "sink": {"driver": "null"}},
                     ["gen", {"vnf": "a", "type": "firewall", "config": ACCEPT}, {"vnf": "b", "type": "passthrough"},
                      "sink"])

    def run(self):
        for chain in (self.edge, self.load):
            self.apply(chain, None, 0)
        self.start_traffic()
        time.sleep(0.3)
        self.begin()
        if self.args.rest:
            self.rest()
        for number in range(self.args.cycles):
            for chain in (self.edge, self.load):
                for middle, place in chain.changes(self.random):
                    self.change(f"cycle {number}: {chain.name} {middle} at {place}", chain, middle, place)
        self.account()
        for number in range(self.args.kills):
            self.kill_within(number)
        if self.args.kills:
            self.kill_at_relinks()

    # ---- changes ----

    def apply(self, chain, middle, place):
        done = subprocess.run(["renga", "apply", "-f", chain.write(middle, place)], capture_output=True, text=True,
                              timeout=CHANGE_S, check=False)
        if done.returncode != 0:
            self.say("applied", done.stdout + done.stderr)

    def change(self, what, chain, middle, place):
        self.what = what
        before = self.pids()
        self.apply(chain, middle, place)
        self.counts["changes"] += 1
        if self.pids() != before:
            self.say("processes", f"{before} are {self.pids()}")
        self.check_chain(chain)
        self.check_audit()

    def pids(self):
        """Of the VNFs that stay."""
        slots = self.host.slots()
        return {name: slots[name]["pid"] for chain in (self.edge, self.load) for name in chain.vnfs() if name in slots}

    def begin(self):
        self.ns = {chain.name: self.host.slots()[chain.vnfs()[0]]["ns"] for chain in (self.edge, self.load)}
        self.counted = self.drops()

    def rest(self):
        """What the same load loses on this machine when nothing is changed."""
        before = self.load_figures()
        time.sleep(self.args.rest)
        after = self.load_figures()
        self.counts.update({f"rest{key[4:]}": after[key] - before[key] for key in after})

    def account(self):
        """All that was sent up to now has arrived, once and in order."""
        now = time.monotonic_ns()
        until(SETTLE_S, lambda: self.traffic.outstanding(now) == [0, 0])
        lost, totals = sum(self.traffic.give_up(now)), self.traffic.totals()
        self.counts["datagramsLost"], self.counts["datagramsDoubled"] = lost, totals["doubled"]
        self.counts["dropsAtHosts"] = self.drops() - self.counted
        if lost or totals["doubled"]:
            self.say("loss", f"{lost} datagrams lost, {totals['doubled']} doubled, {self.counts['dropsAtHosts']} drops are "
                             "counted at the hosts")
        for fault in self.traffic.faults():
            self.say("sessions", fault)
        self.account_load()

    def account_load(self):
        """A stage whose CPU does other work loses patience with the next, whether links change or not: such drops are
        counted where they happen, and none of them may fall into a relink."""
        load = self.load_figures()
        within = sum(int(n) for n in self.log_figures(r"links replaced.* dropped=(\d+)"))
        shed = sum(int(n) for n in self.log_figures(r"links replaced.* shed=(\d+)"))
        self.counts.update(load, droppedWithinRelinks=within, shedWithinRelinks=shed)
        if within or load["loadLost"] > load["loadStarved"]:
            self.say("loss", f"{within} packets dropped within relinks; of the load {load}")
        if load["loadReordered"]:
            self.say("order", f"{load['loadReordered']} packets came after later ones")
        if not load["loadReceived"]:
            self.say("loss", "no load came through at all")

    def load_figures(self):
        stats = self.host.stats(self.ns["load"])
        ports = {port["name"]: port for port in stats["ports"]}
        sink = ports["sink"]["generator"]
        starved = sum(vnf["drops"]["patience"] for vnf in stats["vnfs"]) + ports["sink"]["drops"]["patience"] + \
            sum(int(n) for n in self.log_figures(r"crowded_out=(\d+)"))
        return {"loadReceived": sink["received"], "loadLost": sink["lost"], "loadStarved": starved,
                "loadOverflow": ports["gen"]["drops"]["overflow"], "loadReordered": sink["reordered"]}

    def log_figures(self, pattern):
        with open(f"{self.host.runtime}/log/dataplane.log", encoding="utf-8") as log:
            return re.findall(pattern, log.read())

    def drops(self):
        return sum(kernel_drops(namespace) for namespace in (self.args.client, self.args.server))

    # ---- kills ----

    def alive(self, chain):
        """Processes of its VNFs; while a group hands over, there is for a moment none."""
        return until(2, lambda: [slot["pid"] for slot in self.host.slots().values()
                                 if slot["pid"] and slot["name"].startswith(chain.name)], 0.001)

    def kill_within(self, number):
        """Somebody dies while a chain is changed, its VNFs joined in one process or parted: it is as it was, or as it is
        wanted, and the service goes on."""
        chain = self.random.choice((self.edge, self.load))
        victim = self.random.choice(("vnf", "vnfm", "orchestrator"))
        middle, place = self.random.choice(chain.changes(self.random))
        isolation = self.random.choice(("process", "group"))
        self.what = f"kill {number} of {victim}: {chain.name} {middle} at {place}, by {isolation}"
        change = subprocess.Popen(["renga", "apply", "-f", chain.write(middle, place, isolation)], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        time.sleep(self.random.uniform(0, 0.35))
        self.counts[victim] += 1
        self.counts[isolation] += 1
        if victim == "vnf":
            kill(self.random.choice(self.alive(chain)))
        else:
            kill(self.host.pid_file(victim))
            time.sleep(self.random.uniform(0, 0.1))
        self.host.start_all()
        try:
            change.wait(CHANGE_S)
        except subprocess.TimeoutExpired:
            change.kill()
            self.say("applied", "the client waits for ever")
        if not until(20, lambda: chain_state(chain.name) == "INSTANTIATED", 0.05):
            self.say("applied", f"the chain is {chain_state(chain.name)}")
        self.check_chain(chain)
        self.check_alive()

    def kill_at_relinks(self):
        """A VNF dies within the milliseconds of a relink: the dataplane is asked itself, to hit them. The VNF that is taken out
        and put back is `b`; dead are a burst in hand, what `b` had not read when it was taken out (`freed`), and no more."""
        self.apply(self.load, None, 0)
        self.what = "kills at relinks"
        before = self.load_figures()
        bound = before["loadLost"] - before["loadStarved"]
        links = {link["name"]: link for link in self.host.dataplane("list")["links"] if link["ns"] == self.ns["load"]}
        out, back = self.toggle(links)
        for _ in range(self.args.kills):
            bound += BURST + self.relink_with_kill(out) + self.host.dataplane("links.put", **back)["freed"]
            self.counts["killsAtRelinks"] += 1
            if not until(10, lambda: all(slot["state"] == "running" for slot in self.host.slots().values()), 0.01):
                self.say("processes", str(self.host.slots()))
        self.check_alive()
        self.check_chain(self.load)
        after = self.load_figures()
        missing = after["loadLost"] - after["loadStarved"]
        self.counts["missingAfterKillsAtRelinks"], self.counts["boundOfThat"] = missing, bound
        if missing > bound:
            self.say("loss", f"{missing} packets are accounted for nowhere, {bound} may be")

    def toggle(self, links):
        """The requests that take `b` out of the load's chain and put it back."""
        ns, short = self.ns["load"], dict(links["a-b"], name="short", id=self.ns["load"] + "/short")
        short["b"] = links["b-sink"]["b"]
        with_b = [links["a-b"], links["b-sink"]]
        return {"ns": ns, "put": [short], "del": [link["id"] for link in with_b]}, \
            {"ns": ns, "put": with_b, "del": [short["id"]]}

    def relink_with_kill(self, request):
        """Packets that were freed."""
        slots, victim = self.host.slots(), self.random.choice(("load.a", "load.b"))
        killer = threading.Timer(self.random.uniform(0, 0.002), lambda: kill(slots[victim]["pid"]))
        killer.start()
        freed = self.host.dataplane("links.put", **request)["freed"]
        killer.join()
        if not self.until_cleared(slots[victim]):
            self.say("processes", f"{victim} has no successor")
        return freed

    def until_cleared(self, former):
        return until(10, lambda: self.host.slots()[former["name"]]["pid"] != former["pid"], 0.01)

    def check_alive(self):
        self.check_audit(patience_s=5)
        self.check_sessions(CHANGE_S)
        self.check_leftovers()

    def check_chain(self, chain):
        """The dataplane has exactly the links and VNFs of the chain that the orchestrator believes in."""
        if not until(10, lambda: self.chain_faults(chain) == [], 0.05):
            for fault in self.chain_faults(chain):
                self.say("chain", fault)

    def chain_faults(self, chain):
        wanted = api_chain(chain.name)["wanted"]["path"]
        names = [element if isinstance(element, str) else element["vnf"] for element in wanted]
        there = self.host.dataplane("list")
        ns = self.ns[chain.name]
        pairs = sorted("-".join(pair) for pair in zip(names, names[1:]))
        links = sorted(link["name"] for link in there["links"] if link["ns"] == ns)
        vnfs = sorted(f"{chain.name}.{element['vnf']}:{element['type']}" for element in wanted if isinstance(element, dict))
        slots = sorted(f"{slot['name']}:{slot['type']}" for slot in there["slots"] if slot["ns"] == ns)
        return ([f"links {links} instead of {pairs}"] if links != pairs else []) + \
            ([f"VNFs {slots} instead of {vnfs}"] if slots != vnfs else [])

    # ---- the report ----

    def report(self):
        parts = collections.defaultdict(list)
        for part, us in self.log_figures(r"(\w+)_us=(\d+)"):
            parts[part].append(int(us))
        spread = {part: {"p50": sorted(us)[len(us) // 2], "max": max(us)} for part, us in parts.items()}
        return {"fault": "rechain", "seed": self.args.seed, "counts": dict(self.counts), "rate": self.args.rate,
                "traffic": self.traffic.totals(), "relinkUs": spread, "violations": self.violations}


def api_chain(name):
    return json.loads(subprocess.check_output(["renga", "describe", "chain", name, "-o", "json"]))


def chain_state(name):
    done = subprocess.run(["renga", "describe", "chain", name, "-o", "json"], capture_output=True, text=True, check=False)
    return json.loads(done.stdout)["state"] if done.returncode == 0 else done.stderr


def main():
    parser = suite.arguments()
    parser.add_argument("--cycles", type=int, default=3)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--rest", type=float, default=0, help="seconds without changes first, to compare with")
    parser.add_argument("--rate", default="20k")
    for name in ("--lan", "--wan"):
        parser.add_argument(name, required=True)
    return suite.main(Rechain(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
