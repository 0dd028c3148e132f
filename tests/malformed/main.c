/* main.c: renga-malformed, which sends every capture there is, and seeded mutations of
 *each frame, through every VNF type.
 *
 *	renga-malformed [--plugins DIR] [TYPE...]           prints TAP; exit 1 if one
 *failed
 *
 * Packets get addresses that lead far into the VNF, are answered and quoted in ICMP
 *errors when they come out, cut into fragments and spoilt; in bursts of any length, while
 *time passes, configurations change and the process dies. Meant to run under the address
 *and undefined-behaviour sanitizers; what else is held against the VNF is said in
 *twins.h.
 *
 * Environment: RENGA_DATA, the folder with pcap/ (without it all is skipped); ROUNDS, how
 * many mutations of a frame (4); SEED (1).
 */
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/log.h"
#include "dataplane/runtime/plugin.h"
#include "tests/malformed/captures.h"
#include "tests/malformed/packet.h"
#include "tests/malformed/twins.h"

#ifndef __has_feature
#define __has_feature(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define PROVES " [COM-7]"
#else
#define PROVES ""
#endif

#define MS	  1000000ull
#define FRAGMENTS 45

struct play {
	const struct captures *captures;
	struct random random;
	unsigned rounds;
	uint64_t seed;
	unsigned n_tests, n_failed;
};

static void play_type(struct play *play, const char *dir, const char *name);
static void play_stage(
	struct play *play, const struct vnf_type *type, const struct stage *stage);
static void play_frame(
	struct play *play, struct twins *twins, const struct harness_frame *frame);
static void send_as_it_is(
	struct play *play, struct twins *twins, const struct harness_frame *frame);
static void send_mutation(
	struct play *play, struct twins *twins, const struct harness_frame *frame);
static void react(struct play *play, struct twins *twins);
static void time_passes(struct play *play, struct twins *twins);
static unsigned number(const char *name, unsigned usual);

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{"plugins", required_argument, NULL, 'p'}, {0}};
	const char *given = NULL, *data = getenv("RENGA_DATA");
	char dir[PATH_MAX], folder[PATH_MAX];
	struct captures captures;
	struct play play = {.captures = &captures};
	json_t *types, *type;
	size_t i;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'p')
			return 2;
		given = optarg;
	}
	log_open("renga-malformed", LOG_LEVEL_ERROR);
	if (plugin_dir(given, dir, sizeof(dir)) != 0)
		return 2;
	snprintf(folder, sizeof(folder), "%s/pcap",
		data != NULL ? data : "../shared/data");
	captures = captures_read(folder);
	if (captures.n == 0) {
		printf("ok 1 # SKIP no captures in %s\n1..1\n", folder);
		return 0;
	}
	play.rounds = number("ROUNDS", 4);
	play.seed = number("SEED", 1);
	types = optind < argc ? json_array() : plugin_list(dir);
	for (; optind < argc; optind++)
		json_array_append_new(types, json_string(argv[optind]));
	json_array_foreach (types, i, type)
		play_type(&play, dir, json_string_value(type));
	json_decref(types);
	printf("# %u frames of %u captures, %u mutations of each, seed %" PRIu64 "\n",
		captures.n, captures.n_files, play.rounds, play.seed);
	printf("1..%u\n", play.n_tests);
	captures_free(&captures);
	return play.n_failed > 0 ? 1 : 0;
}

static unsigned
number(const char *name, unsigned usual)
{
	const char *text = getenv(name);

	return text != NULL && *text != '\0' ? (unsigned)strtoul(text, NULL, 10) : usual;
}

/* ---- types and stages ---- */

static void
play_type(struct play *play, const char *dir, const char *name)
{
	static const struct stage bare = {.name = "as it comes"};
	const struct vnf_type *type;
	struct err err;
	unsigned n = 0;

	if (plugin_load(dir, name, &type, &err) != 0) {
		printf("not ok %u - %s: %s\n", ++play->n_tests, name, err.text);
		play->n_failed++;
		return;
	}
	for (const struct stage *stage = stages; stage->type != NULL; stage++) {
		if (strcmp(stage->type, name) != 0)
			continue;
		play_stage(play, type, stage);
		n++;
	}
	if (n == 0)
		play_stage(play, type, &bare);
}

