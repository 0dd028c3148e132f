"""What is measured, as data: a case is a chain, its traffic and its placement. Pure."""
from dataclasses import dataclass, replace

SIZES = {"64": 64, "84": 84, "imix": "imix", "1518": 1514}  # of a frame as people say, and without FCS as the generator counts


@dataclass(frozen=True)
class Case:
    chain: str  # chains.CHAINS
    hops: int = 3  # of passthroughs
    size: str = "64"  # SIZES
    family: int = 4
    flows: int = 1024
    rules: int = 1000
    routes: int = 100000
    placement: str = "process"  # group, auto
    cores: int = 1  # that VNFs are given: 1: all on one that does no port I/O; 2 and more: in turns
    replicas: int = 1
    idle: str = "ladder"  # spin

    @property
    def name(self):
        parts = [f"{self.chain}{f'-{self.hops}' if self.chain in ('passthrough', 'copy') else ''}", self.size, f"ipv{self.family}"]
        if self.chain not in ("passthrough", "copy"):
            parts.append(f"{self.flows}-flows")
        parts += [self.placement, f"{self.cores}-core"]
        if self.replicas > 1:
            parts.append(f"{self.replicas}-replicas")
        if self.idle != "ladder":
            parts.append(self.idle)
        return "/".join(parts)


def describe(case, vnfs):
    """The members that name a case in a measurement."""
    members = {"case": case.name, "chain": case.chain, "vnfs": vnfs, "size": case.size, "family": case.family, "flows": case.flows,
               "placement": case.placement, "cores": case.cores, "replicas": case.replicas}
    if case.chain not in ("passthrough", "copy"):
        members |= {"rules": case.rules, "routes": case.routes}
    return members


PASSTHROUGH = Case("passthrough")
EDGE = Case("edge", flows=65536)


def short():
    """In half a minute: growth, sizes, families, tables."""
    for placement in ("process", "group"):
        for hops in (1, 3, 8):
            yield replace(PASSTHROUGH, hops=hops, placement=placement)
        yield replace(EDGE, placement=placement)
    group = replace(EDGE, placement="group")
    yield replace(group, size="imix")
    yield replace(group, size="1518")
    yield replace(group, size="84", family=6)
    yield replace(group, flows=1048576)


def long(cores):
    """Chains of 1 to 8, each size, family, number of flows and placement, on 1 core and on as many as there are."""
    for n in range(1, cores + 1):
        for placement in ("process", "group") if n == 1 else ("process",):
            for hops in range(1, 9):
                yield replace(PASSTHROUGH, hops=hops, placement=placement, cores=n)
            for size in ("imix", "1518"):
                yield replace(PASSTHROUGH, size=size, placement=placement, cores=n)
            yield from _edges(placement, n)
        if n > 1:
            yield replace(PASSTHROUGH, hops=1, cores=n, replicas=n)
            yield replace(EDGE, cores=n, replicas=n)
            yield replace(PASSTHROUGH, placement="auto", cores=n)
            yield replace(EDGE, placement="auto", cores=n)


def _edges(placement, cores):
    """IPv6 without 64 B: its headers leave no room for what measures latency."""
    case = replace(EDGE, placement=placement, cores=cores)
    for size in SIZES:
        yield replace(case, size=size)
    for size in ("84", "imix", "1518"):
        yield replace(case, size=size, family=6)
    yield replace(case, flows=1048576)
    yield replace(case, flows=1048576, size="84", family=6)


def connections(is_long):
    """New connections: every packet is the first of its flow."""
    for flows in ((262144, 1048576) if is_long else (262144,)):
        yield Case("firewall", flows=flows, routes=1000)
        yield Case("nat-router", flows=flows, routes=1000)
        yield Case("edge", flows=flows, placement="group", routes=1000)
