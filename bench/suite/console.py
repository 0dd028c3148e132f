"""Progress for people on standard error, measurements on standard output; and whose turn it is to measure."""
import fcntl
import json
import os
import sys
import time


def say(text):
    print(text, file=sys.stderr, flush=True)


def tell(measurement):
    print(json.dumps(measurement), flush=True)


HOLD = 45  # seconds, and then others have theirs
_lock = {"file": None, "since": 0.0}


def turn():
    """The machine is ours while a figure is taken: whoever else works on it holds the file $BENCH_LOCK shared (flock -s). It is kept for
    some measurements in a row."""
    path = os.environ.get("BENCH_LOCK")
    if not path or (_lock["file"] and time.monotonic() - _lock["since"] < HOLD):
        return
    if _lock["file"]:
        _lock["file"].close()
        time.sleep(1)
    _lock["file"] = open(path, "a", encoding="utf-8")
    fcntl.flock(_lock["file"], fcntl.LOCK_EX)
    _lock["since"] = time.monotonic()
