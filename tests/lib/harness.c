/* harness.c: see harness.h. Plays the worker and the control thread of the runtime over
 * malloc'd buffers. */
#include "tests/lib/harness.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "common/doc.h"
#include "common/loop.h"
#include "dataplane/sdk/attend.h"
#include "tests/lib/harness_store.h"

#define MS 1000000ull

struct harness {
	struct vnf vnf;
	void *config; /* what the running built object was built from */
	void *used;   /* that object */
	struct harness_state state;
	struct store store;
	struct buffer *sent[VNF_MAX_HELD + HARNESS_STASH];
	unsigned n_sent;
	uint64_t drops[VNF_MAX_REASONS];
	unsigned stash_size, stash;
	struct harness_ledger ledger;
	const char *fault;
	struct loop *loop; /* of the control thread; null: the type needs none */
	struct attend attend;
};

static int open_instance(struct harness *h, void *config, struct faults *faults);
static int parse_config(const struct vnf_type *type, const char *text, void **config,
	struct faults *faults);
static int build_and_swap(
	struct harness *h, void *config, bool first, struct faults *faults);
static void attend(struct harness *h);
static void wake(void *arg);
static void begin_call(struct harness *h);
static void end_call(struct harness *h);
static void judge(struct harness *h, struct buffer *buffer, vnf_verdict verdict);
static void emit(struct harness *h, struct buffer *buffer, unsigned cp);
static void drop(struct harness *h, struct buffer *buffer, unsigned reason);
static void count_drop(struct harness *h, unsigned reason);
static bool may_leave(const struct buffer *buffer);
static void blame(struct harness *h, const char *fault);

/* ---- the instance ------------------------------------------------------------------ */

static const struct vnf_io harness_io;

int
harness_open(struct harness **out, const struct vnf_type *type, const char *text,
	struct harness_state *state, struct faults *faults)
{
	struct harness *h;
	void *config;
	int rc = parse_config(type, text, &config, faults);

	if (rc != 0)
		return rc;
	h = calloc(1, sizeof(*h));
	assert(h != NULL);
	store_init(&h->store);
	h->vnf = (struct vnf){.type = type,
		.name = "test",
		.now_ns = HARNESS_START_NS,
		.seed = HARNESS_SEED,
		.io = &harness_io,
		.io_arg = h};
	for (unsigned cp = 0; cp < vnf_n_cps(type); cp++) {
		h->vnf.wired[cp] = true;
		memcpy(h->vnf.port_mac[cp], (uint8_t[]){2, 0, 0, 0, 0xff, (uint8_t)cp},
			6);
	}
	h->stash_size = h->stash = HARNESS_STASH;
	h->store.fill = STORE_FILL;
	if (state != NULL) {
		h->state = *state;
		if (state->now_ns != 0)
			h->vnf.now_ns = state->now_ns;
		*state = (struct harness_state){0};
	}
	rc = open_instance(h, config, faults);
	if (rc != 0) {
		harness_state_free(&h->state);
		free(h);
		return rc;
	}
	*out = h;
	attend(h);
	return 0;
}

static void
attend(struct harness *h)
{
	if (h->vnf.type->attend == NULL)
		return;
	if (h->loop == NULL) {
		const int rc = loop_create(&h->loop, NULL);

		assert(rc == 0);
		(void)rc;
		attend_open(&h->attend, &h->vnf, h->loop, wake, h);
	}
	h->vnf.type->attend(&h->vnf, h->config);
}

static void
wake(void *arg)
{
	struct harness *h = arg;

	begin_call(h);
	if (h->vnf.type->tick != NULL)
		h->vnf.type->tick(&h->vnf);
	end_call(h);
}

void
harness_serve(struct harness *h, unsigned ms)
{
	const uint64_t end_ms = loop_now_ms() + ms;

	if (h->loop == NULL)
		return;
	for (uint64_t now_ms = loop_now_ms(); now_ms < end_ms; now_ms = loop_now_ms())
		loop_step(h->loop, (int)(end_ms - now_ms));
}

static int
open_instance(struct harness *h, void *config, struct faults *faults)
{
	const struct vnf_type *type = h->vnf.type;
	struct err err = {0};
	int rc;

	h->vnf.state_fresh = h->state.region == NULL;
	if (h->state.region == NULL && type->state_size != NULL) {
		h->state.size = type->state_size(config);
		h->state.region = calloc(1, h->state.size > 0 ? h->state.size : 1);
	}
	h->vnf.state = h->state.size > 0 ? h->state.region : NULL;
	h->vnf.state_size = h->state.size;
	rc = type->open(&h->vnf, config, &err);
	if (rc != 0) {
		faults_add_err(faults, &err);
		vnf_config_free(type, config);
		return rc;
	}
	rc = build_and_swap(h, config, true, faults);
	if (rc != 0)
		type->close(&h->vnf);
	return rc;
}

