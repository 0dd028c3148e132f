"""The Linux kernel doing firewall -> NAT -> router, and the platform on the same veth ports, with the same packets.

The kernel's chain is a namespace for each function, joined by veth pairs: nftables with conntrack and as many rules as ours, flows that
were accepted once before all others (by their mark: for conntrack a UDP flow without replies is never established); source NAT to as many addresses; as many routes, with permanent neighbours. What it is spared: nothing answers behind it,
so replies cost it nothing, as they cost us nothing. Its packets are processed on the CPU of the sender (what veth does by itself), or handed to
another one (receive packet steering at the entry); the better of the two counts. Ours is the chain of the suite between ports of that driver on
the outer ends of the same pairs. bench/baselines/frame_source.c sends, at several rates and from either
CPU; what arrives at the far end is counted by the kernel, and the highest rate of arrival counts: each design has another place for the sender that
suits it, and loses packets in another way when it is overrun. The sender takes part of the two CPUs, about 2 µs a packet; pktgen, where it is built
in, would take less.
"""
import contextlib
import functools
import ipaddress
import itertools
import json
import os
import subprocess
import time
from dataclasses import replace

from . import cases, chains, figures
from .compare import beside
from .console import turn
from .service import Service
from .testbed import BUILD, Refused

RATES = (150e3, 250e3, 0)  # packets/s; 0: as many as the interface takes
WARM_RATE = 15e3  # at which the kernel can make sessions past so many rules
DRIVERS = ("af_packet", "af_xdp")


class Wires:
    """Namespaces `source` and `sink`, and between them what carries the packets. with Wires(mark) as wires: ..."""

    def __init__(self, mark):
        self.prefix = f"rgk{mark}{os.getpid() % 100000}"
        self.namespaces = []

    def __enter__(self):
        self.namespace("source")
        self.namespace("sink")
        return self

    def __exit__(self, *_):
        for name in reversed(self.namespaces):
            subprocess.run(["ip", "netns", "del", self._ns(name)], check=False)
        self.namespaces = []
        time.sleep(0.1)  # the kernel takes their interfaces away afterwards

    def namespace(self, name):
        run("ip", "netns", "add", self._ns(name))
        self.namespaces.append(name)
        self.on(name, "ip", "link", "set", "lo", "up")
        for switch in ("all", "default"):
            self.on(name, "sysctl", "-qw", f"net.ipv6.conf.{switch}.disable_ipv6=1")

    def pair(self, a, a_if, b, b_if):
        """A veth pair between two namespaces; "" is ours."""
        first, second = self._place(a), self._place(b)
        run("ip", "link", "add", a_if, *first, "type", "veth", "peer", "name", b_if, *second)
        for ns, interface in ((a, a_if), (b, b_if)):
            self.on(ns, "ip", "link", "set", interface, "up")

    def on(self, name, *command, text=None):
        return run(*(("ip", "netns", "exec", self._ns(name)) if name else ()), *command, text=text)

    def arrived(self):
        return int(self.on("sink", "cat", "/sys/class/net/end/statistics/rx_packets"))

    def send(self, chain, size, rate, seconds, core):
        """Sends; (packets per second that arrived, that were sent)."""
        options = {"interface": "start", "rate": rate, "seconds": seconds, "size": cases.SIZES[size], **chain.traffic}
        before, begin = self.arrived(), time.monotonic()
        sent = json.loads(self.on("source", "taskset", "-c", str(core), str(BUILD / "bench/baselines/frame_source"),
                                  *(f"--{name}={value}" for name, value in options.items())))
        took = time.monotonic() - begin
        return (self.arrived() - before) / took, sent["sent"] / sent["seconds"]

    def _ns(self, name):
        return f"{self.prefix}-{name}"

    def _place(self, name):
        return ("netns", self._ns(name)) if name else ()


