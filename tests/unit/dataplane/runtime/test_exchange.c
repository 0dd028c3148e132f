/* Tests of the exchange: order, room, patience, held and originated packets, and death at
 * any instruction. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "dataplane/pkt/flow.h"
#include "dataplane/shm/steer.h"
#include "tests/unit/dataplane/runtime/stage.h"

/* What the plug-in does with a packet is written in it. */
enum mark {
	TO_0,
	TO_1,
	TO_2,
	DROP_OWN,
	HOLD,
	MAKE,
	HOLD_AND_SEND,
	MAKE_UNUSED,
	TO_NOWHERE,
	MAKE_PART
};

struct fixture {
	struct stage *stage;
	struct shm_slot *slot;
	struct exchange exchange;
	struct vnf vnf;
	struct rte_mbuf *kept[SHM_HELD];
	unsigned n_kept;
};

static vnf_verdict
judge(struct vnf *vnf, struct rte_mbuf *pkt)
{
	struct fixture *f = vnf->self;
	struct rte_mbuf *made;

	switch (pkt->dynfield1[0]) {
	case DROP_OWN:
		return VNF_DROP(VNF_REASON_OWN);
	case HOLD:
		if (!vnf_hold(vnf, pkt))
			return VNF_DROP(VNF_REASON_NO_BUFFER);
		f->kept[f->n_kept++] = pkt;
		return VNF_HOLD;
	case HOLD_AND_SEND:
		vnf_hold(vnf, pkt);
		vnf_send(vnf, pkt, 2);
		return VNF_HOLD;
	case MAKE:
		made = vnf_originate(vnf);
		if (made != NULL)
			vnf_send(vnf, made, 1);
		return VNF_FORWARD(0);
	case MAKE_PART:
		made = vnf_originate(vnf);
		assert_non_null(made);
		vnf_follow(vnf, made, pkt);
		vnf_send(vnf, made, 1);
		return VNF_FORWARD(1);
	case MAKE_UNUSED:
		(void)vnf_originate(vnf);
		return VNF_FORWARD(0);
	case TO_NOWHERE:
		return VNF_FORWARD(9);
	default:
		return VNF_FORWARD(pkt->dynfield1[0]);
	}
}

static void
process(struct vnf *vnf, struct vnf_burst *burst)
{
	for (unsigned i = 0; i < burst->n; i++)
		burst->verdicts[i] = judge(vnf, burst->pkts[i]);
}

static const struct vnf_type type = {.api = VNF_API_VERSION, .process = process};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->stage = stage_create();
	f->slot = &f->stage->host.slots[0];
	f->vnf.type = &type;
	f->vnf.self = f;
	f->vnf.io = &exchange_io;
	f->vnf.io_arg = &f->exchange;
	f->vnf.now_ns = 1000000000;
	exchange_open(&f->exchange, f->slot, &f->vnf);
	exchange_wire(&f->exchange, &f->slot->wiring[0]);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	stage_destroy(f->stage);
	free(f);
	return 0;
}

static void
test_exchange_keeps_the_order_within_each_output(void **state)
{
	struct fixture *f = *state;
	struct stage *stage = f->stage;

	for (unsigned i = 0; i < 30; i++)
		stage_feed(stage, &stage->in[0], 1, i % 3 == 2 ? DROP_OWN : i % 3);
	assert_int_equal(exchange_burst(&f->exchange, 0), 30);
	for (unsigned i = 0; i < 30; i++) {
		struct stage_ring *ring =
			i % 3 == 2 ? &stage->returns : &stage->out[i % 3];

		assert_ptr_equal(stage_pop(ring), &stage->pkts[i]);
	}
	assert_int_equal(hand_count(&f->slot->hand), 0);
	assert_int_equal(f->slot->counters.cps[0].rx_packets, 30);
	assert_int_equal(f->slot->counters.cps[0].rx_bytes, 3000);
	assert_int_equal(f->slot->counters.cps[1].tx_packets, 10);
	assert_int_equal(f->slot->counters.cps[1].tx_bytes, 1000);
	assert_int_equal(f->slot->counters.drops[VNF_REASON_OWN], 10);
}

