#!/usr/bin/python3
"""oracle.py: the same packets through a VNF of ours and through the Linux kernel, step by step; what comes out is compared.

    oracle.py firewall|nat|router [--seed N] [--steps N] [--verbose]

Runs in the namespace that has the wires: of ours with names that begin with "o", of the kernel with "x" (tests/system/oracle.sh).
Prints one JSON object: how many steps and packets, how often each of the known differences was met, and every other difference.
"""
import argparse
import collections
import importlib
import json
import random
import struct
import sys
import time

from differences import explained
from packet import describe
from wires import Box, play, wait

AT_ONCE = 8  # conversations
MOST = 20    # differences told


class Oracle:
    def __init__(self, args):
        self.args = args
        self.module = importlib.import_module(args.world)
        self.world = getattr(self.module, args.world.capitalize())()
        self.random = random.Random(args.seed)
        self.steps = self.packets = self.came = 0
        self.known, self.told = collections.Counter(), []
        letter = args.world[0]
        self.boxes = [Box(name, {side: f"{first}{letter}{side[0] if side[0] != 'p' else side[1]}" for side in self.world.sides},
                          self.world.hops(), self.world.limits) for name, first in (("ours", "o"), ("kernel", "x"))]

    def run(self):
        for box in self.boxes:
            for side, address in self.world.gateways.items():
                transparent = self.world.transparent and box.name == "ours"
                box.macs[side] = b"\2\0\0\0\0\x99" if transparent else resolve(box, side, address)
        self.warm_up()
        more = self.world.conversations(self.random)
        active = []
        while self.steps < self.args.steps and len(self.told) < MOST:
            while len(active) < AT_ONCE:
                active.append(next(more))
            talk = self.random.choice(active)
            step = next(talk[1], None)
            if step is None or not self.one(talk[0], step):
                active.remove(talk)

    def warm_up(self):
        """Until every neighbour is known to both."""
        for _ in range(10):
            before = sum(box.asked for box in self.boxes)
            if play(self.boxes, list(self.world.warm_up())) is None:
                self.settle()
            time.sleep(0.05)
            if sum(box.asked for box in self.boxes) == before:
                return
        sys.exit("the neighbours do not become known")

    def settle(self):
        for box in self.boxes:
            box.hop = None
        time.sleep(0.1)
        play(self.boxes, [])

    def one(self, talk, step):
        """True if both did the same."""
        self.steps += 1
        self.packets += len(step.packets)
        came = play(self.boxes, step.packets)
        if came is None:
            self.told.append(f"step {self.steps}, {talk}: {step.note}: a marker was lost by {[b.name for b in self.boxes if b.hop is not None]}")
            self.settle()
            return False
        for box in self.boxes:
            for side, packet in came[box]:
                self.world.learn(box, side, packet, step)
        side = step.packets[0][0]
        forms = [self.world.forms(box, came[box], side) for box in self.boxes]
        self.came += len(forms[0])
        if self.args.verbose:
            print(f"{self.steps} {talk}: {step.note}: {[(s, describe(p)) for s, p in came[self.boxes[0]]]}", file=sys.stderr)
        if forms[0] == forms[1]:
            return True
        name = explained(self.args.world, step, *forms)
        if name:
            self.known[name] += 1
            return False
        self.told.append("\n".join([f"step {self.steps}, {talk}: {step.note}"] + [f"    {box.name}: {line}" for box in self.boxes
                                   for line in [f"{s} {describe(p)}" for s, p in came[box]] or ["nothing"]] + self.detail(forms)))
        return False

    def detail(self, forms):
        if len(forms[0]) != len(forms[1]):
            return []
        return [f"    {i}: {x!r:.300} / {y!r:.300}" for a, b in zip(*forms) for i, (x, y) in enumerate(zip(a, b)) if x != y]

    def report(self):
        return {"world": self.args.world, "seed": self.args.seed, "steps": self.steps, "packets": self.packets, "cameOut": self.came,
                "known": dict(self.known), "differences": self.told}


def resolve(box, side, address):
    """The box's MAC there, by ARP."""
    import socket
    raw, own = socket.inet_aton(address), b"\2\0\0\0\0\x10"
    box.frame(side, b"\xff" * 6, own, 0x0806, struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + own + bytes(4) + bytes(6) + raw)
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            data = box.sockets[side].recv(2048)
        except BlockingIOError:
            time.sleep(0.005)
            continue
        if data[12:14] == b"\x08\x06" and data[20:22] == b"\0\2" and data[28:32] == raw:
            return data[22:28]
    sys.exit(f"{box.name} does not answer for {address}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("world", choices=("firewall", "nat", "router"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--verbose", action="store_true")
    oracle = Oracle(parser.parse_args())
    oracle.run()
    json.dump(oracle.report(), sys.stdout)


if __name__ == "__main__":
    main()
