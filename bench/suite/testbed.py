"""A platform for measurements: its own run-time folder, started and ended; the VNFM's and the dataplane's sockets."""
import http.client
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
BUILD = TREE / os.environ.get("BUILD", "build")
PLUGINS = (BUILD / "vnfs", BUILD / "bench" / "baselines")
MEMORY_MIB = 1536


class Refused(Exception):
    """What the platform answers to what it cannot do."""


class Testbed:
    """with Testbed(cores, memory_mib) as bed: ..."""

    def __init__(self, cores, memory=1024, priority="normal"):
        self.folder = Path(tempfile.mkdtemp(prefix="rgbench.", dir="/tmp"))
        self.run, self.state = self.folder / "run", self.folder / "state"
        self.cores = cores
        self.env = {**os.environ, "RENGA_RUNTIME_DIR": str(self.run), "RENGA_STATE_DIR": str(self.state), "RENGA_CONFIG": str(self.folder / "renga.yaml"),
                    "RENGA_PLUGINS": str(self._plugins()), "RENGA_PRIORITY": priority, "PATH": f"{BUILD}/bin:{os.environ['PATH']}"}
        self.run.mkdir()
        self.state.mkdir()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started ends with us
        self._up(memory)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["renga", "down"], env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, check=False)
        huge = self.run / "huge"
        if os.path.ismount(huge):
            subprocess.run(["umount", "-l", huge], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def vnfm(self, method, path, document=None, timeout=60):
        """The answer's document; Refused with what it says."""
        connection = _UnixConnection(str(self.run / "vnfm.sock"), timeout)
        connection.request(method, "/v1" + path, json.dumps(document) if document is not None else None, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status >= 400:
            raise Refused(f"{method} {path}: {answer.status} {body.decode(errors='replace')[:500]}")
        return json.loads(body) if body else None

    def dataplane(self, op, **members):
        """One request by docs/southbound.md, section 2."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(10)
            sock.connect(str(self.run / "dataplane.sock"))
            request = json.dumps({"op": op, **members}).encode()
            sock.sendall(struct.pack(">I", len(request)) + request)
            size, = struct.unpack(">I", _read(sock, 4))
            reply = json.loads(_read(sock, size))
        if not reply.get("ok"):
            raise Refused(f"{op}: {reply.get('error')}")
        return reply

    def api(self, method, path, document=None):
        """The orchestrator's."""
        url = urllib.parse.urlparse((self.run / "orchestrator.addr").read_text().strip())
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
        headers = {"Authorization": "Bearer " + (self.state / "admin.token").read_text().strip(), "Content-Type": "application/json"}
        connection.request(method, path, json.dumps(document) if document is not None else None, headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status >= 400:
            raise Refused(f"{method} {path}: {answer.status} {body.decode(errors='replace')[:500]}")
        return json.loads(body) if body else None

    def distance(self):
        """Of the first two CPUs: TSC cycles there and back (bench/distance.c); None where there is one."""
        if len(self.cores) < 2:
            return None
        done = subprocess.run([BUILD / "bench" / "distance", *map(str, self.cores[:2])], capture_output=True, text=True, timeout=10, check=True)
        return json.loads(done.stdout)["cycles"]

    def cpu_seconds(self):
        """On-CPU time so far of the dataplane, and of all processes that are VNFs."""
        used = {"dataplane": 0.0, "vnfs": 0.0}
        for pid, program in self._processes():
            if program in ("renga-dataplane", "renga-vnf"):
                used["dataplane" if program == "renga-dataplane" else "vnfs"] += _on_cpu(pid)
        return used

    def _processes(self):
        mark = f"RENGA_RUNTIME_DIR={self.run}".encode()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if mark in (entry / "environ").read_bytes().split(b"\0"):
                        yield entry.name, os.path.basename(os.readlink(entry / "exe"))
                except OSError:
                    continue

    def _plugins(self):
        """A folder with the built-in types and those of the baselines."""
        folder = self.folder / "plugins"
        folder.mkdir()
        for plugin in (file for source in PLUGINS for file in source.glob("*.so")):
            (folder / plugin.name).symlink_to(plugin)
        return folder

    def _up(self, memory):
        command = ["renga", "up", "--cores", ",".join(map(str, self.cores)), "--memory", str(memory), "--listen", "127.0.0.1:0"]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            self.__exit__()
            raise Refused(done.stderr.strip() or "renga up failed")


def whole_machine():
    """One on every CPU; the first does the ports."""
    return Testbed(list(range(os.cpu_count())), MEMORY_MIB)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("vnfm", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def _read(sock, size):
    data = b""
    while len(data) < size:
        part = sock.recv(size - len(data))
        if not part:
            raise Refused("the dataplane has closed the connection")
        data += part
    return data


def _on_cpu(pid):
    """Seconds that the threads of a process have been on a CPU."""
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(task.read_text().split()[0])
        except (OSError, IndexError):
            continue  # it has ended
    return total / 1e9


def stolen():
    """Seconds that the hypervisor has taken from all CPUs so far."""
    with open("/proc/stat", encoding="ascii") as stat:
        return int(stat.readline().split()[8]) / os.sysconf("SC_CLK_TCK")


def wait_for(seconds, true):
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