/* What a link that was replaced left comes first, whatever waits in its successor. */
static void
test_exchange_reads_a_former_ring_empty_before_the_new_one(void **state)
{
	struct fixture *f = *state;
	struct stage *stage = f->stage;

	f->slot->wiring[0].former[0] = f->slot->wiring[0].in[2].ring;
	f->slot->wiring[0].in[2].ring = NULL;
	exchange_wire(&f->exchange, &f->slot->wiring[0]);
	stage_feed(stage, &stage->in[2], 40, TO_1);
	assert_true(exchange_pending(&f->exchange));
	stage_feed(stage, &stage->in[0], 3, TO_1);
	assert_int_equal(exchange_burst(&f->exchange, 0), 32);
	assert_int_equal(exchange_burst(&f->exchange, 0), 8);
	assert_int_equal(exchange_burst(&f->exchange, 0), 3);
	for (unsigned i = 0; i < 43; i++)
		assert_ptr_equal(stage_pop(&stage->out[1]), &stage->pkts[i]);
	assert_false(exchange_pending(&f->exchange));
	assert_int_equal(exchange_burst(&f->exchange, 0), 0);
}

/* An output with two replicas behind it: ring 1 leads to the first, ring 2 to the second.
 * UDP from 10.0.0.<i> each. */
static void
to_replicas(struct fixture *f, struct spread *spread, unsigned owners)
{
	struct shm_wiring *wiring = &f->slot->wiring[0];

	memset(spread, 0, sizeof(*spread));
	spread_init(spread, 7, owners);
	wiring->ways[1].spread = spread;
	wiring->more[0] = (struct shm_more){.in = wiring->in[2],
		.out = wiring->out[2],
		.cp = 1,
		.way = {.spread = spread, .replica = 1}};
	wiring->n_more = 1;
	wiring->in[2] = wiring->out[2] = (struct shm_link){0};
	exchange_wire(&f->exchange, wiring);
}

static void
feed_flows(struct fixture *f, uint8_t frames[][64], unsigned n)
{
	static const uint8_t udp[42] = {2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 9, 0x08, 0x00,
		0x45, 0, 0, 28, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 0, 10, 1, 0, 1,
		0x10, 0, 0x20, 0, 0, 8};

	for (unsigned i = 0; i < n; i++) {
		struct rte_mbuf *pkt = &f->stage->pkts[f->stage->n_used];
		uint32_t sum = 0;

		memcpy(frames[i], udp, sizeof(udp));
		frames[i][29] = (uint8_t)i;
		for (unsigned k = 14; k < 34; k += 2)
			sum += (uint32_t)(frames[i][k] << 8 | frames[i][k + 1]);
		sum = ~((sum & 0xffff) + (sum >> 16));
		frames[i][24] = (uint8_t)(sum >> 8);
		frames[i][25] = (uint8_t)sum;
		stage_feed(f->stage, &f->stage->in[0], 1, TO_1);
		pkt->buf_addr = frames[i];
		pkt->data_off = 0;
	}
}

static void
test_exchange_sends_each_flow_to_the_replica_that_it_belongs_to(void **state)
{
	static struct spread spread;
	static uint8_t frames[30][64];
	struct fixture *f = *state;
	unsigned n = 0, seconds = 0;

	to_replicas(f, &spread, 2);
	feed_flows(f, frames, 30);
	assert_int_equal(exchange_burst(&f->exchange, 0), 30);
	for (unsigned r = 0; r < 2; r++)
		for (struct rte_mbuf *pkt; (pkt = stage_pop(&f->stage->out[1 + r]));
			n++) {
			struct pkt_flow flow;

			assert_true(pkt_flow_of(pkt->buf_addr, 42, &flow));
			const struct pkt_flow_key key = pkt_flow_key(&flow, 7);

			assert_int_equal(
				spread_owner(spread_bucket(&spread, key.pair)), r);
			seconds += r;
		}
	assert_int_equal(n, 30);
	assert_in_range(seconds, 3, 27);
	assert_int_equal(f->slot->counters.cps[1].tx_packets, 30);
	assert_int_equal(f->slot->counters.cps[2].tx_packets, 0);
}

