"""nat.py: the NAT against masquerading with connection tracking."""
import struct

from packet import ICMP, TCP, UDP, echo, error, family, ip, is_error, other, parts, tcp, udp
from sequences import OTHER_KINDS, TCP_KINDS, Flow, step
from world import MARKER_PORT, World

CONFIG = """
inside: {addresses: [10.0.0.1/24]}
outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1, mtu: 1400}
filtering: address-and-port-dependent
static: [{proto: tcp, outside: "203.0.113.2:8080", inside: "10.0.0.10:80"}]
icmp-rate: {per-destination: 100000, total: 1000000}
"""

# be_liberal (tests/system/oracle.sh): a NAT does not watch windows.
NFT = """
table ip gate {
  chain before {
    type nat hook prerouting priority dstnat;
    ip daddr 203.0.113.2 tcp dport 8080 dnat to 10.0.0.10:80
  }
  chain after {
    type nat hook postrouting priority srcnat;
    oifname "kno" masquerade
    iifname "kni" oifname "kni" snat to 203.0.113.2
  }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state invalid drop
    iifname "kni" accept
    iifname "kno" ct state established,related accept
    iifname "kno" ct status dnat accept
  }
  chain input {
    type filter hook input priority 0; policy drop;
    icmp type echo-request accept
  }
}
"""
OUTSIDE, SERVER = "203.0.113.2", "10.0.0.10"


class Nat(World):
    inside, outside = "inside", "outside"
    sides = ["inside", "outside"]
    gateways = {"inside": "10.0.0.1", "outside": OUTSIDE}
    clients = ["10.0.0.10", "10.0.0.11"]
    servers = ["203.0.113.7", "203.0.113.8", "198.51.100.10"]
    routers = ["203.0.113.1"]
    keeps_ident, limits = False, {"outside": 1400}

    def hops(self):
        def there(box, payload):
            return ip("10.0.0.250", "203.0.113.250", udp(MARKER_PORT, MARKER_PORT, payload))

        def back(box, payload):
            known = parts(box.mark)
            return ip("203.0.113.250", known.src, udp(MARKER_PORT, struct.unpack("!H", known.l4[:2])[0], payload))
        return [("inside", "outside", there), ("outside", "inside", back)]

    def warm_up(self):
        for client in self.clients:
            for server in self.servers:
                yield "inside", ip(client, server, udp(MARKER_PORT, MARKER_PORT, b"warm"))
            yield "inside", ip(client, "10.0.0.1", echo(1, 1))
        yield "outside", ip("203.0.113.7", OUTSIDE, echo(1, 1))

    def seen(self, box, proto, client, port):
        return box.ends.get((proto, client, port))

    def learn(self, box, side, packet, step):
        """From what went out: which end outside stands for whose inside."""
        known = parts(packet)
        hairpin = "hairpin" in step.tags and known.dst == SERVER
        if side != "outside" and not hairpin or is_error(known) or known.frag & 0x1FFF or len(known.l4) < 8:
            return
        for sent_side, sent in step.packets:
            if sent_side != "inside" or callable(sent):
                continue
            own = parts(sent)
            if (own.proto, own.dst) != (known.proto, OUTSIDE if hairpin else known.dst) or own.frag & 0x1FFF:
                continue
            at = 4 if own.proto == ICMP else 0
            was, now = own.l4[at:at + 2], known.l4[at:at + 2]
            if len(was) == 2:
                box.ends[own.proto, own.src, int.from_bytes(was, "big")] = known.src, int.from_bytes(now, "big")
                box.names[own.proto, known.src, int.from_bytes(now, "big")] = own.src + " outside", int.from_bytes(was, "big")

    def named(self, box, address, proto, port):
        if address != OUTSIDE:
            return address, port
        return box.names.get((proto, address, port), (address, port))

    def conversations(self, rnd):
        kinds = TCP_KINDS + OTHER_KINDS + (ttl_ends, too_big, to_the_box, static, static_hairpin, untranslated)
        while True:
            flow = Flow(self, rnd.choice(self.clients), rnd.choice(self.servers), rnd.randrange(1024, 65536), rnd.choice((53, 80, 443, 5001)))
            kind = rnd.choice(kinds)
            yield kind.__name__, kind(flow, rnd)


