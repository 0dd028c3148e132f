"""lifecycle.py PART: measures how fast the life of a service is operated, over the REST API of a running platform; see lifecycle.sh.

A service is firewall -> NAT -> router between two namespaces; datagrams leave the client's every half millisecond, so what the server
receives tells when traffic passes. Times are milliseconds of the monotonic clock, from just before the request is written.
"""
import argparse
import ctypes
import http.client
import json
import os
import signal
import socket
import sqlite3
import threading
import time
import uuid

PORTS = {"lan": {"driver": "af_packet", "interface": "rgb-lan"}, "wan": {"driver": "af_packet", "interface": "rgb-wan"}}
FIREWALL = {"vnf": "fw", "type": "firewall", "config": {"default": "drop", "rules": [{"action": "accept", "from": "left"}]}}
NAT = {"vnf": "nat", "type": "nat", "config": {"inside": {"addresses": ["10.0.0.1/24"], "mac": "02:00:00:00:00:fe"},
                                               "outside": {"addresses": ["203.0.113.2/24"], "gateway": "203.0.113.1"}}}
ROUTER = {"vnf": "rt", "type": "router", "config": {"interfaces": [{"cp": "p0", "addresses": ["203.0.113.1/24"]},
                                                                   {"cp": "p1", "addresses": ["198.51.100.1/24"]}]}}
CHAIN = {"kind": "Chain", "name": "life", "ports": PORTS, "path": ["lan", FIREWALL, NAT, ROUTER, "wan"]}
FINAL = ("COMPLETED", "FAILED", "ROLLED_BACK", "FAILED_TEMP")
LIST = "/nslcm/v1/ns_instances", "/nslcm/v1/ns_lcm_op_occs"


class Api:
    """One connection that is kept."""

    def __init__(self):
        url = open(os.environ["RENGA_RUNTIME_DIR"] + "/orchestrator.addr").read().strip()
        token = open(os.environ["RENGA_STATE_DIR"] + "/admin.token").read().strip()
        self.connection = http.client.HTTPConnection(url.split("//")[1])
        self.headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}

    def ask(self, method, path, body=None, kind="application/json"):
        data = body if isinstance(body, (str, type(None))) else json.dumps(body)
        self.connection.request(method, path, data, {**self.headers, "Content-Type": kind})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status} {text.decode()}")
        return answer, json.loads(text) if text else None

    def get(self, path):
        return self.ask("GET", path)[1]

    def end(self, answer):
        """Waits for the occurrence that an answer names."""
        location = answer.getheader("Location")
        while True:
            state = self.get(location + "?exclude_fields=operationParams")["operationState"]
            if state in FINAL:
                if state != "COMPLETED":
                    raise SystemExit(f"{location}: {state}")
                return
            time.sleep(0.002)

    def vnf(self, name):
        return next(vnf for vnf in self.get("/vnflcm/v1/vnf_instances?all_fields") if vnf["vnfInstanceName"] == name)


class Traffic:
    """Datagrams from the client's namespace to the server's, and when each came."""

    def __init__(self, client, server, sources=("0.0.0.0",)):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.server, self.clients = self.socket_in(server), [self.socket_in(client) for _ in sources]
        self.server.bind(("0.0.0.0", 9))
        self.server.settimeout(10)
        for sock, source in zip(self.clients, sources):
            sock.bind((source, 0))
        self.stop = threading.Event()
        self.sender = threading.Thread(target=self.send, daemon=True)
        self.sender.start()

    def socket_in(self, ns):
        here, there = os.open("/proc/thread-self/ns/net", os.O_RDONLY), os.open("/run/netns/" + ns, os.O_RDONLY)
        if self.libc.setns(there, 0):
            raise OSError(ctypes.get_errno(), "setns")
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.libc.setns(here, 0)
        os.close(here)
        os.close(there)
        return sock

    def send(self):
        at = 0
        while not self.stop.is_set():
            try:
                self.clients[at % len(self.clients)].sendto(b"renga", ("198.51.100.10", 9))
            except OSError:
                pass
            at += 1
            time.sleep(0.0005)

    def first(self):
        """When the next datagram comes that was not there before."""
        self.drop()
        self.server.recv(64)
        return time.monotonic()

    def drop(self):
        self.server.setblocking(False)
        try:
            while True:
                self.server.recv(64)
        except BlockingIOError:
            pass
        self.server.settimeout(10)

    def end(self):
        self.stop.set()
        self.sender.join()
        for sock in [self.server, *self.clients]:
            sock.close()


