"""router.py: the router against the kernel's forwarding, IPv4 and IPv6."""
from packet import ICMP6, echo, error, ip, tcp, udp
from sequences import OTHER_KINDS, Flow, icmp_of, step, tcp_well
from world import MARKER_PORT, World

CONFIG = """
interfaces:
- {cp: p0, addresses: [203.0.113.1/24, "2001:db8:1::1/64"]}
- {cp: p1, addresses: [198.51.100.1/24, "2001:db8:2::1/64"], mtu: 1280}
routes:
- {prefix: 10.0.0.0/8, via: 203.0.113.2}
- {prefix: 10.1.0.0/16, via: 198.51.100.254}
- {prefix: 10.1.2.3/32, via: 203.0.113.2}
- {prefix: 192.0.2.0/24, action: blackhole}
- {prefix: 192.0.2.128/25, action: unreachable}
- {prefix: 192.0.2.192/26, action: prohibit}
- {prefix: "2001:db8:a::/48", via: "2001:db8:2::fe"}
- {prefix: "2001:db8:b::/48", action: blackhole}
- {prefix: "2001:db8:e::/48", action: prohibit}
icmp-rate: {per-destination: 100000, total: 1000000}
"""

ROUTES = """
route add 10.0.0.0/8 via 203.0.113.2
route add 10.1.0.0/16 via 198.51.100.254
route add 10.1.2.3/32 via 203.0.113.2
route add blackhole 192.0.2.0/24
route add unreachable 192.0.2.128/25
route add prohibit 192.0.2.192/26
route add 2001:db8:a::/48 via 2001:db8:2::fe
route add blackhole 2001:db8:b::/48
route add prohibit 2001:db8:e::/48
"""


class Router(World):
    inside, outside = "p0", "p1"
    sides = ["p0", "p1"]
    limits = {"p1": 1280}
    gateways = {"p0": "203.0.113.1", "p1": "198.51.100.1"}
    clients = ["203.0.113.2", "203.0.113.3", "10.0.0.5", "2001:db8:1::2"]
    servers = ["198.51.100.10", "198.51.100.254", "10.1.0.9", "2001:db8:2::9", "2001:db8:a::1"]
    routers = ["198.51.100.9", "2001:db8:2::7"]

    def hops(self):
        def there(box, payload):
            return ip("203.0.113.250", "198.51.100.250", udp(MARKER_PORT, MARKER_PORT, payload))

        def back(box, payload):
            return ip("198.51.100.250", "203.0.113.250", udp(MARKER_PORT, MARKER_PORT, payload))
        return [("p0", "p1", there), ("p1", "p0", back)]

    def conversations(self, rnd):
        kinds = OTHER_KINDS + (tcp_well, ttl_ends, ttl_ends, nowhere, nowhere, too_big, too_big, to_the_box, martian, martian, no_error_about,
                               options, for_many)
        while True:
            six = rnd.random() < 0.4
            client = rnd.choice([a for a in self.clients if (":" in a) == six])
            server = rnd.choice([a for a in self.servers if (":" in a) == six])
            flow = Flow(self, client, server, rnd.randrange(1024, 65536), rnd.choice((53, 80, 5001, 33434)))
            kind = rnd.choice(kinds)
            yield kind.__name__, kind(flow, rnd)


def sizes(rnd):
    return rnd.randbytes(rnd.choice((0, 1, 10, 500, 539, 600, 1180)))


def ttl_ends(flow, rnd):
    ttl = rnd.choice((0, 1, 1, 2))
    yield step(f"TTL {ttl}", flow.up(udp(flow.cport, flow.sport, sizes(rnd)), ttl=ttl, tos=rnd.choice((0, 0x10, 0xB8))), tags=["ttl", f"ttl {ttl}"])


def nowhere(flow, rnd):
    to = rnd.choice(("2001:db8:b::1", "2001:db8:e::1", "2001:db8:77::1") if ":" in flow.client
                    else ("8.8.8.8", "192.0.2.1", "192.0.2.129", "192.0.2.200", "10.1.2.3", "10.200.0.1"))
    # Linux tells one sender about routes that lead nowhere just five times: each has another.
    client = flow.client if ":" in flow.client else f"10.0.{rnd.randrange(256)}.{rnd.randrange(1, 255)}"
    yield step(f"to {to}", Flow(flow.world, client, to, flow.cport, flow.sport).up(udp(flow.cport, flow.sport, sizes(rnd))), tags=["nowhere", to])


