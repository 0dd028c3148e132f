"""python3 -m suite [--long] [--only PART]... [--case WORD]... [--list]: the benchmark of the platform.

Parts: cases, connections, compare, kernel. One JSON object per measurement on standard output, progress on standard error. The short
run takes about two minutes; the long one is what docs/benchmarks shows. --case: only cases whose names hold all of these words.
"""
import argparse
import os
import sys
import time
from dataclasses import replace

from . import cases, compare, kernel, measure
from .console import say, tell, turn
from .testbed import Refused, whole_machine

def arguments():
    parser = argparse.ArgumentParser(prog="bench/suite", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true", default=bool(os.environ.get("LONG")), help="all cases, long trials (or LONG=1)")
    parser.add_argument("--only", action="append", choices=sorted(PARTS), help="only this part")
    parser.add_argument("--case", action="append", default=[], help="only cases whose name holds this")
    parser.add_argument("--json", action="store_true", help="as it is anyway")
    parser.add_argument("--list", action="store_true", help="name the cases and end")
    return parser.parse_args()


def is_wanted(case, options):
    return all(word in case.name for word in options.case)


def chosen(options):
    every = cases.long(os.cpu_count()) if options.long else cases.short()
    return [case for case in every if is_wanted(case, options)]


def run_cases(bed, options, effort):
    for case in chosen(options):
        turn()
        start = time.monotonic()
        try:
            result = measure.case(bed, case, effort)
        except Refused as refused:
            say(f"  {case.name}: {str(refused)[:200]}")
            continue
        say(f"  {case.name}: {result['mpps']} Mpps, {result['perHop']} cycles per hop ({time.monotonic() - start:.1f} s)")
        yield result


def run_connections(bed, options, _effort):
    for case in filter(lambda case: is_wanted(case, options), cases.connections(options.long)):
        turn()
        result = measure.connections(bed, case)
        say(f"  {case.name}: {result['connectionsPerSecond']} connections/s")
        yield result


def run_compare(bed, options, effort):
    compared = [cases.PASSTHROUGH, cases.EDGE]
    if options.long:
        compared.append(replace(cases.PASSTHROUGH, size="1518"))
    for case in compared:
        yield from compare.run(bed, case, effort, say, options.long)


def run_kernel(bed, options, effort):
    if options.long:
        yield from kernel.compare(bed, cases.EDGE, effort, say)
    else:
        yield from kernel.compare(bed, replace(cases.EDGE, flows=16384), replace(effort, turn=0.15), say)


PARTS = {"cases": run_cases, "connections": run_connections, "compare": run_compare, "kernel": run_kernel}


def main():
    options = arguments()
    if options.list:
        for case in chosen(options):
            print(case.name)
        return 0
    effort = measure.LONG if options.long else measure.SHORT
    status = 0
    for part in options.only or PARTS:
        say(f"{part}:")
        try:
            with whole_machine() as bed:
                for measurement in PARTS[part](bed, options, effort):
                    tell(measurement)
        except Refused as refused:
            say(f"{part}: {refused}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
