/* harness_store.h: the buffers and the results of a harness (harness.c). */
#ifndef TESTS_LIB_HARNESS_STORE_H
#define TESTS_LIB_HARNESS_STORE_H

#include <sys/queue.h>
#include "tests/lib/harness.h"

enum owner { OWNER_BURST, OWNER_HELD, OWNER_ORIGINATED, OWNER_SENT, OWNER_DISCARDED };

struct buffer { /* mbuf first: a plug-in's pointer is ours */
	struct rte_mbuf mbuf;
	enum owner owner;
	bool in_burst; /* a verdict on it is due */
	unsigned send_cp;
	struct buffer *next;
	uint8_t room[RTE_PKTMBUF_HEADROOM + HARNESS_FRAME];
};

struct event {	/* what came out, in order */
	int cp; /* -1: a drop */
	unsigned reason;
	struct harness_frame frame;
	TAILQ_ENTRY(event) entry;
};

struct store {
	struct buffer *buffers;	    /* all alive */
	TAILQ_HEAD(, event) events; /* not yet taken, the oldest first */
	uint8_t fill;		    /* what lies around a frame in its buffer */
};

#define STORE_FILL 0xa5 /* usual pattern around a frame */

void store_init(struct store *store); /* zeroed before */

/* A buffer with a copy of a frame, on no list. */
struct buffer *buffer_create(const void *data, size_t len, uint8_t fill);

struct buffer *store_add_buffer(
	struct store *store, const void *data, size_t len, enum owner owner);
/* Null for a pointer that was never handed out, or was given away before. */
struct buffer *store_find_buffer(struct store *store, const struct rte_mbuf *pkt);
void store_free_buffer(struct store *store, struct buffer *buffer);

struct event *store_add_event(struct store *store, int cp);
/* Unlinks the oldest event of connection point cp (-1: drops, of a reason if that is not
 * -1). */
struct event *store_take_event(struct store *store, int cp, int reason);

/* The oldest of all, or null. */
struct event *store_take_any_event(struct store *store);

void store_clear(struct store *store);

#endif