def too_big(flow, rnd):
    data = rnd.randbytes(rnd.choice((1252, 1253, 1300, 1400)))
    if ":" in flow.client:
        yield step("too big", flow.up(udp(flow.cport, flow.sport, data)), tags=["too-big"])
        return
    yield step("too big, with DF", flow.up(udp(flow.cport, flow.sport, data), df=True), tags=["too-big"])
    yield step("too big, to be cut", flow.up(udp(flow.cport, flow.sport, data), ident=rnd.getrandbits(16)), tags=["too-big"])


def to_the_box(flow, rnd):
    six = ":" in flow.client
    own = rnd.choice(("2001:db8:1::1", "2001:db8:2::1") if six else ("203.0.113.1", "198.51.100.1"))
    ttl = rnd.choice((1, 64))
    yield step(f"echo to {own}", (flow.world.inside, ip(flow.client, own, echo(flow.cport, 1, rnd.randbytes(rnd.choice((0, 56, 1000))), False, icmp_of(own)), ttl=ttl)))
    yield step(f"UDP to {own}", (flow.world.inside, ip(flow.client, own, udp(flow.cport, 33434, sizes(rnd)))), tags=["own"])


def martian(flow, rnd):
    if ":" in flow.client:
        src = rnd.choice(("::", "::1", "ff02::1", "fe80::5", "2001:db8:1::1"))
    else:
        src = rnd.choice(("127.0.0.1", "0.0.0.0", "0.1.2.3", "224.0.0.1", "240.0.0.1", "255.255.255.255", "203.0.113.1", "203.0.113.255"))
    yield step(f"from {src}", (flow.world.inside, ip(src, flow.server, udp(flow.cport, flow.sport, b"martian"))), tags=["martian", src])
    to = rnd.choice(("::1", "::", "fe80::7") if ":" in flow.client else ("127.0.0.1", "0.0.0.0", "240.0.0.1", "255.255.255.255"))
    yield step(f"to {to}", (flow.world.inside, ip(flow.client, to, udp(flow.cport, flow.sport, b"martian"))), tags=["martian", "to " + to])


def for_many(flow, rnd):
    to = rnd.choice(("ff02::1:ff00:9", "ff0e::1") if ":" in flow.client else ("198.51.100.255", "198.51.100.0", "203.0.113.255", "224.0.0.5", "239.1.1.1"))
    yield step(f"to many: {to}", (flow.world.inside, ip(flow.client, to, udp(flow.cport, flow.sport, b"all"))), tags=["many", to])


def no_error_about(flow, rnd):
    """An ICMP error, and a packet from nobody, whose TTL ends."""
    six = ":" in flow.client
    about = ip(flow.server, flow.client, udp(1, 2, b"about"))
    kind = rnd.choice(((1, 0), (3, 0)) if six else ((3, 1), (11, 0), (4, 0), (5, 0), (12, 0)))
    yield step(f"an error {kind} whose TTL ends", (flow.world.inside, error(flow.client, flow.server, *kind, about, ttl=1)), tags=["no-error"])


def options(flow, rnd):
    if ":" in flow.client:
        return
    name, data = rnd.choice((("record route", b"\7\7\4\0\0\0\0"), ("time stamp", b"\x44\x08\5\0\0\0\0\0"), ("a length beyond", b"\7\x40\4\0"),
                             ("an unknown kind", b"\x5e\4\1\2"), ("security", b"\x82\x0b\0\0\0\0\0\0\0\0\0")))
    yield step(f"option: {name}", flow.up(udp(flow.cport, flow.sport, b"options"), options=data), tags=["option", name])
    yield step(f"option: {name}, TTL 1", flow.up(udp(flow.cport, flow.sport, b"options"), options=data, ttl=1), tags=["option", name, "ttl"])