const char *
harness_close(struct harness *h)
{
	const char *fault;

	if (h == NULL)
		return NULL;
	attend_close(&h->attend);
	loop_destroy(h->loop);
	h->vnf.type->close(&h->vnf);
	vnf_config_free(h->vnf.type, h->config);
	fault = h->fault;
	store_clear(&h->store);
	harness_state_free(&h->state);
	free(h);
	return fault;
}

void
harness_crash(struct harness *h, struct harness_state *state)
{
	void *copy = malloc(h->state.size > 0 ? h->state.size : 1);

	assert(copy != NULL);
	if (h->state.size > 0)
		memcpy(copy, h->state.region, h->state.size);
	*state = (struct harness_state){
		.region = copy, .size = h->state.size, .now_ns = h->vnf.now_ns};
	(void)harness_close(h);
}

void
harness_state_free(struct harness_state *state)
{
	free(state->region);
	*state = (struct harness_state){0};
}

int
harness_configure(struct harness *h, const char *text, struct faults *faults)
{
	void *config;
	int rc = parse_config(h->vnf.type, text, &config, faults);

	if (rc == 0)
		rc = build_and_swap(h, config, false, faults);
	if (rc == 0)
		attend(h);
	return rc;
}

static int
parse_config(const struct vnf_type *type, const char *text, void **config,
	struct faults *faults)
{
	struct doc *doc = NULL;
	struct err err = {0};
	int rc;

	if (text != NULL && text[strspn(text, " \t\n")] == '\0')
		text = NULL;
	if (text != NULL) {
		rc = doc_parse(text, strlen(text), DOC_AUTO, NULL, &doc, &err);
		if (rc != 0) {
			faults_add_err(faults, &err);
			return rc;
		}
	}
	rc = vnf_config_parse(type, text != NULL ? doc_root(doc) : NULL, config, faults);
	doc_close(doc);
	return rc;
}

/* Takes config in every case. */
static int
build_and_swap(struct harness *h, void *config, bool first, struct faults *faults)
{
	const struct vnf_type *type = h->vnf.type;
	void *built = NULL;
	int rc;

	if (type->build != NULL) {
		rc = type->build(&h->vnf, config, &built, faults);
		if (rc != 0) {
			vnf_config_free(type, config);
			return rc;
		}
	}
	if (first && type->adopt != NULL) {
		rc = type->adopt(&h->vnf, NULL);
		assert(rc == 0);
	}
	h->used = built;
	if (type->build != NULL) {
		begin_call(h);
		built = type->swap(&h->vnf, built);
		end_call(h);
		if (built != NULL)
			type->destroy(&h->vnf, built);
	}
	vnf_config_free(type, h->config);
	h->config = config;
	return 0;
}

bool
harness_refine(struct harness *h)
{
	const struct vnf_type *type = h->vnf.type;
	void *better = NULL;
	int rc = type->refine != NULL ? type->refine(&h->vnf, h->used, &better, NULL) : 0;

	assert(rc == 0);
	if (better == NULL)
		return false;
	type->destroy(&h->vnf, type->swap(&h->vnf, better));
	h->used = better;
	return true;
}

/* ---- the worker's part ------------------------------------------------------------- */

void
harness_burst(
	struct harness *h, unsigned cp, const struct harness_frame *frames, unsigned n)
{
	struct rte_mbuf *pkts[VNF_BURST];
	vnf_verdict verdicts[VNF_BURST];
	struct vnf_burst burst = {.cp = cp, .n = n, .pkts = pkts, .verdicts = verdicts};

	assert(n >= 1 && n <= VNF_BURST && cp < vnf_n_cps(h->vnf.type));
	memset(verdicts, 0xff,
		sizeof(verdicts)); /* a drop for a reason that nobody has */
	for (unsigned i = 0; i < n; i++) {
		struct buffer *buffer = store_add_buffer(
			&h->store, frames[i].data, frames[i].len, OWNER_BURST);

		buffer->in_burst = true;
		pkts[i] = &buffer->mbuf;
	}
	h->ledger.in += n;
	begin_call(h);
	h->vnf.type->process(&h->vnf, &burst);
	for (unsigned i = 0; i < n; i++)
		judge(h, (struct buffer *)pkts[i], verdicts[i]);
	end_call(h);
}

void
harness_in(struct harness *h, unsigned cp, const void *data, size_t len)
{
	struct harness_frame *frame = malloc(sizeof(*frame));

	assert(frame != NULL && len <= HARNESS_FRAME);
	frame->len = (uint32_t)len;
	memcpy(frame->data, data, len);
	harness_burst(h, cp, frame, 1);
	free(frame);
}

