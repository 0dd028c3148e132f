"""The chains that are measured, and the traffic that passes them: configurations as data. Pure.

Tables are as large as the case says: `rules` are those of a made-up site, which the traffic does not match, before the one that it
does; `routes` are /24 (IPv6: /64) side by side, and flows go to all of them. A flow is a UDP source port and address; the first packet
of each makes its sessions.
"""
import ipaddress
import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "lib"))
from rules import site  # noqa: E402

GATE_MAC = "02:00:00:00:00:01"  # of the router towards the NAT, as bench/lib/answer.c answers
DOOR_MAC = "02:00:00:00:00:fe"  # where the generator's frames go
GATEWAYS = 32
HOST_FLOWS = 1000  # of one source address


@dataclass(frozen=True)
class Vnf:
    name: str
    type: str
    config: dict = field(default_factory=dict)
    way_in: str = "left"
    way_out: str = "right"


@dataclass(frozen=True)
class Chain:
    vnfs: list
    traffic: dict  # members of the generator's specification

    @property
    def door(self):
        """The VNF that the frames are addressed to, if any."""
        return next((vnf for vnf in self.vnfs if vnf.type in ("nat", "router")), None)

    @property
    def types(self):
        return [vnf.type for vnf in self.vnfs]


def passthrough(case):
    vnfs = [Vnf(f"v{i + 1}", "passthrough") for i in range(case.hops)]
    return Chain(vnfs, {"flows": case.flows, **_addresses(case.family)})


def copying(case):
    vnfs = [Vnf(f"v{i + 1}", "copy") for i in range(case.hops)]
    return Chain(vnfs, {"flows": case.flows, **_addresses(case.family)})


def edge(case):
    """firewall -> NAT -> router; for IPv6, which is not translated, firewall -> router."""
    if case.family == 6:
        return Chain([firewall(case), router6(case)], {**_traffic(case), "src": "2001:db8:1::9", "dst": "2001:1000::9"})
    return Chain([firewall(case), nat(case), router(case)], {**_traffic(case), "src": "10.0.0.9", "dst": "20.0.0.9"})


def lone_firewall(case):
    return Chain([firewall(case)], {**_traffic(case), "src": "10.0.0.9", "dst": "20.0.0.9"})


def lone_nat(case):
    return Chain([nat(case), router(case)], {**_traffic(case), "src": "10.0.0.9", "dst": "20.0.0.9"})


CHAINS = {"passthrough": passthrough, "copy": copying, "edge": edge, "firewall": lone_firewall, "nat-router": lone_nat}


def chain(case):
    return CHAINS[case.chain](case)


def firewall(case):
    rules = [*site(case.rules), {"name": "load", "action": "accept", "from": "left", "proto": "udp"}]
    return Vnf("fw", "firewall", {"default": "drop", "max-sessions": sessions(case), "rules": rules})


def nat(case):
    """Replicas have a MAC each, of the platform's: Chain.door says whose the traffic is for."""
    return Vnf("nat", "nat", {
        "max-sessions": sessions(case), "pool": ["203.0.113.64-203.0.113.254"],
        "inside": {"addresses": ["10.0.0.1/8"], **_mac(case, DOOR_MAC)},
        "outside": {"addresses": ["203.0.113.2/24"], "gateway": "203.0.113.1"}}, "inside", "outside")


def router(case):
    first = int(ipaddress.ip_address("20.0.0.0"))
    routes = [{"prefix": f"{ipaddress.ip_address(first + (i << 8))}/24", "via": f"198.51.100.{2 + i % GATEWAYS}"} for i in range(case.routes)]
    return Vnf("rt", "router", {
        "interfaces": [{"cp": "p0", "addresses": ["203.0.113.1/24"], **_mac(case, GATE_MAC)}, {"cp": "p1", "addresses": ["198.51.100.1/24"]}],
        "neighbours": [{"cp": "p1", "address": f"198.51.100.{2 + i}", "mac": f"02:00:00:00:01:{i:02x}"} for i in range(GATEWAYS)],
        "routes": routes}, "p0", "p1")


def router6(case):
    first = int(ipaddress.ip_address("2001:1000::"))
    routes = [{"prefix": f"{ipaddress.ip_address(first + (i << 64))}/64", "via": f"2001:db8:2::{2 + i % GATEWAYS:x}"} for i in range(case.routes)]
    return Vnf("rt", "router", {
        "interfaces": [{"cp": "p0", "addresses": ["2001:db8:1::1/64"], **_mac(case, DOOR_MAC)}, {"cp": "p1", "addresses": ["2001:db8:2::1/64"]}],
        "neighbours": [{"cp": "p1", "address": f"2001:db8:2::{2 + i:x}", "mac": f"02:00:00:00:01:{i:02x}"} for i in range(GATEWAYS)],
        "routes": routes}, "p0", "p1")


def _mac(case, mac):
    return {"mac": mac} if case.replicas == 1 else {}


def sessions(case):
    """Room for all flows and some more."""
    return max(1024, case.flows + case.flows // 8)


def _traffic(case):
    return {"flows": case.flows, "src-flows": HOST_FLOWS, "dst-nets": case.routes, "dst-mac": DOOR_MAC}


def _addresses(family):
    return {"src": "2001:db8:1::9", "dst": "2001:db8:2::9"} if family == 6 else {}
