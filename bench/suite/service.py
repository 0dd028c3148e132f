"""A chain that runs on a testbed, generator to sink, and trials with it.

It is told to the VNFM directly, VNF by VNF, so that idle ladder, cores and what is between two VNFs are the benchmark's to say; or to the
orchestrator as a chain, where placement or replicas are the platform's (`placed`).
"""
import time
import urllib.parse
from dataclasses import dataclass, field

from . import chains, figures
from .cases import SIZES
from .testbed import Refused, stolen, wait_for

BUFFERS = 16384
SETTLE = 0.05  # seconds that packets under way may take after the last was made


@dataclass
class Trial:
    """What came of offering packets for some time."""
    rate: float  # packets/s that were to be made; 0: as many as the chain takes
    seconds: float
    offered: int
    received: int
    latency: dict  # us: p50, p90, p99, max
    cycles: dict  # of each VNF per packet
    cpu: dict  # CPUs that were kept busy: dataplane, vnfs
    stolen: float  # CPUs that the hypervisor took
    drops: dict = field(default_factory=dict)

    @property
    def loss(self):
        return (self.offered - self.received) / self.offered if self.offered else 1.0

    @property
    def mpps(self):
        return self.received / self.seconds / 1e6


class Service:
    """with Service(bed, case) as service: service.trial(rate, seconds)

    relay: None, or how the relay between every two VNFs waits, "ladder" or "spin"; relay_core: on which CPU."""

    def __init__(self, bed, case, placed=False, relay=None, relay_core=None, ports=None, name="bench"):
        self.bed, self.case = bed, case
        self.chain = chains.chain(case)
        self.name = name
        self.ports = ports or {"in": {"driver": "generator", "rate": 1, "size": SIZES[case.size], **self.chain.traffic}, "out": {"driver": "null"}}
        self.relay, self.relay_core = relay, relay_core
        self.placed = placed or case.replicas > 1 or case.placement == "auto"
        try:
            self.ns = self._apply() if self.placed else self._put()
        except BaseException:
            self.remove()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    def remove(self):
        if self.placed:
            try:
                self.bed.api("DELETE", f"/renga/v1/chains/{self.name}")
            except Refused:
                return
            wait_for(20, lambda: not self.bed.vnfm("GET", "/services"))
        else:
            self.bed.vnfm("DELETE", f"/services/{self.name}")

    # ---- trials ----

    def trial(self, rate, seconds, warm=False):
        """rate 0: max. warm: until every flow has had its packet, whatever the time."""
        before, cpu, taken, start = self.stats(), self.bed.cpu_seconds(), stolen(), time.monotonic()
        self._reset("out")
        spec = {"rate": max(1, round(rate)) if rate else "max"}
        spec |= {"count": self.case.flows} if warm else {"duration": f"{round(seconds * 1000)}ms"}
        self._change("in", spec)
        if not warm:
            time.sleep(seconds)
        if not wait_for(30, lambda: self._measured("in")["done"]):
            raise Refused(f"the generator does not come to its end: {self.stats()}")
        took = time.monotonic() - start
        cpu = {name: (used - cpu[name]) / took for name, used in self.bed.cpu_seconds().items()}
        self._drain()
        return self._result(rate, before, self.stats(), cpu, (stolen() - taken) / took)

    def idle(self, seconds):
        """CPUs that are kept busy when no packet comes."""
        self._change("in", {"rate": 1, "count": 1})
        wait_for(5, lambda: self._measured("in")["done"])
        time.sleep(0.1)
        before, start = self.bed.cpu_seconds(), time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - start
        return {name: (used - before[name]) / took for name, used in self.bed.cpu_seconds().items()}

    def stats(self):
        return self.bed.dataplane("stats", ns=self.ns)

    def _result(self, rate, before, after, cpu, taken):
        made, came = self._measured("in", after), self._measured("out", after)
        shed = _drops(after).get("in overflow", 0) - _drops(before).get("in overflow", 0)
        drops = {reason: n - _drops(before).get(reason, 0) for reason, n in _drops(after).items() if n > _drops(before).get(reason, 0)}
        seconds = came["received"] / came["mpps"] / 1e6 if came["mpps"] else 0.0
        return Trial(rate, seconds or 1e-9, made["sent"] + shed, came["received"], came["latencyUs"],
                     figures.cycles_per_packet(before, after, came["received"]), cpu, taken, drops)

    def _drain(self):
        """Until nothing has come out for a while."""
        last = -1
        while (n := self._measured("out")["received"]) != last and n < self._measured("in")["sent"]:
            last = n
            time.sleep(SETTLE)

    def _measured(self, name, stats=None):
        return next(port for port in (stats or self.stats())["ports"] if port["name"] == name)["generator"]

    def _reset(self, name):
        self.bed.dataplane("port.reset", id=self._port(name)["id"])

    def _change(self, name, members):
        port = self._port(name)
        spec = {key: value for key, value in port["spec"].items() if key not in ("rate", "count", "duration")} | members
        if spec == port["spec"]:
            return self._reset(name)
        self.bed.dataplane("port.put", id=port["id"], ns=port["ns"], name=port["name"], spec=spec, tag=port["tag"])

    def _port(self, name):
        """One that was changed has another id than its name."""
        return next(port for port in self.bed.dataplane("list")["ports"] if (port["ns"], port["name"]) == (self.ns, name))

    # ---- told to the VNFM ----

    def _put(self):
        ns, n = self.name, len(self.chain.vnfs)
        self.bed.vnfm("PUT", f"/services/{ns}", {"name": ns, "buffers": BUFFERS})
        for name, spec in self.ports.items():
            self._put_object("ports", f"{ns}/{name}", {"name": name, "spec": spec})
        for i, vnf in enumerate(self.chain.vnfs):
            group = {"group": {"name": "all", "n": n}} if self.case.placement == "group" and n > 1 else {}
            self._put_object("vnfs", f"{ns}-{vnf.name}", {"name": f"{ns}.{vnf.name}", "type": vnf.type, "config": vnf.config, "core": self._core(i),
                                                           "idle": self.case.idle, **group})
        if self.relay:
            self._put_object("vnfs", f"{ns}-relay", {"name": f"{ns}.relay", "type": "relay", "config": {}, "core": self.relay_core, "idle": self.relay})
        for i, (a, b) in enumerate(self._ends()):
            self._put_object("links", f"{ns}/l{i}", {"name": f"l{i}", "a": a, "b": b, "size": 1024})
        for name in [vnf.name for vnf in self.chain.vnfs] + (["relay"] if self.relay else []):
            self.bed.vnfm("GET", f"/vnfs/{ns}-{name}?wait=ready&timeout=60000&config=omit", timeout=70)
        return ns

    def _put_object(self, kind, name, members):
        self.bed.vnfm("PUT", f"/{kind}/{urllib.parse.quote(name, safe='')}?config=omit", {"ns": self.name, **members})

    def _core(self, i):
        """By turns over the CPUs that the case is given, those without port I/O first."""
        cores = self.bed.cores[1:] + self.bed.cores[:1]
        return cores[:self.case.cores][i % min(self.case.cores, len(cores))]

    def _ends(self):
        """The two ends of each link, in the order of the packets."""
        ends = [{"port": f"{self.name}/in"}]
        for i, vnf in enumerate(self.chain.vnfs):
            if self.relay and i > 0:
                ends += [self._end("relay", f"hop{i}-in"), self._end("relay", f"hop{i}-out")]
            ends += [self._end(vnf.name, vnf.way_in), self._end(vnf.name, vnf.way_out)]
        ends.append({"port": f"{self.name}/out"})
        return list(zip(ends[::2], ends[1::2]))

    def _end(self, vnf, cp):
        return {"vnf": f"{self.name}-{vnf}", "cp": cp}

    # ---- told to the orchestrator ----

    def _apply(self):
        replicas = {"replicas": self.case.replicas} if self.case.replicas > 1 else {}
        path = ["in", *({"vnf": vnf.name, "type": vnf.type, "config": vnf.config, **replicas} for vnf in self.chain.vnfs), "out"]
        document = {"kind": "Chain", "name": self.name, "isolation": self.case.placement, "buffers": BUFFERS, "ports": self.ports, "path": path}
        ns = self._instantiate(document)
        if replicas and self.chain.door:  # its MAC is the platform's, and known only now
            self.ports["in"]["dst-mac"] = self._mac(self.chain.door)
            self._instantiate(document)
        return ns

    def _instantiate(self, document):
        operation = self.bed.api("POST", "/renga/v1/chains", document)
        path = f"/renga/v1/chains/{self.name}"
        if not wait_for(60, lambda: self._ended(operation)):
            raise Refused(f"the chain does not come up: {self.bed.api('GET', path)}")
        return self.bed.api("GET", path)["nsInstanceId"]

    def _ended(self, operation):
        state = self.bed.api("GET", f"/nslcm/v1/ns_lcm_op_occs/{operation['id']}")
        if state["operationState"] in ("FAILED", "FAILED_TEMP", "ROLLED_BACK"):
            raise Refused(f"{state['operationState']}: {state.get('error', {}).get('detail')}")
        return state["operationState"] == "COMPLETED"

    def _mac(self, vnf):
        slots = self.bed.dataplane("list")["slots"]
        return next(slot["macs"][0] for slot in slots if slot["name"] == f"{self.name}.{vnf.name}")

    def cores(self):
        """Of each VNF process, where it is."""
        return {vnf["name"]: vnf["core"] for vnf in self.stats()["vnfs"]}


def _drops(stats):
    drops = {f"{port['name']} {reason}": n for port in stats["ports"] for reason, n in port["drops"].items()}
    return drops | {f"{vnf['name']} {reason}": n for vnf in stats["vnfs"] for reason, n in vnf["drops"].items()}