static void
test_exchange_pins_flows_of_buckets_that_move(void **state)
{
	static struct spread spread;
	static uint8_t frames[30][64];
	struct fixture *f = *state;
	uint32_t givers;

	to_replicas(f, &spread, 1);
	spread_move(&spread, 2, &givers);
	feed_flows(f, frames, 30);
	assert_int_equal(exchange_burst(&f->exchange, 0), 30);
	assert_int_equal(ring_fill(&f->stage->out[1].ring), 30);
	spread_settle(&spread);
	feed_flows(f, frames, 30);
	assert_int_equal(exchange_burst(&f->exchange, 0), 30);
	assert_int_equal(ring_fill(&f->stage->out[1].ring), 60);
	assert_int_equal(ring_fill(&f->stage->out[2].ring), 0);
}

/* An output where paths part: ring 1 is for path 1, ring 2 for path 2. */
static void
to_paths(struct fixture *f, const struct steer *steer)
{
	struct shm_wiring *wiring = &f->slot->wiring[0];

	wiring->steer = steer;
	wiring->path_offset = offsetof(struct rte_mbuf, dynfield1[1]);
	wiring->ways[1].paths[0] = 1 << 1;
	wiring->more[0] = (struct shm_more){.in = wiring->in[2],
		.out = wiring->out[2],
		.cp = 1,
		.way = {.paths = {1 << 2}, .fan = 1}};
	wiring->n_more = 1;
	wiring->in[2] = wiring->out[2] = (struct shm_link){0};
	exchange_wire(&f->exchange, wiring);
}

static struct steer *
make_steer(const char *text)
{
	static const int like[4] = {-1, -1, -1, -1};
	static struct steer_counts counts;
	json_t *json = json_loads(text, 0, NULL);
	struct faults faults = {0};
	struct steer_rules rules;
	struct steer *steer = NULL;

	assert_int_equal(steer_rules_parse(json, "steer", &rules, &faults), 0);
	assert_int_equal(steer_make(&steer, &rules, 7, &counts, NULL, like, NULL), 0);
	steer_rules_clear(&rules);
	json_decref(json);
	return steer;
}

/* Those that came with a number keep it, whatever the rules say of them. */
static void
test_exchange_sends_each_packet_by_its_path(void **state)
{
	static uint8_t frames[30][64];
	struct fixture *f = *state;
	struct stage *stage = f->stage;
	struct steer *steer = make_steer(
		"[{\"match\": {\"src\": \"10.0.0.0/28\"}, \"to\": [{\"path\": 1}]}, "
		"{\"match\": {\"src\": \"10.0.0.16/29\"}, \"to\": [{\"path\": 2}]}]");

	to_paths(f, steer);
	feed_flows(f, frames, 30);
	*(uint8_t *)&stage->pkts[0].dynfield1[1] = 2;
	*(uint8_t *)&stage->pkts[29].dynfield1[1] = 1;
	*(uint8_t *)&stage->pkts[1].dynfield1[1] = 77; /* of no link here */
	assert_int_equal(exchange_burst(&f->exchange, 0), 30);
	assert_ptr_equal(stage_pop(&stage->out[2]), &stage->pkts[0]);
	for (unsigned i = 1; i < 16; i++)
		assert_ptr_equal(stage_pop(&stage->out[1]), &stage->pkts[i]);
	assert_ptr_equal(stage_pop(&stage->out[1]), &stage->pkts[29]);
	for (unsigned i = 16; i < 24; i++)
		assert_ptr_equal(stage_pop(&stage->out[2]), &stage->pkts[i]);
	assert_int_equal(
		ring_fill(&stage->out[1].ring) + ring_fill(&stage->out[2].ring), 0);
	assert_int_equal(f->slot->counters.drops[VNF_REASON_NO_PATH], 5);
	assert_int_equal(ring_fill(&stage->returns.ring), 5);
	assert_int_equal(f->slot->counters.cps[1].tx_packets, 25);
	steer_free(steer);
}

/* Also those that a VNF makes, or has held. */
static void
test_exchange_steers_single_packets(void **state)
{
	static uint8_t frames[3][64];
	struct fixture *f = *state;
	struct stage *stage = f->stage;
	struct steer *steer = make_steer("[{\"match\": {}, \"to\": [{\"path\": 2}]}]");

	to_paths(f, steer);
	feed_flows(f, frames, 3);
	stage->pkts[1].dynfield1[0] = HOLD;
	assert_int_equal(exchange_burst(&f->exchange, 0), 3);
	vnf_send(&f->vnf, f->kept[0], 1);
	assert_int_equal(exchange_flush(&f->exchange), 1);
	assert_ptr_equal(stage_pop(&stage->out[2]), &stage->pkts[0]);
	assert_ptr_equal(stage_pop(&stage->out[2]), &stage->pkts[2]);
	assert_ptr_equal(stage_pop(&stage->out[2]), &stage->pkts[1]);
	steer_free(steer);
}