def run(*command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise Refused(f"{' '.join(command[:12])}: {done.stderr.strip()[:300]}")
    return done.stdout


def compare(bed, case, effort, say):
    """Measurements, as JSON."""
    chain = chains.chain(case)
    results = {}
    with contextlib.ExitStack() as stack:
        ways = dict(_ways(bed, case, stack))
        for wires, _ in ways.values():
            turn()
            wires.send(chain, case.size, WARM_RATE, case.flows / WARM_RATE, 0)  # makes the sessions
        for number in range(effort.rounds):
            for name, (wires, prepare) in ways.items():
                prepare()
                turn()
                rate = max(wires.send(chain, case.size, rate, effort.turn, core)[0] for rate in RATES for core in (0, 1))
                results.setdefault(name, []).append(rate)
                say(f"  round {number + 1} of {effort.rounds}: {name}: {rate / 1e6:.3f} Mpps")
    results = {name: [rate / 1e6 for rate in rounds] for name, rounds in results.items()}
    ours = max((name for name in results if name.startswith("ours")), key=lambda name: figures.median(results[name]))
    yield from beside(case, results, ours, {"bench": "kernel"})


def _ways(bed, case, stack):
    """(name, (wires, what is to be done before a turn)): all are there at once, as who gets no packets takes no CPU."""
    wires = stack.enter_context(Wires("k"))
    _kernel_chain(wires, chains.chain(case))
    for name, cpus in (("kernel, on the sender's CPU", 0), ("kernel, steered to another CPU", 2)):
        yield name, (wires, functools.partial(_steer, wires, cpus))
    for i, (driver, placement) in enumerate(itertools.product(DRIVERS, ("process", "group"))):
        wires = stack.enter_context(Wires(str(i)))
        ours = wires.prefix + "i", wires.prefix + "o"
        wires.pair("source", "start", "", ours[0])
        wires.pair("sink", "end", "", ours[1])
        ports = {name: {"driver": driver, "interface": interface} for name, interface in zip(("in", "out"), ours)}
        stack.enter_context(Service(bed, replace(case, placement=placement), ports=ports, name=f"b{i}"))
        yield f"ours, {driver}, {placement}", (wires, lambda: None)


def _steer(wires, cpus):
    wires.on("fw", "sh", "-c", f"echo {cpus:x} >/sys/class/net/in/queues/rx-0/rps_cpus")


def _kernel_chain(wires, chain):
    fw, nat, router = chain.vnfs
    for name in ("fw", "nat", "rt"):
        wires.namespace(name)
        wires.on(name, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0")
    wires.pair("source", "start", "fw", "in")
    wires.pair("fw", "out", "nat", "in")
    wires.pair("nat", "out", "rt", "in")
    wires.pair("rt", "out", "sink", "end")
    _firewall(wires, fw.config)
    _nat(wires, nat.config)
    _router(wires, router.config)


def _firewall(wires, config):
    wires.on("fw", "ip", "link", "set", "in", "address", chains.DOOR_MAC)
    wires.on("fw", "ip", "addr", "add", "10.0.0.1/8", "dev", "in")
    wires.on("fw", "ip", "addr", "add", "192.168.0.1/24", "dev", "out")
    wires.on("fw", "ip", "route", "add", "default", "via", "192.168.0.2")
    rules = "\n".join(_nft_rule(rule) for rule in config["rules"])
    wires.on("fw", "nft", "-f", "-", text=f"""table ip filter {{
        chain forward {{
            type filter hook forward priority 0; policy drop;
            ct mark 1 accept
            {rules}
        }}
    }}""")


def _nft_rule(rule):
    parts = [f"ip saddr {rule['src']}"] if "src" in rule else []
    parts += [f"ip daddr {rule['dst']}"] if "dst" in rule else []
    parts += [f"{rule['proto']} dport {rule['dport']}"] if "dport" in rule else [f"ip protocol {rule['proto']}"]
    return " ".join((['iifname "in"'] if rule.get("from") == "left" else []) + parts + (["ct mark set 1"] if rule["action"] == "accept" else []) + [rule["action"]])


def _nat(wires, config):
    wires.on("nat", "ip", "addr", "add", "192.168.0.2/24", "dev", "in")
    wires.on("nat", "ip", "addr", "add", "203.0.113.2/24", "dev", "out")
    wires.on("nat", "ip", "route", "add", "10.0.0.0/8", "via", "192.168.0.1")
    wires.on("nat", "ip", "route", "add", "default", "via", config["outside"]["gateway"])
    pool = config["pool"][0]
    wires.on("nat", "nft", "-f", "-", text=f"""table ip nat {{
        chain post {{
            type nat hook postrouting priority 100;
            oifname "out" snat to {pool}
        }}
    }}""")


def _router(wires, config):
    wires.on("rt", "ip", "addr", "add", "203.0.113.1/24", "dev", "in")
    wires.on("rt", "ip", "addr", "add", "198.51.100.1/24", "dev", "out")
    for neighbour in config["neighbours"]:
        wires.on("rt", "ip", "neigh", "add", neighbour["address"], "lladdr", neighbour["mac"], "dev", "out")
    routes = "\n".join(f"route add {ipaddress.ip_network(route['prefix'])} via {route['via']}" for route in config["routes"])
    wires.on("rt", "ip", "-batch", "-", text=routes + "\n")
