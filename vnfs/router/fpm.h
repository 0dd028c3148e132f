/* fpm.h: the server that FRR's zebra pushes its routes to (dplane_fpm_nl): a TCP stream
 * of frames with a header of four bytes, in which are netlink messages.
 *
 * One session at a time, the newest. When it ends its routes stay for the hold time, and
 * so long the next one has to tell of them again. Control thread.
 */
#ifndef VNFS_ROUTER_FPM_H
#define VNFS_ROUTER_FPM_H

#include "dataplane/sdk/vnf.h"
#include "vnfs/router/rib.h"

#define FPM_HEADER 4

struct fpm;

/* Listens on address, in the network namespace of that path (null: ours). ERR_... if it
 * cannot: perhaps later. */
int fpm_open(struct fpm **fpm, struct vnf *vnf, const struct net_endpoint *address,
	const char *netns, struct rib *rib, struct err *err);
void fpm_close(struct fpm *fpm); /* null is fine */

/* Every few milliseconds: goes on with what was put off, and ends the hold time, hold_ns
 * after a session's end. */
void fpm_tick(struct fpm *fpm, uint64_t hold_ns);
bool fpm_connected(const struct fpm *fpm);
uint64_t fpm_sessions(const struct fpm *fpm);

/* ---- frames; pure ---- */

/* The length of the frame at buf, its header included; 0: not all of it is there.
 * -EBADMSG: no such frame exists. -EPROTONOSUPPORT: it is not netlink. */
int fpm_frame_len(const uint8_t *buf, size_t len);
/* Gives the messages of one frame to the rib, from *done on, which it moves: a route that
 * is withdrawn and told anew in one frame is replaced. 0; -EAGAIN: the rest later;
 * -EBADMSG. */
int fpm_take_frame(struct rib *rib, const uint8_t *frame, size_t len, size_t *done);

#endif
