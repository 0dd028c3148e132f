/* test_window.c: two ends that talk as TCP does, over a path that loses, doubles and
 * reorders on both sides of the firewall: nothing that its receiver has a use for is out
 * of window; what no honest end sends is. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/firewall/window.h"

#define SEEDS 300
#define STEPS 3000
#define QUEUE 64
#define MSS   1460u

struct host {
	uint32_t una, nxt;   /* sent and not acknowledged; to be sent next */
	uint32_t limit;	     /* where the other's window ends */
	uint32_t rcv, offer; /* wanted next; where our own window ends */
	unsigned scale;
	bool scales;
};

struct queue {
	struct segment list[QUEUE];
	unsigned n;
};

struct path {
	struct host host[2];
	struct queue before[2], behind[2]; /* the firewall, of what the host sent */
	struct traffic traffic;
	enum tcp_state state;
	uint64_t useful, moved;
	uint64_t next; /* segments that window_see_next() took */
};

static unsigned
rnd(unsigned n)
{
	return (unsigned)random() % n;
}

/* ---- ends ---- */

static void
push(struct queue *queue, const struct segment *segment)
{
	if (queue->n < QUEUE && rnd(100) >= 3)
		queue->list[queue->n++] = *segment;
	if (queue->n < QUEUE && rnd(100) < 2)
		queue->list[queue->n++] = *segment;
}

/* One of the oldest eight. */
static bool
pop(struct queue *queue, struct segment *segment)
{
	unsigned i;

	if (queue->n == 0)
		return false;
	i = rnd(4) != 0 ? 0 : rnd(queue->n < 8 ? queue->n : 8);
	*segment = queue->list[i];
	memmove(&queue->list[i], &queue->list[i + 1],
		(queue->n - i - 1) * sizeof(queue->list[0]));
	queue->n--;
	return true;
}

static void
emit(struct path *path, unsigned from, uint32_t seq, uint32_t len)
{
	struct host *host = &path->host[from];
	const unsigned shift = host->scales && path->host[!from].scales ? host->scale : 0;
	const uint32_t free = rnd(200000), most = 65535u << shift;
	struct segment segment = {.seq = seq,
		.end = seq + len,
		.ack = host->rcv,
		.flags = PKT_TCP_ACK,
		.scale = SEGMENT_NO_SCALE};
	uint32_t size;

	if (seq_before(host->offer, host->rcv + free))
		host->offer = host->rcv + free;
	size = host->offer - host->rcv;
	segment.window = (uint16_t)((size < most ? size : most) >> shift);
	push(&path->before[from], &segment);
}

static void
act(struct path *path, unsigned from)
{
	struct host *host = &path->host[from];
	const uint32_t room = host->limit - host->nxt, in_flight = host->nxt - host->una;
	uint32_t len = 1 + rnd(MSS);

	switch (rnd(6)) {
	case 0: /* an ACK */
		emit(path, from, host->nxt, 0);
		break;
	case 1: /* again */
		emit(path, from, host->una, in_flight < MSS ? in_flight : MSS);
		break;
	case 2: /* keeps alive, or probes a closed window */
		if (in_flight == 0)
			emit(path, from, host->nxt - 1, rnd(2));
		break;
	default:
		if ((int32_t)room <= 0)
			break;
		len = len < room ? len : room;
		emit(path, from, host->nxt, len);
		host->nxt += len;
	}
}

static void
receive(struct path *path, unsigned to, const struct segment *segment)
{
	struct host *host = &path->host[to];
	const struct host *other = &path->host[!to];
	const unsigned shift = host->scales && other->scales ? other->scale : 0;
	const uint32_t limit = segment->ack + ((uint32_t)segment->window << shift);

	if (!seq_before(host->rcv, segment->seq) && seq_before(host->rcv, segment->end)) {
		path->moved += segment->end - host->rcv;
		host->rcv = segment->end;
	}
	if (seq_before(host->una, segment->ack))
		host->una = segment->ack;
	if (seq_before(host->limit, limit))
		host->limit = limit;
}

/* ---- the firewall ---- */

static struct pkt_tcp
header_of(const struct segment *segment)
{
	return (struct pkt_tcp){.seq = htonl(segment->seq),
		.ack = htonl(segment->ack),
		.flags = segment->flags,
		.window = htons(segment->window)};
}