def ms(start, end=None):
    return ((end or time.monotonic()) - start) * 1000


def tell(bench, times, **more):
    times = sorted(times)
    quantile = lambda q: round(times[min(len(times) - 1, int(q * len(times)))], 2)
    print(json.dumps({"bench": bench, "ms": {"p50": quantile(0.5), "p99": quantile(0.99), "max": round(times[-1], 2)},
                      "rounds": len(times), **more}), flush=True)


def first_packet(api, args):
    times = []
    for _ in range(args.rounds):
        traffic = Traffic(args.client, args.server)
        time.sleep(0.02)
        start = time.monotonic()
        answer, _ = api.ask("POST", "/renga/v1/chains", CHAIN)
        times.append(ms(start, traffic.first()))
        api.end(answer)
        traffic.end()
        api.end(api.ask("DELETE", "/renga/v1/chains/life")[0])
    tell("post-to-first-packet", times, vnfs=["firewall", "nat", "router"], placement="process")


def with_service(api, args, sources, run):
    api.end(api.ask("POST", "/renga/v1/chains", CHAIN)[0])
    traffic = Traffic(args.client, args.server, sources)
    traffic.first()
    try:
        run(traffic)
    finally:
        traffic.end()
        api.end(api.ask("DELETE", "/renga/v1/chains/life")[0])


def scale_out(api, args):
    """Until the new replica has counted a packet: statistics are read as fast as they are answered, so the time has that on top."""
    def run(_):
        times = []
        path = "/vnflcm/v1/vnf_instances/" + api.vnf("life.fw")["id"]
        stats = "/renga/v1/stats/vnf/" + path.rsplit("/", 1)[1]
        for _ in range(args.rounds):
            start = time.monotonic()
            answer, _ = api.ask("POST", path + "/scale", {"type": "SCALE_OUT"})
            while True:
                replicas = api.get(stats).get("replicas", [])
                if len(replicas) > 1 and replicas[1]["cps"]["left"]["rxPackets"]:
                    break
            times.append(ms(start))
            api.end(answer)
            api.end(api.ask("POST", path + "/scale", {"type": "SCALE_IN", "additionalParams": {"drainTimeout": 0}})[0])
        tell("scale-out", times, vnf="firewall")
    with_service(api, args, [f"10.0.0.{i}" for i in range(100, 140)], run)


def heal(api, args):
    """From the kill of the firewall's process to the next datagram that passes. Each kill meets a new service: a VNF that dies again and
    again is started after pauses."""
    times = []

    def run(traffic):
        time.sleep(0.3)
        pid = api.vnf("life.fw")["instantiatedVnfInfo"]["vnfcResourceInfo"][0]["metadata"]["pid"]
        start = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.002)  # what was on its way has come
        times.append(ms(start, traffic.first()))
    for _ in range(args.rounds):
        with_service(api, args, ["0.0.0.0"], run)
    tell("heal", times, vnf="firewall", what="SIGKILL to the next datagram")


def nsd(number):
    ports = [{"id": "lan", "virtual-link-desc": "lan"}, {"id": "wan", "virtual-link-desc": "wan"}]
    connect = [{"virtual-link-profile-id": "p-" + link, "constituent-cpd-id": [
        {"constituent-base-element-id": "fw", "constituent-cpd-id": cp}]} for link, cp in (("lan", "left"), ("wan", "right"))]
    return {"nsd": [{"id": f"bench-{number}", "name": "bench", "version": "1.0", "designer": "bench", "vnfd-id": ["renga-firewall"],
                     "sapd": ports, "virtual-link-desc": [{"id": "lan"}, {"id": "wan"}],
                     "df": [{"id": "default", "virtual-link-profile": [{"id": "p-" + link, "virtual-link-desc-id": link}
                                                                       for link in ("lan", "wan")],
                             "vnf-profile": [{"id": "fw", "vnfd-id": "renga-firewall", "virtual-link-connectivity": connect}]}]}]}


