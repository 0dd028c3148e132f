/* fpm.c: see fpm.h. */
#include "vnfs/router/fpm.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "vnfs/router/netns.h"

#define VERSION	     1
#define TYPE_NETLINK 1
#define MAX_FRAME    65535u
#define BUFFER	     (4 * (size_t)MAX_FRAME)

struct fpm {
	struct vnf *vnf;
	struct rib *rib;
	int listener, peer; /* peer -1: none */
	struct vnf_watch *listener_watch, *peer_watch;
	uint64_t sessions;
	uint64_t lost_ns; /* when the last session ended; 0: there was none since the
			     hold time was over */
	bool put_off;	  /* what is in the buffer waits for the tables */
	size_t start, end, done; /* of the buffer; done: of its first frame */
	uint8_t buffer[BUFFER];
};

struct listen_job {
	const struct net_endpoint *address;
	int fd;
};

static netns_fn listen_there;
static vnf_watch_fn on_listener, on_peer;
static void end_session(struct fpm *fpm, const char *why);
static int take(struct fpm *fpm);
static void make_room(struct fpm *fpm);
static bool replaces(const uint8_t *at, size_t len, const struct netlink_msg *msg);

/* ---- life ---- */

int
fpm_open(struct fpm **out, struct vnf *vnf, const struct net_endpoint *address,
	const char *netns, struct rib *rib, struct err *err)
{
	struct listen_job job = {.address = address, .fd = -1};
	struct fpm *fpm = malloc(sizeof(*fpm));
	int rc = fpm != NULL ? netns_run(netns, listen_there, &job, err)
			     : err_sys(err, ENOMEM, "cannot serve FPM");

	if (rc != 0) {
		free(fpm);
		return rc;
	}
	memset(fpm, 0, offsetof(struct fpm, buffer));
	fpm->vnf = vnf;
	fpm->rib = rib;
	fpm->listener = job.fd;
	fpm->peer = -1;
	fpm->listener_watch = vnf_watch_fd(vnf, fpm->listener, on_listener, fpm);
	if (fpm->listener_watch != NULL) {
		*out = fpm;
		return 0;
	}
	fpm_close(fpm);
	return err_sys(err, ENOMEM, "cannot serve FPM");
}

void
fpm_close(struct fpm *fpm)
{
	if (fpm == NULL)
		return;
	vnf_watch_end(fpm->vnf, fpm->peer_watch);
	vnf_watch_end(fpm->vnf, fpm->listener_watch);
	if (fpm->peer >= 0)
		close(fpm->peer);
	close(fpm->listener);
	free(fpm);
}

