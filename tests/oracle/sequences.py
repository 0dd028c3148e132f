"""sequences.py: what hosts may send through a box, as steps of many flows at once; the same for the same seed.

Each function is one conversation: a generator of steps, which ends early when the boxes begin to differ.
"""
import random
import struct

from packet import ACK, FIN, GRE, ICMP, ICMP6, PSH, RST, SYN, TCP, UDP, URG, dstopts, echo, error, family, fragments, ip, other, tcp, udp
from world import Flow, Step

WSCALE7 = b"\2\4\5\xb4\3\3\7"


def step(note, *packets, tags=()):
    return Step(note, list(packets), frozenset(tags))


def icmp_of(address):
    return ICMP6 if ":" in address else ICMP


# ---- TCP ----

class Connection:
    """Both ends of one, with their next sequence numbers."""

    def __init__(self, flow, rnd, scale):
        self.flow, self.rnd = flow, rnd
        self.seq = {"up": rnd.getrandbits(32), "down": rnd.getrandbits(32)}
        self.window = 8192 if not scale else 1000
        self.scale = scale

    def segment(self, way, flags, data=b"", seq=None, ack=None, options=b"", window=None, **how):
        back = "down" if way == "up" else "up"
        seq = self.seq[way] if seq is None else seq
        ack = (self.seq[back] if flags & ACK else 0) if ack is None else ack
        window = self.window if window is None else window
        if way == "up":
            return self.flow.up(tcp(self.flow.cport, self.flow.sport, flags, seq, ack, window, options, data), **how)
        return self.flow.down(TCP, lambda port: tcp(self.flow.sport, port, flags, seq, ack, window, options, data), **how)

    def send(self, way, flags, data=b"", **how):
        made = self.segment(way, flags, data, **how)
        self.seq[way] += len(data) + (1 if flags & SYN else 0) + (1 if flags & FIN else 0)
        return made

    def open(self):
        options = WSCALE7 if self.scale else b""
        again = self.rnd.random() < 0.2
        syn = self.seq["up"]
        yield step("SYN", self.send("up", SYN, options=options))
        if again:
            yield step("SYN again", self.segment("up", SYN, seq=syn, ack=0, options=options))
        answer = self.seq["down"]
        yield step("SYN and ACK", self.send("down", SYN | ACK, options=options))
        if self.rnd.random() < 0.2:
            yield step("SYN and ACK again", self.segment("down", SYN | ACK, seq=answer, options=options))
        yield step("ACK of the handshake", self.segment("up", ACK))

    def talk(self, n):
        for _ in range(n):
            way = self.rnd.choice(("up", "down"))
            back = "down" if way == "up" else "up"
            before = self.seq[way]
            size = self.rnd.choice((1, 100, 1000, 1400))
            yield step(f"data {way}", self.send(way, PSH | ACK, self.rnd.randbytes(size)))
            if self.rnd.random() < 0.3:
                yield step(f"data {way} again", self.segment(way, PSH | ACK, b"r" * size, seq=before))
            yield step(f"ACK {back}", self.segment(back, ACK))

    def close(self):
        way = self.rnd.choice(("up", "down"))
        back = "down" if way == "up" else "up"
        yield step(f"FIN {way}", self.send(way, FIN | ACK))
        if self.rnd.random() < 0.5:
            yield step(f"ACK of the FIN {back}", self.segment(back, ACK))
            yield step(f"data from the half that is open {back}", self.send(back, PSH | ACK, b"half"))
            yield step(f"its ACK {way}", self.segment(way, ACK))
        yield step(f"FIN {back}", self.send(back, FIN | ACK))
        yield step(f"last ACK {way}", self.segment(way, ACK))


def tcp_well(flow, rnd):
    """Opens, talks, closes."""
    c = Connection(flow, rnd, rnd.random() < 0.5)
    yield from c.open()
    yield from c.talk(rnd.randrange(1, 8))
    yield from c.close()


def tcp_reset(flow, rnd):
    c = Connection(flow, rnd, False)
    yield from c.open()
    yield from c.talk(2)
    way = rnd.choice(("up", "down"))
    yield step(f"RST {way}, exact", c.segment(way, RST, seq=c.seq[way], ack=0))
    yield step("data after the RST", c.segment(way, PSH | ACK, b"late"), tags=["after-rst"])


def tcp_refused(flow, rnd):
    c = Connection(flow, rnd, False)
    yield step("SYN", c.send("up", SYN))
    yield step("RST and ACK", c.segment("down", RST | ACK, seq=0))
    if rnd.random() < 0.5:
        c.seq["up"] += 5000
        yield from c.open()


