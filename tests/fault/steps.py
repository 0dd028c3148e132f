"""steps.py: kills the orchestrator at every instant of every operation, one after the other (common/fault.h, `operation`).

	steps.py [--only NAME] [--report FILE]

Needs a build with FAULT_POINTS=1 in PATH, and the platform up. An operation and the one that leads back are done by turns, and
each is killed at its first instant, then at its second, and so on, until it ends before it comes to die. Instants are: the
commit that accepts it, each commit of its journal, each return from the VNFM, each change of its state. After each death the
next orchestrator has to end the operation, and what is there has to be what was there before it or what is there after it:
documents of the VNFM, instances of the store, processes; with no buffer missing and nothing left over. TAP on stdout.
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
import time

from host import Host, ask_http, kill, until

ENDED = ("COMPLETED", "FAILED", "ROLLED_BACK")
PASSING = {"revision", "emptyState", "tag"}  # members of documents that differ after each change
KINDS = ("services", "ports", "vnfs", "links")
END_S = 30
LONE = {"left": {"driver": "null"}, "right": {"driver": "null"}}


def chain(*between, rate="1k"):
    """Without sessions, so that nothing waits for their end."""
    firewall = {"vnf": "a", "type": "firewall", "replicas": 1, "config": {"default": "accept", "stateful": False}}
    return {"kind": "Chain", "name": "churn", "path": ["gen", firewall, *between, {"vnf": "b", "type": "faulty"}, "sink"],
            "ports": {"gen": {"driver": "generator", "rate": rate}, "sink": {"driver": "null"}}}


def chain_of_paths(*more):
    """The same with forwarding paths: all through a and b, and more."""
    document = chain()
    vnfs = [element for element in document.pop("path") if isinstance(element, dict)]
    paths = [*more, {"name": "all", "path": ["gen", "a", "b", "sink"]}]
    return {**document, "vnfs": vnfs, "paths": paths}


def nsd(version, *between):
    """The same as a descriptor in the ETSI form."""
    vnfs = ["a", *between, "b"]
    links = [f"l{i}" for i in range(len(vnfs) + 1)]
    ends = lambda i, vnf: [{"virtual-link-profile-id": links[i + k], "constituent-cpd-id": [
        {"constituent-base-element-id": vnf, "constituent-cpd-id": cp}]} for k, cp in enumerate(("left", "right"))]
    ports = {"gen": {"driver": "generator", "rate": "1k"}, "sink": {"driver": "null"}}
    return {"nsd": [{
        "id": f"churn-{version}", "name": "churn", "invariant-id": "churn", "version": str(version),
        "sapd": [{"id": "gen", "virtual-link-desc": links[0], "renga:port": ports["gen"]},
                 {"id": "sink", "virtual-link-desc": links[-1], "renga:port": ports["sink"]}],
        "virtual-link-desc": [{"id": link} for link in links],
        "df": [{"id": "default", "virtual-link-profile": [{"id": link, "virtual-link-desc-id": link} for link in links],
                "vnf-profile": [{"id": vnf, "vnfd-id": "renga-passthrough", "virtual-link-connectivity": ends(i, vnf)}
                                for i, vnf in enumerate(vnfs)]}]}]}


def version(number):
    return "ns", "update", "churn", "-f", save({"updateType": "ASSOC_NEW_NSD_VERSION",
                                                "assocNewNsdVersionData": {"newNsdId": f"churn-{number}", "sync": True}})


def save(document):
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False, dir=os.environ["RENGA_RUNTIME_DIR"]) as file:
        json.dump(document, file)
    return file.name


def apply(*between, **changes):
    return "apply", "-f", save(chain(*between, **changes))


def apply_paths(*more):
    return "apply", "-f", save(chain_of_paths(*more))


def operations():
    """name: the words for renga that do it, and those that lead back; without the latter it changes nothing in the end.
    What follows leads to what there is before; else it is the chain alone."""
    middle = {"vnf": "c", "type": "passthrough"}
    default = lambda action: ("vnf", "configure", "churn.a", "--set", f"default={action}")
    return {
        "instantiate, terminate": (apply(), ("delete", "churn"), ("get", "chains")),
        "add and remove a VNF": (apply(middle), apply()),
        "another type": (apply({**middle, "type": "firewall"}), apply(middle), apply(middle)),
        "another port": (apply(rate="2k"), apply()),
        "a VNF by itself": (("vnf", "instantiate", "lone", "--set", "additionalParams.ports=" + json.dumps(LONE)),
                            ("vnf", "terminate", "lone", "--set", "terminationType=FORCEFUL"), ("vnf", "create", "renga-passthrough", "lone")),
        "scale out and in": (("vnf", "scale", "churn.a", "out"), ("vnf", "scale", "churn.a", "in")),
        "stop and start": (("vnf", "operate", "churn.a", "stop"), ("vnf", "operate", "churn.a", "start")),
        "modify": (default("drop"), default("accept")),
        "change the package": (("vnf", "upgrade", "churn.b", "renga-faulty-half"), ("vnf", "upgrade", "churn.b", "renga-faulty")),
        "move": (("vnf", "move", "churn.b", "0"), ("vnf", "move", "churn.b", "1")),
        "change of flavour": (("vnf", "flavour", "churn.a", "dedicated"), apply()),
        "heal": (("vnf", "heal", "churn.a"), None),
        "add and remove a path": (apply_paths({"name": "udp", "match": {"proto": "udp"}, "path": ["gen", "b", "sink"]}),
                                  apply_paths(), apply_paths()),
        "another version of the descriptor": (
            version(2), version(1), ("apply", "-f", save(nsd(1))), ("apply", "-f", save(nsd(2, "c"))), ("ns", "create", "churn-1", "churn"),
            ("ns", "instantiate", "churn", "--set", "nsFlavourId=default")),
        "roll back": (apply({"vnf": "c", "type": "faulty-stillborn"}), None),
    }


class Steps:
    def __init__(self):
        self.host, self.counts, self.faults = Host(), collections.Counter(), []

    # ---- an operation and the way back, killed at each instant ----

    def play(self, there, back, *first):
        self.faults, self.instants = [], 0
        for words in first or (apply(),):
            self.whole(words)
        before = self.snapshot()
        after = before
        if back:
            self.whole(there)
            after = self.snapshot()
            if after == before:
                self.faults.append("it changes nothing")
            self.whole(back)
            self.expect("the way back", self.snapshot(), (before,))
        ways = [(there, before, after)] + ([(back, after, before)] if back else [])
        for words, start, end in ways:
            nth = 1
            while not self.faults and self.killed(words, nth, start, end):
                nth += 1
                if self.snapshot() != start:
                    self.whole(ways[1 - ways.index((words, start, end))][0])
            self.instants += nth - 1
        if any(words[0] == "ns" for words in first):
            self.whole(("ns", "terminate", "churn"))
            self.whole(("delete", "ns", "churn"))
        elif "churn" in (ns[0] for ns in self.snapshot()["ns"]):
            self.whole(("delete", "churn"))
        if "lone" in (vnf[0] for vnf in self.snapshot()["vnfs"]):
            self.whole(("delete", "vnfs", "lone"))
        return self.faults

    def whole(self, words):
        wait = () if words[0] == "get" or words[1] == "create" else ("--wait=60",)
        done = subprocess.run(["renga", *words, *wait], capture_output=True, text=True, timeout=90)
        if done.returncode:
            self.faults.append(f"{' '.join(words)} alone ended with {done.returncode}: {done.stdout}{done.stderr}")

    def killed(self, words, nth, start, end):
        """Whether there was such an instant."""
        self.restart({"RENGA_FAULT": f"operation:{nth}"})
        known = set(self.operations())
        request = subprocess.Popen(["renga", *words, "--wait=60"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(60, lambda: not self.host.pid_file("orchestrator") or request.poll() is not None, 0.002)
        if request.poll():  # it may be dying still
            until(1, lambda: not self.host.pid_file("orchestrator"), 0.002)
        died = not self.host.pid_file("orchestrator")
        if request.poll() is None:
            request.kill()
        request.wait()
        self.restart({})
        self.counts["kills"] += died
        self.check(f"{' '.join(words[:4])} killed at instant {nth}", known, start, end)
        return died

    def restart(self, environment):
        pid = self.host.pid_file("orchestrator")
        if pid:
            kill(pid)
            until(5, lambda: not self.host.pid_file("orchestrator"), 0.002)
        subprocess.run(["renga", "up", "--listen", "127.0.0.1:0"], check=True, stdout=subprocess.DEVNULL, timeout=60,
                       env={**os.environ, **environment})

    # ---- what has to hold afterwards ----

    def check(self, what, known, start, end):
        new = {}

        def over():
            new.clear()
            new.update((op, state) for op, state in self.operations().items() if op not in known)
            return all(state in ENDED for state in new.values())
        if not until(END_S, over, 0.02):
            self.faults.append(f"{what}: stuck: {new}")
            return
        self.counts.update(new.values())
        completed = "COMPLETED" in new.values()
        self.expect(what, None, (end,) if completed and "heal" not in what else (start,))
        self.faults += [f"{what}: {fault}" for fault in self.host.audit()]
        if not until(3, lambda: not self.host.leftovers()):
            self.faults += [f"{what}: left over: {thing}" for thing in self.host.leftovers()]

    def expect(self, what, got, wanted):
        if got is None:
            until(5, lambda: self.snapshot() in wanted, 0.02)
            got = self.snapshot()
        if got not in wanted:
            self.faults.append(f"{what}: there is {json.dumps(got, sort_keys=True)}, wanted {json.dumps(wanted, sort_keys=True)}")

    def operations(self):
        return {op["id"]: op["operationState"] for op in renga_json("get", "ops")}

    def snapshot(self):
        """What is wanted, what is known, what is there, by names."""
        names = {vnf["id"]: vnf["name"] for vnf in self.vnfm("vnfs")}
        names.update((service["id"], "churn") for service in self.vnfm("services"))
        text = json.dumps({kind: sorted((self.bare(item) for item in self.vnfm(kind)), key=lambda item: item["name"])
                           for kind in KINDS}, sort_keys=True)
        for id, name in sorted(names.items(), key=lambda item: -len(item[0])):
            text = text.replace(id, name)
        return {"vnfm": json.loads(text), "dataplane": {kind: len(self.host.dataplane("list")[kind]) for kind in ("pools", "ports", "slots", "links")},
                "vnfs": sorted([vnf.get("vnfInstanceName"), vnf.get("vnfdId"), vnf.get("instantiationState"),
                                vnf.get("instantiatedVnfInfo", {}).get("vnfState")] for vnf in renga_json("get", "vnfs")),
                "ns": [[ns.get("nsInstanceName"), ns.get("nsState")] for ns in renga_json("get", "ns")]}

    def vnfm(self, kind):
        return ask_http(self.host.runtime + "/vnfm.sock", f"/v1/{kind}")

    @staticmethod
    def bare(item):
        document = {member: value for member, value in item.items() if member not in PASSING}
        for member in ("pid", "slot", "restarts", "mac", "macs", "free", "lastError", "error"):
            document.pop(member, None)
        return document


def renga_json(*words):
    done = subprocess.run(["renga", *words, "-o", "json"], capture_output=True, text=True, timeout=60)
    if done.returncode:
        return []
    answer = json.loads(done.stdout)
    return answer if isinstance(answer, list) else [answer]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only")
    parser.add_argument("--report")
    args = parser.parse_args()
    steps, failed = Steps(), 0
    every = operations()
    chosen = [name for name in every if args.only in (None, name)]
    print(f"1..{len(chosen)}", flush=True)
    for number, name in enumerate(chosen, 1):
        begin = time.monotonic()
        faults = steps.play(*every[name])
        failed += bool(faults)
        print(f"{'not ok' if faults else 'ok'} {number} - {name}: killed at {steps.instants} instants ({time.monotonic() - begin:.0f} s)")
        for fault in faults:
            print("# " + fault)
        sys.stdout.flush()
    if args.report:
        with open(args.report, "a", encoding="utf-8") as file:
            print(json.dumps({"fault": "steps", "operations": len(chosen), "counts": dict(steps.counts), "failed": failed}), file=file)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