static socklen_t
socket_address(const struct net_endpoint *address, struct sockaddr_storage *out)
{
	struct sockaddr_in *in = (struct sockaddr_in *)out;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (address->addr.family == 4) {
		in->sin_family = AF_INET;
		in->sin_port = htons(address->port);
		memcpy(&in->sin_addr, address->addr.bytes, 4);
		return sizeof(*in);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(address->port);
	memcpy(&in6->sin6_addr, address->addr.bytes, 16);
	return sizeof(*in6);
}

static int
listen_there(void *arg, struct err *err)
{
	struct listen_job *job = arg;
	struct sockaddr_storage address;
	const socklen_t len = socket_address(job->address, &address);
	char text[NET_STRLEN];
	const int on = 1;

	job->fd =
		socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (job->fd < 0)
		return err_sys(err, errno, "cannot make a socket");
	setsockopt(job->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(job->fd, (const struct sockaddr *)&address, len) == 0 &&
		listen(job->fd, 4) == 0)
		return 0;
	const int rc = err_sys(err, errno, "cannot listen on %s",
		net_endpoint_print(job->address, text));

	close(job->fd);
	return rc;
}

/* ---- sessions ---- */

static void
on_listener(struct vnf *vnf, void *arg)
{
	struct fpm *fpm = arg;
	const int on = 1,
		  fd = accept4(fpm->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (fpm->peer >= 0)
		end_session(fpm, "another one has begun");
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	fpm->peer = fd;
	fpm->peer_watch = vnf_watch_fd(vnf, fd, on_peer, fpm);
	fpm->start = fpm->end = fpm->done = 0;
	fpm->put_off = false;
	fpm->sessions++;
	rib_begin(fpm->rib);
	log_info("FPM session", "vnf=%s routes=%u", vnf->name, rib_count(fpm->rib));
}

static void
end_session(struct fpm *fpm, const char *why)
{
	log_warn("FPM session ended",
		"vnf=%s why=\"%s\" routes=%u next=\"kept for a time\"", fpm->vnf->name,
		why, rib_count(fpm->rib));
	vnf_watch_end(fpm->vnf, fpm->peer_watch);
	close(fpm->peer);
	fpm->peer_watch = NULL;
	fpm->peer = -1;
	fpm->lost_ns = fpm->vnf->now_ns;
}

static void
on_peer(struct vnf *vnf, void *arg)
{
	struct fpm *fpm = arg;

	(void)vnf;
	make_room(fpm);
	const ssize_t n = recv(fpm->peer, fpm->buffer + fpm->end, BUFFER - fpm->end, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		end_session(fpm, n == 0 ? "closed by the other side" : strerror(errno));
		return;
	}
	fpm->end += (size_t)n;
	const int rc = take(fpm);

	if (rc == -EAGAIN) { /* nothing more is read until then */
		fpm->put_off = true;
		vnf_watch_end(fpm->vnf, fpm->peer_watch);
		fpm->peer_watch = NULL;
	} else if (rc < 0) {
		end_session(fpm, rc == -EPROTONOSUPPORT
					 ? "it does not send netlink messages"
					 : "a frame does not hold together");
	}
}

void
fpm_tick(struct fpm *fpm, uint64_t hold_ns)
{
	if (fpm->put_off && fpm->peer >= 0) {
		const int rc = take(fpm);

		if (rc == 0) {
			fpm->put_off = false;
			fpm->peer_watch = vnf_watch_fd(fpm->vnf, fpm->peer, on_peer, fpm);
		} else if (rc != -EAGAIN) {
			end_session(fpm, "a frame does not hold together");
		}
	}
	if (fpm->lost_ns == 0 || fpm->vnf->now_ns - fpm->lost_ns < hold_ns)
		return;
	if (fpm->peer >= 0 ? rib_sweep(fpm->rib) : rib_clear(fpm->rib)) {
		fpm->lost_ns = 0;
		log_info("the hold time of the last FPM session is over",
			"vnf=%s routes=%u", fpm->vnf->name, rib_count(fpm->rib));
	}
}

bool
fpm_connected(const struct fpm *fpm)
{
	return fpm->peer >= 0;
}

uint64_t
fpm_sessions(const struct fpm *fpm)
{
	return fpm->sessions;
}

/* ---- frames ---- */

/* All whole frames in the buffer. */
static int
take(struct fpm *fpm)
{
	for (;;) {
		const uint8_t *frame = fpm->buffer + fpm->start;
		const int len = fpm_frame_len(frame, fpm->end - fpm->start);

		if (len <= 0)
			return len;
		const int rc = fpm_take_frame(fpm->rib, frame, (size_t)len, &fpm->done);

		if (rc < 0)
			return rc;
		fpm->start += (size_t)len;
		fpm->done = 0;
	}
}

static void
make_room(struct fpm *fpm)
{
	if (BUFFER - fpm->start > BUFFER / 2)
		return;
	memmove(fpm->buffer, fpm->buffer + fpm->start, fpm->end - fpm->start);
	fpm->end -= fpm->start;
	fpm->start = 0;
}

int
fpm_frame_len(const uint8_t *buf, size_t len)
{
	if (len < FPM_HEADER)
		return 0;
	const size_t frame = (size_t)buf[2] << 8 | buf[3];

	if (buf[0] != VERSION || frame < FPM_HEADER)
		return -EBADMSG;
	if (buf[1] != TYPE_NETLINK)
		return -EPROTONOSUPPORT;
	return frame <= len ? (int)frame : 0;
}

int
fpm_take_frame(struct rib *rib, const uint8_t *frame, size_t len, size_t *done)
{
	struct netlink_msg msg;

	if (*done < FPM_HEADER)
		*done = FPM_HEADER;
	while (*done < len) {
		const int n = netlink_read(frame + *done, len - *done, &msg);

		if (n < 0)
			return -EBADMSG;
		const size_t next = *done + (size_t)n;

		if (!replaces(frame + next, len - next, &msg)) {
			const int rc = rib_take(rib, &msg);

			if (rc < 0)
				return rc;
		}
		*done = next;
	}
	return 0;
}

/* Whether the message behind a withdrawal tells of the same route anew. */
static bool
replaces(const uint8_t *at, size_t len, const struct netlink_msg *msg)
{
	struct netlink_msg next;

	return msg->kind == NETLINK_ROUTE_DEL && netlink_read(at, len, &next) > 0 &&
	       next.kind == NETLINK_ROUTE_ADD && next.route.table == msg->route.table &&
	       memcmp(&next.route.prefix, &msg->route.prefix,
		       sizeof(struct net_prefix)) == 0;
}
