/* xdp_socket.h: an AF_XDP socket: descriptors of frames in memory that is shared with the
 * kernel, by four rings.
 *
 *	fill	we: here is room for frames		rx	kernel: here is a frame
 *	send	we: send this frame			done	kernel: it is sent
 *
 * A frame is named by its chunk, an offset into the memory, and where it begins within
 * that, in the upper 16 bits (XDP_UMEM_UNALIGNED_CHUNK_FLAG). The kernel is woken only
 * where it says that it sleeps (XDP_USE_NEED_WAKEUP). One worker at a time.
 */
#ifndef DATAPLANE_HOST_XDP_SOCKET_H
#define DATAPLANE_HOST_XDP_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/if_xdp.h>
#include "common/err.h"

#define XDP_SOCKET_RING	    2048 /* places of each ring */
#define XDP_SOCKET_HEADROOM 256	 /* what the kernel leaves free in front of a frame */
#define XDP_SOCKET_CHUNK    ((1ull << XSK_UNALIGNED_BUF_OFFSET_SHIFT) - 1)

struct xdp_area {
	void *at;	/* at a page */
	size_t size;	/* bytes */
	uint32_t chunk; /* bytes of each, headroom included: 2,048 to a page */
};

struct xdp_ring {
	uint32_t *producer, *consumer, *flags;
	void *places;
	uint32_t ours; /* our end of it */
	void *map;
	size_t map_size;
};

struct xdp_socket {
	int fd;
	bool zero_copy; /* the device writes to the memory itself */
	struct xdp_ring fill, rx, send, done;
};

/* Binds to a queue of an interface; frames come when an XDP program sends them to it.
 * ERR_STATE (path "interface") if another socket has the queue. On failure nothing is
 * left. */
int xdp_socket_open(struct xdp_socket *socket, const struct xdp_area *area,
	const char *interface, unsigned queue, struct err *err);
/* What is in the rings is the caller's again. */
void xdp_socket_close(struct xdp_socket *socket);

/* Takes at most n received frames. */
uint32_t xdp_socket_receive(
	struct xdp_socket *socket, struct xdp_desc *frames, uint32_t n);
uint32_t xdp_socket_fill_room(struct xdp_socket *socket);
/* Gives n chunks, for which there is room. */
void xdp_socket_fill(struct xdp_socket *socket, const uint64_t *chunks, uint32_t n);
/* Has the kernel take what it was given to fill, if it waits for that. */
void xdp_socket_wake_fill(struct xdp_socket *socket);
uint32_t xdp_socket_send_room(struct xdp_socket *socket);
/* Gives n frames, for which there is room, and has the kernel send them. */
void xdp_socket_send(
	struct xdp_socket *socket, const struct xdp_desc *frames, uint32_t n);
/* Whether it still has to send what it was given. */
bool xdp_socket_sends(const struct xdp_socket *socket);
/* Takes at most n frames that are sent, as they were given. */
uint32_t xdp_socket_done(struct xdp_socket *socket, uint64_t *frames, uint32_t n);
/* Frames for which there was no room, since it was opened; control thread. */
uint64_t xdp_socket_missed(const struct xdp_socket *socket);

#endif
