"""dataplane.py: kills the dataplane under traffic and measures how long until the first datagram passes the rebuilt host.

	dataplane.py --times N --client NAMESPACE --server NAMESPACE

One JSON object on stdout, as kills.py.
"""
import argparse
import json
import sys
import time

from host import Host, kill, until
from traffic import Traffic

REBUILD_S = 30


def rebuilt(host, former):
    """The host is as it was: all VNFs run, under another dataplane."""
    try:
        return host.dataplane_pid() != former and all(slot["state"] == "running" for slot in host.slots().values())
    except (OSError, ValueError):
        return False


def kill_once(host, args):
    """(milliseconds to the first datagram that was sent after the kill, or null, faults as text)."""
    traffic = Traffic(args.client, args.server, args.target, tcp=0)
    time.sleep(0.3)
    before, names = host.dataplane_pid(), set(host.slots())
    moment = kill(before)
    arrived = until(REBUILD_S, lambda: traffic.arrived_after(moment))
    faults = [] if arrived else [f"no datagram passed for {REBUILD_S} s"]
    if not until(REBUILD_S, lambda: rebuilt(host, before) and set(host.slots()) == names):
        faults.append(f"not everything came back: {sorted(host.slots())}")
    traffic.end()
    faults += host.audit()
    until(2, lambda: not host.leftovers())
    return (arrived - moment) / 1e6 if arrived else None, faults + host.leftovers()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--client", required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--target", default="198.51.100.10")
    args = parser.parse_args()
    host, times, faults = Host(), [], []
    for number in range(args.times):
        passed_ms, found = kill_once(host, args)
        times.append(passed_ms)
        faults += [f"kill {number}: {fault}" for fault in found]
    done = sorted(round(ms, 1) for ms in times if ms is not None)
    print(json.dumps({"fault": "dataplane", "kills": args.times, "violations": {"rebuilt": faults},
                      "recoveryMs": {"p50": done[len(done) // 2], "max": done[-1], "samples": len(done)} if done else None}))
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
