"""Progress for people on standard error, measurements on standard output."""
import json
import sys


def say(text):
    print(text, file=sys.stderr, flush=True)


def tell(measurement):
    print(json.dumps(measurement), flush=True)