static void
play_stage(struct play *play, const struct vnf_type *type, const struct stage *stage)
{
	struct twins *twins = calloc(1, sizeof(*twins));
	unsigned at = 0;

	if (twins == NULL)
		abort();
	play->random = random_of(play->seed);
	if (twins_open(twins, type, stage) == 0) {
		for (; at < play->captures->n && twins->fault[0] == '\0'; at++)
			play_frame(play, twins, &play->captures->frames[at]);
		if (twins->fault[0] == '\0')
			twins_settle(twins);
	}
	twins_close(twins);
	play->n_tests++;
	play->n_failed += twins->fault[0] != '\0';
	printf("%sok %u - %s, %s: malformed packets harm nothing, each is accounted "
	       "for" PROVES "\n",
		twins->fault[0] != '\0' ? "not " : "", play->n_tests, type->name,
		stage->name);
	printf("# %" PRIu64 " packets in, %" PRIu64 " out", twins->n_in, twins->n_out);
	for (unsigned i = 0; i < vnf_n_reasons(type); i++)
		if (twins->n_drops[i] > 0)
			printf(", %s %" PRIu64, vnf_reason(type, i)->name,
				twins->n_drops[i]);
	printf("\n");
	if (twins->fault[0] != '\0')
		printf("# at frame %u: %s\n", at, twins->fault);
	fflush(stdout);
	free(twins);
}

/* ---- packets ---- */

static void
play_frame(struct play *play, struct twins *twins, const struct harness_frame *frame)
{
	send_as_it_is(play, twins, frame);
	for (unsigned i = 0; i < play->rounds && twins->fault[0] == '\0'; i++) {
		send_mutation(play, twins, frame);
		react(play, twins);
		time_passes(play, twins);
	}
}

static unsigned
n_sides(const struct stage *stage, const struct vnf_type *type)
{
	unsigned n = 0;

	while (n < STAGE_CPS && stage->sides[n].src[0] != NULL)
		n++;
	return n > 0 ? n : vnf_n_cps(type);
}

/* By a random connection point, in bursts of a random length. */
static void
send(struct play *play, struct twins *twins, unsigned cp,
	const struct harness_frame *frame)
{
	twins_in(twins, cp, frame, 1 + random_below(&play->random, VNF_BURST));
}

static void
send_as_it_is(struct play *play, struct twins *twins, const struct harness_frame *frame)
{
	const unsigned cp =
		random_below(&play->random, n_sides(twins->stage, twins->type));
	struct harness_frame sent = *frame;

	send(play, twins, cp, &sent);
	if (twins->stage->sides[cp].src[0] == NULL)
		return;
	packet_address(&sent, cp, &twins->stage->sides[cp], &play->random);
	send(play, twins, cp, &sent);
}

static void
send_mutation(struct play *play, struct twins *twins, const struct harness_frame *frame)
{
	static struct harness_frame fragments[FRAGMENTS];
	struct random *random = &play->random;
	const struct captures *captures = play->captures;
	const unsigned cp = random_below(random, n_sides(twins->stage, twins->type));
	struct harness_frame sent = *frame;
	unsigned n = 0;

	if (twins->stage->sides[cp].src[0] != NULL && !random_one_in(random, 5))
		packet_address(&sent, cp, &twins->stage->sides[cp], random);
	if (random_one_in(random, 6))
		n = packet_fragments(
			&sent, fragments, 2 + random_below(random, 44), random);
	for (unsigned i = 0; i < n; i++) {
		if (random_one_in(random, 50))
			packet_spoil(&fragments[i], frame, random);
		send(play, twins, cp, &fragments[i]);
	}
	if (n > 0)
		return;
	for (unsigned k = 1 + random_below(random, 3); k > 0; k--)
		packet_spoil(&sent, &captures->frames[random_below(random, captures->n)],
			random);
	if (!random_one_in(random, 5))
		packet_mend(&sent, !random_one_in(random, 3));
	send(play, twins, cp, &sent);
}

/* To what came out lately. */
static void
react(struct play *play, struct twins *twins)
{
	struct random *random = &play->random;
	const unsigned cp = random_below(random, n_sides(twins->stage, twins->type));
	const unsigned n = RTE_MIN(twins->n_recent[cp], (unsigned)TWINS_RECENT);
	struct harness_frame frame;

	if (n == 0)
		return;
	frame = twins->recent[cp][random_below(random, n)];
	if (packet_neighbour(&frame)) {
		send(play, twins, cp, &frame);
		return;
	}
	if (random_one_in(random, 3))
		packet_error(&frame, random);
	else
		packet_answer(&frame, random);
	if (random_one_in(random, 3)) {
		packet_spoil(&frame, &play->captures->frames[0], random);
		packet_mend(&frame, random_one_in(random, 2));
	}
	send(play, twins, cp, &frame);
}

static void
time_passes(struct play *play, struct twins *twins)
{
	struct random *random = &play->random;
	const uint32_t what = random_below(random, 4096);

	if (what < 512)
		twins_clock(twins, random_below(random, 50) * MS);
	else if (what < 540)
		twins_clock(twins, random_below(random, 100) * 1000 * MS);
	else if (what < 541)
		twins_clock(twins, 2 * 3600 * 1000 * MS);
	else if (what < 570)
		twins_surroundings(twins, random);
	else if (what < 576)
		twins_configure(twins);
	else if (what < 580)
		twins_crash(twins);
	else if (what < 600)
		twins_ask(twins);
}
