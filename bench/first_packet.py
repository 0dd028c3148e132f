"""first_packet.py SINK-NS: how long from the POST of a chain (curl, in this process's namespace) to its first forwarded packet.

The client's namespace is given by its name; datagrams leave it every half millisecond from before the POST on, so the first that the
server's namespace receives tells. Prints milliseconds.
"""
import ctypes, json, os, socket, sys, threading, time, urllib.request

client_ns, server_ns, url, token, chain = sys.argv[1:6]
libc = ctypes.CDLL(None, use_errno=True)

def socket_in(ns):
    """A UDP socket that belongs to the network namespace ns."""
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open("/run/netns/" + ns, os.O_RDONLY)
    if libc.setns(there, 0):
        raise OSError(ctypes.get_errno(), "setns")
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    libc.setns(here, 0)
    return s

server = socket_in(server_ns)
server.bind(("0.0.0.0", 9))
server.settimeout(10)
client = socket_in(client_ns)
stop = threading.Event()

def send():
    while not stop.is_set():
        try:
            client.sendto(b"renga", ("198.51.100.10", 9))
        except OSError:
            pass
        time.sleep(0.0005)

threading.Thread(target=send, daemon=True).start()
time.sleep(0.05)
request = urllib.request.Request(url + "/renga/v1/chains", data=open(chain, "rb").read(), method="POST",
    headers={"Authorization": "Bearer " + token, "Content-Type": "application/yaml"})
start = time.monotonic()
with urllib.request.urlopen(request) as answer:
    answer.read()
server.recv(64)
print("%.1f" % ((time.monotonic() - start) * 1000))
stop.set()