static void
test_exchange_sends_a_part_the_way_of_the_packet(void **state)
{
	static uint8_t frames[1][64];
	struct fixture *f = *state;
	struct stage *stage = f->stage;

	to_paths(f, NULL);
	feed_flows(f, frames, 1);
	stage->pkts[0].dynfield1[0] = MAKE_PART;
	*(uint8_t *)&stage->pkts[0].dynfield1[1] = 2;
	stage_feed(stage, &stage->stash, 1, TO_0);
	assert_int_equal(exchange_burst(&f->exchange, 0), 1);
	assert_int_equal(ring_fill(&stage->out[2].ring), 2);
}

static void
test_exchange_drops_what_is_on_no_path_when_no_rule_is_there(void **state)
{
	static uint8_t frames[3][64];
	struct fixture *f = *state;

	to_paths(f, NULL);
	feed_flows(f, frames, 3);
	assert_int_equal(exchange_burst(&f->exchange, 0), 3);
	assert_int_equal(f->slot->counters.drops[VNF_REASON_NO_PATH], 3);
	assert_int_equal(ring_fill(&f->stage->returns.ring), 3);
}

/* Both are read, and what comes from either is from that connection point. */
static void
test_exchange_reads_all_replicas(void **state)
{
	static struct spread spread;
	struct fixture *f = *state;

	to_replicas(f, &spread, 2);
	assert_int_equal(f->exchange.n_ins, SHM_CPS + 1);
	stage_feed(f->stage, &f->stage->in[1], 3, TO_0);
	stage_feed(f->stage, &f->stage->in[2], 4, TO_0);
	assert_true(exchange_pending(&f->exchange));
	assert_int_equal(exchange_burst(&f->exchange, 1), 3);
	assert_int_equal(exchange_burst(&f->exchange, SHM_CPS), 4);
	assert_false(exchange_pending(&f->exchange));
	assert_int_equal(f->slot->counters.cps[1].rx_packets, 7);
	assert_int_equal(ring_fill(&f->stage->out[0].ring), 7);
}

/* A replica that does not read any more holds up its own share, and that for as long as
 * patience says. */
static void
test_exchange_loses_patience_with_one_replica_alone(void **state)
{
	static struct spread spread;
	static uint8_t frames[30][64];
	struct fixture *f = *state;
	unsigned dropped;

	to_replicas(f, &spread, 2);
	ring_park(&f->stage->out[2].ring); /* all its places are in use already */
	while (ring_room(&f->stage->out[2].ring) > 0)
		stage_push(&f->stage->out[2], &f->stage->pkts[STAGE_BUFFERS - 1]);
	feed_flows(f, frames, 30);
	assert_int_equal(exchange_burst(&f->exchange, 0), 0);
	for (unsigned i = 0; i < 70; i++, f->vnf.now_ns += 200000)
		exchange_burst(&f->exchange, 0);
	dropped = (unsigned)f->slot->counters.drops[VNF_REASON_PATIENCE];
	assert_in_range(dropped, 3, 27);
	assert_int_equal(ring_fill(&f->stage->out[1].ring), 30 - dropped);
}

static void
fill_out(struct stage *stage, unsigned cp, unsigned room)
{
	for (unsigned i = 0; i < STAGE_RING - 1 - room; i++)
		stage_push(&stage->out[cp], &stage->pkts[STAGE_BUFFERS - 1]);
}

/* All places of a parked ring, but for room. */
static void
fill_parked(struct stage *stage, unsigned cp, unsigned room)
{
	while (ring_room(&stage->out[cp].ring) > room)
		stage_push(&stage->out[cp], &stage->pkts[STAGE_BUFFERS - 1]);
}

static void
test_exchange_takes_only_what_all_outputs_have_room_for(void **state)
{
	struct fixture *f = *state;
	struct stage *stage = f->stage;

	fill_out(stage, 2, EXCHANGE_MADE + 5);
	stage_feed(stage, &stage->in[0], 10, TO_0);
	assert_int_equal(exchange_burst(&f->exchange, 0), 5);
	stage_pop(&stage->out[2]);
	assert_int_equal(exchange_burst(&f->exchange, 0), 5);
}