/* The short ways and the long one must say and do the same. */
static enum window_verdict
look(struct path *path, unsigned from, const struct segment *segment)
{
	const struct pkt_tcp tcp = header_of(segment);
	const uint32_t len = segment->end - segment->seq;
	struct traffic usual = path->traffic, next = path->traffic;
	const bool established = path->state == TCP_ESTABLISHED;
	const bool is_usual = established && window_see_usual(&usual, from, &tcp, len);
	const bool is_next = established && window_see_next(&next, from, &tcp, len);
	const enum window_verdict verdict =
		window_see(&path->traffic, from, path->state, segment);

	if (is_usual) {
		assert_int_equal(verdict, WINDOW_IN);
		assert_memory_equal(&usual, &path->traffic, sizeof(usual));
	}
	if (is_next) {
		assert_true(is_usual);
		assert_memory_equal(&next, &path->traffic, sizeof(next));
		path->next++;
	}
	return verdict;
}

static void
pass(struct path *path, unsigned from)
{
	const struct host *host = &path->host[from], *other = &path->host[!from];
	struct segment segment, spoilt;
	enum window_verdict verdict;

	if (!pop(&path->before[from], &segment))
		return;
	verdict = look(path, from, &segment);
	if (seq_before(other->rcv, segment.end) || seq_before(other->una, segment.ack)) {
		path->useful++;
		assert_int_equal(verdict, WINDOW_IN);
	}
	/* beyond all that the other end ever offered, and an ACK of what was never sent
	 */
	spoilt = segment;
	spoilt.seq = other->offer + 70000;
	spoilt.end = spoilt.seq + 1;
	assert_int_equal(look(path, from, &spoilt), WINDOW_OUT);
	spoilt.seq = spoilt.end = host->nxt;
	spoilt.ack = other->nxt + 1;
	assert_int_equal(look(path, from, &spoilt), WINDOW_OUT);
	if (verdict == WINDOW_IN)
		push(&path->behind[from], &segment);
}

static void
open_connection(struct path *path)
{
	struct host *a = &path->host[0], *b = &path->host[1];
	const uint32_t isn[2] = {(uint32_t)random() * 2u, (uint32_t)random() * 2u};
	struct segment segment = {
		.seq = isn[0], .end = isn[0] + 1, .window = 60000, .flags = PKT_TCP_SYN};

	for (unsigned i = 0; i < 2; i++) {
		path->host[i] = (struct host){.una = isn[i] + 1,
			.nxt = isn[i] + 1,
			.rcv = isn[!i] + 1,
			.offer = isn[!i] + 1 + 60000,
			.limit = isn[i] + 1 + 60000,
			.scale = rnd(15),
			.scales = rnd(4) != 0};
	}
	segment.scale = a->scales ? (uint8_t)a->scale : SEGMENT_NO_SCALE;
	window_open(&path->traffic, &segment);
	segment = (struct segment){.seq = isn[1],
		.end = isn[1] + 1,
		.ack = a->nxt,
		.window = 60000,
		.flags = PKT_TCP_SYN | PKT_TCP_ACK,
		.scale = b->scales ? (uint8_t)b->scale : SEGMENT_NO_SCALE};
	assert_int_equal(
		window_see(&path->traffic, true, TCP_SYN_SENT, &segment), WINDOW_IN);
	segment = (struct segment){.seq = a->nxt,
		.end = a->nxt,
		.ack = b->nxt,
		.window = (uint16_t)(60000 >> (a->scales && b->scales ? a->scale : 0)),
		.flags = PKT_TCP_ACK};
	assert_int_equal(
		window_see(&path->traffic, false, TCP_SYN_RECEIVED, &segment), WINDOW_IN);
	path->state = TCP_ESTABLISHED;
}

static void
test_window_lets_pass_what_is_of_use_and_nothing_else(void **state)
{
	static struct path path;
	struct segment segment;
	uint64_t useful = 0, moved = 0, next = 0;

	(void)state;
	for (unsigned seed = 1; seed <= SEEDS; seed++) {
		srandom(seed);
		memset(&path, 0, sizeof(path));
		open_connection(&path);
		for (unsigned step = 0; step < STEPS; step++) {
			const unsigned from = rnd(2);

			act(&path, from);
			pass(&path, rnd(2));
			if (pop(&path.behind[from], &segment))
				receive(&path, !from, &segment);
		}
		useful += path.useful;
		moved += path.moved;
		next += path.next;
	}
	assert_true(useful > SEEDS * 100);
	assert_true(moved > SEEDS * 100000ull);
	assert_true(next > SEEDS * 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{.name = "through loss and disorder all passes that is of use, and nothing "
			 "beyond what was offered or sent [FW-7]",
			.test_func =
				test_window_lets_pass_what_is_of_use_and_nothing_else},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
