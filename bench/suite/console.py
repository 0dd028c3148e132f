"""Progress for people on standard error, measurements on standard output; and whose turn it is to measure."""
import contextlib
import fcntl
import json
import os
import sys


def say(text):
    print(text, file=sys.stderr, flush=True)


def tell(measurement):
    print(json.dumps(measurement), flush=True)


@contextlib.contextmanager
def turn():
    """The machine is ours while a figure is taken: whoever else works on it holds the file $BENCH_LOCK shared (flock -s)."""
    path = os.environ.get("BENCH_LOCK")
    if not path:
        yield
        return
    with open(path, "a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
