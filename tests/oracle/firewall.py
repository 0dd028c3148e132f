"""firewall.py: the firewall against nftables with connection tracking, in the forward hook of a routing namespace."""
from packet import ICMP, ICMP6, is_error, ip, udp
from sequences import OTHER_KINDS, TCP_KINDS, Flow, Step, icmp_of
from world import MARKER_PORT, World

CONFIG = """
default: drop
icmp-rate: {per-destination: 100000, total: 1000000}
rules:
- {name: web, action: accept, from: left, proto: tcp, dport: [80, 443, 8000-8100]}
- {name: ssh-in, action: accept, from: right, proto: tcp, dport: 22}
- {name: ping, action: accept, from: left, proto: icmp, icmp: {type: 8, code: 0}}
- {name: ping6, action: accept, from: left, proto: icmpv6, icmp: {type: 128}}
- {name: telnet, action: reject, proto: tcp, dport: 23}
- {name: ntp, action: reject, from: left, proto: udp, dport: 123}
- {name: gre, action: reject, from: left, proto: gre}
- {name: apps, action: accept, from: left, proto: udp, dport: [53, 5000-5999]}
- {name: marker, action: accept, proto: udp, sport: 5999, dport: 5999}
- {name: esp, action: accept, from: left, proto: esp}
"""

NFT = """
table inet wall {
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state invalid drop
    ct state established,related accept
    iifname "kfl" tcp dport { 80, 443, 8000-8100 } accept
    iifname "kfr" tcp dport 22 accept
    iifname "kfl" icmp type echo-request icmp code 0 accept
    iifname "kfl" icmpv6 type echo-request accept
    tcp dport 23 reject with tcp reset
    iifname "kfl" udp dport 123 reject
    iifname "kfl" meta l4proto gre reject with icmpx admin-prohibited
    iifname "kfl" udp dport { 53, 5000-5999 } accept
    udp sport 5999 udp dport 5999 accept
    iifname "kfl" meta l4proto esp accept
  }
}
"""


class Firewall(World):
    clients = ["10.9.1.1", "10.9.1.2", "fd00:1::1"]
    servers = ["10.9.2.1", "10.9.2.2", "fd00:2::1"]
    routers = ["10.9.2.9", "fd00:2::9"]
    lowers_ttl, transparent = ("kernel",), True
    gateways = {"left": "10.9.1.254", "right": "10.9.2.254"}
    kinds = {"tcp": (80, 443, 8001, 23, 22, 25), "udp": (53, 5001, 123, 9)}

    def source(self, src, made, known):
        return "the box" if made and is_error(known) else src

    def hops(self):
        def there(box, payload):
            return ip("10.9.1.250", "10.9.2.250", udp(MARKER_PORT, MARKER_PORT, payload))

        def back(box, payload):
            return ip("10.9.2.250", "10.9.1.250", udp(MARKER_PORT, MARKER_PORT, payload))
        return [("left", "right", there), ("right", "left", back)]

    def conversations(self, rnd):
        while True:
            six = rnd.random() < 0.3
            client = rnd.choice([a for a in self.clients if (":" in a) == six])
            server = rnd.choice([a for a in self.servers if (":" in a) == six])
            tcp = rnd.random() < 0.5
            kind = rnd.choice(TCP_KINDS if tcp else OTHER_KINDS)
            port = rnd.choice(self.kinds["tcp"][:3] * 3 + self.kinds["tcp"] if tcp else self.kinds["udp"][:2] * 4 + self.kinds["udp"])
            flow = Flow(self, client, server, rnd.randrange(1024, 65536), port)
            yield kind.__name__, kind(flow, rnd)
