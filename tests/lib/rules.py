"""Firewall configurations with many rules, the same for the same arguments.

    rules.py N [MEMBER=VALUE...] [RULE...]     N rules of a made-up site, and behind them those given (JSON objects)
"""
import json
import random
import sys


def prefix(rnd, lengths):
    """Inside 20.0.0.0 to 99.255.255.255."""
    length = rnd.choice(lengths)
    address = (rnd.randrange(20, 100) << 24 | rnd.getrandbits(24)) & (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0)) + f"/{length}"


def site(n, seed=1):
    rnd = random.Random(seed)
    for i in range(n):
        yield {"name": f"site-{i}", "action": rnd.choice(["accept", "drop"]), "proto": rnd.choice(["tcp", "udp"]),
               "src": prefix(rnd, [16, 20, 24, 24, 28, 32]), "dst": prefix(rnd, [16, 24]),
               "dport": rnd.choice([53, 80, 443, "1024-2047", rnd.randrange(1, 65535)])}


if __name__ == "__main__":
    members = dict(arg.split("=", 1) for arg in sys.argv[2:] if "=" in arg.split("{")[0])
    given = [json.loads(arg) for arg in sys.argv[2:] if arg.startswith("{")]
    json.dump({"default": "drop", **members, "rules": [*site(int(sys.argv[1])), *given]}, sys.stdout)