def ttl_ends(flow, rnd):
    yield step("TTL 1", flow.up(udp(flow.cport, flow.sport, rnd.randbytes(rnd.choice((0, 10, 1000)))), ttl=1), tags=["ttl"])
    yield step("UDP up", flow.up(udp(flow.cport, flow.sport, b"x")))
    yield step("TTL 1 down", flow.down(UDP, lambda port: udp(flow.sport, port, b"down"), ttl=1), tags=["ttl"])


def too_big(flow, rnd):
    data = rnd.randbytes(1420)
    yield step("too big, with DF", flow.up(udp(flow.cport, flow.sport, data), df=True), tags=["too-big"])
    yield step("too big, to be cut", flow.up(udp(flow.cport, flow.sport, data), ident=rnd.getrandbits(16)), tags=["too-big"])


def to_the_box(flow, rnd):
    yield step("echo to its inside address", ("inside", ip(flow.client, "10.0.0.1", echo(flow.cport, 1, b"to you"))))
    yield step("echo to its outside address", ("outside", ip(flow.server, OUTSIDE, echo(flow.cport, 1, b"to you"))), tags=["own"])


def static(flow, rnd):
    """A server inside, by its end outside."""
    seq = rnd.getrandbits(31)
    yield step("SYN to the static mapping", ("outside", ip(flow.server, OUTSIDE, tcp(flow.cport, 8080, 2, seq))), tags=["static"])
    yield step("its answer", ("inside", ip("10.0.0.10", flow.server, tcp(80, flow.cport, 0x12, 7, seq + 1))), tags=["static"])
    yield step("ACK", ("outside", ip(flow.server, OUTSIDE, tcp(flow.cport, 8080, 0x10, seq + 1, 8))), tags=["static"])
    yield step("data", ("inside", ip("10.0.0.10", flow.server, tcp(80, flow.cport, 0x18, 8, seq + 1, data=b"page" * 100))), tags=["static"])


def static_hairpin(flow, rnd):
    """The same server, by its end outside, from inside: it sees the client's end outside."""
    flow = Flow(flow.world, "10.0.0.11", OUTSIDE, flow.cport, 8080)
    seq = rnd.getrandbits(31)

    def answer(make):
        def made(box):
            end = flow.world.seen(box, TCP, flow.client, flow.cport)
            return end and make(*end)
        return "inside", made
    yield step("SYN from inside to the static mapping", flow.up(tcp(flow.cport, 8080, 2, seq)), tags=["hairpin"])
    yield step("its answer", answer(lambda to, port: ip(SERVER, to, tcp(80, port, 0x12, 7, seq + 1))), tags=["hairpin"])
    yield step("ACK", flow.up(tcp(flow.cport, 8080, 0x10, seq + 1, 8)), tags=["hairpin"])
    about = tcp(80, flow.cport, 0x18, 8, seq + 1, data=b"page" * 100)
    yield step("data", answer(lambda to, port: ip(SERVER, to, tcp(80, port, 0x18, 8, seq + 1, data=b"page" * 100))), tags=["hairpin"])
    yield step("the client's error about it", ("inside", error(flow.client, OUTSIDE, 3, 3, ip(OUTSIDE, flow.client, (TCP, b"\x1f\x90" + about[1][2:], 16)))), tags=["hairpin"])


def untranslated(flow, rnd):
    """Nothing is mapped; or the inside is addressed from outside."""
    port = rnd.randrange(1024, 65536)
    if rnd.random() < 0.5:
        yield step("UDP that no mapping waits for", ("outside", ip(flow.server, OUTSIDE, udp(flow.sport, port, b"?"))), tags=["unsolicited"])
    yield step("an error about nothing", ("outside", error("203.0.113.1", OUTSIDE, 11, 0, ip(OUTSIDE, flow.server, udp(port, 9, b"?")))), tags=["error-nothing"])
