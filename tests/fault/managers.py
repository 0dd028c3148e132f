"""managers.py: kills the orchestrator or the VNFM in the middle of operations of every kind, under the traffic of `edge`.

	managers.py --kills N --client NAMESPACE --server NAMESPACE [--seed N]

After each kill, and once the manager is back: the operation has ended, one way or the other, and what is there is what the store
says; no VNF of `edge` was touched, no datagram lost, nothing is left without an owner. One JSON object on stdout.
"""
import collections
import json
import os
import subprocess
import sys
import tempfile
import time

import suite
from host import ask_http, kill, until
from kills import Kills

ENDED = ("COMPLETED", "FAILED", "ROLLED_BACK", "PARTIALLY_COMPLETED")
END_S = 30


def renga(*words):
    """(exit code, what it printed)"""
    done = subprocess.run(["renga", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    return done.returncode, done.stdout


def renga_json(*words):
    done = subprocess.run(["renga", *words, "-o", "json"], capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout) if done.returncode == 0 else []


def chains():
    listed = renga_json("get", "chains")
    return {chain["name"]: chain for chain in (listed if isinstance(listed, list) else [listed])}


def churn(number, longer=False):
    """A chain of its own; the number stands in its configuration."""
    path = ["gen", {"vnf": "a", "type": "firewall", "config": {"default": "accept", "rules": rules(number)}},
            {"vnf": "b", "type": "passthrough"}, "sink"]
    if longer:
        path.insert(2, {"vnf": "c", "type": "passthrough"})
    return {"kind": "Chain", "name": "churn", "path": path,
            "ports": {"gen": {"driver": "generator", "rate": "1k"}, "sink": {"driver": "null"}}}


def rules(number):
    return [{"action": "drop", "from": "left", "dport": [1 + number % 6000], "proto": "tcp"}]


def with_config(hop, config):
    bare = {member: value for member, value in hop.items() if member != "config"}
    return {**bare, "config": config} if config else bare


def save(document):
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
        json.dump(document, file)
    return file.name


def brief(document):
    """For messages: what changes."""
    return document and [hop if isinstance(hop, str) else (hop["vnf"], [r.get("dport") for r in hop.get("config", {}).get("rules", [])])
                         for hop in document["path"]]


class Managers(Kills):
    kinds = ("operations", "consistency", "edge", "audit", "sessions", "loss", "leftovers")

    def __init__(self, args):
        super().__init__(args)
        self.killed_at_ms, self.states, self.longer = [], collections.Counter(), False
        self.edge = self.document("edge")

    def run(self):
        time.sleep(0.3)
        for self.number in range(self.args.kills):
            operation = self.random.choice(self.possible())
            self.one(operation, self.random.choice(("orchestrator", "vnfm")))
        self.settle(0)
        renga("delete", "churn")
        self.compare()

    def possible(self):
        if not self.chain("churn"):
            return [self.create]
        return [self.change, self.change, self.patch, self.heal, self.delete, self.rewire, self.change_edge, self.patch_edge]

    # ---- operations: the words for renga, and the chain with its document as it should be afterwards (None: gone) ----

    def create(self):
        self.longer = False
        return self.apply(churn(self.number))

    def change(self):
        return self.apply(churn(self.number, self.longer))

    def rewire(self):
        return self.apply(churn(self.number, not self.longer))

    def delete(self):
        return ("delete", "churn"), "churn", None

    def patch(self):
        return (("vnf", "configure", "churn.a", "--set", "rules=" + json.dumps(rules(self.number))), "churn",
                churn(self.number, self.longer))

    def heal(self):
        return ("vnf", "heal", "churn.a"), "churn", self.document("churn")

    def change_edge(self):
        return self.apply(self.new_edge())

    def patch_edge(self):
        new = self.new_edge()
        config = next(hop["config"] for hop in new["path"] if isinstance(hop, dict) and hop["vnf"] == "fw")
        return ("vnf", "configure", "edge.fw", "--set", "rules=" + json.dumps(config["rules"])), "edge", new

    def new_edge(self):
        new = json.loads(json.dumps(self.edge))
        for hop in new["path"]:
            if isinstance(hop, dict) and hop["vnf"] == "fw":
                hop["config"]["rules"] = rules(self.number) + [{"action": "accept", "from": "left"}]
        return new

    def apply(self, document):
        return ("apply", "-f", save(document)), document["name"], document

    # ---- one kill ----

    def one(self, operation, victim):
        words, chain, after = operation()
        before = self.document(chain)
        self.what = f"kill {self.number}, {operation.__name__}, {victim}"
        self.counts[operation.__name__] += 1
        self.counts[victim] += 1
        known, edge_pids = {op["id"] for op in renga_json("get", "ops")}, self.edge_pids()
        request = subprocess.Popen(["renga", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(self.random.uniform(0, self.random.choice((0.05, 0.25))))  # some operations take milliseconds
        kill(self.host.pid_file(victim))
        self.host.start_all()
        code = request.wait(90)
        if words[0] == "apply":
            os.unlink(words[2])
        self.check_ended(known)
        self.check_outcome(chain, before, after, code)
        self.compare()
        if self.edge_pids() != edge_pids:
            self.say("edge", f"its VNF processes were {edge_pids} and are {self.edge_pids()}")
        self.check_after(0)

    def check_ended(self, known):
        def going_on():
            return [op for op in renga_json("get", "ops") if op["operationState"] not in ENDED]
        until(END_S, lambda: not going_on(), 0.05)
        for op in going_on():
            self.say("operations", f"goes on: {op}")
        for op in renga_json("get", "ops"):
            if op["id"] not in known:
                self.states[op["operationState"]] += 1

    def check_outcome(self, chain, before, after, code):
        """As before or as wanted, nothing in between; as wanted if renga said so."""
        def right():
            there = self.document(chain)
            return there == after or (code != 0 and there == before)
        if not until(5, right, 0.05):
            self.say("operations", f"renga ended with {code}; wanted {brief(after)}, before {brief(before)}, "
                     f"there is {brief(self.document(chain))}")
        self.longer = len((self.document("churn") or {"path": ()})["path"]) == 5

    def chain(self, name):
        return chains().get(name)

    def document(self, name):
        """The chain as it runs: its document, with the configurations that the VNFs have."""
        chain = self.chain(name)
        if not chain:
            return None
        configs = {vnf["name"]: vnf.get("config") for vnf in chain["actual"]["vnfs"]}
        document = {member: chain["wanted"].get(member) for member in ("kind", "name", "path", "ports")}
        document["path"] = [hop if isinstance(hop, str) else with_config(hop, configs.get(f"{name}.{hop['vnf']}"))
                            for hop in document["path"]]
        return document

    def edge_pids(self):
        return {name: slot["pid"] for name, slot in self.host.slots().items() if name.startswith("edge.")}

    # ---- what the store says and what is there ----

    def compare(self):
        until(5, lambda: not self.differences(), 0.05)
        for difference in self.differences():
            self.say("consistency", difference)

    def differences(self):
        there, found = chains(), []
        for name, chain in there.items():
            file = save(self.document(name))
            _, answer = renga("diff", "-f", file)
            os.unlink(file)
            if "nothing to do" not in answer:
                found.append(f"{name}: the store wants other than there is: {answer}")
            if chain["state"] != "INSTANTIATED" or any(vnf["state"] != "ready" for vnf in chain["actual"]["vnfs"]):
                found.append(f"{name}: {chain['state']} {[(vnf['name'], vnf['state']) for vnf in chain['actual']['vnfs']]}")
        found += self.strays({chain["nsInstanceId"] for chain in there.values()})
        return found

    def strays(self, services):
        """Objects of services that nobody wants, or that one process has and another has not."""
        listed, found = self.host.dataplane("list"), []
        for kind, mine, member in (("services", "pools", "ns"), ("ports", "ports", "id"), ("vnfs", "slots", "id"), ("links", "links", "id")):
            below = {item[member] for item in listed[mine]}
            above = {item["id"] for item in ask_http(self.host.runtime + "/vnfm.sock", f"/v1/{kind}")}
            if above != below:
                found.append(f"{kind}: the VNFM has {sorted(above)}, the dataplane {sorted(below)}")
            found += [f"{kind}: {item[member]} belongs to nobody" for item in listed[mine] if item["ns"] not in services]
        return found

    def report(self):
        return {"fault": "managers", "seed": self.args.seed, "kills": self.args.kills, "counts": dict(self.counts),
                "operations": dict(self.states), "traffic": self.traffic.totals(),
                "lostPerKill": {"max": max(self.losses), "sum": sum(self.losses)}, "violations": self.violations}


def main():
    parser = suite.arguments()
    parser.add_argument("--kills", type=int, default=3)
    return suite.main(Managers(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
