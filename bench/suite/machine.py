"""python3 -m suite.machine: what machine and what commit the figures come from, as one measurement."""
import json
import os
import platform
import subprocess
import time

from .testbed import TREE


def describe():
    cpu = dict(_members("/proc/cpuinfo", first=True))
    memory = int(dict(_members("/proc/meminfo"))["MemTotal"].split()[0]) // 1048576
    with open("/proc/loadavg", encoding="ascii") as file:
        load = file.read().split()[0]
    n, flags = os.cpu_count(), cpu.get("flags", "").split()
    text = (f"{n} CPUs, {cpu.get('model name', platform.machine())}, {float(cpu.get('cpu MHz', 0)):.0f} MHz, "
            f"{'with' if 'avx512bw' in flags else 'without'} AVX-512, {'a virtual machine' if 'hypervisor' in flags else 'bare metal'}, "
            f"{memory} GiB, Linux {platform.release()}, load {load} when it began; the "
            f"{'long' if os.environ.get('LONG') else 'short'} form.")
    return {"bench": "machine", "text": text, "commit": f"Commit {_commit()}, {time.strftime('%Y-%m-%d', time.gmtime())}"}


def _members(path, first=False):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if first and not line.strip():
                return
            name, _, value = line.partition(":")
            yield name.strip(), value.strip()


def _commit():
    done = subprocess.run(["git", "-C", str(TREE), "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


if __name__ == "__main__":
    print(json.dumps(describe()))
