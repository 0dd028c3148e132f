"""traffic.py: numbered traffic between two hosts (network namespaces), with sessions that have to outlive every fault.

A process of its own keeps it going: UDP sessions, each with numbered datagrams that the far host sends back, and TCP
connections whose bytes are numbers in order. It knows of each datagram whether it arrived, of each session the address
that the far host sees, and when the first datagram sent after a given moment came out. Clocks are CLOCK_MONOTONIC, ns.
"""
import collections
import ctypes
import errno
import multiprocessing
import os
import selectors
import signal
import socket
import struct
import time

UDP_PORT, TCP_PORT = 7000, 7001
DATAGRAM = struct.Struct("!IQQ")  # session, number, when it was sent
NUMBER = struct.Struct("!Q")
TICK_NS = 1_000_000
TCP_TICKS = 10  # between two numbers on a connection
SO_RCVBUFFORCE = 33
CLONE_NEWNET = 0x40000000
LATER = (errno.EAGAIN, errno.ENOBUFS, errno.EINTR)


class Traffic:
    """The caller's end."""

    def __init__(self, client, server, target, udp=32, tcp=8, per_tick=2, sources=("",)):
        """Hosts are names of namespaces; target is the server's address; per_tick datagrams every millisecond. The sessions
        come from the addresses of `sources`, in turn; "": from any."""
        self._mine, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_run, args=(theirs, client, server, target, udp, tcp, per_tick, sources),
                                                daemon=True)
        self._process.start()
        self._answer()

    def arrived_after(self, moment_ns):
        """When the first datagram that was sent after that moment arrived; None: none has, yet."""
        return self._ask("arrived_after", moment_ns)

    def outstanding(self, sent_before_ns):
        """Datagrams sent before that moment that have not arrived, as [on the way there, on the way back]."""
        return self._ask("outstanding", sent_before_ns)

    def give_up(self, sent_before_ns):
        """As outstanding(), and counts them as lost."""
        return self._ask("give_up", sent_before_ns)

    def renew(self):
        """Ends all sessions in order and goes on with as many new ones, from the same addresses."""
        return self._ask("renew")

    def progress(self):
        """Per session, how many came back: {"udp": [...], "tcp": [...]}."""
        return self._ask("progress")

    def faults(self):
        """What must never happen, as text, since the last call."""
        return self._ask("faults")

    def totals(self):
        return self._ask("totals")

    def end(self):
        self._ask("end")
        self._process.join()

    def _ask(self, *question):
        self._mine.send(question)
        return self._answer()

    def _answer(self):
        if not self._mine.poll(30):
            raise RuntimeError("the traffic process does not answer")
        answer = self._mine.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


def _run(pipe, *args):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        worker = _Worker(pipe, *args)
    except OSError as error:
        pipe.send(RuntimeError(f"the sessions cannot be opened: {error}"))
        return
    pipe.send(None)
    worker.run()