def onboard(api, args):
    times = []
    for number in range(args.rounds):
        start = time.monotonic()
        _, info = api.ask("POST", "/nsd/v1/ns_descriptors", {})
        path = "/nsd/v1/ns_descriptors/" + info["id"]
        api.ask("PUT", path + "/nsd_content", json.dumps(nsd(number)), "text/plain")
        times.append(ms(start))
        api.ask("PATCH", path, {"nsdOperationalState": "DISABLED"})
        api.ask("DELETE", path)
    tell("onboard", times, what="record and content of a descriptor")


def catalogue(api, args):
    """Lists and filters, and how long it takes to instantiate, beside as many records as there are."""
    paths = {"list-ns": LIST[0], "list-occurrences": LIST[1],
             "filter-ns": LIST[0] + "?filter=(eq,nsState,INSTANTIATED)",
             "filter-occurrences": LIST[1] + "?filter=(eq,operationState,FAILED)",
             "filter-occurrences-by-operation": LIST[1] + "?filter=(eq,lcmOperationType,HEAL);(eq,operationState,COMPLETED)"}
    for name, path in paths.items():
        times = []
        for _ in range(args.rounds):
            start = time.monotonic()
            items = api.get(path)
            times.append(ms(start))
        tell(name, times, records=args.records, items=len(items))
    times = []
    for _ in range(args.rounds):
        start = time.monotonic()
        answer, _ = api.ask("POST", "/renga/v1/chains", CHAIN)
        api.end(answer)
        times.append(ms(start))
        api.end(api.ask("DELETE", "/renga/v1/chains/life")[0])
    tell("instantiate", times, records=args.records, what="POST to COMPLETED")


def fill(args):
    """Records into the store of a platform that is down."""
    store = sqlite3.connect(os.environ["RENGA_STATE_DIR"] + "/renga.db")
    now, states = "2026-01-01T00:%02d:%02d.%03dZ", ("COMPLETED",) * 97 + ("FAILED", "ROLLED_BACK", "COMPLETED")
    nsd_info, ids = str(uuid.uuid4()), [str(uuid.uuid4()) for _ in range(args.instances)]
    store.execute("INSERT INTO nsds(id,nsd_id,name,onboarding,operational,nsd,created) VALUES(?,?,?,?,?,?,?)",
                  (nsd_info, "bench", "bench", "ONBOARDED", "ENABLED", json.dumps(nsd(0)), now % (0, 0, 0)))
    store.executemany("INSERT INTO ns_instances(id,name,description,nsd_info_id,nsd_id,state,created) VALUES(?,?,?,?,?,?,?)",
                      ((ns, f"bench-{i}", "", nsd_info, "bench", "NOT_INSTANTIATED", now % (0, i // 1000, i % 1000))
                       for i, ns in enumerate(ids)))
    store.executemany("INSERT INTO occurrences(id,api,operation,state,ns_id,instance,started,entered,duration_ms,automatic,undo_on_failure)"
                      " VALUES(?,'ns',?,?,?,?,?,?,30,0,0)",
                      ((str(uuid.uuid4()), ("INSTANTIATE", "UPDATE", "HEAL", "TERMINATE")[i % 4], states[i % 100], ids[i % len(ids)],
                        ids[i % len(ids)], *[now % (i // 60000, i // 1000 % 60, i % 1000)] * 2) for i in range(args.occurrences)))
    store.commit()


PARTS = {"first-packet": first_packet, "scale-out": scale_out, "heal": heal, "onboard": onboard, "catalogue": catalogue}
parser = argparse.ArgumentParser()
parser.add_argument("part", choices=[*PARTS, "fill"])
parser.add_argument("--client")
parser.add_argument("--server")
parser.add_argument("--records", default="none")
for name in ("rounds", "instances", "occurrences"):
    parser.add_argument("--" + name, type=int, default=20)
arguments = parser.parse_args()
if arguments.part == "fill":
    fill(arguments)
else:
    PARTS[arguments.part](Api(), arguments)
