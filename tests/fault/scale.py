"""scale.py: VNFs of a running chain get more replicas and fewer, with traffic that may lose nothing.

	scale.py --chain NAME --client NAMESPACE --server NAMESPACE --target ADDRESS --sources N [--kill] STEP...

A step is "VNF:out" or "VNF:in"; "VNF:upgrade"; or "VNF:move", of the last replica, from core 0 to 1 or back. While a replica
goes, all sessions are ended and as many new ones begun: they have to land on those that stay. --kill: with the most replicas
there are, the last replica of the first VNF is killed and has to come back; and the VNFM is killed while the last replica is
drained. One JSON object on stdout; what must be empty is under `violations`.
"""
import collections
import json
import os
import subprocess
import sys
import time
import urllib.request

import suite
from host import kill, until
from kills import BURST

DRAIN_S = 20


class Scale(suite.Suite):
    kinds = ("applied", "loss", "sessions", "share", "counters", "audit", "kill", "leftovers")

    def __init__(self, args):
        super().__init__(args)
        self.replicas, self.durations, self.most = collections.Counter(), [], 0
        sources = [f"{args.network}.{100 + i}" for i in range(args.sources)]
        self.start_traffic(udp=len(sources), tcp=len(sources), per_tick=1, sources=sources)

    def run(self):
        time.sleep(0.5)
        victim = self.args.steps[0].split(":")[0]
        outs = [i for i, step in enumerate(self.args.steps) if step.endswith(":out")]
        for i, step in enumerate(self.args.steps):
            vnf, direction = step.split(":")
            if direction in ("upgrade", "move"):
                self.succeed(vnf, direction)
                continue
            self.scale(vnf, direction)
            self.most = max(self.most, self.replicas[vnf])
            if self.args.kill and i == outs[-1]:
                self.kill_one(f"{self.args.chain}.{victim}~{self.replicas[victim]}")
        self.what = "at the end"
        self.settle(0)
        self.check_leftovers()

    def report(self):
        return {"steps": len(self.args.steps), "mostReplicas": self.most + 1, "scaleMs": self.durations,
                **self.traffic.totals(), "violations": self.violations}

    def scale(self, vnf, direction):
        self.what = f"{vnf} {direction}"
        began = time.monotonic()
        command = subprocess.Popen(["renga", "vnf", "scale", f"{self.args.chain}.{vnf}", direction, "--wait", "--set",
                                    f"additionalParams.drainTimeout={DRAIN_S}"],
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if direction == "in":
            time.sleep(0.7)
            if self.args.kill and sum(self.replicas.values()) == 1:  # the last: while it is drained
                kill(self.host.pid_file("vnfm"))
                self.host.start_all()
            self.traffic.renew()
        output, _ = command.communicate(timeout=60)
        self.durations.append(round((time.monotonic() - began) * 1000))
        self.replicas[vnf] += 1 if direction == "out" else -1
        if command.returncode != 0:
            self.say("applied", output)
        if direction == "out":
            self.traffic.renew()
        self.settle(0)
        self.look(vnf)

    def succeed(self, vnf, how):
        """All replicas go on anew, or the last one on another core."""
        self.what, name, last = f"{vnf} {how}", f"{self.args.chain}.{vnf}", self.replicas[vnf]
        before = self.parts(name)
        words = [f"renga-{before[name]['type']}"] if how == "upgrade" else \
            [str(1 - before[f"{name}~{last}"]["core"]), "--set", f"replica={last}"]
        done = subprocess.run(["renga", "vnf", how, name, *words, "--wait=60"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            self.say("applied", done.stdout)
        new = sorted(part for part, slot in self.parts(name).items() if slot["pid"] != before[part]["pid"])
        if new != (sorted(before) if how == "upgrade" else [f"{name}~{last}"]):
            self.say("applied", f"of {sorted(before)} only {new} were replaced")
        self.settle(0)
        self.look(vnf)

    def parts(self, name):
        return {part: slot for part, slot in self.host.slots().items() if part.split("~")[0] == name}

    def settle(self, bound):
        """Nothing that was sent until now is missing."""
        lost = self.lost(patience_s=3, age_ns=0)
        if lost > bound:
            self.say("loss", f"{lost} datagrams")
        self.check_sessions(5)

    def look(self, vnf):
        """Each replica has its share, and the sums are those of its parts."""
        name = f"{self.args.chain}.{vnf}"
        names = [name] + [f"{name}~{i}" for i in range(1, self.replicas[vnf] + 1)]
        before = self.received()
        time.sleep(0.4)
        after = self.received()
        running = sorted(n for n in after if n.split("~")[0] == name)
        if running != sorted(names):
            self.say("applied", f"there are {running}, not {names}")
        for idle in (n for n in names if after.get(n, 0) <= before.get(n, 0)):
            self.say("share", f"{idle} carries nothing")
        self.check_sums(self.figures(name), len(names))
        self.check_audit(patience_s=2)

    def figures(self, name):
        vnf = json.loads(subprocess.run(["renga", "get", "vnf", name, "-o", "json"], stdout=subprocess.PIPE, check=True,
                                        text=True).stdout)
        with open(os.environ["RENGA_STATE_DIR"] + "/admin.token", encoding="ascii") as file:
            token = file.read().strip()
        with open(os.environ["RENGA_RUNTIME_DIR"] + "/orchestrator.addr", encoding="ascii") as file:
            address = file.read().strip()
        request = urllib.request.Request(f"{address}/renga/v1/stats/vnf/{vnf['id']}",
                                         headers={"Authorization": "Bearer " + token})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def check_sums(self, told, n):
        parts = told.get("replicas", [])
        if len(parts) != (n if n > 1 else 0):
            self.say("counters", f"figures of {len(parts)} replicas, not {n}")
        for part in ("rxPackets", "txPackets") if parts else ():
            total = sum(cp[part] for cp in told["cps"].values())
            summed = sum(cp[part] for replica in parts for cp in replica["cps"].values())
            if total != summed:
                self.say("counters", f"{part} is {total}, its replicas have {summed}")

    def received(self):
        ns = next(slot["ns"] for slot in self.host.slots().values())
        return {vnf["name"]: sum(cp["rxPackets"] for cp in vnf["cps"].values()) for vnf in self.host.stats(ns)["vnfs"]}

    def kill_one(self, name):
        """Only the share of the one that dies is concerned, and its successor has its sessions."""
        self.what, pid = f"{name} killed", self.host.slots()[name]["pid"]
        others = {n: slot["pid"] for n, slot in self.host.slots().items() if n != name}
        kill(pid)
        if not until(10, lambda: self.host.slots()[name]["pid"] not in (0, pid)
                     and self.host.slots()[name]["state"] == "running"):
            self.say("kill", "it does not come back")
        for gone in (n for n, slot in self.host.slots().items() if n != name and slot["pid"] != others.get(n)):
            self.say("kill", f"{gone} was touched")
        self.settle(BURST)


def main():
    parser = suite.arguments()
    for name in ("chain", "network"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--sources", type=int, default=40)
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("steps", nargs="+")
    return suite.main(Scale(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