def tcp_outside_window(flow, rnd):
    c = Connection(flow, rnd, rnd.random() < 0.5)
    yield from c.open()
    yield from c.talk(2)
    way = rnd.choice(("up", "down"))
    far = (c.window << (7 if c.scale else 0)) + 70000
    for note, made in (
            ("data beyond the window", c.segment(way, PSH | ACK, b"far", seq=c.seq[way] + far)),
            ("data long before", c.segment(way, PSH | ACK, b"old", seq=c.seq[way] - 2 * far - 100000)),
            ("ACK of what was never sent", c.segment(way, ACK, ack=c.seq["down" if way == "up" else "up"] + 100000)),
            ("RST beyond the window", c.segment(way, RST, seq=c.seq[way] + far, ack=0)),
            ("RST long before", c.segment(way, RST, seq=c.seq[way] - 2 * far - 100000, ack=0))):
        yield step(f"{note} {way}", made, tags=["outside-window"])
    yield from c.talk(2)
    yield from c.close()


def tcp_blind_reset(flow, rnd):
    """RFC 5961 3.2: within the window, and not the next."""
    c = Connection(flow, rnd, False)
    yield from c.open()
    yield from c.talk(2)
    way = rnd.choice(("up", "down"))
    yield step(f"RST within the window {way}", c.segment(way, RST, seq=c.seq[way] + 1000, ack=0), tags=["blind-rst"])
    yield from c.talk(2)


def tcp_simultaneous(flow, rnd):
    c = Connection(flow, rnd, False)
    up, down = c.seq["up"], c.seq["down"]
    yield step("SYN", c.send("up", SYN))
    yield step("SYN of the other side", c.send("down", SYN), tags=["simultaneous"])
    yield step("SYN and ACK", c.segment("up", SYN | ACK, seq=up))
    yield step("SYN and ACK of the other side", c.segment("down", SYN | ACK, seq=down))
    yield step("ACK", c.segment("up", ACK))
    yield from c.talk(2)


def tcp_odd_flags(flow, rnd):
    c = Connection(flow, rnd, False)
    flags = rnd.choice((0, FIN, SYN | FIN, SYN | RST, FIN | PSH | URG, FIN | RST, URG, RST))
    yield step(f"flags {flags:#x} first", c.segment("up", flags), tags=["odd-flags"])
    if rnd.random() < 0.5:
        yield from c.open()
        yield step(f"flags {flags:#x} in an open one", c.segment("up", flags, seq=c.seq["up"]), tags=["odd-flags"])


def tcp_mid_stream(flow, rnd):
    c = Connection(flow, rnd, False)
    flags = rnd.choice((ACK, PSH | ACK, FIN | ACK, RST | ACK, SYN | ACK))
    yield step(f"flags {flags:#x} of a connection that nobody saw opened", c.segment("up", flags, b"mid" if flags & PSH else b""), tags=["mid-stream"])
    if flags in (ACK, PSH | ACK):
        c.seq["up"] += 3 if flags & PSH else 0
        yield step("its answer", c.segment("down", ACK), tags=["mid-stream"])


def tcp_unsolicited(flow, rnd):
    """From the server's side, with nothing before it."""
    c = Connection(flow, rnd, False)
    flags = rnd.choice((SYN, SYN | ACK, ACK, RST, FIN | ACK))
    yield step(f"unsolicited {flags:#x}", c.segment("down", flags), tags=["unsolicited"])


def tcp_reopened(flow, rnd):
    c = Connection(flow, rnd, False)
    yield from c.open()
    yield from c.close()
    for way in c.seq:
        c.seq[way] += 200000
    yield from c.open()
    yield from c.talk(1)


def tcp_syn_in_open(flow, rnd):
    c = Connection(flow, rnd, False)
    yield from c.open()
    yield from c.talk(1)
    yield step("SYN in an open connection", c.segment("up", SYN, seq=c.seq["up"] + 1000, ack=0), tags=["syn-in-open"])
    yield step("the challenge ACK", c.segment("down", ACK))
    yield from c.talk(1)


# ---- UDP, ICMP, others ----

def udp_talk(flow, rnd):
    for i in range(rnd.randrange(1, 5)):
        data = rnd.randbytes(rnd.choice((0, 1, 20, 512, 1440)))
        if i and rnd.random() < 0.5:
            yield step("UDP down", flow.down(UDP, lambda port, data=data: udp(flow.sport, port, data)))
        else:
            yield step("UDP up", flow.up(udp(flow.cport, flow.sport, data), spoil="none" if ":" not in flow.client and rnd.random() < 0.2 else None))