def _enter(namespace):
    """Sockets made from here on are in that namespace; null: the one of process 1's network, ours."""
    fd = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(fd, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(fd)


class _Way:
    """Numbers of one session on their way in one direction."""

    def __init__(self):
        self.pending = collections.OrderedDict()  # number: when it was sent

    def older(self, moment_ns):
        n = 0
        for sent in self.pending.values():
            if sent >= moment_ns:
                break
            n += 1
        return n


class _Worker:
    def __init__(self, pipe, client, server, target, udp, tcp, per_tick, sources):
        self.pipe, self.per_tick, self.target, self.sources = pipe, per_tick, target, sources
        self.selector = selectors.DefaultSelector()
        self.selector.register(pipe, selectors.EVENT_READ, self.on_question)
        self.sent = self.there_lost = self.back_lost = self.doubled = self.icmp = 0
        self.turn, self.ended, self.problems, self.ended_sources = 0, False, [], set()
        self.arrivals = collections.deque(maxlen=20000)  # (sent, arrived)
        _enter(server)
        self.udp_server = self._udp(None, self.on_there)
        self.listener = socket.create_server(("0.0.0.0", TCP_PORT), backlog=tcp + 1)
        _enter(client)
        self.udp = [self._udp((target, UDP_PORT), self.on_back, self._source(i)) for i in range(udp)]
        self.numbers, self.seen = [0] * udp, [None] * udp
        self.there, self.back, self.returned = ([_Way() for _ in range(udp)], [_Way() for _ in range(udp)], [0] * udp)
        self.tcp, self.retiring = [self._connection(self._source(i)) for i in range(tcp)], []

    def _source(self, i):
        return self.sources[i % len(self.sources)]

    def _udp(self, peer, handler, source=""):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        if peer is None:
            sock.bind(("0.0.0.0", UDP_PORT))
        else:
            sock.bind((source, 0))
            sock.connect(peer)
        sock.setblocking(False)
        self.selector.register(sock, selectors.EVENT_READ, handler)
        return sock

    def _connection(self, source):
        near = socket.create_connection((self.target, TCP_PORT), timeout=20, source_address=(source, 0))
        far, _ = self.listener.accept()
        connection = _Connection(near, far, self.problems)
        for sock, handler in ((near, connection.on_near), (far, connection.on_far)):
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(sock, selectors.EVENT_READ, handler)
        return connection

    def run(self):
        due, ticks = time.monotonic_ns(), 0
        while not self.ended:
            now = time.monotonic_ns()
            if now - due > 50 * TICK_NS:  # we were not running: no burst to make up for it
                due = now
            while now >= due:
                self.send_some()
                ticks += 1
                if ticks % TCP_TICKS == 0:
                    for connection in self.tcp:
                        connection.send()
                    self.retiring = [connection for connection in self.retiring if not connection.retire(self.selector)]
                due += TICK_NS
            for key, _ in self.selector.select(max(0, due - time.monotonic_ns()) / 1e9):
                key.data(key.fileobj)

    def send_some(self):
        for _ in range(self.per_tick):
            i = self.turn = (self.turn + 1) % len(self.udp)
            now = time.monotonic_ns()
            try:
                self.udp[i].send(DATAGRAM.pack(i, self.numbers[i], now))
            except OSError as error:
                self.icmp += error.errno not in LATER
                continue
            self.there[i].pending[self.numbers[i]] = now
            self.numbers[i] += 1
            self.sent += 1

    def on_there(self, sock):
        for _ in range(64):
            try:
                data, source = sock.recvfrom(64)
            except OSError:
                return
            i, number, sent = DATAGRAM.unpack(data)
            now = time.monotonic_ns()
            self.arrivals.append((sent, now))
            if self.seen[i] is None and source not in self.ended_sources:
                self.seen[i] = source
            elif source in self.ended_sources:
                pass  # a late one of a session that was renewed
            elif self.seen[i] != source:
                self.problems.append(f"UDP session {i} was {self.seen[i]} and is {source}")
                self.seen[i] = source
            if self.there[i].pending.pop(number, None) is None:
                self.doubled += 1
                continue
            try:
                sock.sendto(data, source)
                self.back[i].pending[number] = now
            except OSError as error:
                self.icmp += error.errno not in LATER

    def on_back(self, sock):
        for _ in range(64):
            try:
                data = sock.recv(64)
            except OSError as error:
                if error.errno not in LATER:
                    self.icmp += 1
                return
            i, number, _ = DATAGRAM.unpack(data)
            self.doubled += self.back[i].pending.pop(number, None) is None
            self.returned[i] += 1

    # ---- questions ----

    def on_question(self, pipe):
        name, *args = pipe.recv()
        pipe.send(getattr(self, "ask_" + name)(*args))

    def ask_arrived_after(self, moment_ns):
        return next((arrived for sent, arrived in self.arrivals if sent > moment_ns), None)

    def ask_outstanding(self, before_ns):
        return [sum(way.older(before_ns) for way in ways) for ways in (self.there, self.back)]

    def ask_give_up(self, before_ns):
        lost = self.ask_outstanding(before_ns)
        for way in self.there + self.back:
            for _ in range(way.older(before_ns)):
                way.pending.popitem(last=False)
        self.there_lost += lost[0]
        self.back_lost += lost[1]
        return lost

    def ask_renew(self):
        """Datagrams under way to the old sockets still arrive there."""
        self.retiring += self.tcp
        self.udp = [self._udp((self.target, UDP_PORT), self.on_back, self._source(i)) for i in range(len(self.udp))]
        self.ended_sources.update(self.seen)
        self.seen = [None] * len(self.udp)
        self.tcp = [self._connection(self._source(i)) for i in range(len(self.tcp))]

    def ask_progress(self):
        return {"udp": list(self.returned), "tcp": [connection.returned for connection in self.tcp]}

    def ask_faults(self):
        problems = list(self.problems)
        self.problems.clear()
        return problems

    def ask_totals(self):
        return {"sent": self.sent, "lostThere": self.there_lost, "lostBack": self.back_lost, "doubled": self.doubled,
                "icmpErrors": self.icmp, "udpSessions": len(self.udp), "tcpConnections": len(self.tcp)}

    def ask_end(self):
        self.ended = True


class _Connection:
    """Numbers out, the same numbers back: a byte lost, doubled or out of place is seen at once."""

    def __init__(self, near, far, problems):
        self.near, self.far, self.problems = near, far, problems
        self.next_out = self.returned = 0
        self.rest, self.dead = b"", False

    def send(self):
        try:
            if not self.dead and self.near.send(NUMBER.pack(self.next_out)) == NUMBER.size:
                self.next_out += 1
        except OSError as error:
            self.broken(error)

    def retire(self, selector):
        """Closes it when all that was sent has come back; True: it is closed."""
        if not self.dead and self.returned < self.next_out:
            return False
        self.dead = True
        for sock in (self.near, self.far):
            selector.unregister(sock)
            sock.close()
        return True

    def on_far(self, sock):
        data = self.receive(sock)
        try:
            if data:
                sock.sendall(data)
        except OSError as error:
            self.broken(error)

    def on_near(self, sock):
        self.rest += self.receive(sock)
        whole = len(self.rest) // NUMBER.size * NUMBER.size
        for (number,) in NUMBER.iter_unpack(self.rest[:whole]):
            if number != self.returned:
                self.problems.append(f"a TCP connection gave {number} instead of {self.returned}")
            self.returned = number + 1
        self.rest = self.rest[whole:]

    def receive(self, sock):
        if self.dead:
            return b""
        try:
            data = sock.recv(65536)
        except OSError as error:
            self.broken(error)
            return b""
        if not data:
            self.broken(ConnectionError("closed"))
        return data

    def broken(self, error):
        if getattr(error, "errno", None) in LATER or self.dead:
            return
        self.dead = True
        self.problems.append(f"a TCP connection broke: {error}")
