"""points.py: kills at chosen instants (common/fault.h), one after the other, each on a service of its own.

	points.py [--only NAME]

Needs a build with FAULT_POINTS=1 in PATH. A NAT between a generator and a `faulty` that answers ARP is told where to die.
After its death, and after its place was cleared, no buffer may be missing; its successor has its sessions, neither one
lost nor one doubled, and forwards; when all is taken apart the pool is whole. TAP on stdout.
"""
import argparse
import json
import os
import signal
import subprocess
import sys
import time

from host import Host, Refused, ask, until

FLOWS, BUFFERS = 2000, 8192
CONFIG = {"inside": {"addresses": ["10.1.0.1/16"], "mac": "02:00:00:00:00:01"},
          "outside": {"addresses": ["203.0.113.2/24"], "gateway": "203.0.113.1"}}
SHORT = {**CONFIG, "timeouts": {"udp": "1s"}}
OFTEN, ONCE = (1, 2, 1000, 20011), (1,)
# name: which passes to die at; what else it takes to get there
POINTS = {
    "take-announced": OFTEN, "take-copied": OFTEN, "take-committed": OFTEN, "take-counted": OFTEN,
    "give-announced": OFTEN, "give-copied": OFTEN, "give-committed": OFTEN, "give-counted": OFTEN, "give-emptied": OFTEN,
    "burst-judged": OFTEN, "hand-drafted": ONCE, "hand-adopted": ONCE,
    "held-asked": (1, 5), "held-in-both": (1, 5), "held-in-hand": (1, 5),
    "session-new": (1, 2, 777), "session-written": (1, 2, 777), "session-made": (1, 2, 777), "session-ended": (1, 777),
    "start-opened": ONCE, "start-owned": ONCE, "wiring-taken": (1, 2),
    "turn-drained": ONCE, "turn-offered": ONCE, "turn-passed": ONCE,
    "configure-built": ONCE, "swap-asked": ONCE, "swap-done": ONCE,
}


class Stage:
    """The dataplane, and one service at a time."""

    def __init__(self):
        self.host, self.vnfs = Host(), {}
        self.plugins = os.environ["RENGA_PLUGINS"]
        os.makedirs(self.host.runtime + "/vnf", exist_ok=True)
        self.log = open(self.host.runtime + "/points.log", "ab")
        self.dataplane = self.spawn(["renga-dataplane", "--memory", "256", "--cores", "0,1"])
        until(20, self.answers)
        self.shm = self.host.dataplane("hello")["shm"]

    def spawn(self, argv, **env):
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env={**os.environ, **env})

    def answers(self):
        try:
            return self.host.dataplane("hello")
        except OSError:
            return None

    def do(self, op, **members):
        return self.host.dataplane(op, **members)

    # ---- one service ----

    def service_up(self, config, generator):
        self.do("pool.put", ns="s", buffers=BUFFERS)
        spec = {"driver": "generator", "flows": FLOWS, "src": "10.1.0.10", "dst": "198.51.100.10",
                "dst-mac": "02:00:00:00:00:01", **generator}
        for name, spec in (("gen", spec), ("sink", {"driver": "null"})):
            self.do("port.put", id="s/" + name, ns="s", name=name, spec=spec)
        self.configs = {"nat": config, "end": {}}
        for name, kind in (("nat", "nat"), ("end", "faulty")):
            self.slot_put(name, kind, self.configs[name])

    def slot_put(self, name, kind, config):
        path = f"{self.host.runtime}/{name}.json"
        with open(path, "w", encoding="utf-8") as file:
            json.dump(config, file)
        manifest = json.loads(subprocess.check_output(["renga-vnf", "--describe", kind]))
        checked = json.loads(subprocess.check_output(["renga-vnf", "--check", kind, path]))
        self.do("slot.put", id=name, ns="s", name="s." + name, type=kind, cps=manifest["connectionPoints"],
                reasons=[reason["name"] for reason in manifest["dropReasons"]], stateSize=checked["stateSize"], core=1)

    def links_up(self):
        cp = lambda slot, name: {"slot": slot, "cp": name}
        for name, a, b in (("l0", {"port": "s/gen"}, cp("nat", "inside")), ("l1", cp("nat", "outside"), cp("end", "left")),
                           ("l2", cp("end", "right"), {"port": "s/sink"})):
            self.do("link.put", id="s/" + name, ns="s", name=name, a=a, b=b)

    def vnf_start(self, name, kind, fault="", beside=()):
        """beside: further arguments of one that succeeds another that runs; it is not kept then."""
        slot = self.host.slots()["s." + name]
        socket = self.vnf_socket(name + ".next" if beside else name)
        vnf = self.spawn(["renga-vnf", "--type", kind, "--id", name, "--name", "s." + name, "--slot", str(slot["slot"]),
                          "--shm", self.shm, "--core", "1", "--socket", socket, "--config",
                          f"{self.host.runtime}/{name}.json", *beside], RENGA_FAULT=fault)
        if not beside:
            self.vnfs[name] = vnf
        return vnf

    def vnf_socket(self, name):
        return f"{self.host.runtime}/vnf/{name}.sock"

    def is_running(self, name):
        return self.vnfs[name].poll() is not None or self.host.slots()["s." + name]["state"] == "running"

    def configure(self, name):
        try:
            ask(self.vnf_socket(name), {"op": "configure", "config": self.configs[name]}, 5)
        except (OSError, Refused):
            pass  # it is to die of it

    def came_out(self):
        return sum(port["txPackets"] for port in self.host.stats("s")["ports"] if port["name"] == "sink")

    def sessions(self):
        try:
            return ask(self.vnf_socket("nat"), {"op": "stats"}, 5).get("sessions")
        except (OSError, Refused):
            return None

    def service_down(self):
        """Faults, as text."""
        for process in self.vnfs.values():
            process.send_signal(signal.SIGTERM)
        for name, process in self.vnfs.items():
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.vnfs.clear()
        for op, ids in (("link.del", ("s/l0", "s/l1", "s/l2")), ("slot.del", ("nat", "end")), ("port.del", ("s/gen", "s/sink"))):
            for one in ids:
                self.do(op, id=one)
        free = self.do("list")["pools"][0]["free"]
        self.do("pool.del", ns="s")
        return [] if free == BUFFERS else [f"in the end {free} of {BUFFERS} buffers were free"]

    def end(self):
        self.do("shutdown")
        self.dataplane.wait(20)