def udp_strangers(flow, rnd):
    """Once the client has sent, others try its end; or the server, from another port."""
    yield step("UDP up", flow.up(udp(flow.cport, flow.sport, b"first")))
    yield step("another port of the server", flow.down(UDP, lambda port: udp(flow.sport ^ 1, port, b"other")), tags=["stranger"])
    other_server = next((s for s in flow.world.servers if s != flow.server and (":" in s) == (":" in flow.server)), None)
    if other_server:
        stranger = Flow(flow.world, flow.client, other_server, flow.cport, flow.sport)
        yield step("another server", stranger.down(UDP, lambda port: udp(flow.sport, port, b"stranger")), tags=["stranger"])


def udp_bad(flow, rnd):
    kind = rnd.choice(("l4", "ip", "long", "short"))
    if kind in ("l4", "ip"):
        yield step(f"UDP with a wrong {kind} checksum", flow.up(udp(flow.cport, flow.sport, b"spoilt"), spoil=kind), tags=["bad-" + kind])
    else:
        yield step("UDP with a wrong length", flow.up(udp(flow.cport, flow.sport, b"spoilt", length=300 if kind == "long" else 4)), tags=["bad-length"])


def echo_talk(flow, rnd):
    proto = icmp_of(flow.client)
    for seq in range(rnd.randrange(1, 4)):
        data = rnd.randbytes(rnd.choice((0, 8, 56, 1400)))
        yield step("echo", flow.up(echo(flow.cport, seq, data, False, proto)))
        yield step("its reply", flow.down(proto, lambda ident, seq=seq, data=data: echo(ident, seq, data, True, proto)))


def echo_unsolicited(flow, rnd):
    proto = icmp_of(flow.client)
    yield step("a reply that nobody asked for", flow.down(proto, lambda ident: echo(ident or flow.cport, 1, b"", True, proto)), tags=["unsolicited"])


def protocol_talk(flow, rnd):
    proto = rnd.choice((GRE, 50, 89, 4))
    yield step(f"protocol {proto} up", flow.up(other(proto, b"\0\0\x08\0" + rnd.randbytes(20))), tags=["protocol"])


def errors_down(flow, rnd):
    """From a router beyond, about what the client sent."""
    six = ":" in flow.client
    yield step("UDP up", flow.up(udp(flow.cport, flow.sport, b"about this" * 8)))
    kinds = ((1, 0), (1, 4), (2, 0), (3, 0), (4, 1)) if six else ((3, 0), (3, 1), (3, 3), (3, 4), (3, 13), (11, 0), (12, 0), (4, 0))
    for kind, code in rnd.sample(kinds, 3):
        router = flow.world.routers[1 if six else 0]
        rest = struct.pack("!I", 1280) if (kind, code) in ((3, 4), (2, 0)) else b"\0" * 4
        yield step(f"error {kind}/{code} from a router", flow.down_about(
            UDP, lambda address, port: ip(address, flow.server, udp(port, flow.sport, b"about this" * 8), ttl=33),
            lambda about, to, kind=kind, code=code, rest=rest: error(router, to, kind, code, about, rest, quote=48 if six else 28)),
            tags=["source-quench" if kind == 4 and not six else "error"])
    yield step("UDP down still passes", flow.down(UDP, lambda port: udp(flow.sport, port, b"still")))


def errors_odd(flow, rnd):
    """About nothing that was sent, for somebody else, a redirect, with a wrong checksum."""
    six = ":" in flow.client
    router = flow.world.routers[1 if six else 0]
    kind = (1, 4) if six else (3, 3)
    yield step("UDP up", flow.up(udp(flow.cport, flow.sport, b"about this")))
    yield step("an error about nothing", flow.down_about(
        UDP, lambda address, port: ip(address, flow.server, udp(port, flow.sport ^ 1, b"never sent")),
        lambda about, to: error(router, to, *kind, about)), tags=["error-nothing"])
    if not six:
        yield step("a redirect", flow.down_about(
            UDP, lambda address, port: ip(address, flow.server, udp(port, flow.sport, b"about this")),
            lambda about, to: error(router, to, 5, 1, about, bytes([10, 0, 0, 1]))), tags=["redirect"])
    yield step("an error with a wrong checksum", flow.down_about(
        UDP, lambda address, port: ip(address, flow.server, udp(port, flow.sport, b"about this")),
        lambda about, to: error(router, to, *kind, about, spoil="l4")), tags=["bad-error"])
    yield step("UDP down still passes", flow.down(UDP, lambda port: udp(flow.sport, port, b"still")))