void
harness_clock(struct harness *h, uint64_t ns)
{
	const struct vnf_type *type = h->vnf.type;
	const uint64_t end = h->vnf.now_ns + ns;
	const uint64_t step = type->tick_idle_ms > 0 ? type->tick_idle_ms * MS : ns;

	do {
		h->vnf.now_ns = end - h->vnf.now_ns > step ? h->vnf.now_ns + step : end;
		if (type->tick == NULL)
			continue;
		begin_call(h);
		type->tick(&h->vnf);
		end_call(h);
	} while (h->vnf.now_ns < end);
}

static void
begin_call(struct harness *h)
{
	h->stash = h->stash_size;
}

/* The packets that the plug-in sent itself leave behind the burst's own. */
static void
end_call(struct harness *h)
{
	for (unsigned i = 0; i < h->n_sent; i++)
		emit(h, h->sent[i], h->sent[i]->send_cp);
	h->n_sent = 0;
	for (struct buffer *b = h->store.buffers, *next; b != NULL; b = next) {
		next = b->next;
		if (b->owner != OWNER_ORIGINATED)
			continue;
		blame(h, "an originated buffer was neither sent nor discarded in its "
			 "call");
		store_free_buffer(&h->store, b);
	}
}

static void
judge(struct harness *h, struct buffer *buffer, vnf_verdict verdict)
{
	const bool held = buffer->owner != OWNER_BURST;

	buffer->in_burst = false;
	if (held != (verdict == VNF_HOLD)) {
		blame(h, held ? "a held packet got a verdict that is not VNF_HOLD"
			      : "VNF_HOLD without vnf_hold()");
		if (!held)
			store_free_buffer(&h->store, buffer);
		return;
	}
	if (buffer->owner == OWNER_DISCARDED)
		store_free_buffer(&h->store, buffer);
	if (held)
		return;
	if ((verdict & VNF_DROP_BIT) != 0)
		drop(h, buffer, verdict & ~VNF_DROP_BIT);
	else
		emit(h, buffer, verdict);
}

static void
emit(struct harness *h, struct buffer *buffer, unsigned cp)
{
	struct rte_mbuf *pkt = &buffer->mbuf;
	struct event *event;

	if (cp >= vnf_n_cps(h->vnf.type)) {
		blame(h, "sent to a connection point that does not exist");
		store_free_buffer(&h->store, buffer);
		return;
	}
	if (!h->vnf.wired[cp]) {
		drop(h, buffer, VNF_REASON_NO_LINK);
		return;
	}
	if (pkt->nb_segs != 1 || pkt->pkt_len != pkt->data_len ||
		pkt->data_len > HARNESS_FRAME)
		blame(h, "a sent packet is not one segment of a sound length");
	h->ledger.out++;
	event = store_add_event(&h->store, (int)cp);
	event->frame.len = RTE_MIN(pkt->data_len, (uint32_t)HARNESS_FRAME);
	memcpy(event->frame.data, rte_pktmbuf_mtod(pkt, void *), event->frame.len);
	store_free_buffer(&h->store, buffer);
}

static void
drop(struct harness *h, struct buffer *buffer, unsigned reason)
{
	store_free_buffer(&h->store, buffer);
	h->ledger.dropped++;
	count_drop(h, reason);
}

static void
count_drop(struct harness *h, unsigned reason)
{
	if (reason >= vnf_n_reasons(h->vnf.type)) {
		blame(h, "a verdict missing, or a drop for a reason that does not exist");
		return;
	}
	h->drops[reason]++;
	store_add_event(&h->store, -1)->reason = reason;
}

/* ---- behind vnf_originate() and its like ------------------------------------------- */

static struct rte_mbuf *
io_originate(struct vnf *vnf)
{
	struct harness *h = vnf->io_arg;

	if (h->stash == 0)
		return NULL;
	h->stash--;
	return &store_add_buffer(&h->store, NULL, 0, OWNER_ORIGINATED)->mbuf;
}

static void
io_send(struct vnf *vnf, struct rte_mbuf *pkt, unsigned cp)
{
	struct harness *h = vnf->io_arg;
	struct buffer *buffer = store_find_buffer(&h->store, pkt);

	if (buffer == NULL || !may_leave(buffer)) {
		blame(h, "vnf_send() of a buffer that is neither originated nor held");
		return;
	}
	if (buffer->owner == OWNER_HELD)
		h->ledger.held--;
	else
		h->ledger.made++;
	buffer->owner = OWNER_SENT;
	buffer->send_cp = cp;
	h->sent[h->n_sent++] = buffer;
}