def run_point(stage, name, count):
    """Faults of one kill, as text."""
    ends_sessions = name == "session-ended"
    stage.service_up(SHORT if ends_sessions else CONFIG, {"rate": "200k", "count": 5000} if ends_sessions else {"rate": "200k"})
    stage.vnf_start("end", "faulty")
    until(10, lambda: stage.is_running("end"))
    stage.vnf_start("nat", "nat", f"{name}:{count}")
    until(10, lambda: stage.is_running("nat"))
    stage.links_up()
    if name.startswith(("configure", "swap")):
        until(5, lambda: stage.came_out() > 1000)
        stage.configure("nat")
    faults = []
    if until(10, lambda: stage.vnfs["nat"].poll() is not None):
        faults += [f"after the death: {fault}" for fault in stage.host.audit()]
    else:
        faults.append("it was never reached")
        stage.vnfs["nat"].kill()
        stage.vnfs["nat"].wait()
    stage.do("slot.clear", id="nat")
    faults += [f"after the clearing: {fault}" for fault in stage.host.audit()]
    before = stage.came_out()
    stage.vnf_start("nat", "nat")
    wanted = 0 if ends_sessions else FLOWS
    if not ends_sessions and not until(10, lambda: stage.came_out() > before + 5000):
        faults.append("the successor does not forward")
    if until(10, lambda: stage.sessions() == wanted) is False:
        faults.append(f"the successor has {stage.sessions()} sessions, not {wanted}")
    faults += [f"with the successor: {fault}" for fault in stage.host.audit()]
    return faults + stage.service_down()


def run_succession(stage, name):
    """Faults of a predecessor's death while it hands over, as text: the successor that waits has its turn all the same."""
    stage.service_up(CONFIG, {"rate": "200k"})
    stage.vnf_start("end", "faulty")
    until(10, lambda: stage.is_running("end"))
    stage.vnf_start("nat", "nat", f"{name}:1")
    until(10, lambda: stage.is_running("nat"))
    stage.links_up()
    until(5, lambda: stage.sessions() == FLOWS)
    successor = stage.vnf_start("nat", "nat", beside=("--turn", "2", "--lcore", "100"))
    until(5, lambda: os.path.exists(stage.vnf_socket("nat.next")))
    time.sleep(0.3)  # it waits
    try:
        ask(stage.vnf_socket("nat"), {"op": "hand-over"}, 5)
    except (OSError, Refused):
        pass  # it is to die of it
    faults = [] if until(10, lambda: stage.vnfs["nat"].poll() is not None) else ["it was never reached"]
    faults += [f"after the death: {fault}" for fault in stage.host.audit()]
    stage.do("slot.clear", id="nat", turn=1)
    os.replace(stage.vnf_socket("nat.next"), stage.vnf_socket("nat"))
    stage.vnfs["nat"] = successor
    before = stage.came_out()
    if not until(10, lambda: stage.came_out() > before + 5000):
        faults.append("the successor does not forward")
    slot = stage.host.slots()["s.nat"]
    if (slot["pid"], slot["turn"]) != (successor.pid, 2):
        faults.append(f"the slot has process {slot['pid']}, turn {slot['turn']}, not {successor.pid}, 2")
    if stage.sessions() != FLOWS:
        faults.append(f"the successor has {stage.sessions()} sessions, not {FLOWS}")
    faults += [f"with the successor: {fault}" for fault in stage.host.audit()]
    return faults + stage.service_down()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only")
    only = parser.parse_args().only
    stage, number, failed = Stage(), 0, 0
    chosen = [(name, count) for name, counts in POINTS.items() for count in counts if only in (None, name)]
    print(f"1..{len(chosen)}", flush=True)
    for number, (name, count) in enumerate(chosen, 1):
        begin = time.monotonic()
        faults = run_succession(stage, name) if name.startswith("turn") else run_point(stage, name, count)
        failed += bool(faults)
        print(f"{'not ok' if faults else 'ok'} {number} - killed at {name}, pass {count} ({time.monotonic() - begin:.1f} s)")
        for fault in faults:
            print("# " + fault)
        sys.stdout.flush()
    stage.end()
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
