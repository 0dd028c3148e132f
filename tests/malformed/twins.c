/* twins.c: see twins.h. */
#include "tests/malformed/twins.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dataplane/pkt/parse.h"

#define SECOND	   1000000000ull
#define LONG_AFTER (3 * 3600 * SECOND) /* no timeout is longer */

static const uint8_t fills[2] = {0xa5, 0x00};

static int open_both(struct twins *twins, struct harness_state *states);
static void compare(struct twins *twins);
static void keep(struct twins *twins, unsigned cp, const struct harness_frame *frame);
static void check_ledger(struct twins *twins, const struct harness *h);
static void blame(struct twins *twins, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

int
twins_open(struct twins *twins, const struct vnf_type *type, const struct stage *stage)
{
	twins->type = type;
	twins->stage = stage;
	return open_both(twins, NULL);
}

static int
open_both(struct twins *twins, struct harness_state *states)
{
	const char *config = twins->other ? twins->stage->other : twins->stage->config;

	for (unsigned i = 0; i < 2; i++) {
		struct faults faults = {0};
		const int rc = harness_open(&twins->h[i], twins->type, config,
			states != NULL ? &states[i] : NULL, &faults);

		if (rc != 0)
			blame(twins, "%s: %s", faults.n > 0 ? faults.list[0].path : "",
				faults.n > 0 ? faults.list[0].text : "not opened");
		faults_clear(&faults);
		if (rc != 0)
			return rc;
		harness_fill(twins->h[i], fills[i]);
	}
	return 0;
}

void
twins_close(struct twins *twins)
{
	for (unsigned i = 0; i < 2; i++) {
		const char *fault = harness_close(twins->h[i]);

		if (fault != NULL)
			blame(twins, "%s", fault);
		twins->h[i] = NULL;
	}
}

/* ---- packets ---- */

static void
send_burst(struct twins *twins, unsigned cp)
{
	if (twins->n_burst[cp] == 0)
		return;
	for (unsigned i = 0; i < 2; i++)
		harness_burst(twins->h[i], cp, twins->burst[cp], twins->n_burst[cp]);
	twins->n_in += twins->n_burst[cp];
	twins->n_burst[cp] = 0;
	compare(twins);
}

void
twins_in(struct twins *twins, unsigned cp, const struct harness_frame *frame,
	unsigned most)
{
	twins->burst[cp][twins->n_burst[cp]++] = *frame;
	if (twins->n_burst[cp] >= most || twins->n_burst[cp] == VNF_BURST)
		send_burst(twins, cp);
}

void
twins_flush(struct twins *twins)
{
	for (unsigned cp = 0; cp < vnf_n_cps(twins->type); cp++)
		send_burst(twins, cp);
}

void
twins_clock(struct twins *twins, uint64_t ns)
{
	for (unsigned i = 0; i < 2; i++)
		harness_clock(twins->h[i], ns);
	compare(twins);
}

/* Takes what came out of both, which must be the same. */
static void
compare(struct twins *twins)
{
	static struct harness_frame frames[2];
	struct pkt_info info;
	int cps[2];
	unsigned reasons[2];

	while (harness_any(twins->h[0], &cps[0], &reasons[0], &frames[0])) {
		if (!harness_any(twins->h[1], &cps[1], &reasons[1], &frames[1]) ||
			cps[0] != cps[1] || (cps[0] < 0 && reasons[0] != reasons[1])) {
			blame(twins, "the bytes around a packet change its verdict");
			return;
		}
		if (cps[0] < 0) {
			twins->n_drops[reasons[0]]++;
			continue;
		}
		twins->n_out++;
		if (frames[0].len != frames[1].len ||
			memcmp(frames[0].data, frames[1].data, frames[0].len) != 0)
			blame(twins, "bytes from around a packet come out");
		if (twins->stage->sides[0].src[0] != NULL &&
			pkt_parse(frames[0].data, frames[0].len, &info) != PKT_OK)
			blame(twins, "a packet came out that does not hold together");
		keep(twins, (unsigned)cps[0], &frames[0]);
	}
	if (harness_any(twins->h[1], &cps[1], &reasons[1], &frames[1]))
		blame(twins, "the bytes around a packet make another come out");
	for (unsigned i = 0; i < 2; i++)
		check_ledger(twins, twins->h[i]);
}

static void
keep(struct twins *twins, unsigned cp, const struct harness_frame *frame)
{
	twins->recent[cp][twins->n_recent[cp]++ % TWINS_RECENT] = *frame;
}

static void
check_ledger(struct twins *twins, const struct harness *h)
{
	const struct harness_ledger l = harness_ledger(h);
	uint64_t drops = 0;

	for (unsigned i = 0; i < vnf_n_reasons(twins->type); i++)
		drops += harness_drops(h, i);
	if (harness_fault(h) != NULL)
		blame(twins, "%s", harness_fault(h));
	if (l.in + l.made != l.out + l.dropped + l.held || drops != l.dropped + l.bare)
		blame(twins,
			"in %" PRIu64 " + made %" PRIu64 " != out %" PRIu64
			" + dropped %" PRIu64 " + held %u",
			l.in, l.made, l.out, l.dropped, l.held);
}

/* ---- what else happens ---- */

void
twins_configure(struct twins *twins)
{
	if (twins->stage->other == NULL)
		return;
	twins_flush(twins);
	twins->other = !twins->other;
	for (unsigned i = 0; i < 2; i++) {
		struct faults faults = {0};

		if (harness_configure(twins->h[i],
			    twins->other ? twins->stage->other : twins->stage->config,
			    &faults) != 0)
			blame(twins, "%s: %s", faults.list[0].path, faults.list[0].text);
		faults_clear(&faults);
	}
	compare(twins);
}

void
twins_crash(struct twins *twins)
{
	struct harness_state states[2] = {0};

	twins_flush(twins);
	for (unsigned i = 0; i < 2; i++) {
		const char *fault = harness_fault(twins->h[i]);

		if (fault != NULL)
			blame(twins, "%s", fault);
		harness_crash(twins->h[i], &states[i]);
		twins->h[i] = NULL;
	}
	open_both(twins, states);
	for (unsigned i = 0; i < 2; i++)
		harness_state_free(&states[i]);
}

void
twins_surroundings(struct twins *twins, struct random *random)
{
	static const uint16_t mtus[] = {0, 576, 1280, 1500, 9000};
	const unsigned stash = random_one_in(random, 4)
				       ? random_below(random, HARNESS_STASH)
				       : HARNESS_STASH;
	const unsigned cp = random_below(random, vnf_n_cps(twins->type));
	const uint16_t mtu = mtus[random_below(random, RTE_DIM(mtus))];
	const bool wired = !random_one_in(random, 4);

	twins_flush(twins);
	for (unsigned i = 0; i < 2; i++) {
		harness_stash(twins->h[i], stash);
		harness_mtu(twins->h[i], cp, mtu);
		harness_wire(twins->h[i], cp, wired);
	}
}

void
twins_ask(struct twins *twins)
{
	static const char *const questions[] = {
		"sessions", "neighbours", "routes", "rules"};
	json_t *none = json_object();

	twins_flush(twins);
	for (unsigned i = 0; i < 2; i++) {
		json_decref(harness_stats(twins->h[i]));
		for (unsigned k = 0; k < RTE_DIM(questions); k++) {
			struct err err = {0};

			json_decref(harness_query(twins->h[i], questions[k], none, &err));
		}
	}
	json_decref(none);
}

void
twins_settle(struct twins *twins)
{
	twins_flush(twins);
	twins_clock(twins, LONG_AFTER);
	for (unsigned i = 0; i < 2; i++) {
		json_t *stats = harness_stats(twins->h[i]);
		const json_t *sessions = json_object_get(stats, "sessions");

		if (harness_held(twins->h[i]) != 0)
			blame(twins, "%u packets are still held",
				harness_held(twins->h[i]));
		if (json_integer_value(sessions) != 0)
			blame(twins, "%" JSON_INTEGER_FORMAT " sessions are left",
				json_integer_value(sessions));
		json_decref(stats);
	}
}

static void
blame(struct twins *twins, const char *fmt, ...)
{
	va_list args;

	if (twins->fault[0] != '\0')
		return;
	va_start(args, fmt);
	vsnprintf(twins->fault, sizeof(twins->fault), fmt, args);
	va_end(args);
}
