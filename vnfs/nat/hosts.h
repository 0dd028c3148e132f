/* hosts.h: what is counted and kept for each inside host while it has sessions: how many,
 * how many outside ports, how fast new ones may come, its blocks of ports (RFC 6888
 * REQ-4, REQ-5). No I/O; time is an argument. Private memory; worker only.
 */
#ifndef VNFS_NAT_HOSTS_H
#define VNFS_NAT_HOSTS_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/sdk/base.h"
#include "dataplane/sdk/session.h"
#include "vnfs/nat/config.h"

struct host_block {
	uint16_t first;	 /* port */
	uint16_t n_used; /* of its ports, all protocols together */
};

struct host {
	struct session session;
	struct session_key4 key; /* src: its address */
	uint32_t n_sessions, n_ports;
	uint64_t asked_ns; /* when a session was asked for last */
	uint32_t credit;   /* sessions that may come now, in 1/65536 */
	uint32_t n_blocks;
	struct host_block blocks[CONFIG_MAX_BLOCKS];
};

struct hosts;

/* Room for n hosts. 0, or ERR_NO_RESOURCE. */
int hosts_create(struct hosts **hosts, uint32_t n, uint64_t seed, struct err *err);
void hosts_destroy(struct hosts *hosts); /* null is fine */

/* The host, or null: it has nothing; made if there is room (network order). */
struct host *hosts_find(struct hosts *hosts, uint32_t ip);
struct host *hosts_get(struct hosts *hosts, uint32_t ip);
/* Forgets it if it has neither sessions nor ports. */
void hosts_put(struct hosts *hosts, struct host *host);

/* Whether one more session may come now, `rate` a second; counts it if so. */
bool hosts_may_open(struct host *host, uint32_t rate, uint64_t now_ns);
/* The block with that first port, or null. */
struct host_block *hosts_block(struct host *host, uint16_t first);
/* The host has one more block (null: too many); the block is gone. */
struct host_block *hosts_add_block(struct host *host, uint16_t first);
void hosts_drop_block(struct host *host, struct host_block *block);

#endif
