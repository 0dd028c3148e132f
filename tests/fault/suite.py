"""suite.py: what the suites under numbered traffic have in common: options, violations by kind, the checks that hold after
anything, the report as one JSON object on stdout, and the exit code.
"""
import argparse
import json
import random
import sys
import time

from host import Host, until
from traffic import Traffic

SETTLE_NS = 50_000_000  # a datagram that is older has had its time


class Suite:
    """A suite has run() and report(); the latter's "violations" are to be empty."""
    kinds = ()  # of violations
    what = "at first"  # is under way: stands before each violation

    def __init__(self, args):
        self.args, self.host, self.random = args, Host(), random.Random(args.seed)
        self.violations = {kind: [] for kind in self.kinds}

    def start_traffic(self, **options):
        self.traffic = Traffic(self.args.client, self.args.server, self.args.target, **options)

    def say(self, kind, text):
        self.violations[kind].append(f"{self.what}: {text}")
        print(time.strftime("%H:%M:%S", time.gmtime()), kind, self.violations[kind][-1], file=sys.stderr)

    def lost(self, patience_s=1, age_ns=SETTLE_NS):
        """Waits until what was sent up to now has arrived, and says how much has not."""
        now = time.monotonic_ns()
        until(patience_s, lambda: self.traffic.outstanding(now) == [0, 0])
        return sum(self.traffic.give_up(now - age_ns))

    def check_audit(self, when="", patience_s=0):
        if patience_s and until(patience_s, lambda: not self.host.audit(), 0.05):
            return
        for fault in self.host.audit():
            self.say("audit", f"{when}{fault}")

    def check_sessions(self, patience_s=0):
        """All are what they were, and (with patience) go on."""
        for fault in self.traffic.faults():
            self.say("sessions", fault)
        before = self.traffic.progress()
        if patience_s and not until(patience_s, lambda: self.all_moved(before)):
            self.say("sessions", f"some stand still: {before} {self.traffic.progress()}")

    def all_moved(self, before):
        now = self.traffic.progress()
        return all(b < n for kind in before for b, n in zip(before[kind], now[kind]))

    def check_leftovers(self):
        if not until(3, lambda: not self.host.leftovers()):
            for thing in self.host.leftovers():
                self.say("leftovers", thing)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--client", required=True, help="network namespace")
    parser.add_argument("--server", required=True, help="network namespace")
    parser.add_argument("--target", default="198.51.100.10")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    return parser


def main(suite):
    suite.run()
    report = suite.report()
    suite.traffic.end()
    print(json.dumps(report))
    return any(report["violations"].values())
