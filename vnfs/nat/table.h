/* table.h: the sessions of a NAT: found, made, kept alive, ended. No I/O; time is an
 * argument. Worker only, but where said.
 *
 * A session is one flow: inside end, outside end, peer. Records are instance state: they
 * outlive the process. Their mappings follow from them (maps.h). Most sessions hold their
 * mapping. Two kinds do not:
 *	a guest was made by a packet from outside that the inside host has not answered,
 *	so it must not keep the mapping alive (RFC 7857 section 6): it ends with it;
 *	one on its own has no mapping: a protocol without ports, or a port shared with
 *	sessions to other peers (RFC 7857 section 3).
 */
#ifndef VNFS_NAT_TABLE_H
#define VNFS_NAT_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>
#include <rte_branch_prediction.h>
#include "dataplane/pkt/parse.h"
#include "dataplane/sdk/session.h"
#include "dataplane/sdk/vnf.h"
#include "vnfs/nat/config.h"
#include "vnfs/nat/dice.h"
#include "vnfs/nat/direct.h"
#include "vnfs/nat/journal.h"
#include "vnfs/nat/key.h"
#include "vnfs/nat/maps.h"

enum table_flag { TABLE_GUEST = 1, TABLE_ON_ITS_OWN = 2 };

struct table_session { /* instance state, version 2; in version 1 flags are 0 */
	struct session session;
	struct session_key4 in;	 /* as from inside: inside end to peer */
	struct session_key4 out; /* as from outside: peer to outside end */
	uint32_t mapping;	 /* map_ref; set anew by table_use() */
	uint8_t tcp;		 /* enum tcp_seen */
	uint8_t flags;		 /* enum table_flag */
	uint8_t reserved[2];
	uint64_t created_ns;
};

enum table_result {
	TABLE_OK,
	TABLE_NO_MAPPING, /* nothing inside has that outside address and port; or the
			     packet cannot open one */
	TABLE_FILTERED,	  /* the mapping does not take packets from that peer */
	TABLE_FULL,	  /* max-sessions */
	TABLE_NO_PORT,	  /* no outside port is free */
	TABLE_QUOTA,	  /* max-sessions-per-host */
	TABLE_HOST_PORTS, /* max-ports-per-host, or its blocks are full */
	TABLE_HOST_RATE,  /* max-new-sessions-per-host */
	TABLE_RESULTS
};

struct table {
	struct session_table *sessions;
	struct vnf *vnf; /* whose flows are cut when they change; null: nobody asks */
	struct maps *maps;
	const struct config *config;
	const struct direct *direct;
	struct journal *journal;
	struct dice dice;
	uint32_t n_ended; /* sessions so far: while it stays, what was found holds */
};

/* Bytes of instance state for that many sessions. */
size_t table_region_size(uint32_t n_sessions);
/* Does not look at mem yet. The journal is the caller's. 0 or negative errno. Control
 * thread. */
int table_open(struct table *table, void *mem, size_t size, uint64_t seed,
	struct journal *journal, struct err *err);
/* Takes over what mem holds; sessions work after table_use(). Control thread. */
void table_adopt(struct table *table, uint64_t now_ns);
void table_close(struct table *table); /* maps are the caller's */
uint32_t table_capacity(const struct table *table);

/* The configuration and, if they are others, the maps to use from now on: every session
 * is given its mapping in them; those that have none there any more are ended. */
void table_use(struct table *table, const struct config *config, struct maps *maps,
	const struct direct *direct);

/* The session of a key; ref is what a bulk lookup found for it earlier in this burst.
 * SESSION_NONE: none that lives. */
session_ref table_find(struct table *table, const struct session_key4 *key,
	session_ref ref, uint64_t now_ns);
static inline struct table_session *
table_of(const struct table *table, session_ref ref)
{
	return session_record(table->sessions, ref);
}
/* Brings what table_add_out() will look at for these keys, in this order, into the cache:
 * n of them, MAPS_EXPECT at most. A guess: nothing depends on it. */
void table_expect(const struct table *table, const struct session_key4 *keys, unsigned n);
/* Makes the session for a first packet. *result says why not (SESSION_NONE). */
session_ref table_add_out(struct table *table, const struct session_key4 *key,
	const struct pkt_info *info, uint64_t now_ns, enum table_result *result);
session_ref table_add_in(struct table *table, const struct session_key4 *key,
	const struct pkt_info *info, uint64_t now_ns, enum table_result *result);
#define TABLE_COARSE                                                                     \
	(1ull << SESSION_TICK_SHIFT) /* ns: how coarsely times are written               \
				      */

/* It lives for `timeout` more; session: its head. */
static inline void
table_prolong(struct table *table, session_ref ref, const struct session *session,
	uint64_t timeout, uint64_t now_ns)
{
	const uint64_t until = now_ns + TABLE_COARSE + timeout;

	if (unlikely(until - session->expires_ns >= TABLE_COARSE)) /* or it is earlier */
		session_expire_at(table->sessions, ref, until);
}

/* A packet of the session passed. */
void table_seen(struct table *table, session_ref ref, bool outbound, uint8_t tcp_flags,
	uint64_t now_ns);
/* Ends sessions whose time has come, and the rest of ports; bounded. */
void table_expire(struct table *table, uint64_t now_ns);

#endif
