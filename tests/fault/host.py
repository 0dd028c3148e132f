"""host.py: the platform under fault, as the suite sees it: the dataplane's socket, its slots, the audit, what is left behind.

Asks the dataplane itself, since it is to be asked while the managers are dead.
"""
import http.client
import json
import os
import re
import signal
import socket
import struct
import subprocess
import time


class Refused(Exception):
    """The peer's answer was an error."""


def ask(path, request, timeout=20):
    """One framed request (common/frame.h): a big-endian length, then JSON."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        peer.settimeout(timeout)
        peer.connect(path)
        data = json.dumps(request).encode()
        peer.sendall(struct.pack("!I", len(data)) + data)
        reply = json.loads(_exactly(peer, struct.unpack("!I", _exactly(peer, 4))[0]))
    if not reply.get("ok"):
        raise Refused(reply.get("error"))
    return reply


class _UnixConnection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.host)


def ask_http(path, url, timeout=20):
    """GET at an HTTP server on a Unix socket; the answer, parsed."""
    connection = _UnixConnection(path, timeout=timeout)
    connection.request("GET", url, headers={"Host": "vnfm"})
    return json.loads(connection.getresponse().read())


def _exactly(peer, size):
    data = b""
    while len(data) < size:
        more = peer.recv(size - len(data))
        if not more:
            raise ConnectionError("the peer has hung up")
        data += more
    return data


def until(seconds, condition, pause=0.005):
    """What condition() returns as soon as it is true, or its last answer."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer or time.monotonic() >= end:
            return answer
        time.sleep(pause)


class Host:
    def __init__(self):
        self.runtime = os.environ["RENGA_RUNTIME_DIR"]
        self.dataplane_socket = self.runtime + "/dataplane.sock"

    # ---- what the dataplane knows ----

    def dataplane(self, op, **members):
        return ask(self.dataplane_socket, {"op": op, **members})

    def dataplane_pid(self):
        return self.dataplane("hello")["pid"]

    def slots(self):
        return {slot["name"]: slot for slot in self.dataplane("list")["slots"]}

    def stats(self, ns):
        return self.dataplane("stats", ns=ns)

    def audit(self):
        """Faults of the audit, as text; none when every buffer is accounted for."""
        report = self.dataplane("audit")
        faults = [finding["detail"] for finding in report["findings"]]
        for pool in report["buffers"]:
            known = pool["free"] + pool["inRings"] + pool["inHand"] + pool["inPorts"]
            if pool["missing"] != 0 or known != pool["size"]:
                faults.append(f"buffers do not balance: {pool}")
        return faults

    # ---- processes ----

    def pid_file(self, daemon):
        """The living process of a daemon's pid file, or 0."""
        try:
            with open(f"{self.runtime}/{daemon}.pid", encoding="ascii") as file:
                pid = int(file.read())
        except (OSError, ValueError):
            return 0
        return pid if is_alive(pid) else 0

    def start_vnfm(self):
        """Starts the VNFM anew if there is none; it adopts what lives. Crash loops are not what kills are to look like."""
        if self.pid_file("vnfm"):
            return
        os.makedirs(self.runtime + "/log", exist_ok=True)
        with open(self.runtime + "/log/vnfm.log", "ab") as log:
            subprocess.Popen(["renga-vnfm", "--cores", os.environ.get("CORES", "0,1"), "--memory",
                              os.environ.get("MEMORY", "512"), "--crash-window", os.environ.get("CRASH_WINDOW", "0")],
                             stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def start_all(self):
        """Brings back whatever of the managers is dead, and waits until the API answers."""
        self.start_vnfm()
        until(15, lambda: os.path.exists(self.runtime + "/vnfm.sock") and self.pid_file("vnfm"))
        subprocess.run(["renga", "up", "--listen", "127.0.0.1:0"], check=True, stdout=subprocess.DEVNULL, timeout=60)

    def vnf_processes(self):
        """Pids of all VNF processes of this platform."""
        pids = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                with open(f"/proc/{entry}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue
            if words[0].endswith(b"/renga-vnf") and any(w.startswith(self.runtime.encode() + b"/vnf/") for w in words):
                pids.append(int(entry))
        return pids

    def leftovers(self):
        """Processes, sockets, configurations and files of DPDK that belong to nobody alive."""
        slots = self.dataplane("list")["slots"]
        ids, pids = {slot["id"] for slot in slots}, {slot["pid"] for slot in slots}
        found = [f"process {pid}" for pid in self.vnf_processes() if pid not in pids]
        for folder, suffix in (("vnf", ".sock"), ("conf", ".json")):
            found += [f"{folder}/{name}" for name in os.listdir(f"{self.runtime}/{folder}")
                      if not name.startswith("check-") and name.removesuffix(suffix) not in ids]
        for folder, _, names in os.walk(self.runtime + "/dpdk"):
            for name in names:
                owner = re.search(r"^mp_socket_(\d+)_|^fbarray_.*_(\d+)$", name)
                if owner and not is_alive(int(owner.group(1) or owner.group(2))):
                    found.append(os.path.relpath(os.path.join(folder, name), self.runtime))
        return found


def is_alive(pid):
    """Not gone, and no zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def kill(pid, how=signal.SIGKILL):
    """Sends the signal; the moment, on CLOCK_MONOTONIC, in ns."""
    os.kill(pid, how)
    return time.monotonic_ns()