def errors_up(flow, rnd):
    """The client does not want the answer."""
    six = ":" in flow.client
    kind = (1, 4) if six else (3, 3)
    yield step("UDP up", flow.up(udp(flow.cport, flow.sport, b"ask")))
    yield step("UDP down", flow.down(UDP, lambda port: udp(flow.sport, port, b"answer")))
    about = ip(flow.server, flow.client, udp(flow.sport, flow.cport, b"answer"), ttl=60)
    yield step("the client's error about it", (flow.world.inside, error(flow.client, flow.server, *kind, about)), tags=["error"])


# ---- fragments ----

def fragments_up(flow, rnd):
    size = rnd.choice((8 * 10, 8 * 30, 8 * 64))
    whole = ip(flow.client, flow.server, udp(flow.cport, flow.sport, rnd.randbytes(rnd.choice((400, 1400, 3000)))))
    pieces = fragments(whole, size, rnd.getrandbits(16))[:45]
    order = rnd.choice(("in order", "backwards", "shuffled", "one twice"))
    if order == "backwards":
        pieces.reverse()
    elif order == "shuffled":
        rnd.shuffle(pieces)
    elif order == "one twice":
        pieces.insert(rnd.randrange(len(pieces)), rnd.choice(pieces))
    yield step(f"fragments {order}", *((flow.world.inside, p) for p in pieces), tags=["fragments", order])


def fragments_odd(flow, rnd):
    whole = ip(flow.client, flow.server, udp(flow.cport, flow.sport, rnd.randbytes(600)))
    kind = rnd.choice(("overlapping", "without one", "without the first"))
    pieces = fragments(whole, 104, rnd.getrandbits(16), 8 if kind == "overlapping" else 0)
    if kind == "without one":
        del pieces[2]
    if kind == "without the first":
        del pieces[0]
    yield step(f"fragments {kind}", *((flow.world.inside, p) for p in pieces), tags=["fragments", kind])


def fragments_down(flow, rnd):
    yield step("UDP up", flow.up(udp(flow.cport, flow.sport, b"ask")))
    ident, data, shuffle = rnd.getrandbits(16), rnd.randbytes(1500), rnd.random() < 0.5
    order = list(range(32))
    rnd.shuffle(order)

    def piece(i):
        def made(box):
            end = flow.world.seen(box, UDP, flow.client, flow.cport)
            pieces = end and fragments(ip(flow.server, end[0], udp(flow.sport, end[1], data)), 256, ident)
            return pieces and i < len(pieces) and pieces[i] or None
        return flow.world.outside, made
    n = len(fragments(ip(flow.server, flow.client, udp(1, 2, data)), 256, ident))
    picks = [i for i in order if i < n] if shuffle else range(n)
    yield step("fragments of the answer", *(piece(i) for i in picks), tags=["fragments"])


# ---- headers ----

def headers_odd(flow, rnd):
    data = udp(flow.cport, flow.sport, b"odd headers")
    if ":" in flow.client:
        yield step("destination options", flow.up(data, extension=dstopts(UDP)), tags=["extension"])
        return
    kind = rnd.choice(("tos", "df", "router alert", "source route", "end of options", "strict source route"))
    how = {"tos": {"tos": 0x2E << 2}, "df": {"df": True, "ident": rnd.getrandbits(16)}, "router alert": {"options": b"\x94\4\0\0"},
           "source route": {"options": b"\x83\7\4\xc6\x33\x64\x63"}, "end of options": {"options": b"\1\1\1\0"},
           "strict source route": {"options": b"\x89\7\4\xc6\x33\x64\x63"}}[kind]
    yield step(f"a packet with {kind}", flow.up(data, **how), tags=["header", kind])


TCP_KINDS = (tcp_well, tcp_well, tcp_well, tcp_reset, tcp_refused, tcp_outside_window, tcp_blind_reset, tcp_simultaneous, tcp_odd_flags,
             tcp_mid_stream, tcp_unsolicited, tcp_reopened, tcp_syn_in_open)
OTHER_KINDS = (udp_talk, udp_talk, udp_strangers, udp_bad, echo_talk, echo_unsolicited, protocol_talk, errors_down, errors_down, errors_odd,
               errors_up, fragments_up, fragments_up, fragments_odd, fragments_down, headers_odd)