static void
test_exchange_gives_a_full_output_up_after_patience_and_comes_back(void **state)
{
	struct fixture *f = *state;
	struct stage *stage = f->stage;
	uint64_t *const drops = f->slot->counters.drops;

	fill_out(stage, 1, 10);
	stage_feed(stage, &stage->in[0], 2, TO_1);
	assert_int_equal(exchange_burst(&f->exchange, 0), 0);
	assert_true(f->exchange.blocked);
	for (unsigned look = 0; look < 63; look++) { /* a long absence counts once */
		f->vnf.now_ns += f->slot->patience_ns * (look == 3 ? 10 : 1) / 64;
		assert_int_equal(exchange_burst(&f->exchange, 0), 0);
	}
	f->vnf.now_ns += f->slot->patience_ns / 64;
	assert_int_equal(exchange_burst(&f->exchange, 0), 0);
	assert_true(ring_is_parked(
		&stage->out[1].ring)); /* its other places are used first */
	fill_parked(stage, 1, 10);
	assert_int_equal(exchange_burst(&f->exchange, 0), 0);
	for (unsigned look = 0; look < 64; look++) {
		assert_int_equal(drops[VNF_REASON_PATIENCE], 0);
		f->vnf.now_ns += f->slot->patience_ns / 64;
		exchange_burst(&f->exchange, 0);
	}
	assert_int_equal(drops[VNF_REASON_PATIENCE], 2);
	assert_int_equal(ring_fill(&stage->returns.ring), 2);
	for (unsigned i = 0; i < 200; i++)
		stage_pop(&stage->out[1]);
	stage_feed(stage, &stage->in[0], 1, TO_1);
	assert_int_equal(exchange_burst(&f->exchange, 0), 1);
	assert_int_equal(drops[VNF_REASON_PATIENCE], 2);
}

static void
test_exchange_never_overfills_the_return_ring(void **state)
{
	struct fixture *f = *state;
	struct stage *stage = f->stage;

	for (unsigned i = 0; i < STAGE_RING - 1 - 20; i++)
		stage_push(&stage->returns, &stage->pkts[STAGE_BUFFERS - 1]);
	stage_feed(stage, &stage->in[0], 5, DROP_OWN);
	f->vnf.now_ns += 10 * f->slot->patience_ns;
	assert_int_equal(exchange_burst(&f->exchange, 0), 0);
	f->vnf.now_ns += 10 * f->slot->patience_ns;
	assert_int_equal(exchange_burst(&f->exchange, 0), 0);
	for (unsigned i = 0; i < 200; i++)
		stage_pop(&stage->returns);
	assert_int_equal(exchange_burst(&f->exchange, 0), 5);
}

static void
test_exchange_counts_what_nothing_is_wired_to(void **state)
{
	struct fixture *f = *state;

	stage_feed(f->stage, &f->stage->in[0], 3, TO_NOWHERE);
	assert_int_equal(exchange_burst(&f->exchange, 0), 3);
	assert_int_equal(f->slot->counters.drops[VNF_REASON_NO_LINK], 3);
	assert_int_equal(ring_fill(&f->stage->returns.ring), 3);
}

static void
test_exchange_keeps_held_packets_out_of_the_hand_until_they_are_sent(void **state)
{
	struct fixture *f = *state;
	struct stage *stage = f->stage;

	stage_feed(stage, &stage->in[0], 2, HOLD);
	stage_feed(stage, &stage->in[0], 1, TO_1);
	assert_int_equal(exchange_burst(&f->exchange, 0), 3);
	assert_int_equal(hand_count(&f->slot->hand), 0);
	assert_int_equal(f->slot->counters.held, 2);
	assert_ptr_equal(stage_pop(&stage->out[1]), &stage->pkts[2]);
	vnf_send(&f->vnf, f->kept[0], 1);
	vnf_discard(&f->vnf, f->kept[1], VNF_REASON_OWN);
	assert_true(exchange_pending(&f->exchange));
	assert_int_equal(exchange_flush(&f->exchange), 2);
	assert_ptr_equal(stage_pop(&stage->out[1]), &stage->pkts[0]);
	assert_ptr_equal(stage_pop(&stage->returns), &stage->pkts[1]);
	assert_int_equal(f->slot->counters.held, 0);
	assert_int_equal(f->slot->counters.drops[VNF_REASON_OWN], 1);
}