static void
io_discard(struct vnf *vnf, struct rte_mbuf *pkt, unsigned reason)
{
	struct harness *h = vnf->io_arg;
	struct buffer *buffer = store_find_buffer(&h->store, pkt);

	if (buffer == NULL || !may_leave(buffer)) {
		blame(h, "vnf_discard() of a buffer that is neither originated nor held");
		return;
	}
	if (buffer->owner == OWNER_HELD) {
		h->ledger.held--;
		h->ledger.dropped++;
		if (reason == VNF_NOT_COUNTED)
			blame(h, "a held packet was given up and not counted");
	} else if (reason != VNF_NOT_COUNTED) {
		h->ledger.bare++;
	}
	if (reason != VNF_NOT_COUNTED)
		count_drop(h, reason);
	buffer->owner = OWNER_DISCARDED;
	if (!buffer->in_burst) /* else its verdict is still to come */
		store_free_buffer(&h->store, buffer);
}

static bool
may_leave(const struct buffer *buffer)
{
	return buffer->owner == OWNER_HELD || buffer->owner == OWNER_ORIGINATED;
}

static bool
io_hold(struct vnf *vnf, struct rte_mbuf *pkt)
{
	struct harness *h = vnf->io_arg;
	struct buffer *buffer = store_find_buffer(&h->store, pkt);

	if (buffer == NULL || buffer->owner != OWNER_BURST) {
		blame(h, "vnf_hold() of what is no packet of the burst");
		return false;
	}
	if (h->ledger.held == VNF_MAX_HELD)
		return false;
	h->ledger.held++;
	buffer->owner = OWNER_HELD;
	return true;
}

static void
io_count_drop(struct vnf *vnf, unsigned reason)
{
	struct harness *h = vnf->io_arg;

	h->ledger.bare++;
	count_drop(h, reason);
}

static const struct vnf_io harness_io = {
	.originate = io_originate,
	.send = io_send,
	.discard = io_discard,
	.hold = io_hold,
	.count_drop = io_count_drop,
};

/* ---- settings and results ---------------------------------------------------------- */

void
harness_stash(struct harness *h, unsigned n)
{
	h->stash_size = RTE_MIN(n, (unsigned)HARNESS_STASH);
}

void
harness_wire(struct harness *h, unsigned cp, bool wired)
{
	h->vnf.wired[cp] = wired;
}

void
harness_mtu(struct harness *h, unsigned cp, uint16_t mtu)
{
	h->vnf.port_mtu[cp] = mtu;
}

void
harness_fill(struct harness *h, uint8_t pattern)
{
	h->store.fill = pattern;
}

bool
harness_out(struct harness *h, unsigned cp, struct harness_frame *frame)
{
	struct event *event = store_take_event(&h->store, (int)cp, -1);

	if (event == NULL)
		return false;
	*frame = event->frame;
	free(event);
	return true;
}

int
harness_drop(struct harness *h)
{
	struct event *event = store_take_event(&h->store, -1, -1);
	const int reason = event != NULL ? (int)event->reason : -1;

	free(event);
	return reason;
}

bool
harness_drop_of(struct harness *h, unsigned reason)
{
	struct event *event = store_take_event(&h->store, -1, (int)reason);

	free(event);
	return event != NULL;
}

bool
harness_any(struct harness *h, int *cp, unsigned *reason, struct harness_frame *frame)
{
	struct event *event = store_take_any_event(&h->store);

	if (event == NULL)
		return false;
	*cp = event->cp;
	*reason = event->reason;
	*frame = event->frame;
	free(event);
	return true;
}

uint64_t
harness_drops(const struct harness *h, unsigned reason)
{
	return h->drops[reason];
}

unsigned
harness_held(const struct harness *h)
{
	return h->ledger.held;
}

struct harness_ledger
harness_ledger(const struct harness *h)
{
	return h->ledger;
}

const char *
harness_fault(const struct harness *h)
{
	return h->fault;
}

struct vnf *
harness_vnf(struct harness *h)
{
	return &h->vnf;
}

json_t *
harness_stats(struct harness *h)
{
	return vnf_stats(&h->vnf);
}

json_t *
harness_query(struct harness *h, const char *what, const json_t *args, struct err *err)
{
	if (h->vnf.type->query != NULL)
		return h->vnf.type->query(&h->vnf, what, args, err);
	err_set(err, ERR_UNSUPPORTED, NULL, NULL, "%s answers no questions",
		h->vnf.type->name);
	return NULL;
}

json_t *
harness_act(struct harness *h, const char *what, const json_t *args, struct err *err)
{
	if (h->vnf.type->act != NULL)
		return h->vnf.type->act(&h->vnf, what, args, err);
	err_set(err, ERR_UNSUPPORTED, NULL, NULL, "%s does nothing when told",
		h->vnf.type->name);
	return NULL;
}

struct rte_mbuf *
harness_mbuf(const void *data, size_t len)
{
	return &buffer_create(data, len, STORE_FILL)->mbuf;
}

static void
blame(struct harness *h, const char *fault)
{
	if (h->fault == NULL)
		h->fault = fault;
}
