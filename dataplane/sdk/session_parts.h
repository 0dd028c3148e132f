/* session_parts.h: what the files of the session table share: session.c (records),
 * session_index.c, session_wheel.c. */
#ifndef DATAPLANE_SDK_SESSION_PARTS_H
#define DATAPLANE_SDK_SESSION_PARTS_H

#include "dataplane/sdk/session.h"

#define SESSION_NIL	    UINT32_MAX /* no record */
#define SESSION_WHEEL_SLOTS 4096u      /* 9 minutes */

struct session_entry { /* of the index */
	uint32_t hash;
	uint32_t ref_1; /* session_ref + 1; 0: empty */
};

struct session_link {
	uint32_t next, prev; /* SESSION_NIL ends; a free record uses next alone */
};

static inline struct session *
session_at(const struct session_table *t, uint32_t i)
{
	return session_record(t, i << 1);
}

/* The key that the ref's side stands for. */
static inline const uint8_t *
session_key_at(const struct session_table *t, session_ref ref)
{
	return (const uint8_t *)session_record(t, ref) + sizeof(struct session) +
	       session_side(ref) * t->key_size;
}

/* Draws the hash's secret from the seed. */
void session_index_seed(struct session_table *t, uint64_t seed);
/* All keys of record i or none: 0 or -EEXIST. */
int session_index_add(struct session_table *t, uint32_t i);
void session_index_del(struct session_table *t, uint32_t i);
/* Before session_index_add() of record i. */
void session_index_prefetch(const struct session_table *t, uint32_t i);

/* Record i into the slot where its time is looked at. */
void session_wheel_add(struct session_table *t, uint32_t i);
void session_wheel_del(struct session_table *t, uint32_t i);

#endif