static void
test_exchange_sends_a_packet_held_and_sent_in_one_burst_once(void **state)
{
	struct fixture *f = *state;
	struct stage *stage = f->stage;

	stage_feed(stage, &stage->in[0], 2, HOLD_AND_SEND);
	assert_int_equal(exchange_burst(&f->exchange, 0), 2);
	assert_int_equal(exchange_flush(&f->exchange), 2);
	assert_int_equal(ring_fill(&stage->out[2].ring), 2);
	assert_ptr_equal(stage_pop(&stage->out[2]), &stage->pkts[0]);
	assert_int_equal(hand_count(&f->slot->hand), 0);
}

static void
test_exchange_refuses_to_hold_more_than_there_are_places(void **state)
{
	struct fixture *f = *state;

	f->exchange.n_free = 1;
	stage_feed(f->stage, &f->stage->in[0], 2, HOLD);
	assert_int_equal(exchange_burst(&f->exchange, 0), 2);
	assert_int_equal(f->slot->counters.drops[VNF_REASON_NO_BUFFER], 1);
}

static void
test_exchange_sends_originated_packets_and_takes_back_unused_ones(void **state)
{
	struct fixture *f = *state;
	struct stage *stage = f->stage;

	stage_feed(stage, &stage->stash, 1, TO_0);
	stage_feed(stage, &stage->in[0], 2, MAKE); /* the second finds the stash empty */
	assert_int_equal(exchange_burst(&f->exchange, 0), 2);
	assert_ptr_equal(stage_pop(&stage->out[1]), &stage->pkts[0]);
	assert_int_equal(ring_fill(&stage->out[0].ring), 2);
	assert_int_equal(f->slot->counters.originated, 1);
	stage_feed(stage, &stage->stash, 1, TO_0);
	stage_feed(stage, &stage->in[0], 1, MAKE_UNUSED);
	assert_int_equal(exchange_burst(&f->exchange, 0), 1);
	assert_int_equal(ring_fill(&stage->returns.ring), 1);
	assert_int_equal(hand_count(&f->slot->hand), 0);
}

static void
test_exchange_wakes_a_consumer_once_for_all_that_it_was_given(void **state)
{
	struct fixture *f = *state;
	struct shm_doorbell *bell = &f->stage->bells[1];

	bell->asleep = 1;
	stage_feed(f->stage, &f->stage->in[0], 20, TO_1);
	exchange_burst(&f->exchange, 0);
	assert_int_equal(bell->asleep, 1);
	exchange_ring(&f->exchange);
	assert_int_equal(bell->asleep, 0);
	assert_int_equal(bell->rings, 1);
	bell->asleep = 1;
	exchange_ring(&f->exchange);
	assert_int_equal(bell->asleep, 1);
}

static void
test_exchange_drain_returns_all_that_is_held(void **state)
{
	struct fixture *f = *state;

	stage_feed(f->stage, &f->stage->in[0], 20, HOLD);
	exchange_burst(&f->exchange, 0);
	vnf_send(&f->vnf, f->kept[3], 1);
	assert_true(exchange_drain(&f->exchange));
	assert_int_equal(ring_fill(&f->stage->returns.ring), 20);
	assert_int_equal(f->slot->counters.held, 0);
}

/* ---- death ------------------------------------------------------------------------- */

static void
feed_all_kinds(struct stage *stage)
{
	stage_feed(stage, &stage->stash, 8, TO_0);
	for (unsigned i = 0; i < 48; i++)
		stage_feed(stage, &stage->in[i % 2], 1, i * 5 % (TO_NOWHERE + 1));
	stage_feed(stage, &stage->in[2], 20, TO_1);
}

/* What a worker does with them. */
static void
work(struct fixture *f)
{
	for (unsigned cp = 0; cp < STAGE_CPS; cp++)
		exchange_burst(&f->exchange, cp);
	exchange_flush(&f->exchange);
	for (unsigned i = 0; i < f->n_kept; i += 2)
		vnf_send(&f->vnf, f->kept[i], i % 3);
	exchange_flush(&f->exchange);
	exchange_drain(&f->exchange);
}

static void
count_ring(const struct stage *stage, const struct stage_ring *memory, unsigned *seen)
{
	for (uint32_t i = memory->ring.cons.tail; i != memory->ring.prod.tail; i++)
		seen[(struct rte_mbuf *)memory->slots[i & memory->ring.mask] -
			stage->pkts]++;
}

/* Every buffer is in one ring, or else in what the dead process held: the hand, and
 * held[] where that is another one. */
static bool
all_there_once(const struct stage *stage)
{
	const struct shm_slot *slot = &stage->host.slots[0];
	unsigned seen[STAGE_BUFFERS] = {0};
	bool in_hand[STAGE_BUFFERS] = {0};
	uint32_t first, n;

	for (unsigned cp = 0; cp < STAGE_CPS; cp++) {
		count_ring(stage, &stage->in[cp], seen);
		count_ring(stage, &stage->out[cp], seen);
	}
	count_ring(stage, &stage->returns, seen);
	count_ring(stage, &stage->stash, seen);
	hand_range(&slot->hand, &first, &n);
	for (uint32_t i = first; i < n; i++) {
		seen[slot->hand.pkts[i] - stage->pkts]++;
		in_hand[slot->hand.pkts[i] - stage->pkts] = true;
	}
	for (unsigned i = 0; i < SHM_HELD; i++)
		if (slot->held[i] != NULL && !in_hand[slot->held[i] - stage->pkts])
			seen[slot->held[i] - stage->pkts]++;
	for (unsigned i = 0; i < stage->n_used; i++)
		if (seen[i] != 1)
			return false;
	return true;
}

static void
test_exchange_killed_at_any_instruction_loses_and_doubles_nothing(void **state)
{
	struct fixture *f = *state;
	unsigned steps = 0;
	int status;
	pid_t pid;

	feed_all_kinds(f->stage);
	pid = fork();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		work(f);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	for (; ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) == 0; steps++) {
		waitpid(pid, &status, 0);
		if (WIFEXITED(status))
			break;
		if (!all_there_once(f->stage)) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
			fail_msg("not every buffer in one place after %u instructions",
				steps);
		}
	}
	assert_true(steps > 1000);
	assert_int_equal(ring_fill(&f->stage->in[0].ring), 0);
	assert_true(f->slot->counters.originated > 0);
}

#define exchange_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		exchange_test(test_exchange_keeps_the_order_within_each_output),
		exchange_test(test_exchange_reads_a_former_ring_empty_before_the_new_one),
		exchange_test(
			test_exchange_sends_each_flow_to_the_replica_that_it_belongs_to),
		exchange_test(test_exchange_pins_flows_of_buckets_that_move),
		exchange_test(test_exchange_sends_each_packet_by_its_path),
		exchange_test(test_exchange_steers_single_packets),
		exchange_test(test_exchange_sends_a_part_the_way_of_the_packet),
		exchange_test(
			test_exchange_drops_what_is_on_no_path_when_no_rule_is_there),
		exchange_test(test_exchange_reads_all_replicas),
		exchange_test(test_exchange_loses_patience_with_one_replica_alone),
		{.name = "a burst is no longer than the room of every output [COM-10]",
			.test_func =
				test_exchange_takes_only_what_all_outputs_have_room_for,
			.setup_func = setup,
			.teardown_func = teardown},
		{.name = "a full output is given up after its patience, counted [COM-10]",
			.test_func =
				test_exchange_gives_a_full_output_up_after_patience_and_comes_back,
			.setup_func = setup,
			.teardown_func = teardown},
		exchange_test(test_exchange_never_overfills_the_return_ring),
		exchange_test(test_exchange_counts_what_nothing_is_wired_to),
		exchange_test(
			test_exchange_keeps_held_packets_out_of_the_hand_until_they_are_sent),
		exchange_test(
			test_exchange_sends_a_packet_held_and_sent_in_one_burst_once),
		exchange_test(test_exchange_refuses_to_hold_more_than_there_are_places),
		exchange_test(
			test_exchange_sends_originated_packets_and_takes_back_unused_ones),
		exchange_test(
			test_exchange_wakes_a_consumer_once_for_all_that_it_was_given),
		exchange_test(test_exchange_drain_returns_all_that_is_held),
		exchange_test(
			test_exchange_killed_at_any_instruction_loses_and_doubles_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
